-- CPA's own token accounting (token_breakdown, version 2), one row per event that has one.
-- Recreated by usage_init(). Where event_breakdown has no row the numbers are those that
-- follow from the event: input as normalised, output the rest of the total, reasoning
-- inside the output, nothing unclassified.
CREATE VIEW usage_breakdowns AS
SELECT
    u.id AS event_id,
    CASE o.breakdown_quality
        WHEN 1 THEN 'complete'
        WHEN 2 THEN 'inconsistent'
        WHEN 3 THEN 'unclassified'
        ELSE 'other'
    END AS quality,
    o.breakdown_schema_version AS schema_version,
    COALESCE(b.total_tokens, u.total_tokens) AS total_tokens,
    COALESCE(b.input_total_tokens, u.normalized_total_input_tokens) AS input_total_tokens,
    COALESCE(b.input_uncached_tokens, u.normalized_uncached_input_tokens) AS input_uncached_tokens,
    COALESCE(b.input_cache_read_tokens, u.normalized_cache_read_tokens) AS input_cache_read_tokens,
    COALESCE(b.input_cache_write_tokens, u.normalized_cache_creation_tokens)
        AS input_cache_write_tokens,
    COALESCE(b.output_total_tokens, u.total_tokens - u.normalized_total_input_tokens)
        AS output_total_tokens,
    COALESCE(
        b.output_non_reasoning_tokens,
        u.total_tokens - u.normalized_total_input_tokens - u.reasoning_tokens)
        AS output_non_reasoning_tokens,
    COALESCE(b.output_reasoning_tokens, u.reasoning_tokens) AS output_reasoning_tokens,
    COALESCE(b.unclassified_tokens, 0) AS unclassified_tokens
FROM usage_events AS u
JOIN event AS e ON e.id = u.id
JOIN bundle_outcome AS o ON o.id = e.outcome_id
LEFT JOIN event_breakdown AS b ON b.event_id = u.id
WHERE o.breakdown_quality <> 0;
