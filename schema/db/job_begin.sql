-- The writer, before each job of a batch.
SAVEPOINT job
