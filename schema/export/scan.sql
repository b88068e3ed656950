-- Export: the events whose ids are in the JSON array :ids, in its order, as stored; bundles
-- are read apart, once each. CROSS JOIN makes the array the outermost loop, and so its
-- order the result's.
SELECT
    e.id,
    e.timestamp_ms,
    e.timestamp_ns,
    e.hash,
    e.request_id,
    e.who_id,
    e.what_id,
    e.where_id,
    e.outcome_id,
    e.input_tokens,
    e.output_tokens,
    e.reasoning_tokens,
    e.cached_tokens,
    e.cache_tokens,
    e.cache_read_over_cached_tokens,
    e.cache_creation_tokens,
    e.total_over_parts_tokens,
    e.latency_ms,
    e.ttft_ms,
    e.created_after_ms,
    e.snapshot_after_ms,
    e.recover_after_ms,
    e.used_percent,
    e.trace_id,
    e.metadata_values,
    e.access_token,
    v.event_id,
    v.event_hash,
    v.timestamp,
    v.cache_read_tokens,
    v.total_tokens,
    f.fail_summary,
    b.event_id,
    b.total_tokens,
    b.input_total_tokens,
    b.input_uncached_tokens,
    b.input_cache_read_tokens,
    b.input_cache_write_tokens,
    b.output_total_tokens,
    b.output_non_reasoning_tokens,
    b.output_reasoning_tokens,
    b.unclassified_tokens
FROM json_each(:ids) AS k
CROSS JOIN event AS e ON e.id = k.value
LEFT JOIN event_verbatim AS v ON v.event_id = e.id
LEFT JOIN event_failure AS f ON f.event_id = e.id
LEFT JOIN event_breakdown AS b ON b.event_id = e.id;
