/* From a payload to an event; see event.h. Raw events are read here, exported lines in
 * exported.c; what follows from the values read is the same for both. */
#include "ext/event/event.h"

#include "ext/event/breakdown.h"
#include "ext/event/cache_accounting.h"
#include "ext/event/client_key.h"
#include "ext/event/endpoint.h"
#include "ext/event/exported.h"
#include "ext/event/legacy.h"
#include "ext/event/model.h"
#include "ext/event/readings.h"
#include "ext/event/redact_match.h"
#include "ext/event/request_text.h"
#include "ext/event/service_tier.h"
#include "ext/event/timestamp.h"
#include "ext/hash.h"
#include "ext/json.h"
#include "ext/limits.h"

#define MODEL_KEYS KEY_resolved_model, KEY_resolvedModel, KEY_model, KEY_model_name, KEY_modelName
#define REQUESTED_MODEL_KEYS KEY_alias, KEY_requested_model, KEY_requestedModel
#define ENDPOINT_KEYS KEY_endpoint, KEY_api, KEY_request, KEY_operation
#define REQUEST_ID_KEYS KEY_request_id, KEY_requestId, KEY_id

/* This part of the arena is left for what is made of the event afterwards: its row. */
#define ROW_SHARE 64

static struct slice str(const struct record *record, const uint8_t *keys)
{
    return fields_str(record->arena, &record->top, keys);
}

/* --- what is no event --- */

/* {"refresh":true} and {"support_refresh":true} (section 7.4). */
static bool is_control(const struct json *object)
{
    return object->count == 1 && object->first->type == JSON_TRUE &&
           (slice_equal(object->first->key, SLICE("refresh")) ||
            slice_equal(object->first->key, SLICE("support_refresh")));
}

/* Whether anything in the object speaks of a request: one of the keys, whatever it holds,
 * for model, tokens, usage, endpoint or request id. A payload that has nothing but a time
 * is kept as well, as the original keeps it: its time makes it one event, however often
 * it comes. */
static bool is_usable(const struct record *record)
{
    struct timestamp time;
    return fields_has(&record->top, KEYS(KEY_tokens, KEY_usage, REQUESTED_MODEL_KEYS, MODEL_KEYS,
                                         ENDPOINT_KEYS, REQUEST_ID_KEYS)) ||
           fields_has(&record->top, FIELDS_TOKEN_KEYS) || record_time(record, &time);
}

static enum event_result dead(struct arena *arena, const char *reason, const struct json *json,
                              struct slice *out_reason, const struct json **out_json)
{
    struct slice copy = arena_copy(arena, slice_of_cstr(reason));
    if (arena->failed)
        return EVENT_NOMEM;
    *out_reason = copy;
    *out_json = json;
    return EVENT_DEAD;
}

/* --- raw events (section 12) --- */

static struct slice upper(struct arena *arena, struct slice text)
{
    char *bytes = arena_alloc(arena, text.len);
    if (!bytes)
        return slice_empty();
    for (size_t i = 0; i < text.len; i++)
        bytes[i] = text.data[i] >= 'a' && text.data[i] <= 'z' ? (char)(text.data[i] - ('a' - 'A'))
                                                              : text.data[i];
    return (struct slice){bytes, text.len};
}

static int64_t within_calendar(int64_t ms)
{
    return ms < TIMESTAMP_MIN_MS ? TIMESTAMP_MIN_MS : ms > TIMESTAMP_MAX_MS ? TIMESTAMP_MAX_MS : ms;
}

static void read_time(const struct record *record, int64_t received_at_ms, struct event *event)
{
    struct timestamp time = {received_at_ms, 0};
    (void)record_time(record, &time); /* else: received_at_ms */
    event->timestamp_ms = time.ms;
    event->timestamp_ns = time.ns;
    event->timestamp = timestamp_text(record->arena, time);
    event->created_at_ms = received_at_ms;
}

static void read_who(const struct record *record, struct event *event)
{
    event->request_id = str(record, KEYS(REQUEST_ID_KEYS));
    event->provider = str(record, KEYS(KEY_provider, KEY_type, KEY_auth_type, KEY_authType));
    event->executor_type = str(record, KEYS(KEY_executor_type, KEY_executorType));
    event->auth_type = str(record, KEYS(KEY_auth_type, KEY_authType));
    event->auth_index = str(record, KEYS(KEY_auth_index, KEY_authIndex, KEY_AuthIndex));
    event->account_snapshot = str(record, KEYS(KEY_account_snapshot, KEY_accountSnapshot));
    event->auth_label_snapshot = str(record, KEYS(KEY_auth_label_snapshot, KEY_authLabelSnapshot));
    event->auth_file_snapshot = str(record, KEYS(KEY_auth_file_snapshot, KEY_authFileSnapshot));
    event->auth_provider_snapshot =
        str(record, KEYS(KEY_auth_provider_snapshot, KEY_authProviderSnapshot));
    event->auth_project_id_snapshot =
        str(record, KEYS(KEY_auth_project_id_snapshot, KEY_authProjectIdSnapshot, KEY_project_id,
                         KEY_projectId));
    event->auth_snapshot_at_ms =
        fields_int(&record->top, KEYS(KEY_auth_snapshot_at_ms, KEY_authSnapshotAtMs));
    readings_source(record, event);
}

