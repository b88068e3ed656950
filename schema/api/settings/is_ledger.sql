-- reset-admin-key, before it touches a file: are these our tables? One row.
SELECT COUNT(*) = 2 AS is_ledger -- 0 or 1
FROM sqlite_schema
WHERE (type, name) IN (VALUES ('table', 'settings'), ('view', 'usage_events'));
