/* Response headers read into response metadata; see response_headers.h.
 *
 * Only the headers of the table below are looked at, so that no cookie, token or
 * credential can come in. Names are folded (lower case, trimmed); where two names fold
 * to one, the values of the name that is smaller by bytes come first. A header gives the
 * first of its values that is not empty. Then the members that are derived from others:
 * the error class, the trace identifier, the quota's summary. */
#include "ext/event/response_headers.h"

#include <string.h>

#include "ext/event/response_metadata_private.h"
#include "ext/event/response_quota.h"
#include "ext/event/upstream_value.h"

/* --- the headers --- */

enum header_form {
    FORM_TEXT,        /* T */
    FORM_LOWER,       /* T, lower case */
    FORM_TRACEPARENT, /* T, lower case, checked */
    FORM_BOOL,        /* the first header of the member that parses */
    FORM_NUMBER,
    FORM_INTEGER,     /* digits with an optional sign */
    FORM_COUNT,       /* the same, not negative */
    FORM_RESET_AFTER, /* a number of seconds; sets reset_at_ms, the member before, too */
    FORM_RESET_AT,    /* a time, which overrides that */
    FORM_RETRY_AFTER  /* seconds or a time; sets the next member too */
};

struct header_row {
    struct slice name;
    enum header_form form;
    enum response_member member;
    enum response_member twin; /* gets the same value; RESPONSE_MEMBER_COUNT: none */
};

/* clang-format off */
#define TWIN(name, form, member, twin) {{name, sizeof name - 1}, form, member, twin}
#define ROW(name, form, member) TWIN(name, form, member, RESPONSE_MEMBER_COUNT)

/* Sorted by name: found by binary search, and applied in this order, so reset-after
 * comes before reset-at, and x-zero-data-retention before x-zero-retention. */
