/* From a normalised event to its rows; see event_row.h. The view usage_events is the
 * inverse: what can be computed there is not stored, and what the computation would not
 * give exactly goes to event_verbatim. */
#include "ext/store/event_row.h"

#include <stddef.h>

#include "ext/event/breakdown.h"
#include "ext/event/timestamp.h"
#include "ext/limits.h"

/* --- numbers --- */

static int64_t positive(int64_t value)
{
    return value > 0 ? value : 0;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static struct derived_counts derive(const struct event *event)
{
    struct derived_counts derived = {0};
    int64_t read = positive(event->cache_read_tokens);
    int64_t create = positive(event->cache_creation_tokens);
    int64_t input = positive(event->input_tokens);
    int64_t extra;
    int64_t norm_read;
    int64_t with_cache;
    int64_t uncached;
    int64_t parts;
    bool is_separate = event->cache_input_mode == CACHE_SEPARATE_FROM_INPUT;
    if (__builtin_sub_overflow(event->cache_read_tokens, event->cached_tokens,
                               &derived.read_over_cached) ||
        __builtin_sub_overflow(positive(larger(event->cached_tokens, event->cache_tokens)), read,
                               &extra) ||
        __builtin_sub_overflow(extra, create, &extra) ||
        __builtin_add_overflow(positive(extra), read, &norm_read) ||
        __builtin_add_overflow(input, norm_read, &with_cache) ||
        __builtin_add_overflow(with_cache, create, &with_cache) ||
        __builtin_sub_overflow(input, norm_read, &uncached) ||
        __builtin_sub_overflow(uncached, create, &uncached) ||
        __builtin_add_overflow(is_separate ? with_cache : input, positive(event->output_tokens),
                               &parts) ||
        __builtin_sub_overflow(event->total_tokens, parts, &derived.total_over_parts))
        return derived;
    derived.is_exact =
        event->normalized_cache_read_tokens == norm_read &&
        event->normalized_cache_creation_tokens == create &&
        event->normalized_total_input_tokens == (is_separate ? with_cache : input) &&
        event->normalized_uncached_input_tokens == (is_separate ? input : positive(uncached));
    return derived;
}

/* a - b, saturated: only times far outside any calendar reach that. */
static int64_t difference(int64_t a, int64_t b)
{
    int64_t result;
    if (__builtin_sub_overflow(a, b, &result))
        return a < b ? INT64_MIN : INT64_MAX;
    return result;
}

/* --- texts --- */

static int bind_request_id(sqlite3_stmt *stmt, int index, struct slice request_id)
{
    uint8_t bytes[4];
    if (!slice_from_hex(request_id, bytes, sizeof bytes))
        return statements_bind_text(stmt, index, request_id);
    return sqlite3_bind_int64(stmt, index,
                              (int64_t)bytes[0] << 24 | (int64_t)bytes[1] << 16 |
                                  (int64_t)bytes[2] << 8 | bytes[3]);
}

/* --- the main row --- */

/* What the dictionary gave for a row. */
struct row_ids {
    int64_t bundles[BUNDLE_COUNT];
    int64_t access_token;
};

static struct bundle_field term(struct slice text)
{
    return (struct bundle_field){FIELD_TERM, 0, text};
}

static struct bundle_field integer(int64_t value)
{
    return (struct bundle_field){FIELD_INTEGER, value, {NULL, 0}};
}

static int find_ids(struct dictionary *dictionary, const struct event_row *row, int64_t gateway_id,
                    struct row_ids *out_ids)
{
    const struct event *event = &row->event;
    const struct bundle_field who[] = {
        integer(gateway_id),
        term(event->auth_type),
        term(event->auth_index),
        term(event->source),
        term(event->source_hash),
        term(event->account_snapshot),
        term(event->auth_label_snapshot),
        term(event->auth_file_snapshot),
        term(event->auth_provider_snapshot),
        term(event->auth_project_id_snapshot),
    };
    const struct bundle_field what[] = {
        term(event->provider),
        term(event->executor_type),
        term(event->model),
        term(event->requested_model),
        term(event->resolved_model),
        term(event->analytics_model),
        term(event->reasoning_effort),
        term(event->service_tier),
        term(event->request_service_tier),
        term(event->response_service_tier),
        integer(event->cache_input_mode == CACHE_SEPARATE_FROM_INPUT),
    };
    const struct bundle_field where[] = {
        term(event->endpoint),
        term(event->method),
        term(event->path),
        term(event->api_key_hash),
    };
    const struct bundle_field client[] = {
        term(event->client_ip),
        term(event->x_forwarded_for),
        term(event->user_agent),
    };
    const struct bundle_field outcome[] = {
        integer(event->failed),
        integer(positive(event->fail_status_code)),
        term(row->columns.quota_plan_type),
        term(row->columns.error_kind),
        term(row->columns.error_code),
        integer(row->trace.form),
        term(row->trace.prefix),
        integer(event->generate),
        integer(event->accounting_version),
        integer(event->breakdown.quality),
        integer(event->breakdown.schema_version),
        {FIELD_BLOB, 0, row->shape},
    };
    const struct {
        const struct bundle_field *fields;
        size_t count;
    } bundles[BUNDLE_COUNT] = {
        [BUNDLE_WHO] = {who, sizeof who / sizeof *who},
        [BUNDLE_WHAT] = {what, sizeof what / sizeof *what},
        [BUNDLE_WHERE] = {where, sizeof where / sizeof *where},
        [BUNDLE_CLIENT] = {client, sizeof client / sizeof *client},
        [BUNDLE_OUTCOME] = {outcome, sizeof outcome / sizeof *outcome},
    };
    int rc = dictionary_term(dictionary, event->access_token_sha256, &out_ids->access_token);
    for (int i = 0; rc == SQLITE_OK && i < BUNDLE_COUNT; i++)
        rc = dictionary_bundle(dictionary, (enum bundle_kind)i, bundles[i].fields,
                               (int)bundles[i].count, &out_ids->bundles[i]);
    return rc;
}

static int bind_optional(sqlite3_stmt *stmt, int index, bool is_present, int64_t value)
{
    return is_present ? sqlite3_bind_int64(stmt, index, value) : sqlite3_bind_null(stmt, index);
}

static int bind_trace(sqlite3_stmt *stmt, int index, const struct event_row *row)
{
    if (row->trace.form == TRACE_TEXT)
        return statements_bind_text(stmt, index, row->columns.trace_id);
    return sqlite3_bind_blob(stmt, index, row->trace.bytes, (int)row->trace.bytes_len,
                             SQLITE_STATIC);
}

/* Columns of event_add in its order; a bind fails only when memory is out, and then
 * every later one is harmless, so the results are joined. */
static int bind_event(sqlite3_stmt *stmt, const struct event_row *row, const struct row_ids *ids)
{
    const struct event *event = &row->event;
    bool is_exact = row->derived.is_exact;
    int64_t base_ms = event->timestamp_ms;
    int at = 0;
    int rc = SQLITE_OK;
    rc |= sqlite3_bind_int64(stmt, ++at, base_ms);
    rc |= sqlite3_bind_int(stmt, ++at, event->timestamp_ns);
    rc |= sqlite3_bind_blob(stmt, ++at, row->hash, row->hash_len, SQLITE_STATIC);
    rc |= bind_request_id(stmt, ++at, event->request_id);
    for (int i = 0; i < BUNDLE_COUNT; i++)
        rc |= sqlite3_bind_int64(stmt, ++at, ids->bundles[i]);
    rc |= sqlite3_bind_int64(stmt, ++at, event->input_tokens);
    rc |= sqlite3_bind_int64(stmt, ++at, event->output_tokens);
    rc |= sqlite3_bind_int64(stmt, ++at, event->reasoning_tokens);
    rc |= sqlite3_bind_int64(stmt, ++at, event->cached_tokens);
    rc |= sqlite3_bind_int64(stmt, ++at, event->cache_tokens);
    rc |= sqlite3_bind_int64(stmt, ++at, is_exact ? row->derived.read_over_cached : 0);
    rc |= sqlite3_bind_int64(stmt, ++at, event->cache_creation_tokens);
    rc |= sqlite3_bind_int64(stmt, ++at, is_exact ? row->derived.total_over_parts : 0);
    rc |= bind_optional(stmt, ++at, event->latency_ms.present, event->latency_ms.value);
    rc |= bind_optional(stmt, ++at, event->ttft_ms.present, event->ttft_ms.value);
    rc |= sqlite3_bind_int64(stmt, ++at, difference(event->created_at_ms, base_ms));
    rc |= bind_optional(stmt, ++at, event->auth_snapshot_at_ms > 0,
                        difference(event->auth_snapshot_at_ms, base_ms));
    rc |= bind_optional(stmt, ++at, row->columns.quota_recover_at_ms > 0,
                        difference(row->columns.quota_recover_at_ms, base_ms));
    at++;
    rc |= row->columns.has_quota_used_percent
              ? sqlite3_bind_double(stmt, at, row->columns.quota_used_percent)
              : sqlite3_bind_null(stmt, at);
    rc |= bind_trace(stmt, ++at, row);
    at++;
    rc |= row->values.len
              ? sqlite3_bind_blob64(stmt, at, row->values.data, row->values.len, SQLITE_STATIC)
              : sqlite3_bind_null(stmt, at);
    rc |= bind_optional(stmt, ++at, ids->access_token != 0, ids->access_token);
    return rc == SQLITE_OK ? SQLITE_OK : SQLITE_NOMEM;
}

/* --- side tables --- */

static int add_verbatim(struct statements *statements, const struct event_row *row,
                        int64_t event_id)
{
    const struct event *event = &row->event;
    sqlite3_stmt *stmt;
    int rc = statements_get(statements, STATEMENT_EVENT_VERBATIM_ADD, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    const int64_t numbers[] = {
        event->cache_read_tokens,
        event->total_tokens,
        event->normalized_uncached_input_tokens,
        event->normalized_total_input_tokens,
        event->normalized_cache_read_tokens,
        event->normalized_cache_creation_tokens,
    };
    int at = 0;
    rc |= sqlite3_bind_int64(stmt, ++at, event_id);
    rc |= statements_bind_text(stmt, ++at,
                               row->hash_len == HASH_BYTES ? slice_empty() : event->hash_text);
    rc |= statements_bind_text(stmt, ++at, row->has_own_time ? event->timestamp : slice_empty());
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        rc |= bind_optional(stmt, ++at, !row->derived.is_exact, numbers[i]);
    return rc == SQLITE_OK ? statements_step(stmt, NULL) : SQLITE_NOMEM;
}

static int add_failure(struct statements *statements, const struct event *event, int64_t event_id)
{
    sqlite3_stmt *stmt;
    int rc = statements_get(statements, STATEMENT_EVENT_FAILURE_ADD, &stmt);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 1, event_id);
    if (rc == SQLITE_OK)
        rc = statements_bind_text(stmt, 2, event->fail_summary);
    return rc == SQLITE_OK ? statements_step(stmt, NULL) : rc;
}

/* Whether the breakdown is what the view usage_breakdowns computes from the event. */
static bool breakdown_follows(const struct event *event)
{
    const struct token_breakdown *given = &event->breakdown;
    struct token_breakdown follows;
    return breakdown_follow(event, &follows) && given->total_tokens == follows.total_tokens &&
           given->input_total_tokens == follows.input_total_tokens &&
           given->input_uncached_tokens == follows.input_uncached_tokens &&
           given->input_cache_read_tokens == follows.input_cache_read_tokens &&
           given->input_cache_write_tokens == follows.input_cache_write_tokens &&
           given->output_total_tokens == follows.output_total_tokens &&
           given->output_non_reasoning_tokens == follows.output_non_reasoning_tokens &&
           given->output_reasoning_tokens == follows.output_reasoning_tokens &&
           given->unclassified_tokens == 0;
}

static int add_breakdown(struct statements *statements, const struct token_breakdown *given,
                         int64_t event_id)
{
    sqlite3_stmt *stmt;
    int rc = statements_get(statements, STATEMENT_EVENT_BREAKDOWN_ADD, &stmt);
    const int64_t numbers[] = {
        event_id,
        given->total_tokens,
        given->input_total_tokens,
        given->input_uncached_tokens,
        given->input_cache_read_tokens,
        given->input_cache_write_tokens,
        given->output_total_tokens,
        given->output_non_reasoning_tokens,
        given->output_reasoning_tokens,
        given->unclassified_tokens,
    };
    for (int i = 0; rc == SQLITE_OK && i < (int)(sizeof numbers / sizeof *numbers); i++)
        rc = sqlite3_bind_int64(stmt, i + 1, numbers[i]);
    return rc == SQLITE_OK ? statements_step(stmt, NULL) : rc;
}

static int add_beside(struct statements *statements, const struct event_row *row, int64_t event_id)
{
    const struct event *event = &row->event;
    int rc = SQLITE_OK;
    if (row->hash_len != HASH_BYTES || row->has_own_time || !row->derived.is_exact)
        rc = add_verbatim(statements, row, event_id);
    if (rc == SQLITE_OK && event->fail_summary.len > 0)
        rc = add_failure(statements, event, event_id);
    if (rc == SQLITE_OK && event->breakdown.quality != BREAKDOWN_ABSENT &&
        !breakdown_follows(event))
        rc = add_breakdown(statements, &event->breakdown, event_id);
    return rc;
}

int event_row_add(struct dictionary *dictionary, const struct event_row *row, int64_t gateway_id,
                  int64_t *out_event_id)
{
    struct statements *statements = dictionary->statements;
    struct row_ids ids;
    sqlite3_stmt *stmt;
    *out_event_id = 0;
    int rc = find_ids(dictionary, row, gateway_id, &ids);
    if (rc == SQLITE_OK)
        rc = statements_get(statements, STATEMENT_EVENT_ADD, &stmt);
    if (rc == SQLITE_OK)
        rc = bind_event(stmt, row, &ids);
    if (rc == SQLITE_OK)
        rc = statements_step(stmt, NULL);
    if (rc != SQLITE_OK || sqlite3_changes64(statements->db) == 0)
        return rc;
    *out_event_id = sqlite3_last_insert_rowid(statements->db);
    return add_beside(statements, row, *out_event_id);
}

int event_row_remove(struct statements *statements, int64_t event_id)
{
    sqlite3_stmt *stmt;
    int rc = statements_get(statements, STATEMENT_EVENT_REMOVE, &stmt);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 1, event_id);
    return rc == SQLITE_OK ? statements_step(stmt, NULL) : rc;
}

