-- usage_ingest: adds an event; nothing happens when its time and hash are known.
INSERT INTO event (
    timestamp_ms, timestamp_ns, hash, request_id, who_id, what_id, where_id, client_id,
    outcome_id, input_tokens, output_tokens, reasoning_tokens, cached_tokens,
    cache_tokens, cache_read_over_cached_tokens, cache_creation_tokens,
    total_over_parts_tokens, latency_ms, ttft_ms, created_after_ms, snapshot_after_ms,
    recover_after_ms, used_percent, trace_id, metadata_values, access_token)
VALUES (
    :timestamp_ms, :timestamp_ns, :hash, :request_id, :who_id, :what_id, :where_id,
    :client_id, :outcome_id, :input_tokens, :output_tokens, :reasoning_tokens,
    :cached_tokens, :cache_tokens, :cache_read_over_cached_tokens, :cache_creation_tokens,
    :total_over_parts_tokens, :latency_ms, :ttft_ms, :created_after_ms,
    :snapshot_after_ms, :recover_after_ms, :used_percent, :trace_id, :metadata_values,
    :access_token)
ON CONFLICT DO NOTHING;
