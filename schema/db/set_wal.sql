-- Every writing connection: readers and the writer do not block each other. One row, the mode.
PRAGMA journal_mode = WAL
