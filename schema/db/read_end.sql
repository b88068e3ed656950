-- A reader, after a job.
COMMIT
