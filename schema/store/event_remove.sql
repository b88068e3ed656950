-- usage_ingest: takes back an event whose side rows could not be added.
DELETE FROM event
WHERE id = :id;
