-- usage_init: begins an upgrade, also inside a caller's transaction.
SAVEPOINT usage_init;
