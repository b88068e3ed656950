/* Comparing events with rows; see event_check.h. */
#include "tests/ext/event_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/event/response_metadata.h"

/* How a column comes out of struct event. */
enum kind {
    TEXT,          /* a slice; NULL when empty */
    COUNT,         /* an int64, never NULL */
    POSITIVE,      /* an int64; NULL when it is not positive */
    OPTIONAL,      /* a struct optional_int64 */
    FAILED,        /* a bool as 0 or 1 */
    MODE,          /* the cache mode */
    METADATA,      /* the response metadata as JSON */
    FROM_METADATA, /* a column made of it */
};

struct column {
    const char *name;
    enum kind kind;
    size_t offset;
};

/* clang-format off */
#define AT(member) offsetof(struct event, member)
#define OF_METADATA(member) offsetof(struct response_metadata_columns, member)
static const struct column columns[] = {
    {"event_hash", TEXT, AT(hash_text)},
    {"request_id", TEXT, AT(request_id)},
    {"timestamp_ms", COUNT, AT(timestamp_ms)},
    {"timestamp", TEXT, AT(timestamp)},
    {"provider", TEXT, AT(provider)},
    {"executor_type", TEXT, AT(executor_type)},
    {"model", TEXT, AT(model)},
    {"requested_model", TEXT, AT(requested_model)},
    {"resolved_model", TEXT, AT(resolved_model)},
    {"endpoint", TEXT, AT(endpoint)},
    {"method", TEXT, AT(method)},
    {"path", TEXT, AT(path)},
    {"client_ip", TEXT, AT(client_ip)},
    {"x_forwarded_for", TEXT, AT(x_forwarded_for)},
    {"user_agent", TEXT, AT(user_agent)},
    {"auth_type", TEXT, AT(auth_type)},
    {"auth_index", TEXT, AT(auth_index)},
    {"source", TEXT, AT(source)},
    {"source_hash", TEXT, AT(source_hash)},
    {"api_key_hash", TEXT, AT(api_key_hash)},
    {"account_snapshot", TEXT, AT(account_snapshot)},
    {"auth_label_snapshot", TEXT, AT(auth_label_snapshot)},
    {"auth_file_snapshot", TEXT, AT(auth_file_snapshot)},
    {"auth_provider_snapshot", TEXT, AT(auth_provider_snapshot)},
    {"auth_project_id_snapshot", TEXT, AT(auth_project_id_snapshot)},
    {"reasoning_effort", TEXT, AT(reasoning_effort)},
    {"service_tier", TEXT, AT(service_tier)},
    {"request_service_tier", TEXT, AT(request_service_tier)},
    {"response_service_tier", TEXT, AT(response_service_tier)},
    {"cache_input_mode", MODE, AT(cache_input_mode)},
    {"input_tokens", COUNT, AT(input_tokens)},
    {"output_tokens", COUNT, AT(output_tokens)},
    {"reasoning_tokens", COUNT, AT(reasoning_tokens)},
    {"cached_tokens", COUNT, AT(cached_tokens)},
    {"cache_tokens", COUNT, AT(cache_tokens)},
    {"cache_read_tokens", COUNT, AT(cache_read_tokens)},
    {"cache_creation_tokens", COUNT, AT(cache_creation_tokens)},
    {"normalized_uncached_input_tokens", COUNT, AT(normalized_uncached_input_tokens)},
    {"normalized_total_input_tokens", COUNT, AT(normalized_total_input_tokens)},
    {"normalized_cache_read_tokens", COUNT, AT(normalized_cache_read_tokens)},
    {"normalized_cache_creation_tokens", COUNT, AT(normalized_cache_creation_tokens)},
    {"total_tokens", COUNT, AT(total_tokens)},
    {"latency_ms", OPTIONAL, AT(latency_ms)},
    {"ttft_ms", OPTIONAL, AT(ttft_ms)},
    {"failed", FAILED, AT(failed)},
    {"fail_status_code", POSITIVE, AT(fail_status_code)},
    {"fail_summary", TEXT, AT(fail_summary)},
    {"response_metadata_json", METADATA, 0},
    {"header_quota_recover_at_ms", FROM_METADATA, 0},
    {"header_quota_used_percent", FROM_METADATA, 0},
    {"header_quota_plan_type", FROM_METADATA, OF_METADATA(quota_plan_type)},
    {"header_error_kind", FROM_METADATA, OF_METADATA(error_kind)},
    {"header_error_code", FROM_METADATA, OF_METADATA(error_code)},
    {"header_trace_id", FROM_METADATA, OF_METADATA(trace_id)},
};
/* clang-format on */