static void read_what(const struct record *record, struct event *event)
{
    event->requested_model = str(record, KEYS(REQUESTED_MODEL_KEYS));
    event->resolved_model = str(record, KEYS(MODEL_KEYS));
    event->model = model_display(event->requested_model, event->resolved_model);
    event->reasoning_effort = str(record, KEYS(KEY_reasoning_effort, KEY_reasoningEffort));
    event->request_service_tier = str(record, KEYS(KEY_request_service_tier, KEY_requestServiceTier,
                                                   KEY_service_tier, KEY_serviceTier));
    event->response_service_tier =
        str(record, KEYS(KEY_response_service_tier, KEY_responseServiceTier));
}

static void read_where(const struct record *record, struct event *event)
{
    struct arena *arena = record->arena;
    event->endpoint = str(record, KEYS(ENDPOINT_KEYS));
    event->method = upper(arena, str(record, KEYS(KEY_method, KEY_http_method, KEY_httpMethod)));
    event->path = str(record, KEYS(KEY_path, KEY_url_path, KEY_urlPath, KEY_route));
    endpoint_complete(arena, event);
    event->client_ip = request_text_clean(arena, str(record, KEYS(KEY_client_ip, KEY_clientIp)),
                                          LIMIT_CLIENT_IP_BYTES);
    event->x_forwarded_for =
        request_text_clean(arena, str(record, KEYS(KEY_x_forwarded_for, KEY_xForwardedFor)),
                           LIMIT_X_FORWARDED_FOR_BYTES);
    event->user_agent = request_text_clean(arena, str(record, KEYS(KEY_user_agent, KEY_userAgent)),
                                           LIMIT_USER_AGENT_BYTES);
}

static void read_raw(const struct record *record, int64_t received_at_ms, struct event *event)
{
    read_time(record, received_at_ms, event);
    read_who(record, event);
    read_what(record, event);
    read_where(record, event);
    readings_how_much(record, event);
    readings_failure(record, event);
}

/* --- the hash (section 18) --- */

static void add_count(struct text *text, int64_t count)
{
    text_add_char(text, '|');
    text_add_int64(text, count);
}

static void append_preimage(struct text *text, const struct event *event)
{
    const struct slice texts[] = {event->timestamp, event->endpoint, event->model,
                                  event->auth_index, event->source_hash};
    text_add(text, event->request_id);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text_add_char(text, '|');
        text_add(text, texts[i]);
    }
    add_count(text, event->input_tokens);
    add_count(text, event->output_tokens);
    add_count(text, event->reasoning_tokens);
    add_count(text, event->cached_tokens > event->cache_tokens ? event->cached_tokens
                                                               : event->cache_tokens);
    text_add_cstr(text, event->failed ? "|true" : "|false");
    if (event->latency_ms.present)
        add_count(text, event->latency_ms.value);
}

struct slice event_hash_preimage(struct arena *arena, const struct event *event)
{
    struct text text;
    text_init(&text, LIMIT_EVENT_ARENA_BYTES);
    append_preimage(&text, event);
    struct slice preimage = slice_trim(arena_take_text(arena, &text));
    text_clear(&text);
    return preimage;
}

/* --- what is stored of it --- */

static struct slice bounded(struct slice text)
{
    return text.len <= LIMIT_EVENT_TEXT_BYTES
               ? text
               : slice_trim(redact_first_characters(text, LIMIT_EVENT_TEXT_BYTES));
}

