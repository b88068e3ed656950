-- GET /ledger/v1/latest, "events": the newest :limit events, newest first. The account
-- is the best name there is for who served the request.
SELECT
    id,
    timestamp_ms,
    model,
    resolved_model,
    provider,
    COALESCE(NULLIF(account_snapshot, ''), NULLIF(auth_label_snapshot, ''),
             NULLIF(auth_file_snapshot, ''), NULLIF(source, '')) AS account,
    endpoint,
    reasoning_effort,
    service_tier,
    input_tokens,
    cached_tokens,
    output_tokens,
    reasoning_tokens,
    total_tokens,
    latency_ms,
    ttft_ms,
    failed AS "failed:bool",
    fail_status_code,
    fail_summary
FROM usage_events
ORDER BY timestamp_ms DESC, id DESC
LIMIT :limit
