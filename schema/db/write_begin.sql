-- The writer, before a batch of jobs: takes the write lock, waiting for other processes.
BEGIN IMMEDIATE
