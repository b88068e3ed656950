-- usage_init: begins an upgrade inside a caller's transaction.
SAVEPOINT usage_init;
