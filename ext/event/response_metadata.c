/* Response metadata: its members, their JSON, and how a record's parts are merged; see
 * response_metadata.h.
 *
 * The parts, each laid over the ones before (ingest specification, section 16, "Merging
 * in one record"):
 *   1. the object at response_metadata, checked and cleaned
 *   2. what the response headers and the failure body inside raw_json say
 *   3. what the record's own response headers say
 *   4. what its own failure body says (section 17)
 * A member of a later part wins over the same member of an earlier one; only the parts
 * of provider_usage know each other better (provider_usage.c). */
#include "ext/event/response_metadata.h"

#include <math.h>
#include <string.h>

#include "ext/event/fields.h"
#include "ext/event/provider_usage.h"
#include "ext/event/redact.h"
#include "ext/event/response_headers.h"
#include "ext/event/response_metadata_private.h"
#include "ext/event/response_quota.h"
#include "ext/json.h"
#include "ext/limits.h"

/* --- members --- */

/* clang-format off */
#define ROW(section, object, name, type) \
    {{section, sizeof section - 1}, {object, sizeof object - 1}, {name, sizeof name - 1}, type}

const struct response_member_row response_members[RESPONSE_MEMBER_COUNT] = {
    [QUOTA_PLAN_TYPE]              = ROW("quota", "", "plan_type", RESPONSE_TEXT),
    [QUOTA_ACTIVE_LIMIT]           = ROW("quota", "", "active_limit", RESPONSE_TEXT),
    [QUOTA_REACHED_TYPE]           = ROW("quota", "", "rate_limit_reached_type", RESPONSE_TEXT),
    [QUOTA_SUMMARY_KIND]           = ROW("quota", "", "summary_window_kind", RESPONSE_TEXT),
    [QUOTA_SUMMARY_SOURCE]         = ROW("quota", "", "summary_window_source", RESPONSE_TEXT),
    [QUOTA_REACHED_KIND]           = ROW("quota", "", "reached_window_kind", RESPONSE_TEXT),
    [QUOTA_REACHED_SOURCE]         = ROW("quota", "", "reached_window_source", RESPONSE_TEXT),
    [QUOTA_CREDITS_BALANCE]        = ROW("quota", "", "credits_balance", RESPONSE_TEXT),
    [QUOTA_CREDITS_HAS]            = ROW("quota", "", "credits_has_credits", RESPONSE_BOOL),
    [QUOTA_CREDITS_UNLIMITED]      = ROW("quota", "", "credits_unlimited", RESPONSE_BOOL),
    [QUOTA_PRIMARY_OVER_SECONDARY] = ROW("quota", "", "primary_over_secondary_limit_percent",
                                         RESPONSE_NUMBER),
    [QUOTA_PRIMARY_USED]           = ROW("quota", "primary", "used_percent", RESPONSE_NUMBER),
    [QUOTA_PRIMARY_RESET_AT]       = ROW("quota", "primary", "reset_at_ms", RESPONSE_TIME),
    [QUOTA_PRIMARY_RESET_AFTER]    = ROW("quota", "primary", "reset_after_seconds",
                                         RESPONSE_NUMBER),
    [QUOTA_PRIMARY_MINUTES]        = ROW("quota", "primary", "window_minutes", RESPONSE_NUMBER),
    [QUOTA_SECONDARY_USED]         = ROW("quota", "secondary", "used_percent", RESPONSE_NUMBER),
    [QUOTA_SECONDARY_RESET_AT]     = ROW("quota", "secondary", "reset_at_ms", RESPONSE_TIME),
    [QUOTA_SECONDARY_RESET_AFTER]  = ROW("quota", "secondary", "reset_after_seconds",
                                         RESPONSE_NUMBER),
    [QUOTA_SECONDARY_MINUTES]      = ROW("quota", "secondary", "window_minutes", RESPONSE_NUMBER),
    [QUOTA_RECOVER_AT]             = ROW("quota", "", "recover_at_ms", RESPONSE_TIME),
    [QUOTA_USED_PERCENT]           = ROW("quota", "", "used_percent", RESPONSE_NUMBER),

    [ERROR_KIND]                   = ROW("errors", "", "kind", RESPONSE_TEXT),
    [ERROR_CODE]                   = ROW("errors", "", "code", RESPONSE_TEXT),
    [ERROR_AUTHORIZATION]          = ROW("errors", "", "authorization_error", RESPONSE_TEXT),
    [ERROR_IDE_CODE]               = ROW("errors", "", "ide_error_code", RESPONSE_TEXT),
    [ERROR_IDE_ROOT_CODE]          = ROW("errors", "", "ide_root_error_code", RESPONSE_TEXT),
    [ERROR_SHOULD_RETRY]           = ROW("errors", "", "should_retry", RESPONSE_BOOL),
    [ERROR_RETRY_AFTER]            = ROW("errors", "", "retry_after_seconds", RESPONSE_NUMBER),
    [ERROR_RETRY_RECOVER_AT]       = ROW("errors", "", "retry_after_recover_at_ms", RESPONSE_TIME),
    [ERROR_RATE_LIMIT_BYPASS]      = ROW("errors", "", "rate_limit_bypass", RESPONSE_TEXT),

    [TRACE_PRIMARY]                = ROW("trace", "", "primary_trace_id", RESPONSE_TEXT),
    [TRACE_OPENAI]                 = ROW("trace", "", "openai_request_id", RESPONSE_TEXT),
    [TRACE_REQUEST]                = ROW("trace", "", "request_id", RESPONSE_TEXT),
    [TRACE_ONEAPI]                 = ROW("trace", "", "oneapi_request_id", RESPONSE_TEXT),
    [TRACE_CF_RAY]                 = ROW("trace", "", "cf_ray", RESPONSE_TEXT),
    [TRACE_EAGLE]                  = ROW("trace", "", "eagle_id", RESPONSE_TEXT),
    [TRACE_COMPANION]              = ROW("trace", "", "cloud_ai_companion_trace_id", RESPONSE_TEXT),
    [TRACE_CLIENT]                 = ROW("trace", "", "client_request_id", RESPONSE_TEXT),
    [TRACE_ZEABUR]                 = ROW("trace", "", "zeabur_request_id", RESPONSE_TEXT),
    [TRACE_PARENT]                 = ROW("trace", "", "traceparent", RESPONSE_TEXT),

    [ROUTING_PROXY_WASM]           = ROW("routing", "", "openai_proxy_wasm", RESPONSE_TEXT),
    [ROUTING_MODELS_ETAG]          = ROW("routing", "", "models_etag", RESPONSE_TEXT),
    [ROUTING_NEW_API_VERSION]      = ROW("routing", "", "new_api_version", RESPONSE_TEXT),
    [ROUTING_SERVER]               = ROW("routing", "", "server", RESPONSE_TEXT),
    [ROUTING_VIA]                  = ROW("routing", "", "via", RESPONSE_TEXT),
    [ROUTING_CF_CACHE_STATUS]      = ROW("routing", "", "cf_cache_status", RESPONSE_TEXT),
    [ROUTING_SITE_CACHE_STATUS]    = ROW("routing", "", "site_cache_status", RESPONSE_TEXT),
    [ROUTING_SERVED_BY]            = ROW("routing", "", "served_by", RESPONSE_TEXT),
    [ROUTING_MIFE_STATUS]          = ROW("routing", "", "mife_upstream_status", RESPONSE_TEXT),

    [RESPONSE_CONTENT_TYPE]        = ROW("response", "", "content_type", RESPONSE_TEXT),
    [RESPONSE_CONTENT_LENGTH]      = ROW("response", "", "content_length", RESPONSE_INT),
    [RESPONSE_CONTENT_DISPOSITION] = ROW("response", "", "content_disposition", RESPONSE_TEXT),
    [RESPONSE_SERVER_TIMING]       = ROW("response", "", "server_timing", RESPONSE_TEXT),

    [PROVIDERS_ANTIGRAVITY_TRACE]  = ROW("providers", "", "antigravity_trace_id", RESPONSE_TEXT),
    [PROVIDERS_ANTIGRAVITY_TIMING] = ROW("providers", "", "antigravity_server_timing",
                                         RESPONSE_TEXT),
    [PROVIDERS_MIFE_STATUS]        = ROW("providers", "", "mife_upstream_status", RESPONSE_TEXT),
    [PROVIDERS_ONEAPI_REQUEST]     = ROW("providers", "", "oneapi_request_id", RESPONSE_TEXT),
    [PROVIDERS_CLOUDFLARE_RAY]     = ROW("providers", "", "cloudflare_ray", RESPONSE_TEXT),
    [PROVIDERS_CLOUDFLARE_CACHE]   = ROW("providers", "", "cloudflare_cache_status", RESPONSE_TEXT),

    [RATE_REQUESTS_LIMIT]          = ROW("rate_limit", "requests", "limit", RESPONSE_INT),
    [RATE_REQUESTS_REMAINING]      = ROW("rate_limit", "requests", "remaining", RESPONSE_INT),
    [RATE_TOKENS_LIMIT]            = ROW("rate_limit", "tokens", "limit", RESPONSE_INT),
    [RATE_TOKENS_REMAINING]        = ROW("rate_limit", "tokens", "remaining", RESPONSE_INT),

    [POLICY_RETENTION_MODE]        = ROW("data_policy", "", "retention_mode", RESPONSE_TEXT),
    [POLICY_ZERO_RETENTION]        = ROW("data_policy", "", "zero_retention", RESPONSE_BOOL),

    [USAGE_PROVIDER]               = ROW("provider_usage", "", "provider", RESPONSE_TEXT),
    [USAGE_KIND]                   = ROW("provider_usage", "", "kind", RESPONSE_TEXT),
    [USAGE_STATE]                  = ROW("provider_usage", "", "state", RESPONSE_TEXT),
    [USAGE_CODE]                   = ROW("provider_usage", "", "code", RESPONSE_TEXT),
    [USAGE_MODEL]                  = ROW("provider_usage", "", "model", RESPONSE_TEXT),
    [USAGE_UNIT]                   = ROW("provider_usage", "", "unit", RESPONSE_TEXT),
    [USAGE_ACTUAL]                 = ROW("provider_usage", "", "actual", RESPONSE_INT),
    [USAGE_LIMIT]                  = ROW("provider_usage", "", "limit", RESPONSE_INT),
    [USAGE_REMAINING]              = ROW("provider_usage", "", "remaining", RESPONSE_INT),
    [USAGE_OVERAGE]                = ROW("provider_usage", "", "overage", RESPONSE_INT),
    [USAGE_WINDOW_KIND]            = ROW("provider_usage", "", "window_kind", RESPONSE_TEXT),
    [USAGE_OBSERVED_AT]            = ROW("provider_usage", "", "observed_at_ms", RESPONSE_TIME),
    [USAGE_RECOVER_AT]             = ROW("provider_usage", "", "recover_at_ms", RESPONSE_TIME),
    [USAGE_RECOVER_ESTIMATED]      = ROW("provider_usage", "", "recover_at_estimated",
                                         RESPONSE_TRUE),
    [USAGE_SOURCE]                 = ROW("provider_usage", "", "source", RESPONSE_TEXT),
};
/* clang-format on */

