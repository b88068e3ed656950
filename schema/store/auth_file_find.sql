-- usage_ingest: the account snapshot of a credential. 0 or 1 rows.
SELECT account, label, file, provider, project_id, read_at_ms
FROM gateway_auth_file
WHERE gateway_id = :gateway_id AND auth_index = :auth_index;
