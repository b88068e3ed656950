-- usage_ingest: the id of a gateway. 0 or 1 rows.
SELECT id
FROM gateway
WHERE name = :name;
