-- usage_init: whether the file holds the ledger's tables. 1 row: 0 or 1.
SELECT COUNT(*)
FROM main.sqlite_schema
WHERE type = 'table' AND name = 'bundle_outcome';