static const struct header_row rows[] = {
    TWIN("cf-cache-status", FORM_TEXT, ROUTING_CF_CACHE_STATUS, PROVIDERS_CLOUDFLARE_CACHE),
    TWIN("cf-ray", FORM_TEXT, TRACE_CF_RAY, PROVIDERS_CLOUDFLARE_RAY),
    ROW("content-disposition", FORM_TEXT, RESPONSE_CONTENT_DISPOSITION),
    ROW("content-length", FORM_INTEGER, RESPONSE_CONTENT_LENGTH),
    ROW("content-type", FORM_TEXT, RESPONSE_CONTENT_TYPE),
    ROW("eagleid", FORM_TEXT, TRACE_EAGLE),
    ROW("retry-after", FORM_RETRY_AFTER, ERROR_RETRY_AFTER),
    ROW("server", FORM_TEXT, ROUTING_SERVER),
    TWIN("server-timing", FORM_TEXT, RESPONSE_SERVER_TIMING, PROVIDERS_ANTIGRAVITY_TIMING),
    ROW("traceparent", FORM_TRACEPARENT, TRACE_PARENT),
    ROW("via", FORM_TEXT, ROUTING_VIA),
    ROW("x-client-request-id", FORM_TEXT, TRACE_CLIENT),
    TWIN("x-cloudaicompanion-trace-id", FORM_TEXT, TRACE_COMPANION, PROVIDERS_ANTIGRAVITY_TRACE),
    ROW("x-codex-active-limit", FORM_TEXT, QUOTA_ACTIVE_LIMIT),
    ROW("x-codex-credits-balance", FORM_TEXT, QUOTA_CREDITS_BALANCE),
    ROW("x-codex-credits-has-credits", FORM_BOOL, QUOTA_CREDITS_HAS),
    ROW("x-codex-credits-unlimited", FORM_BOOL, QUOTA_CREDITS_UNLIMITED),
    ROW("x-codex-plan-type", FORM_TEXT, QUOTA_PLAN_TYPE),
    ROW("x-codex-primary-over-secondary-limit-percent", FORM_NUMBER, QUOTA_PRIMARY_OVER_SECONDARY),
    ROW("x-codex-primary-reset-after-seconds", FORM_RESET_AFTER, QUOTA_PRIMARY_RESET_AFTER),
    ROW("x-codex-primary-reset-at", FORM_RESET_AT, QUOTA_PRIMARY_RESET_AT),
    ROW("x-codex-primary-used-percent", FORM_NUMBER, QUOTA_PRIMARY_USED),
    ROW("x-codex-primary-window-minutes", FORM_NUMBER, QUOTA_PRIMARY_MINUTES),
    ROW("x-codex-rate-limit-reached-type", FORM_TEXT, QUOTA_REACHED_TYPE),
    ROW("x-codex-secondary-reset-after-seconds", FORM_RESET_AFTER, QUOTA_SECONDARY_RESET_AFTER),
    ROW("x-codex-secondary-reset-at", FORM_RESET_AT, QUOTA_SECONDARY_RESET_AT),
    ROW("x-codex-secondary-used-percent", FORM_NUMBER, QUOTA_SECONDARY_USED),
    ROW("x-codex-secondary-window-minutes", FORM_NUMBER, QUOTA_SECONDARY_MINUTES),
    ROW("x-data-retention", FORM_LOWER, POLICY_RETENTION_MODE),
    TWIN("x-mife-upstream-status", FORM_TEXT, ROUTING_MIFE_STATUS, PROVIDERS_MIFE_STATUS),
    ROW("x-models-etag", FORM_TEXT, ROUTING_MODELS_ETAG),
    ROW("x-new-api-version", FORM_TEXT, ROUTING_NEW_API_VERSION),
    ROW("x-oai-request-id", FORM_TEXT, TRACE_OPENAI),
    TWIN("x-oneapi-request-id", FORM_TEXT, TRACE_ONEAPI, PROVIDERS_ONEAPI_REQUEST),
    ROW("x-openai-authorization-error", FORM_TEXT, ERROR_AUTHORIZATION),
    ROW("x-openai-ide-error-code", FORM_TEXT, ERROR_IDE_CODE),
    ROW("x-openai-ide-root-error-code", FORM_TEXT, ERROR_IDE_ROOT_CODE),
    ROW("x-openai-proxy-wasm", FORM_TEXT, ROUTING_PROXY_WASM),
    ROW("x-ratelimit-bypass", FORM_TEXT, ERROR_RATE_LIMIT_BYPASS),
    ROW("x-ratelimit-limit-requests", FORM_COUNT, RATE_REQUESTS_LIMIT),
    ROW("x-ratelimit-limit-tokens", FORM_COUNT, RATE_TOKENS_LIMIT),
    ROW("x-ratelimit-remaining-requests", FORM_COUNT, RATE_REQUESTS_REMAINING),
    ROW("x-ratelimit-remaining-tokens", FORM_COUNT, RATE_TOKENS_REMAINING),
    ROW("x-request-id", FORM_TEXT, TRACE_REQUEST),
    ROW("x-served-by", FORM_TEXT, ROUTING_SERVED_BY),
    ROW("x-should-retry", FORM_BOOL, ERROR_SHOULD_RETRY),
    ROW("x-site-cache-status", FORM_TEXT, ROUTING_SITE_CACHE_STATUS),
    ROW("x-zeabur-request-id", FORM_TEXT, TRACE_ZEABUR),
    ROW("x-zero-data-retention", FORM_BOOL, POLICY_ZERO_RETENTION),
    ROW("x-zero-retention", FORM_BOOL, POLICY_ZERO_RETENTION),
};
/* clang-format on */

#define ROW_COUNT (sizeof rows / sizeof *rows)

#define NAME_BYTES_MAX 44 /* of the longest name above */