void response_clear(struct response_metadata *metadata, enum response_member member)
{
    memset(&metadata->value[member], 0, sizeof metadata->value[member]);
}

void response_set_text(struct response_metadata *metadata, enum response_member member,
                       struct slice text)
{
    response_clear(metadata, member);
    if (text.len == 0)
        return;
    metadata->value[member].present = true;
    metadata->value[member].text = text;
}

void response_set_bool(struct response_metadata *metadata, enum response_member member, bool value)
{
    response_clear(metadata, member);
    metadata->value[member].present = value || response_members[member].type != RESPONSE_TRUE;
    metadata->value[member].is_true = value;
}

void response_set_int(struct response_metadata *metadata, enum response_member member,
                      int64_t value)
{
    response_clear(metadata, member);
    metadata->value[member].present = value != 0 || response_members[member].type == RESPONSE_INT;
    metadata->value[member].integer = value;
}

void response_set_number(struct response_metadata *metadata, enum response_member member,
                         double value)
{
    response_clear(metadata, member);
    metadata->value[member].present = true;
    metadata->value[member].number = value;
}

struct slice response_text(const struct response_metadata *metadata, enum response_member member)
{
    return metadata->value[member].present ? metadata->value[member].text : slice_empty();
}

int64_t response_int(const struct response_metadata *metadata, enum response_member member)
{
    return metadata->value[member].present ? metadata->value[member].integer : 0;
}

