-- Import and usage_init: gives up a transaction.
ROLLBACK;
