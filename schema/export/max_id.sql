-- Export: the newest event; the snapshot of an export is everything up to it. 1 row.
SELECT COALESCE(MAX(id), 0)
FROM event;
