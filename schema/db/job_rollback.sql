-- The writer, when a job has failed: undoes this job alone.
ROLLBACK TO job
