-- Either, when a batch or a job has failed and its transaction is still open.
ROLLBACK
