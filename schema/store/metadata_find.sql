-- usage_response_metadata: the packed metadata of an event and what unpacking needs. 0 or 1 rows.
SELECT
    e.timestamp_ms,
    o.metadata_shape,
    e.metadata_values,
    u.header_quota_recover_at_ms,
    u.header_quota_used_percent,
    u.header_quota_plan_type,
    u.header_error_kind,
    u.header_error_code,
    u.header_trace_id
FROM event AS e
JOIN bundle_outcome AS o ON o.id = e.outcome_id
JOIN usage_events AS u ON u.id = e.id
WHERE e.id = :id;
