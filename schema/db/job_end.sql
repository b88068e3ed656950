-- The writer, after each job of a batch, whether it stays or was rolled back.
RELEASE job
