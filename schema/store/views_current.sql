-- usage_init: how many of the ledger's views are those of this build, whose scripts are
-- bound in order. 1 row. SQLite keeps a view's text from CREATE on, without the semicolon.
SELECT COUNT(*)
FROM main.sqlite_schema
WHERE type = 'view'
    AND (
        (name = 'usage_events' AND instr(:usage_events, sql || ';') > 0)
        OR (name = 'usage_breakdowns' AND instr(:usage_breakdowns, sql || ';') > 0));
