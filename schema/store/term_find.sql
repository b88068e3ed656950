-- usage_ingest: the id of a dictionary text. 0 or 1 rows.
SELECT id
FROM term
WHERE text = :text;
