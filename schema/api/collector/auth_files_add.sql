-- The collector: the credential files in an answer to GET /v0/management/auth-files. No rows.
-- Of two entries with one auth_index the last wins.
INSERT OR REPLACE INTO gateway_auth_file (
    gateway_id,
    auth_index, -- joins event and file
    account,
    label,
    file,
    provider,
    project_id,
    read_at_ms  -- when the answer was asked for
)
SELECT gateway.id,
       auth_file.auth_index,
       auth_file.account,
       auth_file.label,
       auth_file.file,
       auth_file.provider,
       auth_file.project_id,
       :read_at_ms
FROM gateway,
     usage_auth_files(:body) AS auth_file
WHERE gateway.name = :gateway;
