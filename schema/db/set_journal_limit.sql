-- The writer: what a checkpoint leaves of the WAL file, 256 MiB. One row, the limit.
PRAGMA journal_size_limit = 268435456
