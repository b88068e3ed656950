-- One row per event under the field names of the wire. Plain SQL over plain tables, so
-- that it works in any SQLite without the extension. Response metadata is not here:
-- usage_response_metadata(id) unpacks it. Recreated by usage_init().
--
-- The cache accounting (normalized_*): c is the larger of cached and cache tokens; what
-- of it exceeds the separately counted read and creation tokens counts as read too.
CREATE VIEW usage_events AS
SELECT
    e.id AS id,
    CASE typeof(e.request_id)
        WHEN 'integer' THEN printf('%08x', e.request_id)
        ELSE e.request_id
    END AS request_id,
    COALESCE(v.event_hash, lower(hex(e.hash))) AS event_hash,
    e.timestamp_ms AS timestamp_ms,
    COALESCE(
        v.timestamp,
        strftime('%Y-%m-%dT%H:%M:%S', (e.timestamp_ms - e.ms_part) / 1000, 'unixepoch')
            || CASE e.ms_part * 1000000 + e.timestamp_ns
                   WHEN 0 THEN ''
                   ELSE rtrim(printf('.%09d', e.ms_part * 1000000 + e.timestamp_ns), '0')
               END
            || 'Z') AS timestamp,
    provider.text AS provider,
    executor_type.text AS executor_type,
    model.text AS model,
    endpoint.text AS endpoint,
    method.text AS method,
    path.text AS path,
    client_ip.text AS client_ip,
    x_forwarded_for.text AS x_forwarded_for,
    user_agent.text AS user_agent,
    auth_type.text AS auth_type,
    auth_index.text AS auth_index,
    source.text AS source, -- masked
    source_hash.text AS source_hash,
    api_key_hash.text AS api_key_hash,
    account_snapshot.text AS account_snapshot,
    auth_label_snapshot.text AS auth_label_snapshot,
    auth_file_snapshot.text AS auth_file_snapshot,
    auth_provider_snapshot.text AS auth_provider_snapshot,
    auth_project_id_snapshot.text AS auth_project_id_snapshot,
    e.timestamp_ms + e.snapshot_after_ms AS auth_snapshot_at_ms,
    requested_model.text AS requested_model,
    resolved_model.text AS resolved_model,
    reasoning_effort.text AS reasoning_effort,
    service_tier.text AS service_tier,
    request_service_tier.text AS request_service_tier,
    response_service_tier.text AS response_service_tier,
    CASE what.cache_input_mode
        WHEN 0 THEN 'included_in_input'
        ELSE 'separate_from_input'
    END AS cache_input_mode,
    e.input_tokens AS input_tokens,
    e.output_tokens AS output_tokens,
    e.reasoning_tokens AS reasoning_tokens,
    e.cached_tokens AS cached_tokens,
    e.cache_tokens AS cache_tokens,
    COALESCE(v.cache_read_tokens, e.cache_read_tokens) AS cache_read_tokens,
    e.cache_creation_tokens AS cache_creation_tokens,
    COALESCE(
        v.normalized_uncached_input_tokens,
        CASE what.cache_input_mode
            WHEN 0 THEN max(max(e.input_tokens, 0) - e.norm_read - max(e.cache_creation_tokens, 0), 0)
            ELSE max(e.input_tokens, 0)
        END) AS normalized_uncached_input_tokens,
    COALESCE(
        v.normalized_total_input_tokens,
        CASE what.cache_input_mode
            WHEN 0 THEN max(e.input_tokens, 0)
            ELSE max(e.input_tokens, 0) + e.norm_read + max(e.cache_creation_tokens, 0)
        END) AS normalized_total_input_tokens,
    COALESCE(v.normalized_cache_read_tokens, e.norm_read) AS normalized_cache_read_tokens,
    COALESCE(v.normalized_cache_creation_tokens, max(e.cache_creation_tokens, 0))
        AS normalized_cache_creation_tokens,
    COALESCE(
        v.total_tokens,
        e.total_over_parts_tokens + max(e.output_tokens, 0)
            + CASE what.cache_input_mode
                  WHEN 0 THEN max(e.input_tokens, 0)
                  ELSE max(e.input_tokens, 0) + e.norm_read + max(e.cache_creation_tokens, 0)
              END) AS total_tokens,
    e.latency_ms AS latency_ms,
    e.ttft_ms AS ttft_ms,
    outcome.failed AS failed,
    NULLIF(outcome.fail_status_code, 0) AS fail_status_code,
    failure.fail_summary AS fail_summary,
    e.timestamp_ms + e.recover_after_ms AS header_quota_recover_at_ms,
    e.used_percent AS header_quota_used_percent,
    plan_type.text AS header_quota_plan_type,
    error_kind.text AS header_error_kind,
    error_code.text AS header_error_code,
    CASE outcome.trace_form
        WHEN 0 THEN e.trace_id
        WHEN 1 THEN COALESCE(trace_prefix.text, '') || lower(hex(e.trace_id))
        ELSE lower(
            substr(hex(e.trace_id), 1, 8) || '-' || substr(hex(e.trace_id), 9, 4) || '-'
            || substr(hex(e.trace_id), 13, 4) || '-' || substr(hex(e.trace_id), 17, 4) || '-'
            || substr(hex(e.trace_id), 21))
    END AS header_trace_id,
    e.timestamp_ms + e.created_after_ms AS created_at_ms,
    analytics_model.text AS analytics_model,
    access_token.text AS access_token_sha256,
    outcome.accounting_version AS accounting_version, -- 0: not given
    outcome.generate AS generate, -- 0: the client asked not to generate
    gateway.name AS gateway