static struct slice number_text(struct arena *arena, int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    return arena_copy(arena, slice_of_cstr(digits));
}

static struct slice metadata_json(struct arena *arena, const struct response_metadata *metadata)
{
    struct text text;
    text_init(&text, 1 << 20);
    response_metadata_json(&text, metadata);
    struct slice json = arena_take_text(arena, &text);
    text_clear(&text);
    return json;
}

static struct slice double_text(struct arena *arena, double value)
{
    struct text text;
    text_init(&text, 64);
    json_write_double(&text, value);
    struct slice written = arena_take_text(arena, &text);
    text_clear(&text);
    return written;
}

static struct slice metadata_column(struct arena *arena, const struct event *event,
                                    const struct column *column)
{
    struct response_metadata_columns values;
    if (!event->response_metadata)
        return slice_empty();
    response_metadata_columns(event->response_metadata, &values);
    if (strcmp(column->name, "header_quota_recover_at_ms") == 0)
        return values.quota_recover_at_ms > 0 ? number_text(arena, values.quota_recover_at_ms)
                                              : slice_empty();
    if (strcmp(column->name, "header_quota_used_percent") == 0)
        return values.has_quota_used_percent ? double_text(arena, values.quota_used_percent)
                                             : slice_empty();
    struct slice text;
    memcpy(&text, (const char *)&values + column->offset, sizeof text);
    return text;
}

/* The column as text; empty for NULL. */
static struct slice column_text(struct arena *arena, const struct event *event,
                                const struct column *column)
{
    const char *member = (const char *)event + column->offset;
    struct optional_int64 optional;
    struct slice text;
    int64_t number;
    switch (column->kind) {
    case TEXT:
        memcpy(&text, member, sizeof text);
        return text;
    case COUNT:
        memcpy(&number, member, sizeof number);
        return number_text(arena, number);
    case POSITIVE:
        memcpy(&number, member, sizeof number);
        return number > 0 ? number_text(arena, number) : slice_empty();
    case OPTIONAL:
        memcpy(&optional, member, sizeof optional);
        return optional.present ? number_text(arena, optional.value) : slice_empty();
    case FAILED:
        return event->failed ? SLICE("1") : SLICE("0");
    case MODE:
        return event->cache_input_mode == CACHE_SEPARATE_FROM_INPUT ? SLICE("separate_from_input")
                                                                    : SLICE("included_in_input");
    case METADATA:
        return event->response_metadata ? metadata_json(arena, event->response_metadata)
                                        : slice_empty();
    default:
        return metadata_column(arena, event, column);
    }
}

static struct slice expected_text(struct arena *arena, const struct json *member)
{
    if (!member)
        return slice_empty();
    return member->type == JSON_NUMBER ? double_text(arena, json_number_double(member))
                                       : member->text;
}

static void expect_same(const char *label, const char *column, struct slice expected,
                        struct slice actual)
{
    if (!slice_equal(expected, actual))
        fail_msg("%s: %s: expected \"%.*s\", got \"%.*s\"", label, column, (int)expected.len,
                 expected.len ? expected.data : "", (int)actual.len, actual.len ? actual.data : "");
}

void event_check_row(struct arena *arena, const char *label, const struct event *event,
                     const struct json *row, bool zero_is_left_out)
{
    size_t known = 0;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const struct json *member = json_get(row, slice_of_cstr(columns[i].name));
        struct slice actual = column_text(arena, event, &columns[i]);
        known += member != NULL;
        if (!member && zero_is_left_out && slice_equal(actual, SLICE("0")))
            continue;
        expect_same(label, columns[i].name, expected_text(arena, member), actual);
    }
    assert_int_equal(known, row->count); /* every expected column was compared */
}

void event_check_column(struct arena *arena, const char *label, const struct event *event,
                        const char *column, const char *expected)
{
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (strcmp(columns[i].name, column) == 0) {
            expect_same(label, column, slice_of_cstr(expected),
                        column_text(arena, event, &columns[i]));
            return;
        }
    fail_msg("no column %s", column);
}

struct slice event_check_file(const char *path)
{
    char name[1024];
    snprintf(name, sizeof name, "%s/%s", USAGE_TEST_DATA, path);
    FILE *file = fopen(name, "rb");
    if (!file)
        fail_msg("cannot read %s", name);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, size, file), size);
    fclose(file);
    return (struct slice){bytes, size};
}

bool event_check_line(struct slice *rest, struct slice *out_line)
{
    if (rest->len == 0)
        return false;
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    *out_line = slice_first(*rest, len);
    *rest = slice_from(*rest, len + 1);
    return true;
}
