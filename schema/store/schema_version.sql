-- usage_ingest: changes whenever the schema has, and whenever the file was replaced by a
-- backup. 1 row.
PRAGMA main.schema_version;
