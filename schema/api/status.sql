-- GET /status: one row. Rows of both tables are never deleted, so the largest id is
-- their number and nothing is scanned.
SELECT
    (SELECT COALESCE(MAX(id), 0) FROM event) AS events,
    (SELECT COALESCE(MAX(id), 0) FROM dead_letter) AS dead_letters
