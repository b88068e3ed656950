-- GET /ledger/v1/latest, "today": one row of totals over the events since :from_ms.
-- total() and the cast rather than sum(): absurd token numbers that some client may have
-- caused must not fail the page. Exact up to 2^53, which is a thousand years of traffic.
SELECT
    COUNT(*) AS requests,
    COUNT(CASE WHEN failed <> 0 THEN 1 END) AS failures,
    CAST(total(input_tokens) AS INTEGER) AS input_tokens,
    CAST(total(cached_tokens) AS INTEGER) AS cached_tokens,
    CAST(total(output_tokens) AS INTEGER) AS output_tokens,
    CAST(total(reasoning_tokens) AS INTEGER) AS reasoning_tokens,
    CAST(total(total_tokens) AS INTEGER) AS total_tokens
FROM usage_events
WHERE timestamp_ms >= :from_ms
