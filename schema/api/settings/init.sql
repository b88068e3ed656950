-- reset-admin-key: create or upgrade the schema. One row, the version.
SELECT usage_init();