/* --- without the database --- */

static void pack_metadata(struct arena *arena, struct event_row *row)
{
    const struct response_metadata *metadata = row->event.response_metadata;
    struct text shape;
    struct text values;
    text_init(&shape, LIMIT_PAYLOAD_BYTES);
    text_init(&values, LIMIT_PAYLOAD_BYTES);
    response_metadata_columns(metadata, &row->columns);
    response_metadata_pack(metadata, row->event.timestamp_ms, &row->columns, &shape, &values);
    row->shape = arena_take_text(arena, &shape);
    row->values = arena_take_text(arena, &values);
    text_clear(&shape);
    text_clear(&values);
}

void event_row_prepare(struct arena *arena, const struct event *event, struct event_row *out_row)
{
    struct event_row row = {.event = *event, .derived = derive(event), .hash_len = HASH_BYTES};
    if (event->response_metadata)
        pack_metadata(arena, &row);
    row.event.response_metadata = NULL;
    trace_id_of(row.columns.trace_id, &row.trace);
    if (!slice_from_hex(event->hash_text, row.hash, sizeof row.hash)) {
        hash_sha256(event->hash_text, row.hash);
        row.hash_len = 8;
    }
    struct slice own = timestamp_text(
        arena, (struct timestamp){.ms = event->timestamp_ms, .ns = event->timestamp_ns});
    row.has_own_time = !slice_equal(own, event->timestamp);
    *out_row = row;
}