bool response_value_equal(struct response_value a, struct response_value b, enum response_type type)
{
    if (!a.present || !b.present)
        return a.present == b.present;
    switch (type) {
    case RESPONSE_TEXT:
        return slice_equal(a.text, b.text);
    case RESPONSE_BOOL:
    case RESPONSE_TRUE:
        return a.is_true == b.is_true;
    case RESPONSE_INT:
    case RESPONSE_TIME:
        return a.integer == b.integer;
    case RESPONSE_NUMBER:
        return memcmp(&a.number, &b.number, sizeof a.number) == 0;
    }
    return false;
}

bool response_is_empty(const struct response_metadata *metadata)
{
    for (size_t i = 0; i < RESPONSE_MEMBER_COUNT; i++)
        if (metadata->value[i].present)
            return false;
    return true;
}

/* --- texts --- */

struct slice response_clean_text(struct arena *arena, struct slice text)
{
    return redact_truncate(arena, redact_summary(arena, text), LIMIT_METADATA_TEXT_BYTES);
}

/* The text in lower case (ASCII), with from replaced by to. In the arena. */
static struct slice lower(struct arena *arena, struct slice text, char from, char to)
{
    char *data = arena_alloc(arena, text.len);
    if (!data)
        return slice_empty();
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        data[i] = c == from ? to : c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    return (struct slice){data, text.len};
}

