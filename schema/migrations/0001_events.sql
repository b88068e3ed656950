-- The first schema: dictionary, bundles, events, dead letters, settings.
-- Run by usage_init() inside one transaction; never edited once released.
--
-- Strings repeat, so each is stored once in term, and the columns that travel together
-- are stored once in a bundle. An event is then a row of integers. In bundles a term id
-- of 0 stands for NULL (so that UNIQUE sees equal bundles as equal).
-- Times are UTC milliseconds since 1970. The programs never update or delete rows of event,
-- so MAX(id) is their number.

CREATE TABLE gateway (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE -- as given to usage_ingest; 'default' when not given
) STRICT;

CREATE TABLE term (
    id INTEGER PRIMARY KEY, -- from 1
    text TEXT NOT NULL UNIQUE
) STRICT;

-- Whose credential served the request.
CREATE TABLE bundle_who (
    id INTEGER PRIMARY KEY,
    gateway_id INTEGER NOT NULL,              -- gateway.id
    auth_type INTEGER NOT NULL,               -- this and the following: term.id, 0 NULL
    auth_index INTEGER NOT NULL,
    source INTEGER NOT NULL,                  -- masked
    source_hash INTEGER NOT NULL,             -- 64 hex digits
    account_snapshot INTEGER NOT NULL,
    auth_label_snapshot INTEGER NOT NULL,
    auth_file_snapshot INTEGER NOT NULL,
    auth_provider_snapshot INTEGER NOT NULL,
    auth_project_id_snapshot INTEGER NOT NULL,
    UNIQUE (auth_index, source, account_snapshot, auth_file_snapshot, auth_type, gateway_id,
            source_hash, auth_label_snapshot, auth_provider_snapshot, auth_project_id_snapshot)
) STRICT;

-- What was asked for and what answered.
CREATE TABLE bundle_what (
    id INTEGER PRIMARY KEY,
    provider INTEGER NOT NULL,               -- term.id, 0 NULL
    executor_type INTEGER NOT NULL,
    model INTEGER NOT NULL,                  -- display name, never 0
    requested_model INTEGER NOT NULL,
    resolved_model INTEGER NOT NULL,
    analytics_model INTEGER NOT NULL,        -- without a thinking suffix
    reasoning_effort INTEGER NOT NULL,
    service_tier INTEGER NOT NULL,           -- effective
    request_service_tier INTEGER NOT NULL,
    response_service_tier INTEGER NOT NULL,
    cache_input_mode INTEGER NOT NULL,       -- 0 included_in_input, 1 separate_from_input
    UNIQUE (model, resolved_model, reasoning_effort, service_tier, request_service_tier,
            response_service_tier, provider, executor_type, requested_model, analytics_model,
            cache_input_mode)
) STRICT;

-- Where the request came in, and with which client key.
CREATE TABLE bundle_where (
    id INTEGER PRIMARY KEY,
    endpoint INTEGER NOT NULL,     -- term.id, never 0
    method INTEGER NOT NULL,       -- term.id, 0 NULL
    path INTEGER NOT NULL,
    api_key_hash INTEGER NOT NULL, -- 64 hex digits
    UNIQUE (endpoint, api_key_hash, method, path)
) STRICT;

-- Which client sent it.
CREATE TABLE bundle_client (
    id INTEGER PRIMARY KEY,
    client_ip INTEGER NOT NULL, -- term.id, 0 NULL
    x_forwarded_for INTEGER NOT NULL,
    user_agent INTEGER NOT NULL,
    UNIQUE (client_ip, user_agent, x_forwarded_for)
) STRICT;