/* The row of a header's name, or ROW_COUNT. */
static size_t find_row(struct slice key)
{
    char folded[NAME_BYTES_MAX];
    size_t low = 0, high = ROW_COUNT;
    key = slice_trim(key);
    if (key.len > sizeof folded)
        return ROW_COUNT;
    for (size_t i = 0; i < key.len; i++)
        folded[i] = key.data[i] >= 'A' && key.data[i] <= 'Z' ? (char)(key.data[i] + ('a' - 'A'))
                                                             : key.data[i];
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = slice_compare((struct slice){folded, key.len}, rows[middle].name);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return ROW_COUNT;
}

/* --- values --- */

static struct slice number_text(struct arena *arena, const struct json *number)
{
    struct text printed;
    struct slice result;
    int64_t integer;
    double value = json_number_double(number);
    text_init(&printed, 400); /* the longest double has 309 digits, or 326 behind a point */
    if (slice_to_int64(number->text, &integer, NULL))
        text_add_int64(&printed, integer);
    else
        json_write_double_plain(&printed, value == 0 ? 0 : value);
    result = arena_take_text(arena, &printed);
    text_clear(&printed);
    return result;
}

static struct slice scalar_text(struct arena *arena, const struct json *value)
{
    switch (value->type) {
    case JSON_STRING:
        return slice_trim(value->text);
    case JSON_NUMBER:
        return number_text(arena, value);
    case JSON_TRUE:
        return SLICE("true");
    case JSON_FALSE:
        return SLICE("false");
    default:
        return slice_empty();
    }
}

/* The first value that is not empty. */
static struct slice first_value(struct arena *arena, const struct json *header)
{
    if (header->type != JSON_ARRAY)
        return scalar_text(arena, header);
    for (const struct json *value = header->first; value; value = value->next) {
        struct slice text = scalar_text(arena, value);
        if (text.len)
            return text;
    }
    return slice_empty();
}

struct found {
    struct slice key;   /* as given */
    struct slice value; /* empty: the header is not there */
};

static void find_headers(struct arena *arena, const struct json *headers, struct found *found)
{
    for (const struct json *header = headers->first; header; header = header->next) {
        size_t row = find_row(header->key);
        if (row == ROW_COUNT ||
            (found[row].value.len && slice_compare(found[row].key, header->key) < 0))
            continue;
        struct slice value = first_value(arena, header);
        if (value.len)
            found[row] = (struct found){header->key, value};
    }
}

/* --- forms --- */

static void set_reset_after(struct response_metadata *metadata, enum response_member member,
                            struct slice value, int64_t base_ms)
{
    enum response_member reset_at = (enum response_member)(member - 1);
    double seconds;
    if (!upstream_number(value, &seconds))
        return;
    response_set_number(metadata, member, seconds);
    if (seconds > 0)
        response_set_int(metadata, reset_at, upstream_add_seconds(base_ms, seconds));
}

static void set_reset_at(struct response_metadata *metadata, enum response_member member,
                         struct slice value)
{
    struct upstream_time time;
    if (upstream_time(value, &time))
        response_set_int(metadata, member, time.ms);
}

static void set_retry_after(struct response_metadata *metadata, struct slice value, int64_t base_ms)
{
    struct upstream_time time;
    double seconds;
    if (upstream_number(value, &seconds) && seconds >= 0) {
        response_set_number(metadata, ERROR_RETRY_AFTER, seconds);
        response_set_int(metadata, ERROR_RETRY_RECOVER_AT, upstream_add_seconds(base_ms, seconds));
    } else if (upstream_time(value, &time)) {
        response_set_number(metadata, ERROR_RETRY_AFTER, upstream_seconds_until(time, base_ms));
        response_set_int(metadata, ERROR_RETRY_RECOVER_AT, time.ms);
    }
}

static void set_integer(struct response_metadata *metadata, enum response_member member,
                        struct slice value, int64_t at_least)
{
    int64_t integer;
    if (slice_to_int64(value, &integer, NULL) && integer >= at_least)
        response_set_int(metadata, member, integer);
}

static void set_bool(struct response_metadata *metadata, enum response_member member,
                     struct slice value)
{
    bool is_true;
    if (!metadata->value[member].present && upstream_bool(value, &is_true))
        response_set_bool(metadata, member, is_true);
}

