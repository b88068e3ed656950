/* ext/event/response_metadata: headers, merging, provider usage, and the packed form.
 *
 * tests/data/metadata/cases.jsonl has a case a line: a name (which rule of the
 * specification it shows), what metadata is made from, and the JSON text expected, or
 * null. recorded.jsonl has the same of events recorded from a running gateway. Every
 * case is packed and unpacked as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/event/response_metadata_private.h"
#include "ext/event/response_prediction.h"
#include "ext/json.h"
#include "ext/limits.h"

static struct arena arena;
static struct text json_text;
static struct text shape;
static struct text values;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    text_init(&json_text, (size_t)1 << 28);
    text_init(&shape, (size_t)1 << 28);
    text_init(&values, (size_t)1 << 28);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    text_clear(&json_text);
    text_clear(&shape);
    text_clear(&values);
    return 0;
}

/* --- cases --- */

static struct slice read_file(const char *path)
{
    struct text content;
    char buffer[4096];
    size_t len;
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    text_init(&content, (size_t)1 << 28);
    while ((len = fread(buffer, 1, sizeof buffer, file)) > 0)
        text_add(&content, (struct slice){buffer, len});
    fclose(file);
    struct slice result = arena_take_text(&arena, &content);
    text_clear(&content);
    return result;
}

static struct slice string_member(const struct json *object, const char *key)
{
    const struct json *value = json_get(object, slice_of_cstr(key));
    return value && value->type == JSON_STRING ? value->text : slice_empty();
}

static struct response_metadata_input input_of_case(const struct json *test_case)
{
    const struct json *payload = json_get(test_case, SLICE("payload"));
    return (struct response_metadata_input){
        .headers = json_get(test_case, SLICE("headers")),
        .stored = json_get(test_case, SLICE("stored")),
        .raw_json = string_member(test_case, "raw_json"),
        .fail = json_get(payload, SLICE("fail")),
        .payload = payload,
        .provider = string_member(test_case, "provider"),
        .provider_snapshot = string_member(test_case, "provider_snapshot"),
        .executor_type = string_member(test_case, "executor_type"),
        .timestamp_ms = json_number_int64(json_get(test_case, SLICE("timestamp_ms"))),
    };
}

static void assert_json(struct slice name, const struct response_metadata *metadata,
                        struct slice expected)
{
    text_empty(&json_text);
    if (metadata)
        response_metadata_json(&json_text, metadata);
    if (!slice_equal(text_slice(&json_text), expected))
        fail_msg("%.*s\n  gives    %.*s\n  expected %.*s", (int)name.len, name.data,
                 (int)json_text.len, json_text.data ? json_text.data : "", (int)expected.len,
                 expected.data ? expected.data : "");
}

static void pack(const struct response_metadata *metadata, int64_t timestamp_ms,
                 const struct response_metadata_columns *columns)
{
    text_empty(&shape);
    text_empty(&values);
    response_metadata_pack(metadata, timestamp_ms, columns, &shape, &values);
    assert_false(shape.failed || values.failed);
}

static const struct response_metadata *unpack(int64_t timestamp_ms,
                                              const struct response_metadata_columns *columns)
{
    return response_metadata_unpack(&arena, text_slice(&shape), text_slice(&values), timestamp_ms,
                                    columns);
}

static void assert_same(const struct response_metadata *a, const struct response_metadata *b)
{
    assert_non_null(b);
    for (size_t i = 0; i < RESPONSE_MEMBER_COUNT; i++)
        if (!response_value_equal(a->value[i], b->value[i], response_members[i].type))
            fail_msg("member %zu (%s) differs", i, response_members[i].name.data);
}

static void run_case(const struct json *test_case)
{
    struct slice name = string_member(test_case, "name");
    struct slice expected = string_member(test_case, "expected");
    struct response_metadata_input input = input_of_case(test_case);
    struct response_metadata_columns columns;
    const struct response_metadata *metadata = response_metadata_make(&arena, &input);
    assert_json(name, metadata, expected);
    if (!metadata)
        return;
    response_metadata_columns(metadata, &columns);
    pack(metadata, input.timestamp_ms, &columns);
    const struct response_metadata *unpacked = unpack(input.timestamp_ms, &columns);
    assert_same(metadata, unpacked);
    assert_json(name, unpacked, expected);
}

