-- usage_ingest: changes whenever another connection has committed. 1 row.
PRAGMA main.data_version;
