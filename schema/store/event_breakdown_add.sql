-- usage_ingest: CPA's token breakdown where it does not follow from the event.
INSERT OR REPLACE INTO event_breakdown (
    event_id, total_tokens, input_total_tokens, input_uncached_tokens,
    input_cache_read_tokens, input_cache_write_tokens, output_total_tokens,
    output_non_reasoning_tokens, output_reasoning_tokens, unclassified_tokens)
VALUES (
    :event_id, :total_tokens, :input_total_tokens, :input_uncached_tokens,
    :input_cache_read_tokens, :input_cache_write_tokens, :output_total_tokens,
    :output_non_reasoning_tokens, :output_reasoning_tokens, :unclassified_tokens);