/* The number of cases in the file, each run. */
static size_t for_each_case(const char *path, void (*run)(const struct json *test_case))
{
    size_t count = 0;
    arena_reset(&arena);
    struct slice rest = read_file(path);
    while (rest.len) {
        struct json_error error;
        ptrdiff_t end = slice_find(rest, SLICE("\n"));
        assert_true(end >= 0);
        struct json *test_case = json_parse(&arena, slice_first(rest, (size_t)end), &error);
        assert_non_null(test_case);
        run(test_case);
        rest = slice_from(rest, (size_t)end + 1);
        count++;
    }
    return count;
}

static void cases_of_the_specification(void **state)
{
    (void)state;
    assert_int_equal(for_each_case(USAGE_TEST_DATA "/metadata/cases.jsonl", run_case), 230);
}

static void recorded_events(void **state)
{
    (void)state;
    assert_int_equal(for_each_case(USAGE_TEST_DATA "/metadata/recorded.jsonl", run_case), 64);
}

static const struct response_metadata *make(struct slice headers, int64_t timestamp_ms)
{
    struct json_error error;
    struct response_metadata_input input = {.timestamp_ms = timestamp_ms};
    input.headers = json_parse(&arena, headers, &error);
    assert_non_null(input.headers);
    const struct response_metadata *metadata = response_metadata_make(&arena, &input);
    assert_non_null(metadata);
    return metadata;
}

static void columns_come_from_the_metadata(void **state)
{
    struct response_metadata_columns columns;
    (void)state;
    response_metadata_columns(
        make(SLICE("{\"X-Codex-Plan-Type\":\"plus\",\"X-Codex-Primary-Used-Percent\":\"37.5\","
                   "\"X-Codex-Primary-Reset-After-Seconds\":\"60\",\"Retry-After\":\"5\","
                   "\"X-Request-Id\":\"r\"}"),
             1000),
        &columns);
    assert_int_equal(columns.quota_recover_at_ms, 61000);
    assert_true(columns.has_quota_used_percent && columns.quota_used_percent == 37.5);
    assert_true(slice_equal(columns.quota_plan_type, SLICE("plus")));
    assert_true(slice_equal(columns.error_kind, SLICE("rate_limit")));
    assert_true(slice_equal(columns.error_code, SLICE("retry_after")));
    assert_true(slice_equal(columns.trace_id, SLICE("r")));
    response_metadata_columns(make(SLICE("{\"Server\":\"s\"}"), 1000), &columns);
    assert_int_equal(columns.quota_recover_at_ms, 0);
    assert_false(columns.has_quota_used_percent);
    assert_int_equal(columns.quota_plan_type.len + columns.error_kind.len + columns.trace_id.len,
                     0);
}

/* --- hostile bodies --- */

static struct response_metadata_input exhausted(struct slice body, struct text *payload)
{
    struct json_error error;
    text_empty(payload);
    text_add_cstr(payload, "{\"fail\":{\"status_code\":429,\"body\":");
    json_write_string(payload, body);
    text_add_cstr(payload, "}}");
    struct json *value = json_parse(&arena, text_slice(payload), &error);
    assert_non_null(value);
    return (struct response_metadata_input){.fail = json_get(value, SLICE("fail")),
                                            .payload = value,
                                            .provider = SLICE("xai"),
                                            .timestamp_ms = 1000};
}

static void deep_and_wide_bodies(void **state)
{
    const int depth = LIMIT_JSON_DEPTH - 1;
    struct text body, payload;
    (void)state;
    text_init(&body, (size_t)1 << 28);
    text_init(&payload, (size_t)1 << 28);
    arena_reset(&arena);
    for (int i = 0; i < depth; i++)
        text_add_cstr(&body, i % 2 ? "[" : "{\"a\":");
    text_add_cstr(&body,
                  "{\"code\":\"subscription:free-usage-exhausted\",\"reset_at\":1780275600}");
    for (int i = depth; i-- > 0;)
        text_add_char(&body, i % 2 ? ']' : '}');
    struct response_metadata_input input = exhausted(text_slice(&body), &payload);
    const struct response_metadata *metadata = response_metadata_make(&arena, &input);
    assert_non_null(metadata);
    assert_int_equal(response_int(metadata, USAGE_RECOVER_AT), INT64_C(1780275600000));

    arena_reset(&arena);
    text_empty(&body);
    text_add_cstr(&body, "{\"code\":\"subscription:free-usage-exhausted\"");
    for (int i = 200000; i > 0; i--) { /* keys in falling order: the last one is the first */
        text_add_cstr(&body, ",\"k");
        text_add_int64(&body, 1000000 + i);
        text_add_cstr(&body, "\":{\"reset_at\":");
        text_add_int64(&body, 1780000000 + i);
        text_add_char(&body, '}');
    }
    text_add_char(&body, '}');
    input = exhausted(text_slice(&body), &payload);
    metadata = response_metadata_make(&arena, &input);
    assert_non_null(metadata);
    assert_int_equal(response_int(metadata, USAGE_RECOVER_AT), INT64_C(1780000001000));
    text_clear(&body);
    text_clear(&payload);
}

