-- usage_init: the schema version, first and last step of an upgrade. A pragma takes no
-- parameter.
PRAGMA main.user_version = %d;