struct slice response_clean_lower(struct arena *arena, struct slice text)
{
    return lower(arena, response_clean_text(arena, text), '\0', '\0');
}

static bool is_hex_not_zero(struct slice text)
{
    bool has_other = false;
    for (size_t i = 0; i < text.len; i++) {
        if (hex_digit_value(text.data[i]) < 0)
            return false;
        has_other |= text.data[i] != '0';
    }
    return has_other;
}

static bool is_hex(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (hex_digit_value(text.data[i]) < 0)
            return false;
    return true;
}

/* Places within "vv-tttttttttttttttttttttttttttttttt-pppppppppppppppp-ff". */
struct slice response_check_traceparent(struct slice text)
{
    bool is_valid =
        text.len == 55 && text.data[2] == '-' && text.data[35] == '-' && text.data[52] == '-' &&
        is_hex(slice_first(text, 2)) && !slice_starts_with(text, SLICE("ff")) &&
        is_hex_not_zero((struct slice){text.data + 3, 32}) &&
        is_hex_not_zero((struct slice){text.data + 36, 16}) && is_hex(slice_from(text, 53));
    return is_valid ? text : slice_empty();
}

void response_fill_primary_trace(struct response_metadata *metadata)
{
    static const enum response_member order[] = {TRACE_OPENAI,    TRACE_REQUEST, TRACE_ONEAPI,
                                                 TRACE_COMPANION, TRACE_CF_RAY,  TRACE_EAGLE,
                                                 TRACE_CLIENT,    TRACE_ZEABUR};
    if (metadata->value[TRACE_PRIMARY].present)
        return;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (metadata->value[order[i]].present) {
            metadata->value[TRACE_PRIMARY] = metadata->value[order[i]];
            return;
        }
    struct slice parent = response_text(metadata, TRACE_PARENT);
    response_set_text(metadata, TRACE_PRIMARY, slice_first(slice_from(parent, 3), 32));
}

/* --- the stored object --- */

/* Only these values of the derived window members are kept. */
static struct slice check_word(struct arena *arena, struct slice text, const char *const *words)
{
    struct slice word = lower(arena, text, '-', '_');
    for (; *words; words++)
        if (slice_equal(word, slice_of_cstr(*words)))
            return word;
    return slice_empty();
}

static struct slice clean_stored_text(struct arena *arena, enum response_member member,
                                      struct slice text)
{
    static const char *const kinds[] = {"five_hour", "weekly", "monthly", "unknown", NULL};
    static const char *const sources[] = {"primary",     "secondary", "aggregate",
                                          "retry_after", "unknown",   NULL};
    text = response_clean_text(arena, text);
    switch ((int)member) {
    case QUOTA_SUMMARY_KIND:
    case QUOTA_REACHED_KIND:
        return check_word(arena, text, kinds);
    case QUOTA_SUMMARY_SOURCE:
    case QUOTA_REACHED_SOURCE:
        return check_word(arena, text, sources);
    case TRACE_PARENT:
        return response_check_traceparent(lower(arena, text, '\0', '\0'));
    case POLICY_RETENTION_MODE:
        return lower(arena, text, '\0', '\0');
    default:
        return text;
    }
}

