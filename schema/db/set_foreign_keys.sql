-- Every connection.
PRAGMA foreign_keys = ON
