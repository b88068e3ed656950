-- usage_init: undoes an upgrade that failed.
ROLLBACK TO usage_init;
RELEASE usage_init;