static void set_number(struct response_metadata *metadata, enum response_member member,
                       struct slice value)
{
    double number;
    if (upstream_number(value, &number))
        response_set_number(metadata, member, number);
}

static void apply_header(struct arena *arena, struct response_metadata *metadata,
                         const struct header_row *row, struct slice value, int64_t base_ms)
{
    switch (row->form) {
    case FORM_TEXT:
        response_set_text(metadata, row->member, response_clean_text(arena, value));
        break;
    case FORM_LOWER:
        response_set_text(metadata, row->member, response_clean_lower(arena, value));
        break;
    case FORM_TRACEPARENT:
        value = response_check_traceparent(response_clean_lower(arena, value));
        response_set_text(metadata, row->member, value);
        break;
    case FORM_BOOL:
        set_bool(metadata, row->member, value);
        break;
    case FORM_NUMBER:
        set_number(metadata, row->member, value);
        break;
    case FORM_INTEGER:
        set_integer(metadata, row->member, value, INT64_MIN);
        break;
    case FORM_COUNT:
        set_integer(metadata, row->member, value, 0);
        break;
    case FORM_RESET_AFTER:
        set_reset_after(metadata, row->member, value, base_ms);
        break;
    case FORM_RESET_AT:
        set_reset_at(metadata, row->member, value);
        break;
    case FORM_RETRY_AFTER:
        set_retry_after(metadata, value, base_ms);
        break;
    }
    if (row->twin != RESPONSE_MEMBER_COUNT)
        metadata->value[row->twin] = metadata->value[row->member];
}

/* --- the error class --- */

/* The kind that one of the upstream's codes speaks of, spelled as in the table, or
 * empty; *out_code is the code. */
static struct slice kind_of_code(struct slice text, struct slice *out_code)
{
    static const struct {
        struct slice code;
        struct slice kind;
    } codes[] = {
        {{"token_revoked", 13}, {"auth", 4}},
        {{"token_invalidated", 17}, {"auth", 4}},
        {{"account_deactivated", 19}, {"auth", 4}},
        {{"401", 3}, {"auth", 4}},
        {{"identity_edge_internal_error", 28}, {"identity", 8}},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (slice_equal_nocase(text, codes[i].code)) {
            *out_code = codes[i].code;
            return codes[i].kind;
        }
    return slice_empty();
}

static void classify_error(struct response_metadata *metadata)
{
    static const enum response_member order[] = {ERROR_IDE_ROOT_CODE, ERROR_IDE_CODE,
                                                 ERROR_AUTHORIZATION};
    struct slice kind = slice_empty();
    struct slice code = slice_empty();
    for (size_t i = 0; i < sizeof order / sizeof *order && kind.len == 0; i++)
        kind = kind_of_code(response_text(metadata, order[i]), &code);
    if (kind.len == 0 && metadata->value[ERROR_RATE_LIMIT_BYPASS].present) {
        kind = SLICE("rate_limit");
        code = response_text(metadata, ERROR_RATE_LIMIT_BYPASS);
    } else if (kind.len == 0 && metadata->value[ERROR_RETRY_AFTER].present) {
        kind = SLICE("rate_limit");
        code = SLICE("retry_after");
    }
    response_set_text(metadata, ERROR_KIND, kind);
    response_set_text(metadata, ERROR_CODE, code);
}

/* --- all of it --- */

void response_headers_read(struct arena *arena, struct response_metadata *metadata,
                           const struct json *headers, int64_t base_ms)
{
    struct found found[ROW_COUNT];
    if (!headers || headers->type != JSON_OBJECT)
        return;
    memset(found, 0, sizeof found);
    find_headers(arena, headers, found);
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (found[i].value.len)
            apply_header(arena, metadata, &rows[i], found[i].value, base_ms);
    classify_error(metadata);
    response_fill_primary_trace(metadata);
    response_quota_derive(metadata);
}