FROM (
    SELECT
        *,
        (timestamp_ms % 1000 + 1000) % 1000 AS ms_part,
        cached_tokens + cache_read_over_cached_tokens AS cache_read_tokens,
        -- c - fine where that is positive, and the read tokens themselves
        max(max(cached_tokens, cache_tokens, 0)
                - max(cached_tokens + cache_read_over_cached_tokens, 0)
                - max(cache_creation_tokens, 0),
            0) + max(cached_tokens + cache_read_over_cached_tokens, 0) AS norm_read
    FROM event
) AS e
LEFT JOIN event_verbatim AS v ON v.event_id = e.id
LEFT JOIN event_failure AS failure ON failure.event_id = e.id
LEFT JOIN bundle_who AS who ON who.id = e.who_id
LEFT JOIN bundle_what AS what ON what.id = e.what_id
LEFT JOIN bundle_where AS entry ON entry.id = e.where_id
LEFT JOIN bundle_client AS client ON client.id = e.client_id
LEFT JOIN bundle_outcome AS outcome ON outcome.id = e.outcome_id
LEFT JOIN gateway ON gateway.id = who.gateway_id
LEFT JOIN term AS auth_type ON auth_type.id = who.auth_type
LEFT JOIN term AS auth_index ON auth_index.id = who.auth_index
LEFT JOIN term AS source ON source.id = who.source
LEFT JOIN term AS source_hash ON source_hash.id = who.source_hash
LEFT JOIN term AS account_snapshot ON account_snapshot.id = who.account_snapshot
LEFT JOIN term AS auth_label_snapshot ON auth_label_snapshot.id = who.auth_label_snapshot
LEFT JOIN term AS auth_file_snapshot ON auth_file_snapshot.id = who.auth_file_snapshot
LEFT JOIN term AS auth_provider_snapshot ON auth_provider_snapshot.id = who.auth_provider_snapshot
LEFT JOIN term AS auth_project_id_snapshot
    ON auth_project_id_snapshot.id = who.auth_project_id_snapshot
LEFT JOIN term AS access_token ON access_token.id = e.access_token
LEFT JOIN term AS provider ON provider.id = what.provider
LEFT JOIN term AS executor_type ON executor_type.id = what.executor_type
LEFT JOIN term AS model ON model.id = what.model
LEFT JOIN term AS requested_model ON requested_model.id = what.requested_model
LEFT JOIN term AS resolved_model ON resolved_model.id = what.resolved_model
LEFT JOIN term AS analytics_model ON analytics_model.id = what.analytics_model
LEFT JOIN term AS reasoning_effort ON reasoning_effort.id = what.reasoning_effort
LEFT JOIN term AS service_tier ON service_tier.id = what.service_tier
LEFT JOIN term AS request_service_tier ON request_service_tier.id = what.request_service_tier
LEFT JOIN term AS response_service_tier ON response_service_tier.id = what.response_service_tier
LEFT JOIN term AS endpoint ON endpoint.id = entry.endpoint
LEFT JOIN term AS method ON method.id = entry.method
LEFT JOIN term AS path ON path.id = entry.path
LEFT JOIN term AS api_key_hash ON api_key_hash.id = entry.api_key_hash
LEFT JOIN term AS client_ip ON client_ip.id = client.client_ip
LEFT JOIN term AS x_forwarded_for ON x_forwarded_for.id = client.x_forwarded_for
LEFT JOIN term AS user_agent ON user_agent.id = client.user_agent
LEFT JOIN term AS plan_type ON plan_type.id = outcome.header_quota_plan_type
LEFT JOIN term AS error_kind ON error_kind.id = outcome.header_error_kind
LEFT JOIN term AS error_code ON error_code.id = outcome.header_error_code
LEFT JOIN term AS trace_prefix ON trace_prefix.id = outcome.trace_prefix;
