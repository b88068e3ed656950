-- The writer, after a batch of jobs: durable when it returns.
COMMIT
