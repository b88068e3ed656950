-- Export of the newest events: the oldest one that still belongs to the :limit newest of
-- the snapshot and range. 0 rows when there are fewer.
SELECT timestamp_ms, id
FROM event
WHERE id <= :max_id
    AND timestamp_ms >= :from_ms
    AND timestamp_ms < :to_ms
ORDER BY timestamp_ms DESC, id DESC
LIMIT 1 OFFSET :limit - 1;