/* An integer as CPA's decoder takes it: no fraction, within int64. */
static bool read_integer(const struct json *value, int64_t *out_integer)
{
    double number = json_number_double(value);
    bool is_within = number >= -9223372036854775808.0 && number < 9223372036854775808.0;
    if (slice_to_int64(value->text, out_integer, NULL))
        return true;
    *out_integer = json_number_int64(value);
    return is_within && (double)*out_integer == number;
}

/* False when the value has the wrong type. */
static bool read_stored_value(struct arena *arena, struct response_metadata *metadata,
                              enum response_member member, const struct json *value)
{
    bool is_rate = member >= RATE_REQUESTS_LIMIT && member <= RATE_TOKENS_REMAINING;
    int64_t integer;
    double number;
    switch (response_members[member].type) {
    case RESPONSE_TEXT:
        if (value->type != JSON_STRING)
            return false;
        response_set_text(metadata, member, clean_stored_text(arena, member, value->text));
        return true;
    case RESPONSE_BOOL:
    case RESPONSE_TRUE:
        if (value->type != JSON_TRUE && value->type != JSON_FALSE)
            return false;
        response_set_bool(metadata, member, value->type == JSON_TRUE);
        return true;
    case RESPONSE_INT:
    case RESPONSE_TIME:
        if (value->type != JSON_NUMBER || !read_integer(value, &integer))
            return false;
        if (!is_rate || integer >= 0)
            response_set_int(metadata, member, integer);
        return true;
    case RESPONSE_NUMBER:
        number = value->type == JSON_NUMBER ? json_number_double(value) : INFINITY;
        if (!isfinite(number))
            return false;
        response_set_number(metadata, member, number);
        return true;
    }
    return false;
}

/* The member of that name; null counts as absent. *out_valid becomes false when parent
 * is there but is no object. */
static const struct json *get_member(const struct json *parent, struct slice name, bool *out_valid)
{
    if (!parent)
        return NULL;
    if (parent->type != JSON_OBJECT) {
        *out_valid = false;
        return NULL;
    }
    const struct json *value = json_get(parent, name);
    return value && value->type != JSON_NULL ? value : NULL;
}

/* Read the stored object; one member of the wrong type voids all of it. */
static void read_stored(struct arena *arena, struct response_metadata *metadata,
                        const struct json *stored)
{
    bool is_valid = true;
    for (size_t i = 0; i < RESPONSE_MEMBER_COUNT && is_valid; i++) {
        const struct response_member_row *row = &response_members[i];
        const struct json *parent = get_member(stored, row->section, &is_valid);
        if (row->object.len)
            parent = get_member(parent, row->object, &is_valid);
        const struct json *value = get_member(parent, row->name, &is_valid);
        if (value && !read_stored_value(arena, metadata, (enum response_member)i, value))
            is_valid = false;
    }
    if (!is_valid) {
        memset(metadata, 0, sizeof *metadata);
        return;
    }
    response_fill_primary_trace(metadata);
    response_quota_derive(metadata);
}

/* --- merging --- */

static void overlay(struct response_metadata *metadata, const struct response_metadata *over)
{
    for (size_t i = 0; i < USAGE_PROVIDER; i++)
        if (over->value[i].present)
            metadata->value[i] = over->value[i];
    provider_usage_overlay(metadata, over);
}

/* Lay what headers and the failure body say over metadata. */
static void overlay_response(struct arena *arena, struct response_metadata *metadata,
                             const struct response_metadata_input *input)
{
    struct response_metadata over;
    bool is_first = response_is_empty(metadata);
    struct response_metadata *target = is_first ? metadata : &over;
    memset(&over, 0, sizeof over);
    response_headers_read(arena, target, input->headers, input->timestamp_ms);
    provider_usage_read(arena, target, input);
    if (!is_first)
        overlay(metadata, &over);
}

/* The text at raw_json: an event of its own, told at the time of the record. Who the
 * provider is, is told by the record where raw_json does not say. */
