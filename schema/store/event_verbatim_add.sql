-- usage_ingest: what the row of an event cannot express.
INSERT OR REPLACE INTO event_verbatim (
    event_id, event_hash, timestamp, cache_read_tokens, total_tokens,
    normalized_uncached_input_tokens, normalized_total_input_tokens,
    normalized_cache_read_tokens, normalized_cache_creation_tokens)
VALUES (
    :event_id, :event_hash, :timestamp, :cache_read_tokens, :total_tokens,
    :normalized_uncached_input_tokens, :normalized_total_input_tokens,
    :normalized_cache_read_tokens, :normalized_cache_creation_tokens);
