-- Export: time and id of the events of the snapshot after (:after_ms, :after_id), in order
-- of time as the time index has them; those of one millisecond are put into the order of
-- their ids by the reader. (Left to SQLite, that sorting takes a quarter of the time of an
-- export, and is done anew for every piece.)
SELECT timestamp_ms, id
FROM event
WHERE timestamp_ms >= :after_ms
    AND timestamp_ms < :to_ms
    AND id <= :max_id
    AND (timestamp_ms > :after_ms OR id > :after_id)
ORDER BY timestamp_ms;
