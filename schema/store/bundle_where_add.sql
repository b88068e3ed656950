-- usage_ingest: adds a bundle that is not there.
INSERT INTO bundle_where (
    endpoint, method, path, api_key_hash)
VALUES (
    :endpoint, :method, :path, :api_key_hash);
