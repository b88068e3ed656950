-- Import and usage_init: ends a transaction.
COMMIT;
