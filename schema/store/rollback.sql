-- Import: gives up a transaction.
ROLLBACK;