/* --- sizes --- */

static size_t values_bytes(struct slice headers, int64_t timestamp_ms)
{
    struct response_metadata_columns columns;
    const struct response_metadata *metadata = make(headers, timestamp_ms);
    response_metadata_columns(metadata, &columns);
    pack(metadata, timestamp_ms, &columns);
    assert_same(metadata, unpack(timestamp_ms, &columns));
    return values.len;
}

static void common_events_take_few_bytes(void **state)
{
    const int64_t now = INT64_C(1787238245123);
    (void)state;
    assert_int_equal(values_bytes(SLICE("{\"X-Request-Id\":\"0123456789abcdef\",\"Content-Type\":"
                                        "\"application/json\",\"Server\":\"nghttpx\"}"),
                                  now),
                     0);
    assert_in_range(values_bytes(SLICE("{\"X-Request-Id\":\"r-1\",\"X-Codex-Plan-Type\":\"plus\","
                                       "\"X-Codex-Primary-Used-Percent\":\"37.5\","
                                       "\"X-Codex-Primary-Reset-After-Seconds\":\"5400\","
                                       "\"X-Codex-Primary-Window-Minutes\":\"300\","
                                       "\"X-Codex-Secondary-Used-Percent\":\"12\","
                                       "\"X-Codex-Secondary-Reset-After-Seconds\":\"604799\","
                                       "\"X-Codex-Secondary-Window-Minutes\":\"10080\","
                                       "\"Content-Length\":\"948\"}"),
                                 now),
                    0, 6);
    assert_in_range(values_bytes(SLICE("{\"X-Request-Id\":\"r-1\",\"X-Codex-Plan-Type\":\"plus\","
                                       "\"X-Codex-Primary-Used-Percent\":\"37.5\","
                                       "\"X-Codex-Primary-Reset-After-Seconds\":\"5400\","
                                       "\"X-Codex-Primary-Reset-At\":\"1787243650\","
                                       "\"X-Codex-Primary-Window-Minutes\":\"300\","
                                       "\"X-Codex-Secondary-Used-Percent\":\"12\","
                                       "\"X-Codex-Secondary-Reset-After-Seconds\":\"604799\","
                                       "\"X-Codex-Secondary-Reset-At\":\"1787843045\","
                                       "\"X-Codex-Secondary-Window-Minutes\":\"10080\"}"),
                                 now),
                    0, 9);
    assert_int_equal(values_bytes(SLICE("{\"X-Oai-Request-Id\":\"r-1\"}"), now), 0);
    assert_int_equal(shape.len, 1); /* all as predicted */
    assert_int_equal(values_bytes(SLICE("{\"X-Oai-Request-Id\":\"r-1\",\"X-Request-Id\":"
                                        "\"7d444840-9dc0-11d1-b245-5ffdce74fad2\"}"),
                                  now),
                     16);
    assert_int_equal(values_bytes(SLICE("{\"X-Oai-Request-Id\":\"req_0123456789abcdef\",\"Cf-Ray\":"
                                        "\"8f3e5b2a1c9d0e4f-SIN\"}"),
                                  now),
                     8);
    assert_int_equal(
        values_bytes(SLICE("{\"Traceparent\":"
                           "\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"}"),
                     now),
        26);
}

