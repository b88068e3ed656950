-- usage_ingest: the id of an equal bundle. 0 or 1 rows.
SELECT id
FROM bundle_who
WHERE gateway_id = :gateway_id
    AND auth_type = :auth_type
    AND auth_index = :auth_index
    AND source = :source
    AND source_hash = :source_hash
    AND account_snapshot = :account_snapshot
    AND auth_label_snapshot = :auth_label_snapshot
    AND auth_file_snapshot = :auth_file_snapshot
    AND auth_provider_snapshot = :auth_provider_snapshot
    AND auth_project_id_snapshot = :auth_project_id_snapshot;