/* Where a row holds a slice. */
#define AT(member) offsetof(struct event_row, member)
static const size_t slices[] = {
    AT(event.hash_text),
    AT(event.timestamp),
    AT(event.request_id),
    AT(event.provider),
    AT(event.executor_type),
    AT(event.auth_type),
    AT(event.auth_index),
    AT(event.source),
    AT(event.source_hash),
    AT(event.api_key_hash),
    AT(event.account_snapshot),
    AT(event.auth_label_snapshot),
    AT(event.auth_file_snapshot),
    AT(event.auth_provider_snapshot),
    AT(event.auth_project_id_snapshot),
    AT(event.access_token_sha256),
    AT(event.model),
    AT(event.requested_model),
    AT(event.resolved_model),
    AT(event.analytics_model),
    AT(event.reasoning_effort),
    AT(event.service_tier),
    AT(event.request_service_tier),
    AT(event.response_service_tier),
    AT(event.endpoint),
    AT(event.method),
    AT(event.path),
    AT(event.client_ip),
    AT(event.x_forwarded_for),
    AT(event.user_agent),
    AT(event.fail_summary),
    AT(columns.quota_plan_type),
    AT(columns.error_kind),
    AT(columns.error_code),
    AT(columns.trace_id),
    AT(shape),
    AT(values),
    AT(trace.prefix),
};
#undef AT

void event_row_keep(struct arena *keep, struct event_row *row)
{
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        struct slice *slice = (struct slice *)(void *)((char *)row + slices[i]);
        if (slice->len > 0)
            *slice = arena_copy(keep, *slice);
    }
}
