/* Exported lines; see exported.h. What an export left out is taken from the raw_json that
 * an older export or a database may have given the line: the cache mode and the total. */
#include "ext/event/exported.h"

#include "ext/event/cache_accounting.h"
#include "ext/event/model.h"
#include "ext/event/readings.h"
#include "ext/event/redact.h"
#include "ext/event/timestamp.h"

static struct slice str(const struct record *record, const uint8_t *keys)
{
    return fields_str(record->arena, &record->top, keys);
}

struct slice exported_hash(const struct record *record)
{
    return str(record, KEYS(KEY_event_hash, KEY_eventHash));
}

/* --- hints --- */

struct hints {
    bool has_mode;
    enum cache_mode mode;
    int64_t total_tokens; /* 0: none */
};

static void take_hints(const struct record *record, struct hints *hints)
{
    if (!hints->has_mode)
        hints->has_mode = record_cache_mode(record, &hints->mode);
    if (hints->total_tokens == 0)
        hints->total_tokens = record_positive_total(record);
}

/* Read raw_json, and what it may itself hold under that name: two levels, no more. A
 * legacy line keeps the event under "detail". */
static struct hints hints_of(const struct record *given)
{
    struct hints hints = {false, CACHE_INCLUDED_IN_INPUT, 0};
    struct slice text = str(given, KEYS(KEY_raw_json, KEY_rawJson));
    for (int level = 0; level < 2 && text.len > 0; level++) {
        struct json_error error;
        struct record record;
        const struct json *value = json_parse(given->arena, text, &error);
        if (!value)
            break;
        record_read(&record, given->arena, value, FIELDS_OF_EXPORT);
        text = str(&record, KEYS(KEY_raw_json, KEY_rawJson));
        const struct json *detail = record.top.value[KEY_detail];
        if (detail && detail->type == JSON_OBJECT)
            record_read(&record, given->arena, detail, FIELDS_OF_EXPORT);
        take_hints(&record, &hints);
    }
    return hints;
}

/* --- members --- */

/* The text of the line is kept as it is; the nanoseconds only where they belong to it. A
 * time that is given only once, or as a number, serves for both. */
static void read_time(const struct record *record, int64_t received_at_ms, struct event *event)
{
    struct timestamp time = {received_at_ms, 0};
    struct timestamp of_text;
    const struct json *text = record->top.value[KEY_timestamp];
    int64_t ms = fields_int(&record->top, KEYS(KEY_timestamp_ms, KEY_timestampMs));
    bool has_ms = ms > 0 && ms <= TIMESTAMP_MAX_MS;
    if (!record_time(record, &time) && has_ms) /* else: received_at_ms */
        time = (struct timestamp){ms, 0};
    event->timestamp_ms = has_ms ? ms : time.ms;
    if (text && text->type == JSON_STRING)
        event->timestamp = str(record, KEYS(KEY_timestamp));
    if (event->timestamp.len == 0)
        event->timestamp = timestamp_text(record->arena, time);
    if (timestamp_parse(event->timestamp, &of_text) && of_text.ms == event->timestamp_ms &&
        slice_equal(timestamp_text(record->arena, of_text), event->timestamp))
        event->timestamp_ns = of_text.ns;
}

/* The source of an export is masked already; what is not, is masked now, so that nothing
 * that could be a credential is stored. Masking a masked address would spoil it. */
static struct slice mask_again(struct arena *arena, struct slice source, const struct event *event)
{
    if (slice_find(source, SLICE("***@")) >= 0)
        return source;
    return redact_source(arena, source, event->auth_type, event->provider, slice_empty());
}

static void read_who(const struct record *record, struct event *event)
{
    event->request_id = str(record, KEYS(KEY_request_id, KEY_requestId));
    event->provider = str(record, KEYS(KEY_provider));
    readings_credential(record, event);
    event->source = mask_again(record->arena, str(record, KEYS(KEY_source)), event);
    event->source_hash = str(record, KEYS(KEY_source_hash, KEY_sourceHash));
    event->api_key_hash = str(record, KEYS(KEY_api_key_hash, KEY_apiKeyHash));
}

static void read_what(const struct record *record, struct event *event)
{
    event->requested_model = str(record, KEYS(KEY_requested_model, KEY_requestedModel));
    event->resolved_model = str(record, KEYS(KEY_resolved_model, KEY_resolvedModel));
    event->model = str(record, KEYS(KEY_model));
    if (event->model.len == 0)
        event->model = model_display(event->requested_model, event->resolved_model);
    readings_tiers(record, event);
    event->endpoint = str(record, KEYS(KEY_endpoint));
    if (event->endpoint.len == 0)
        event->endpoint = SLICE("-");
    event->method = str(record, KEYS(KEY_method));
    event->path = str(record, KEYS(KEY_path));
}

static void read_how_much(const struct record *record, struct event *event)
{
    struct hints hints = hints_of(record);
    record_counts(record, event);
    event->latency_ms = fields_optional_int(&record->top, KEYS(KEY_latency_ms, KEY_latencyMs));
    event->ttft_ms =
        fields_optional_int(&record->top, KEYS(KEY_ttft_ms, KEY_ttftMs, KEY_time_to_first_token_ms,
                                               KEY_timeToFirstTokenMs));
    if (!record_cache_mode(record, &event->cache_input_mode))
        event->cache_input_mode = hints.has_mode ? hints.mode : cache_accounting_infer(event);
    if (event->total_tokens <= 0)
        event->total_tokens = hints.total_tokens; /* 0 is computed */
}

static bool is_yes(struct slice word)
{
    return slice_equal(word, SLICE("1")) || slice_equal_nocase(word, SLICE("true")) ||
           slice_equal_nocase(word, SLICE("yes")) || slice_equal_nocase(word, SLICE("on"));
}

static bool read_failed(const struct record *record)
{
    const struct json *value =
        fields_first(&record->top, KEYS(KEY_failed, KEY_is_failed, KEY_isFailed));
    if (!value)
        return false;
    if (value->type == JSON_NUMBER)
        return json_number_double(value) != 0;
    if (value->type == JSON_STRING)
        return is_yes(slice_trim(value->text));
    return value->type == JSON_TRUE;
}

/* Redaction is applied as often as the original does, because a text that is cut at a
 * wide character grows by dots once more. */
static void read_failure(const struct record *record, struct event *event)
{
    event->failed = read_failed(record);
    event->fail_status_code = record_fail_status(record);
    if (!event->failed)
        return;
    struct slice summary = str(record, KEYS(KEY_fail_summary, KEY_failSummary));
    if (summary.len == 0)
        summary = redact_summary(record->arena, record_fail_text(record));
    event->fail_summary = redact_summary(record->arena, summary);
}

void exported_read(const struct record *record, int64_t received_at_ms, struct event *event)
{
    event->is_exported = true;
    event->hash_text = exported_hash(record);
    read_time(record, received_at_ms, event);
    read_who(record, event);
    read_what(record, event);
    read_how_much(record, event);
    read_failure(record, event);
    event->created_at_ms = fields_int(&record->top, KEYS(KEY_created_at_ms, KEY_createdAtMs));
    if (event->created_at_ms <= 0)
        event->created_at_ms = received_at_ms;
}
