-- GET /v0/management/usage: the newest :limit events (by time, then id) in the order of
-- the document: endpoint, model, newest first. The totals are added up by the reader of
-- the rows, who does not overflow.
SELECT
    id,
    failed,
    total_tokens
FROM usage_events
WHERE id IN (
    SELECT id
    FROM event
    ORDER BY timestamp_ms DESC, id DESC
    LIMIT :limit
)
ORDER BY
    COALESCE(NULLIF(endpoint, ''), '-'),
    COALESCE(NULLIF(analytics_model, ''), '-'),
    timestamp_ms DESC,
    id DESC
