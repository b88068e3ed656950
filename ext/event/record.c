/* A payload's objects; see record.h. */
#include "ext/event/record.h"

#include "ext/event/breakdown.h"
#include "ext/event/cache_accounting.h"
#include "ext/event/response_metadata.h"
#include "ext/limits.h"

#define HEADER_KEYS KEYS(KEY_response_headers, KEY_responseHeaders, KEY_headers)
#define TOTAL_KEYS KEYS(KEY_total_tokens, KEY_totalTokens, KEY_total)

void record_read(struct record *out_record, struct arena *arena, const struct json *payload,
                 enum fields_style style)
{
    struct fields *top = &out_record->top;
    out_record->arena = arena;
    out_record->payload = payload;
    fields_read(top, payload, style);
    fields_read(&out_record->tokens, top->value[KEY_tokens], style);
    fields_read(&out_record->usage, top->value[KEY_usage], style);
    fields_read(&out_record->fail, top->value[KEY_fail], style);
}

void record_set_style(struct record *record, enum fields_style style)
{
    record->top.style = style;
    record->tokens.style = style;
    record->usage.style = style;
    record->fail.style = style;
}

bool record_time(const struct record *record, struct timestamp *out_time)
{
    const struct json *value =
        fields_first(&record->top, KEYS(KEY_timestamp, KEY_time, KEY_created_at, KEY_createdAt,
                                        KEY_created, KEY_request_time, KEY_requestTime));
    if (value && value->type == JSON_STRING)
        return timestamp_parse(value->text, out_time);
    return value && value->type == JSON_NUMBER &&
           timestamp_from_int64(json_number_int64(value), out_time);
}

/* --- tokens --- */

/* The first count that is not zero: in tokens, in usage, in the record itself. */
static int64_t count(const struct record *record, const uint8_t *keys)
{
    int64_t value = fields_first_int(&record->tokens, keys);
    if (value == 0)
        value = fields_first_int(&record->usage, keys);
    return value != 0 ? value : fields_first_int(&record->top, keys);
}

void record_counts(const struct record *record, struct event *event)
{
    event->input_tokens =
        count(record, KEYS(KEY_input_tokens, KEY_inputTokens, KEY_prompt_tokens, KEY_promptTokens));
    event->output_tokens = count(record, KEYS(KEY_output_tokens, KEY_outputTokens,
                                              KEY_completion_tokens, KEY_completionTokens));
    event->reasoning_tokens = count(record, KEYS(KEY_reasoning_tokens, KEY_reasoningTokens));
    event->cached_tokens = count(record, KEYS(KEY_cached_tokens, KEY_cachedTokens));
    event->cache_tokens = count(record, KEYS(KEY_cache_tokens, KEY_cacheTokens));
    event->cache_read_tokens =
        count(record, KEYS(KEY_cache_read_tokens, KEY_cacheReadTokens, KEY_cache_read_input_tokens,
                           KEY_cacheReadInputTokens));
    event->cache_creation_tokens =
        count(record, KEYS(KEY_cache_creation_tokens, KEY_cacheCreationTokens,
                           KEY_cache_creation_input_tokens, KEY_cacheCreationInputTokens,
                           KEY_cache_write_tokens, KEY_cacheWriteTokens,
                           KEY_cache_write_input_tokens, KEY_cacheWriteInputTokens));
    event->total_tokens = count(record, TOTAL_KEYS);
    event->breakdown = breakdown_read(record->top.value[KEY_token_breakdown]);
    event->accounting_version = fields_int(&record->top, KEYS(KEY_accounting_version));
}

bool record_cache_mode(const struct record *record, enum cache_mode *out_mode)
{
    const struct fields *places[] = {&record->tokens, &record->usage, &record->top};
    for (size_t i = 0; i < 3; i++) {
        struct slice stated =
            fields_str(record->arena, places[i], KEYS(KEY_cache_input_mode, KEY_cacheInputMode));
        if (cache_accounting_mode_of(stated, out_mode))
            return true;
    }
    return false;
}

