-- usage_ingest: adds a bundle that is not there.
INSERT INTO bundle_who (
    gateway_id, auth_type, auth_index, source, source_hash, account_snapshot,
    auth_label_snapshot, auth_file_snapshot, auth_provider_snapshot,
    auth_project_id_snapshot)
VALUES (
    :gateway_id, :auth_type, :auth_index, :source, :source_hash, :account_snapshot,
    :auth_label_snapshot, :auth_file_snapshot, :auth_provider_snapshot,
    :auth_project_id_snapshot);
