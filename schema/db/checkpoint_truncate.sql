-- WAL maintenance, when the file has grown past its limit: as passive, then empties
-- the file. One row: busy, frames in the WAL, frames moved.
PRAGMA wal_checkpoint(TRUNCATE)
