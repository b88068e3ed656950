-- Every reading connection: writing statements fail.
PRAGMA query_only = ON
