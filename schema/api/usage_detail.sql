-- GET /v0/management/usage: the event :id. The first two columns are its place in the
-- document, the others its members there; marks of column names: server/http/json_rows.h.
SELECT
    COALESCE(NULLIF(endpoint, ''), '-') AS group_endpoint,
    COALESCE(NULLIF(analytics_model, ''), '-') AS group_model,
    timestamp,
    COALESCE(source, '') AS source,
    auth_index AS "auth_index:omit",
    api_key_hash AS "api_key_hash:omit",
    account_snapshot AS "account_snapshot:omit",
    auth_label_snapshot AS "auth_label_snapshot:omit",
    auth_file_snapshot AS "auth_file_snapshot:omit",
    auth_provider_snapshot AS "auth_provider_snapshot:omit",
    auth_project_id_snapshot AS "auth_project_id_snapshot:omit",
    auth_snapshot_at_ms AS "auth_snapshot_at_ms:omit",
    latency_ms AS "latency_ms:opt",
    ttft_ms AS "ttft_ms:opt",
    COALESCE(NULLIF(requested_model, ''), model) AS "requested_model:omit",
    resolved_model AS "resolved_model:omit",
    reasoning_effort AS "reasoning_effort:omit",
    service_tier AS "service_tier:omit",
    request_service_tier AS "request_service_tier:omit",
    response_service_tier AS "response_service_tier:omit",
    cache_input_mode AS "cache_input_mode:omit",
    executor_type AS "executor_type:omit",
    input_tokens AS "tokens.input_tokens",
    output_tokens AS "tokens.output_tokens",
    reasoning_tokens AS "tokens.reasoning_tokens",
    -- what of the cached tokens is not counted as read or creation
    CASE
        WHEN max(cached_tokens, cache_tokens) <= 0 THEN 0
        ELSE max(0, max(cached_tokens, cache_tokens) - max(cache_read_tokens, 0)
                        - max(cache_creation_tokens, 0))
    END AS "tokens.cached_tokens",
    CASE
        WHEN max(cached_tokens, cache_tokens) <= 0 THEN 0
        ELSE max(0, max(cached_tokens, cache_tokens) - max(cache_read_tokens, 0)
                        - max(cache_creation_tokens, 0))
    END AS "tokens.cache_tokens",
    cache_read_tokens AS "tokens.cache_read_tokens",
    cache_creation_tokens AS "tokens.cache_creation_tokens",
    total_tokens AS "tokens.total_tokens",
    failed AS "failed:bool",
    fail_status_code AS "fail_status_code:omit",
    fail_summary AS "fail_summary:omit",
    CASE
        WHEN EXISTS (
            SELECT 1
            FROM event
            JOIN bundle_outcome ON bundle_outcome.id = event.outcome_id
            WHERE event.id = :id AND length(bundle_outcome.metadata_shape) > 0
        ) THEN usage_response_metadata(id)
    END AS "response_metadata:json:omit"
FROM usage_events
WHERE id = :id
