-- WAL maintenance: moves what nobody reads into the database file. One row: busy,
-- frames in the WAL, frames moved.
PRAGMA wal_checkpoint(PASSIVE)