static void long_texts_are_not_shared(void **state)
{
    const struct slice headers =
        SLICE("{\"Server\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}");
    struct response_metadata_columns columns;
    (void)state;
    arena_reset(&arena);
    struct response_metadata metadata = *make(headers, 1000);
    struct slice server = response_text(&metadata, ROUTING_SERVER);
    assert_int_equal(server.len, 65);
    response_metadata_columns(&metadata, &columns);
    pack(&metadata, 1000, &columns);
    assert_int_equal(values.len, 66);
    response_set_text(&metadata, ROUTING_SERVER, slice_first(server, 64));
    pack(&metadata, 1000, &columns);
    assert_int_equal(values.len, 0);
}

/* Two events that differ in their own values only share a shape. */
static void shapes_repeat(void **state)
{
    struct text first;
    (void)state;
    text_init(&first, 4096);
    (void)values_bytes(SLICE("{\"X-Oai-Request-Id\":\"req_0123456789abcdef\",\"Cf-Ray\":"
                             "\"8f3e5b2a1c9d0e4f-SIN\",\"Content-Length\":\"5\","
                             "\"X-Codex-Secondary-Used-Percent\":\"12\","
                             "\"X-Codex-Primary-Used-Percent\":\"1\"}"),
                       1000);
    text_add(&first, text_slice(&shape));
    (void)values_bytes(SLICE("{\"X-Oai-Request-Id\":\"req_fedcba9876543210\",\"Cf-Ray\":"
                             "\"0000000000000000-SIN\",\"Content-Length\":\"5000\","
                             "\"X-Codex-Secondary-Used-Percent\":\"99\","
                             "\"X-Codex-Primary-Used-Percent\":\"2\"}"),
                       99000);
    assert_true(slice_equal(text_slice(&first), text_slice(&shape)));
    text_clear(&first);
}

/* --- any content --- */

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static uint64_t pick(uint64_t count)
{
    return next_random() % count;
}

static struct slice random_text(void)
{
    static const char *const texts[] = {"a",
                                        "plus",
                                        "five_hour",
                                        "primary",
                                        "unknown",
                                        "4bf92f3577b34da6a3ce929d0e0e4736",
                                        "req_00112233445566778899aabbccddeeff",
                                        "7d444840-9dc0-11d1-b245-5ffdce74fad2",
                                        "7d444840-9dc0-11d1-b245-5ffdce74fad",
                                        "7D444840-9dc0-11d1-b245-5ffdce74fad2",
                                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                        "8f3e5b2a1c9d0e4f-SIN",
                                        "8f3e5b2a-",
                                        "-SIN",
                                        "0123456-SIN",
                                        "01234567-SIN",
                                        "01234567-ABCDEFGH",
                                        "01234567",
                                        "0123456",
                                        "012345678",
                                        "deadbeefdeadbeefABC",
                                        "abcdefghijklmnopq01234567",
                                        "x_-01234567",
                                        "x1-01234567",
                                        "\xc3\xa9",
                                        "stub-143685"};
    const size_t count = sizeof texts / sizeof *texts;
    uint64_t choice = pick(count + 4);
    if (choice < count)
        return slice_of_cstr(texts[choice]);
    size_t len = 1 + (size_t)pick(choice == count ? 300 : 12);
    char *data = arena_alloc(&arena, len);
    assert_non_null(data);
    for (size_t i = 0; i < len; i++)
        data[i] = choice % 2 ? (char)pick(256) : "0123456789abcdef"[pick(16)];
    return (struct slice){data, len};
}

static int64_t random_integer(int64_t now)
{
    static const int64_t edges[] = {
        0,     1,   -1,   INT64_MAX, INT64_MIN, 127,        128,           16383,
        16384, 300, 1000, -1000,     999,       2147483647, INT64_MIN + 1, INT64_MAX - 1};
    switch (pick(4)) {
    case 0:
        return edges[pick(sizeof edges / sizeof *edges)];
    case 1:
        return (int64_t)((uint64_t)now + pick(1000000) * 1000);
    case 2:
        return (int64_t)((uint64_t)(now - now % 1000) + pick(100) * 1000);
    default:
        return (int64_t)(next_random() >> pick(64));
    }
}