/* Cut the texts that have no other limit. */
static void bound_texts(struct event *event)
{
    struct slice *const texts[] = {
        &event->timestamp,
        &event->request_id,
        &event->provider,
        &event->executor_type,
        &event->auth_type,
        &event->auth_index,
        &event->source,
        &event->account_snapshot,
        &event->auth_label_snapshot,
        &event->auth_file_snapshot,
        &event->auth_provider_snapshot,
        &event->auth_project_id_snapshot,
        &event->model,
        &event->requested_model,
        &event->resolved_model,
        &event->reasoning_effort,
        &event->service_tier,
        &event->request_service_tier,
        &event->response_service_tier,
        &event->endpoint,
        &event->method,
        &event->path,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = bounded(*texts[i]);
}

/* A hash that was given; anything else in its place may be the secret itself. */
static struct slice given_hash(struct arena *arena, struct slice text)
{
    uint8_t bytes[HASH_BYTES];
    return slice_from_hex(text, bytes, sizeof bytes) ? text : hash_sha256_hex(arena, text);
}

/* Nothing that could be a key is stored, and nothing without a limit. The hash, which
 * names the event, is of the texts as they came. */
static void make_storable(const struct record *record, struct event *event)
{
    struct arena *arena = record->arena;
    if (event->hash_text.len == 0)
        event->hash_text = hash_sha256_hex(arena, event_hash_preimage(arena, event));
    client_key_hide(arena, event);
    client_key_hide_parameters(arena, event);
    event->source_hash = given_hash(arena, event->source_hash);
    event->api_key_hash = given_hash(arena, event->api_key_hash);
    event->access_token_sha256 = given_hash(arena, str(record, KEYS(KEY_access_token_sha256)));
    event->created_at_ms = within_calendar(event->created_at_ms);
    event->auth_snapshot_at_ms = within_calendar(event->auth_snapshot_at_ms);
    bound_texts(event);
}

/* --- the whole --- */

static void complete(const struct record *record, struct event *event)
{
    const struct json *generate = record->top.value[KEY_generate];
    event->generate = !generate || generate->type != JSON_FALSE;
    make_storable(record, event);
    event->analytics_model = event_analytics_model(
        event->requested_model.len > 0 ? event->requested_model : event->model);
    service_tier_apply(event);
    cache_accounting_apply(event);
    if (event->is_exported)
        breakdown_complete(event, record->top.value[KEY_token_breakdown]);
    event->response_metadata = record_metadata(record, event);
}

/* event_normalize, with EVENT_NOMEM for the arena's ceiling too. */
static enum event_result normalize(struct arena *arena, struct slice payload,
                                   int64_t received_at_ms, struct event *out_event,
                                   struct slice *out_reason, const struct json **out_json)
{
    struct json_error error;
    struct record record;
    struct event event = {.timestamp_ms = 0};
    if (payload.len > LIMIT_PAYLOAD_BYTES)
        return dead(arena, "payload over the limit", NULL, out_reason, out_json);
    const struct json *json = json_parse(arena, payload, &error);
    if (arena->failed)
        return EVENT_NOMEM;
    if (!json)
        return dead(arena, error.message, NULL, out_reason, out_json);
    if (json->type != JSON_OBJECT)
        return dead(arena, "usage payload is not a JSON object", json, out_reason, out_json);
    if (is_control(json))
        return EVENT_CONTROL;
    received_at_ms = within_calendar(received_at_ms);
    if (legacy_is_detail(json)) {
        const char *reason = legacy_read(arena, payload, json, received_at_ms, &record, &event);
        if (reason && !arena->failed)
            return dead(arena, reason, json, out_reason, out_json);
        complete(&record, &event);
        if (arena->failed)
            return EVENT_NOMEM;
        *out_event = event;
        return EVENT_OK;
    }
    record_read(&record, arena, json, FIELDS_OF_EXPORT);
    if (exported_hash(&record).len > 0) {
        exported_read(&record, received_at_ms, &event);
    } else {
        record_set_style(&record, FIELDS_OF_EVENT);
        if (!is_usable(&record))
            return dead(arena,
                        "no usage event: no event hash, model, tokens, usage, endpoint, "
                        "request id or time",
                        json, out_reason, out_json);
        read_raw(&record, received_at_ms, &event);
    }
    complete(&record, &event);
    if (arena->failed)
        return EVENT_NOMEM;
    *out_event = event;
    return EVENT_OK;
}

enum event_result event_normalize(struct arena *arena, struct slice payload, int64_t received_at_ms,
                                  struct event *out_event, struct slice *out_reason,
                                  const struct json **out_json)
{
    size_t for_row = (arena->limit_bytes - arena->total_bytes) / ROW_SHARE;
    arena->limit_bytes -= for_row;
    enum event_result result =
        normalize(arena, payload, received_at_ms, out_event, out_reason, out_json);
    arena->limit_bytes += for_row;
    if (result != EVENT_NOMEM || arena->is_nomem)
        return result;
    arena_reset(arena);
    *out_reason = SLICE("payload too complex");
    *out_json = NULL;
    return EVENT_DEAD;
}

/* --- account snapshots (section 8) --- */

static bool fill(struct arena *arena, struct slice *member, struct slice value)
{
    if (member->len > 0 || value.len == 0)
        return false;
    *member = arena_copy(arena, bounded(value));
    return true;
}

void event_fill_snapshot(struct arena *arena, struct event *event,
                         const struct account_snapshot *snapshot)
{
    if (event->auth_index.len == 0 ||
        (event->account_snapshot.len > 0 && event->auth_project_id_snapshot.len > 0))
        return;
    bool is_filled = fill(arena, &event->account_snapshot, snapshot->account);
    is_filled |= fill(arena, &event->auth_label_snapshot, snapshot->label);
    is_filled |= fill(arena, &event->auth_file_snapshot, snapshot->file);
    is_filled |= fill(arena, &event->auth_provider_snapshot, snapshot->provider);
    is_filled |= fill(arena, &event->auth_project_id_snapshot, snapshot->project_id);
    if (is_filled && event->auth_snapshot_at_ms <= 0)
        event->auth_snapshot_at_ms = snapshot->read_at_ms;
    service_tier_apply(event);
}
