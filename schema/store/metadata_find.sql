-- usage_response_metadata: the packed metadata of an event and what unpacking needs.
-- 0 or 1 rows.
SELECT
    e.timestamp_ms,
    o.metadata_shape,
    e.metadata_values,
    e.recover_after_ms,
    e.used_percent,
    plan_type.text,
    error_kind.text,
    error_code.text,
    o.trace_form,
    trace_prefix.text,
    e.trace_id
FROM event AS e
JOIN bundle_outcome AS o ON o.id = e.outcome_id
LEFT JOIN term AS plan_type ON plan_type.id = o.header_quota_plan_type
LEFT JOIN term AS error_kind ON error_kind.id = o.header_error_kind
LEFT JOIN term AS error_code ON error_code.id = o.header_error_code
LEFT JOIN term AS trace_prefix ON trace_prefix.id = o.trace_prefix
WHERE e.id = :id;