static void overlay_raw_json(struct arena *arena, struct response_metadata *metadata,
                             const struct response_metadata_input *record)
{
    struct response_metadata_input input = *record;
    struct json_error error;
    struct fields fields;
    const struct json *raw = json_parse(arena, record->raw_json, &error);
    if (!raw || raw->type != JSON_OBJECT)
        return;
    fields_read(&fields, raw, FIELDS_OF_EVENT);
    input.headers =
        fields_first(&fields, KEYS(KEY_response_headers, KEY_responseHeaders, KEY_headers));
    input.fail = fields_object(&fields, KEYS(KEY_fail));
    input.payload = raw;
    struct slice provider = fields_str(arena, &fields, KEYS(KEY_provider, KEY_type));
    struct slice snapshot =
        fields_str(arena, &fields, KEYS(KEY_auth_provider_snapshot, KEY_authProviderSnapshot));
    struct slice executor = fields_str(arena, &fields, KEYS(KEY_executor_type, KEY_executorType));
    if (provider.len || snapshot.len || executor.len) {
        input.provider = provider;
        input.provider_snapshot = snapshot;
        input.executor_type = executor;
    }
    overlay_response(arena, metadata, &input);
}

const struct response_metadata *response_metadata_make(struct arena *arena,
                                                       const struct response_metadata_input *input)
{
    struct response_metadata *metadata = arena_alloc(arena, sizeof *metadata);
    if (!metadata)
        return NULL;
    if (input->stored && input->stored->type == JSON_OBJECT)
        read_stored(arena, metadata, input->stored);
    if (slice_trim(input->raw_json).len > 0)
        overlay_raw_json(arena, metadata, input);
    overlay_response(arena, metadata, input);
    return arena->failed || response_is_empty(metadata) ? NULL : metadata;
}

/* --- what others read of it --- */

void response_metadata_columns(const struct response_metadata *metadata,
                               struct response_metadata_columns *out_columns)
{
    const struct response_value *used = &metadata->value[QUOTA_USED_PERCENT];
    *out_columns = (struct response_metadata_columns){
        .quota_recover_at_ms = response_int(metadata, QUOTA_RECOVER_AT),
        .has_quota_used_percent = used->present,
        .quota_used_percent = used->present ? used->number : 0,
        .quota_plan_type = response_text(metadata, QUOTA_PLAN_TYPE),
        .error_kind = response_text(metadata, ERROR_KIND),
        .error_code = response_text(metadata, ERROR_CODE),
        .trace_id = response_text(metadata, TRACE_PRIMARY),
    };
}

static void write_name(struct text *out, struct slice name)
{
    json_write_string(out, name);
    text_add_char(out, ':');
}

static void write_value(struct text *out, const struct response_value *value,
                        enum response_type type)
{
    switch (type) {
    case RESPONSE_TEXT:
        json_write_string(out, value->text);
        break;
    case RESPONSE_BOOL:
    case RESPONSE_TRUE:
        text_add_cstr(out, value->is_true ? "true" : "false");
        break;
    case RESPONSE_INT:
    case RESPONSE_TIME:
        text_add_int64(out, value->integer);
        break;
    case RESPONSE_NUMBER:
        json_write_double(out, value->number);
        break;
    }
}

/* Close the objects of the member written before (NULL: none) as far as the next one
 * (NULL: none) is not in them, open the next one's, and put commas between. */
static void write_frame(struct text *out, const struct response_member_row *before,
                        const struct response_member_row *next)
{
    bool same_section = before && next && slice_equal(before->section, next->section);
    bool same_object = same_section && slice_equal(before->object, next->object);
    if (before && before->object.len && !same_object)
        text_add_char(out, '}');
    if (before && !same_section)
        text_add_char(out, '}');
    text_add_char(out, !before ? '{' : next ? ',' : '}');
    if (!next)
        return;
    if (!same_section) {
        write_name(out, next->section);
        text_add_char(out, '{');
    }
    if (next->object.len && !same_object) {
        write_name(out, next->object);
        text_add_char(out, '{');
    }
}

void response_metadata_json(struct text *out, const struct response_metadata *metadata)
{
    const struct response_member_row *before = NULL;
    for (size_t i = 0; i < RESPONSE_MEMBER_COUNT; i++) {
        const struct response_member_row *row = &response_members[i];
        if (!metadata->value[i].present)
            continue;
        write_frame(out, before, row);
        write_name(out, row->name);
        write_value(out, &metadata->value[i], row->type);
        before = row;
    }
    if (before)
        write_frame(out, before, NULL);
    else
        text_add_cstr(out, "{}");
}