-- How it ended, and the part of the response metadata that many events share.
CREATE TABLE bundle_outcome (
    id INTEGER PRIMARY KEY,
    failed INTEGER NOT NULL,                  -- 0 or 1
    fail_status_code INTEGER NOT NULL,        -- 0 NULL
    header_quota_plan_type INTEGER NOT NULL,  -- term.id, 0 NULL
    header_error_kind INTEGER NOT NULL,
    header_error_code INTEGER NOT NULL,
    trace_form INTEGER NOT NULL,              -- how event.trace_id is written: 0 text or NULL,
                                              -- 1 trace_prefix and hex digits, 2 a UUID
    trace_prefix INTEGER NOT NULL,            -- term.id, 0 none
    generate INTEGER NOT NULL,                -- 0: the client asked not to generate
    accounting_version INTEGER NOT NULL,      -- 0 not given
    breakdown_quality INTEGER NOT NULL,       -- 0 no breakdown, 1 complete, 2 inconsistent,
                                              -- 3 unclassified, 4 another word
    breakdown_schema_version INTEGER NOT NULL,
    metadata_shape BLOB NOT NULL,             -- packed; empty when there is no metadata
    UNIQUE (metadata_shape, failed, fail_status_code, header_quota_plan_type, header_error_kind,
            header_error_code, trace_form, trace_prefix, generate, accounting_version,
            breakdown_quality, breakdown_schema_version)
) STRICT;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    timestamp_ms INTEGER NOT NULL,
    timestamp_ns INTEGER NOT NULL,      -- 0..999999, nanoseconds within the millisecond
    hash BLOB NOT NULL,                 -- event_hash as 32 bytes; when that is not 64
                                        -- lower-case hex digits: the first 8 bytes of its
                                        -- SHA-256, the text being in event_verbatim
    request_id ANY,                     -- INTEGER: eight hex digits; else TEXT or NULL
    who_id INTEGER NOT NULL,
    what_id INTEGER NOT NULL,
    where_id INTEGER NOT NULL,
    client_id INTEGER NOT NULL,
    outcome_id INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    cache_tokens INTEGER NOT NULL,
    cache_read_over_cached_tokens INTEGER NOT NULL, -- cache_read_tokens - cached_tokens
    cache_creation_tokens INTEGER NOT NULL,
    total_over_parts_tokens INTEGER NOT NULL, -- total_tokens - (normalised total input
                                              -- + output if positive)
    latency_ms INTEGER,
    ttft_ms INTEGER,
    created_after_ms INTEGER NOT NULL,  -- created_at_ms - timestamp_ms
    snapshot_after_ms INTEGER,          -- auth_snapshot_at_ms - timestamp_ms
    recover_after_ms INTEGER,           -- header_quota_recover_at_ms - timestamp_ms
    used_percent REAL,                  -- header_quota_used_percent
    trace_id ANY,                       -- header_trace_id; see bundle_outcome.trace_form
    metadata_values BLOB,               -- packed; NULL when empty
    access_token INTEGER                -- term.id of access_token_sha256; NULL not given
) STRICT;

-- The time index, and the rule that no event is stored twice: the hash covers the
-- timestamp, so a duplicate has the same timestamp_ms.
CREATE UNIQUE INDEX event_time ON event (timestamp_ms, substr(hash, 1, 8));

-- What the row of an event cannot express: texts taken as given, and numbers whose sums
-- leave 64 bits. NULL: the value follows from the row.
CREATE TABLE event_verbatim (
    event_id INTEGER PRIMARY KEY,
    event_hash TEXT,
    timestamp TEXT,
    cache_read_tokens INTEGER,
    total_tokens INTEGER,
    normalized_uncached_input_tokens INTEGER,
    normalized_total_input_tokens INTEGER,
    normalized_cache_read_tokens INTEGER,
    normalized_cache_creation_tokens INTEGER
) STRICT;

-- Failure texts, redacted; failed events only.
CREATE TABLE event_failure (
    event_id INTEGER PRIMARY KEY,
    fail_summary TEXT NOT NULL
) STRICT;

-- CPA's token_breakdown where it is not what the row's own numbers give (see the view
-- usage_breakdowns for the rule).
CREATE TABLE event_breakdown (
    event_id INTEGER PRIMARY KEY,
    total_tokens INTEGER NOT NULL,
    input_total_tokens INTEGER NOT NULL,
    input_uncached_tokens INTEGER NOT NULL,
    input_cache_read_tokens INTEGER NOT NULL,
    input_cache_write_tokens INTEGER NOT NULL,
    output_total_tokens INTEGER NOT NULL,
    output_non_reasoning_tokens INTEGER NOT NULL,
    output_reasoning_tokens INTEGER NOT NULL,
    unclassified_tokens INTEGER NOT NULL
) STRICT;

-- Side rows belong to their event: SQLite may give the id of a deleted one again.
CREATE TRIGGER event_deleted AFTER DELETE ON event
BEGIN
    DELETE FROM event_verbatim
    WHERE event_id = old.id;
    DELETE FROM event_failure
    WHERE event_id = old.id;
    DELETE FROM event_breakdown
    WHERE event_id = old.id;
END;

-- Payloads that cannot be events. Rows are never deleted, so MAX(id) is their number.
CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY,
    gateway_id INTEGER NOT NULL,      -- gateway.id
    received_at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    payload_bytes INTEGER NOT NULL,
    payload_sha256 BLOB NOT NULL,     -- 32 bytes
    payload_json TEXT                 -- redacted, at most 4096 bytes; NULL: it was not JSON
) STRICT;

-- The gateway's credential files as last read: where the account snapshots come from.
CREATE TABLE gateway_auth_file (
    gateway_id INTEGER NOT NULL,  -- gateway.id
    auth_index TEXT NOT NULL,
    account TEXT,
    label TEXT,
    file TEXT,
    provider TEXT,
    project_id TEXT,
    read_at_ms INTEGER NOT NULL,  -- when reading the list began
    PRIMARY KEY (gateway_id, auth_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
