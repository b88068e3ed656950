-- Import: ends a transaction.
COMMIT;
