-- usage_init: the schema version of the file, 0 when it is new. 1 row.
PRAGMA main.user_version;