static double random_number(void)
{
    static const double edges[] = {
        0.0,   -0.0, 100,    37.5,    12,     0.1,      -5,
        1e300, 0.29, 61.005, DBL_MIN, 1e-7,   DBL_MAX,  9007199254740992.0,
        -0.5,  5400, 604800, 87.125,  1e-310, -DBL_MAX, 9007199254740991.0};
    double number;
    uint64_t bits;
    switch (pick(4)) {
    case 0:
        return edges[pick(sizeof edges / sizeof *edges)];
    case 1:
        return (double)pick(1000000) / 1000;
    case 2:
        return (double)pick(700000);
    default:
        bits = next_random();
        memcpy(&number, &bits, sizeof number);
        return isfinite(number) ? number : 1;
    }
}

static void set_random(struct response_metadata *metadata, enum response_member member, int64_t now)
{
    switch (response_members[member].type) {
    case RESPONSE_TEXT:
        response_set_text(metadata, member, random_text());
        break;
    case RESPONSE_BOOL:
    case RESPONSE_TRUE:
        response_set_bool(metadata, member, pick(2));
        break;
    case RESPONSE_INT:
    case RESPONSE_TIME:
        response_set_int(metadata, member, random_integer(now));
        break;
    case RESPONSE_NUMBER:
        response_set_number(metadata, member, random_number());
        break;
    }
}

static void fill_random(struct response_metadata *metadata, int64_t now)
{
    uint64_t one_in = 1 + pick(12);
    memset(metadata, 0, sizeof *metadata);
    for (size_t i = 0; i < RESPONSE_MEMBER_COUNT; i++) {
        if (pick(one_in) == 0)
            set_random(metadata, (enum response_member)i, now);
        if (i > 0 && pick(8) == 0 && response_members[i].type == response_members[i - 1].type)
            metadata->value[i] = metadata->value[i - 1];
    }
}

/* Mostly the columns that belong to metadata, sometimes others. */
static void random_columns(const struct response_metadata *metadata, int64_t now,
                           struct response_metadata_columns *out_columns)
{
    struct response_metadata other;
    fill_random(&other, now);
    response_metadata_columns(pick(3) ? metadata : &other, out_columns);
}

/* As a row gives them back: no time that is not positive, no -0. */
static struct response_metadata_columns as_stored(struct response_metadata_columns columns)
{
    if (columns.quota_recover_at_ms <= 0)
        columns.quota_recover_at_ms = 0;
    columns.quota_used_percent += 0.0;
    return columns;
}

static void any_content_comes_back(void **state)
{
    struct response_metadata metadata;
    struct response_metadata_columns columns;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        arena_reset(&arena);
        int64_t now = pick(4) ? INT64_C(1787238245123) + (int64_t)pick(1000000) : random_integer(0);
        fill_random(&metadata, now);
        random_columns(&metadata, now, &columns);
        pack(&metadata, now, &columns);
        struct response_metadata_columns stored = as_stored(columns);
        assert_same(&metadata, unpack(now, &stored));
    }
}

static void damaged_bytes_are_refused(void **state)
{
    struct response_metadata metadata;
    struct response_metadata_columns columns;
    const int64_t now = INT64_C(1787238245123);
    size_t refused = 0;
    (void)state;
    for (int i = 0; i < 300; i++) {
        arena_reset(&arena);
        fill_random(&metadata, now);
        random_columns(&metadata, now, &columns);
        pack(&metadata, now, &columns);
        struct slice good_shape = arena_copy(&arena, text_slice(&shape));
        struct slice good_values = arena_copy(&arena, text_slice(&values));
        for (size_t len = 0; len < good_values.len; len++) { /* in memory of just that size */
            char *copy = malloc(len + 1);
            memcpy(copy, good_values.data, len);
            assert_null(response_metadata_unpack(&arena, good_shape, (struct slice){copy, len}, now,
                                                 &columns));
            free(copy);
        }
        for (size_t len = 0; len < good_shape.len; len++) {
            char *copy = malloc(len + 1);
            memcpy(copy, good_shape.data, len);
            refused += !response_metadata_unpack(&arena, (struct slice){copy, len}, good_values,
                                                 now, &columns);
            free(copy);
        }
        for (size_t at = 0; at < good_shape.len; at++) {
            shape.data[at] = (char)pick(256);
            (void)unpack(now, &columns);
            shape.data[at] = good_shape.data[at];
        }
        for (size_t at = 0; at < good_values.len; at++) {
            values.data[at] = (char)pick(256);
            (void)unpack(now, &columns);
            values.data[at] = good_values.data[at];
        }
        text_add_char(&values, 'x');
        assert_null(unpack(now, &columns));
    }
    assert_true(refused > 1000);
    assert_null(response_metadata_unpack(&arena, slice_empty(), slice_empty(), now, &columns));
    assert_null(response_metadata_unpack(&arena, SLICE("\2"), slice_empty(), now, &columns));
    assert_null(response_metadata_unpack(&arena, SLICE("\1\0"), slice_empty(), now, &columns));
    assert_null(response_metadata_unpack(&arena, SLICE("\1\121\2"), slice_empty(), now, &columns));
}

