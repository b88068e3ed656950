-- usage_ingest: the id of an equal bundle. 0 or 1 rows.
SELECT id
FROM bundle_where
WHERE endpoint = :endpoint
    AND method = :method
    AND path = :path
    AND api_key_hash = :api_key_hash;