int64_t record_positive_total(const struct record *record)
{
    const struct fields *places[] = {&record->tokens, &record->usage, &record->top};
    for (size_t i = 0; i < 3; i++) {
        int64_t total = fields_int(places[i], TOTAL_KEYS);
        if (total > 0)
            return total;
    }
    return 0;
}

/* --- failure --- */

int64_t record_fail_status(const struct record *record)
{
    int64_t status = fields_int(&record->fail, KEYS(KEY_status_code, KEY_statusCode));
    return status != 0 ? status
                       : fields_int(&record->top, KEYS(KEY_fail_status_code, KEY_failStatusCode));
}

static struct slice fail_body(const struct record *record)
{
    struct slice body = fields_str(record->arena, &record->fail, KEYS(KEY_body));
    return body.len > 0
               ? body
               : fields_str(record->arena, &record->top, KEYS(KEY_fail_body, KEY_failBody));
}

/* Neither null nor without content. */
static bool has_content(const struct json *headers)
{
    if (!headers || headers->type == JSON_NULL)
        return false;
    return headers->count > 0 || (headers->type != JSON_ARRAY && headers->type != JSON_OBJECT);
}

static bool is_secret_header(struct slice name)
{
    static const char *const names[] = {"set-cookie",    "set-cookie2",         "cookie",
                                        "authorization", "proxy-authorization", "x-api-key"};
    name = slice_trim(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal_nocase(name, slice_of_cstr(names[i])))
            return true;
    return false;
}

/* The headers with the values of those that hold credentials replaced: CPA gives values as
 * arrays, which the rules of redact_summary do not look into. */
static const struct json *without_secrets(struct arena *arena, const struct json *headers)
{
    struct json *copy = arena_alloc(arena, sizeof *copy);
    struct json **link = copy ? &copy->first : NULL;
    if (headers->type != JSON_OBJECT || !copy)
        return headers;
    copy->type = JSON_OBJECT;
    copy->count = headers->count;
    for (const struct json *header = headers->first; header; header = header->next) {
        struct json *member = arena_alloc(arena, sizeof *member);
        if (!member)
            return headers; /* the arena has failed: nothing of it is used */
        *member = *header;
        member->next = NULL;
        if (is_secret_header(header->key)) {
            member->type = JSON_STRING;
            member->text = SLICE("[redacted]");
            member->first = NULL;
            member->count = 0;
        }
        *link = member;
        link = &member->next;
    }
    return copy;
}

struct slice record_fail_text(const struct record *record)
{
    const struct json *headers = fields_first(&record->top, HEADER_KEYS);
    struct slice body = fail_body(record);
    struct text text;
    if (!has_content(headers))
        return body;
    text_init(&text, LIMIT_EVENT_ARENA_BYTES);
    text_add(&text, body);
    if (body.len > 0)
        text_add_char(&text, '\n');
    json_write_sorted(&text, without_secrets(record->arena, headers));
    struct slice whole = arena_take_text(record->arena, &text);
    text_clear(&text);
    return whole;
}

const struct response_metadata *record_metadata(const struct record *record,
                                                const struct event *event)
{
    const struct json *fail = record->top.value[KEY_fail];
    struct response_metadata_input input = {
        .headers = fields_object(&record->top, HEADER_KEYS),
        .stored = fields_object(&record->top, KEYS(KEY_response_metadata, KEY_responseMetadata)),
        .raw_json = fields_str(record->arena, &record->top, KEYS(KEY_raw_json, KEY_rawJson)),
        .fail = fail && fail->type == JSON_OBJECT ? fail : NULL,
        .payload = record->payload,
        .provider = event->provider,
        .provider_snapshot = event->auth_provider_snapshot,
        .executor_type = event->executor_type,
        .timestamp_ms = event->timestamp_ms,
    };
    return response_metadata_make(record->arena, &input);
}