static void random_bytes_never_crash(void **state)
{
    const struct response_metadata_columns columns = {.quota_recover_at_ms = 5,
                                                      .has_quota_used_percent = true,
                                                      .quota_used_percent = 5,
                                                      .trace_id = SLICE("t")};
    char bytes[64];
    (void)state;
    for (int i = 0; i < 100000; i++) {
        arena_reset(&arena);
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)(pick(3) ? pick(12) : pick(256));
        bytes[0] = 1;
        const struct response_metadata *metadata =
            response_metadata_unpack(&arena, (struct slice){bytes, 1 + (size_t)pick(24)},
                                     (struct slice){bytes + 24, (size_t)pick(40)}, 5, &columns);
        if (metadata) { /* what was accepted can be written and packed */
            assert_json(SLICE("random"), NULL, slice_empty());
            response_metadata_json(&json_text, metadata);
            pack(metadata, 5, &columns);
            assert_same(metadata, unpack(5, &columns));
        }
    }
}

/* --- memory --- */

static void run_case_without_memory(const struct json *test_case)
{
    struct response_metadata_input input = input_of_case(test_case);
    struct slice name = string_member(test_case, "name");
    struct slice expected = string_member(test_case, "expected");
    struct arena small;
    bool has_succeeded = false;
    for (size_t limit = 0; !has_succeeded; limit += limit < 4096 ? 32 : limit / 64) {
        arena_init(&small, limit);
        const struct response_metadata *metadata = response_metadata_make(&small, &input);
        if (small.failed)
            assert_null(metadata);
        else
            assert_json(name, metadata, expected);
        has_succeeded = !small.failed;
        arena_clear(&small);
    }
}

static void making_without_memory_gives_null(void **state)
{
    (void)state;
    assert_true(for_each_case(USAGE_TEST_DATA "/metadata/cases.jsonl", run_case_without_memory) >
                0);
}

static void unpacking_without_memory_gives_null(void **state)
{
    struct response_metadata metadata;
    struct response_metadata_columns columns;
    struct arena small;
    (void)state;
    for (int i = 0; i < 40; i++) {
        arena_reset(&arena);
        fill_random(&metadata, 1000);
        random_columns(&metadata, 1000, &columns);
        pack(&metadata, 1000, &columns);
        bool has_succeeded = false;
        for (size_t limit = 0; !has_succeeded; limit++) {
            arena_init(&small, limit);
            const struct response_metadata *unpacked = response_metadata_unpack(
                &small, text_slice(&shape), text_slice(&values), 1000, &columns);
            has_succeeded = unpacked != NULL;
            if (has_succeeded)
                assert_same(&metadata, unpacked);
            else
                assert_true(small.failed);
            arena_clear(&small);
        }
    }
}

/* --- tables --- */

static void every_member_is_predicted_once(void **state)
{
    bool is_seen[RESPONSE_MEMBER_COUNT] = {false};
    (void)state;
    for (size_t i = 0; i < RESPONSE_MEMBER_COUNT; i++) {
        assert_false(is_seen[response_prediction_order[i]]);
        is_seen[response_prediction_order[i]] = true;
        assert_true(response_members[i].name.len > 0 && response_members[i].section.len > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_of_the_specification),
        cmocka_unit_test(recorded_events),
        cmocka_unit_test(columns_come_from_the_metadata),
        cmocka_unit_test(deep_and_wide_bodies),
        cmocka_unit_test(common_events_take_few_bytes),
        cmocka_unit_test(long_texts_are_not_shared),
        cmocka_unit_test(shapes_repeat),
        cmocka_unit_test(any_content_comes_back),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(random_bytes_never_crash),
        cmocka_unit_test(making_without_memory_gives_null),
        cmocka_unit_test(unpacking_without_memory_gives_null),
        cmocka_unit_test(every_member_is_predicted_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
