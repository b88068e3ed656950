/* ext/event: what each rule makes of a payload, what is no event, exported lines, account
 * snapshots, damaged payloads and memory that runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/event/event.h"
#include "ext/event/timestamp.h"
#include "ext/hash.h"
#include "ext/limits.h"
#include "tests/ext/event_check.h"

#define RECEIVED_AT_MS INT64_C(1790000000000) /* 2026-09-21T14:13:20Z */

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static struct event normalize(const char *payload)
{
    struct event event = {.timestamp_ms = 0};
    struct slice reason = slice_empty();
    const struct json *json = NULL;
    arena_reset(&arena);
    enum event_result result =
        event_normalize(&arena, slice_of_cstr(payload), RECEIVED_AT_MS, &event, &reason, &json);
    if (result != EVENT_OK)
        fail_msg("%s: result %d, %.*s", payload, (int)result, (int)reason.len, reason.data);
    return event;
}

/* Payload, column, and the column's text; NULL for NULL. */
struct row {
    const char *payload, *column, *expected;
};

static void expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct event event = normalize(rows[i].payload);
        event_check_column(&arena, rows[i].payload, &event, rows[i].column, rows[i].expected);
    }
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof(rows) / sizeof *(rows))

static void rule_11_times(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"id\":1,\"timestamp\":1777075200.9}", "timestamp", "2026-04-25T00:00:00Z"},
        {"{\"id\":1,\"timestamp\":1767323045.9}", "timestamp_ms", "1767323045000"},
        {"{\"id\":1,\"time\":10000000000}", "timestamp_ms", "10000000000"},
        {"{\"id\":1,\"created_at\":9999999999}", "timestamp_ms", "9999999999000"},
        {"{\"id\":1,\"created\":\"-5\"}", "timestamp", "1969-12-31T23:59:55Z"},
        {"{\"id\":1,\"request_time\":0}", "timestamp", "1970-01-01T00:00:00Z"},
        {"{\"id\":1,\"requestTime\":1e3}", "timestamp_ms", "1000000"},
        {"{\"time\":1,\"timestamp\":2}", "timestamp_ms", "2000"},
        /* the first key that is there decides, readable or not */
        {"{\"id\":1,\"timestamp\":null,\"time\":1}", "timestamp", "2026-09-21T14:13:20Z"},
        {"{\"id\":1,\"timestamp\":\"soon\",\"time\":1}", "timestamp_ms", "1790000000000"},
        {"{\"id\":1,\"timestamp\":true}", "timestamp_ms", "1790000000000"},
        {"{\"id\":1,\"timestamp\":1e300}", "timestamp_ms", "1790000000000"},
        {"{\"id\":1,\"timestamp\":-1e15}", "timestamp_ms", "1790000000000"},
        {"{\"id\":1}", "timestamp", "2026-09-21T14:13:20Z"},
    };
    EXPECT_ROWS(rows);
    struct event event = normalize("{\"timestamp\":\"2026-01-02T03:04:05.123456789Z\"}");
    assert_int_equal(event.timestamp_ns, 456789);
    assert_true(event.created_at_ms == RECEIVED_AT_MS);
}

/* Every alias of every column, one at a time. */
static void rule_12_each_key_fills_its_column(void **state)
{
    (void)state;
    static const struct {
        const char *column, *keys; /* separated by spaces */
    } rows[] = {
        {"request_id", "request_id requestId id"},
        {"provider", "provider type auth_type authType"},
        {"executor_type", "executor_type executorType"},
        {"auth_type", "auth_type authType"},
        {"auth_index", "auth_index authIndex AuthIndex"},
        {"requested_model", "alias requested_model requestedModel"},
        {"resolved_model", "resolved_model resolvedModel model model_name modelName"},
        {"model", "alias requested_model requestedModel resolved_model resolvedModel model "
                  "model_name modelName"},
        {"endpoint", "endpoint api request operation"},
        {"path", "path url_path urlPath route"},
        {"client_ip", "client_ip clientIp"},
        {"x_forwarded_for", "x_forwarded_for xForwardedFor"},
        {"user_agent", "user_agent userAgent"},
        {"account_snapshot", "account_snapshot accountSnapshot"},
        {"auth_label_snapshot", "auth_label_snapshot authLabelSnapshot"},
        {"auth_file_snapshot", "auth_file_snapshot authFileSnapshot"},
        {"auth_provider_snapshot", "auth_provider_snapshot authProviderSnapshot"},
        {"auth_project_id_snapshot",
         "auth_project_id_snapshot authProjectIdSnapshot project_id projectId"},
        {"reasoning_effort", "reasoning_effort reasoningEffort"},
        {"request_service_tier",
         "request_service_tier requestServiceTier service_tier serviceTier"},
        {"response_service_tier", "response_service_tier responseServiceTier"},
        {"input_tokens", "input_tokens inputTokens prompt_tokens promptTokens"},
        {"output_tokens", "output_tokens outputTokens completion_tokens completionTokens"},
        {"reasoning_tokens", "reasoning_tokens reasoningTokens"},
        {"cached_tokens", "cached_tokens cachedTokens"},
        {"cache_tokens", "cache_tokens cacheTokens"},
        {"cache_read_tokens",
         "cache_read_tokens cacheReadTokens cache_read_input_tokens cacheReadInputTokens"},
        {"cache_creation_tokens",
         "cache_creation_tokens cacheCreationTokens cache_creation_input_tokens "
         "cacheCreationInputTokens cache_write_tokens cacheWriteTokens cache_write_input_tokens "
         "cacheWriteInputTokens"},
        {"total_tokens", "total_tokens totalTokens total"},
        {"latency_ms", "latency_ms latencyMs duration_ms durationMs elapsed_ms elapsedMs"},
        {"ttft_ms", "ttft_ms ttftMs time_to_first_token_ms timeToFirstTokenMs"},
        {"fail_status_code", "fail_status_code failStatusCode"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char keys[256];
        snprintf(keys, sizeof keys, "%s", rows[i].keys);
        for (char *key = strtok(keys, " "); key; key = strtok(NULL, " ")) {
            char payload[128];
            snprintf(payload, sizeof payload, "{\"timestamp\":1,\"%s\":\" 17\\t\"}", key);
            struct event event = normalize(payload);
            event_check_column(&arena, payload, &event, rows[i].column, "17");
            snprintf(payload, sizeof payload, "{\"timestamp\":1,\"%s\":17}", key);
            event = normalize(payload);
            event_check_column(&arena, payload, &event, rows[i].column, "17");
        }
    }
}

static void rule_12_source_and_client_key(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"id\":1,\"source\":\" user@example.com \"}", "source_hash",
         "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"},
        {"{\"id\":1,\"source\":\"user@example.com\"}", "source", "use***@example.com"},
        {"{\"id\":1,\"key\":\"client-key-01\"}", "api_key_hash",
         "de1a76e4b6252b8a90bc673387a0578590b830742a676a35b4fb800e96d9a29c"},
        {"{\"id\":1,\"key\":\"client-key-01\"}", "source_hash",
         "de1a76e4b6252b8a90bc673387a0578590b830742a676a35b4fb800e96d9a29c"},
        {"{\"id\":1,\"key\":\"client-key-01\"}", "source", "m:clie...y-01"},
        {"{\"id\":1,\"source\":\"\",\"api_key\":\"client-key-01\"}", "source", NULL},
        {"{\"id\":1,\"source\":\"\",\"api_key\":\"client-key-01\"}", "source_hash", NULL},
        {"{\"id\":1,\"account\":\"ab@x.y\",\"email\":\"no@x.y\"}", "source", "ab***@x.y"},
        {"{\"id\":1,\"email\":\"@x\"}", "source", "***@x"},
        /* masked more than by the original's rule */
        {"{\"id\":1,\"auth_type\":\"apikey\",\"source\":\"hf_abcdefghijk\",\"api_key\":\"c1\"}",
         "source", "m:hf_a...hijk"},
        {"{\"id\":1,\"auth_type\":\"oauth\",\"source\":\"client-key-b\",\"api_key\":"
         "\"client-key-b\"}",
         "source", "m:clie...ey-b"},
        {"{\"id\":1,\"auth_type\":\"oauth\",\"provider\":\"vertex\",\"source\":\"proj-vera-1\","
         "\"api_key\":\"x\"}",
         "source", "proj-vera-1"},
    };
    EXPECT_ROWS(rows);
}

static void rule_12_tokens_in_three_places(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"tokens\":{\"input_tokens\":1},\"usage\":{\"input_tokens\":2},\"input_tokens\":3}",
         "input_tokens", "1"},
        {"{\"tokens\":{\"input_tokens\":0,\"promptTokens\":4},\"usage\":{\"input_tokens\":2}}",
         "input_tokens", "4"},
        {"{\"tokens\":{\"input_tokens\":0},\"usage\":{\"input_tokens\":2}}", "input_tokens", "2"},
        {"{\"tokens\":[],\"usage\":\"x\",\"prompt_tokens\":\"3\"}", "input_tokens", "3"},
        {"{\"tokens\":{\"output_tokens\":-7}}", "output_tokens", "-7"},
        {"{\"tokens\":{\"input_tokens\":9007199254740993}}", "input_tokens", "9007199254740993"},
        {"{\"tokens\":{\"input_tokens\":1e300}}", "input_tokens", "9223372036854775807"},
        {"{\"tokens\":{\"total_tokens\":9223372036854775807}}", "total_tokens",
         "9223372036854775807"},
        {"{\"input_tokens\":1.5,\"output_tokens\":1e3}", "total_tokens", "1001"},
        {"{\"tokens\":{\"cache_input_mode\":\"x\"},\"usage\":{\"cacheInputMode\":"
         "\" SEPARATE_FROM_INPUT \"},\"model\":\"gpt-5\"}",
         "cache_input_mode", "separate_from_input"},
        {"{\"id\":1,\"cache_input_mode\":\"included_in_input\",\"executor_type\":"
         "\"ClaudeExecutor\"}",
         "cache_input_mode", "included_in_input"},
    };
    EXPECT_ROWS(rows);
}

static void rule_12_failed(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"id\":1}", "failed", "0"},
        {"{\"id\":1,\"failed\":true}", "failed", "1"},
        {"{\"id\":1,\"is_failed\":true,\"success\":true}", "failed", "1"},
        {"{\"id\":1,\"isFailed\":false,\"status\":500}", "failed", "0"},
        {"{\"id\":1,\"failed\":\"true\",\"ok\":false}", "failed", "1"},
        {"{\"id\":1,\"failed\":1,\"success\":true,\"error\":\"x\"}", "failed", "0"},
        {"{\"id\":1,\"status\":\"400\"}", "failed", "1"},
        {"{\"id\":1,\"statusCode\":399}", "failed", "0"},
        {"{\"id\":1,\"http_status\":503}", "failed", "1"},
        {"{\"id\":1,\"httpStatus\":200,\"error_message\":\"x\"}", "failed", "1"},
        {"{\"id\":1,\"error\":null,\"errorMessage\":\"x\"}", "failed", "0"},
        {"{\"id\":1,\"error\":\"\"}", "failed", "1"},
        {"{\"id\":1,\"error\":false}", "failed", "1"},
    };
    EXPECT_ROWS(rows);
}

static void rule_13_endpoint_method_and_path(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"id\":1}", "endpoint", "-"},
        {"{\"id\":1,\"method\":\"post\",\"path\":\"/x\"}", "endpoint", "POST /x"},
        {"{\"id\":1,\"http_method\":\"GET\"}", "endpoint", "-"},
        {"{\"id\":1,\"httpMethod\":\"Get\"}", "method", "GET"},
        {"{\"endpoint\":\"DELETE\\t\\n /a/b rest\"}", "method", "DELETE"},
        {"{\"endpoint\":\"DELETE\\t\\n /a/b rest\"}", "path", "/a/b"},
        {"{\"endpoint\":\"DELETE\\t\\n /a/b rest\"}", "endpoint", "DELETE\t\n /a/b rest"},
        {"{\"endpoint\":\"GET /a\",\"method\":\"put\"}", "method", "PUT"},
        {"{\"endpoint\":\"GET /a\",\"method\":\"put\"}", "path", "/a"},
        {"{\"endpoint\":\"get /a\"}", "method", NULL},
        {"{\"endpoint\":\"GETS /a\"}", "method", NULL},
        {"{\"endpoint\":\"TRACE /a\"}", "method", NULL},
        {"{\"endpoint\":\"GET\"}", "method", NULL},
        {"{\"endpoint\":\"PATCH /p\"}", "method", "PATCH"},
        {"{\"endpoint\":\"OPTIONS *\"}", "path", "*"},
        {"{\"endpoint\":\"HEAD /h\"}", "method", "HEAD"},
        {"{\"endpoint\":\"PUT /h\"}", "method", "PUT"},
        {"{\"model\":\"\"}", "model", "-"},
        {"{\"alias\":\"\",\"model\":\"m\"}", "requested_model", NULL},
    };
    EXPECT_ROWS(rows);
}

/* Google's clients send their key in the query, and it once was stored with it. */
static void keys_within_and_instead_of_an_endpoint_are_hidden(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"endpoint\":\"POST /v1/g:gen?key=AIza1\"}", "endpoint",
         "POST /v1/g:gen?key=[redacted]"},
        {"{\"endpoint\":\"POST /v1/g:gen?key=AIza1\"}", "path", "/v1/g:gen?key=[redacted]"},
        {"{\"endpoint\":\"GET /a?alt=sse&KEY=k1&b=2&Access_Token=t#x\"}", "path",
         "/a?alt=sse&KEY=[redacted]&b=2&Access_Token=[redacted]#x"},
        {"{\"endpoint\":\"GET /a?api_key=k1 and?token=t2 more\"}", "endpoint",
         "GET /a?api_key=[redacted] and?token=[redacted] more"},
        {"{\"id\":1,\"method\":\"get\",\"path\":\"/a?apikey=k\"}", "endpoint",
         "GET /a?apikey=[redacted]"},
        {"{\"endpoint\":\"GET /a?key=&monkey=b&keys=c&key\"}", "path",
         "/a?key=&monkey=b&keys=c&key"},
        {"{\"event_hash\":\"h\",\"endpoint\":\"GET /a\",\"path\":\"/a?token=t\"}", "path",
         "/a?token=[redacted]"},
        /* instead of it */
        {"{\"endpoint\":\"sk-live-1234567890\"}", "endpoint", "m:sk-l...7890"},
        {"{\"endpoint\":\"sk-live-1234567890\"}", "api_key_hash",
         "b11c97b33ceed544f44c149f16fe31e2049c37abfdcc1dcab05ddfd4fd7a0504"},
        {"{\"endpoint\":\"sk-live-1234567890\",\"path\":\"/sk\"}", "path", NULL},
        {"{\"api\":\"AIzaSyExample\",\"key\":\"other\"}", "api_key_hash",
         "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"},
        {"{\"endpoint\":\"unknown\"}", "endpoint", "unknown"},
    };
    EXPECT_ROWS(rows);
    struct event event = normalize("{\"id\":\"a\",\"timestamp\":1,\"endpoint\":\"GET /a?key=k\"}");
    assert_true(slice_equal(event.hash_text, /* of the text as it came */
                            hash_sha256_hex(&arena, SLICE("a|1970-01-01T00:00:01Z|GET /a?key=k|-|||"
                                                          "0|0|0|0|false"))));
}

/* The limit, one less and one more, in characters of one and of two bytes. */
static void texts_are_cut_and_the_hash_is_of_the_whole(void **state)
{
    static const char *const columns[] = {"request_id",    "provider",
                                          "executor_type", "auth_type",
                                          "auth_index",    "account_snapshot",
                                          "model",         "requested_model",
                                          "endpoint",      "method",
                                          "path",          "reasoning_effort",
                                          "service_tier",  "auth_file_snapshot"};
    static const char head[] = "{\"event_hash\":\"h\",\"%s\":\"";
    (void)state;
    char *payload = malloc(LIMIT_EVENT_TEXT_BYTES + 200);
    char *expected = malloc(LIMIT_EVENT_TEXT_BYTES + 200);
    assert_non_null(payload);
    assert_non_null(expected);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        for (size_t len = LIMIT_EVENT_TEXT_BYTES - 1; len <= LIMIT_EVENT_TEXT_BYTES + 1; len++) {
            size_t at = (size_t)snprintf(payload, 200, head, columns[i]);
            memset(payload + at, '/', len - 2);
            memcpy(payload + at + len - 2, "\xc3\xa4\"}", 5);
            memcpy(expected, payload + at, len);
            expected[len > LIMIT_EVENT_TEXT_BYTES ? len - 2 : len] = '\0';
            struct event event = normalize(payload);
            event_check_column(&arena, columns[i], &event, columns[i], expected);
        }
    char *hashes[2];
    for (size_t i = 0; i < 2; i++) { /* two that differ behind the cut only */
        size_t at = (size_t)snprintf(payload, 200, "{\"timestamp\":1,\"id\":\"");
        memset(payload + at, 'x', LIMIT_EVENT_TEXT_BYTES);
        (void)snprintf(payload + at + LIMIT_EVENT_TEXT_BYTES, 100, "%zu\"}", i);
        struct event event = normalize(payload);
        assert_int_equal(event.request_id.len, LIMIT_EVENT_TEXT_BYTES);
        hashes[i] = strndup(event.hash_text.data, event.hash_text.len);
    }
    assert_string_not_equal(hashes[0], hashes[1]);
    free(hashes[0]);
    free(hashes[1]);
    free(payload);
    free(expected);
}

static void times_of_a_line_stay_within_the_calendar(void **state)
{
    (void)state;
    struct event event = normalize("{\"event_hash\":\"h\",\"created_at_ms\":9223372036854775807,"
                                   "\"auth_snapshot_at_ms\":9223372036854775807}");
    assert_int_equal(event.created_at_ms, TIMESTAMP_MAX_MS);
    assert_int_equal(event.auth_snapshot_at_ms, TIMESTAMP_MAX_MS);
    event = normalize("{\"id\":1,\"auth_snapshot_at_ms\":1e18}");
    assert_int_equal(event.auth_snapshot_at_ms, TIMESTAMP_MAX_MS);
}

static void rule_13_service_tiers(void **state)
{
    (void)state;
#define RESPONSE_ONLY "{\"id\":1,\"response_service_tier\":\"flex\"}"
#define BOTH "\"service_tier\":\"priority\",\"response_service_tier\":\"default\"}"
    static const struct row rows[] = {
        {RESPONSE_ONLY, "service_tier", "flex"},
        {RESPONSE_ONLY, "request_service_tier", "flex"},
        {RESPONSE_ONLY, "response_service_tier", "flex"},
        {"{\"id\":1," BOTH, "service_tier", "default"},
        {"{\"id\":1," BOTH, "request_service_tier", "priority"},
        {"{\"id\":1,\"provider\":\"codex\"," BOTH, "service_tier", "priority"},
        {"{\"id\":1,\"executor_type\":\"CodexWebsocketsExecutor\"," BOTH, "service_tier",
         "priority"},
        {"{\"id\":1,\"auth_provider_snapshot\":\"CODEX\"," BOTH, "service_tier", "priority"},
        {"{\"id\":1,\"auth_type\":\"my-codex\",\"provider\":\"x\"," BOTH, "service_tier",
         "priority"},
        {"{\"id\":1,\"model\":\"gpt-codex\"," BOTH, "service_tier", "default"},
        {"{\"id\":1,\"service_tier\":\"auto\"}", "service_tier", "auto"},
    };
    EXPECT_ROWS(rows);
}

static void rule_15_failure_text(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"failed\":true,\"fail\":{\"body\":\" mail to jo.smith@example.com \"},\"id\":1}",
         "fail_summary", "mail to j***@example.com"},
        {"{\"failed\":true,\"fail\":{\"body\":\"\"},\"fail_body\":\"top\",\"id\":1}",
         "fail_summary", "top"},
        {"{\"failed\":true,\"failBody\":\"b\",\"headers\":{\"Z\":[\"1\"],\"A\":\"<x>\"},\"id\":1}",
         "fail_summary", "b\n{\"A\":\"\\u003cx\\u003e\",\"Z\":[\"1\"]}"},
        {"{\"failed\":true,\"responseHeaders\":[1.0,1e21,1e-7],\"id\":1}", "fail_summary",
         "[1,1e+21,1e-7]"},
        {"{\"failed\":true,\"response_headers\":{},\"headers\":{\"A\":\"b\"},\"id\":1}",
         "fail_summary", NULL},
        {"{\"failed\":true,\"response_headers\":null,\"headers\":{\"A\":\"b\"},\"id\":1}",
         "fail_summary", NULL},
        {"{\"failed\":true,\"response_headers\":\"\",\"id\":1}", "fail_summary", "\"\""},
        /* a successful event has no failure text, whatever the payload says */
        {"{\"failed\":false,\"fail\":{\"body\":\"x\"},\"headers\":{\"Set-Cookie\":\"a=b\"},"
         "\"id\":1}",
         "fail_summary", NULL},
        {"{\"fail\":{\"status_code\":200},\"id\":1}", "fail_status_code", "200"},
        {"{\"fail\":{\"status_code\":0,\"statusCode\":7},\"fail_status_code\":9,\"id\":1}",
         "fail_status_code", "9"},
        {"{\"fail\":{\"statusCode\":\"429\"},\"id\":1}", "fail_status_code", "429"},
        {"{\"fail\":[],\"failStatusCode\":-1,\"id\":1}", "fail_status_code", NULL},
    };
    EXPECT_ROWS(rows);
}

/* 4095 bytes before a wide character: cut, then cut once more with its dots. */
static void rule_15_a_cut_summary_grows_by_dots_once(void **state)
{
    (void)state;
    struct text payload;
    text_init(&payload, 1 << 20);
    text_add_cstr(&payload, "{\"failed\":true,\"fail_body\":\"");
    for (int i = 0; i < 4095; i++)
        text_add_char(&payload, 'x');
    text_add_cstr(&payload, "\xe2\x82\xac\xe2\x82\xac\",\"id\":1}");
    struct event event = normalize(payload.data);
    assert_int_equal(event.fail_summary.len, 4095 + 1 + 3);
    assert_memory_equal(event.fail_summary.data + 4094, "x....", 5);
    text_clear(&payload);
}

static void rule_18_hash_of_numbers_and_empty_parts(void **state)
{
    (void)state;
    struct event event = normalize("{\"timestamp\":\"2026-01-02T03:04:05Z\",\"input_tokens\":1.5,"
                                   "\"output_tokens\":1e3,\"model\":\"m\"}");
    assert_true(slice_equal(event_hash_preimage(&arena, &event),
                            SLICE("|2026-01-02T03:04:05Z|-|m|||1|1000|0|0|false")));
    event_check_column(&arena, "number", &event, "event_hash",
                       "41e8d1bcf51dc22880066b38e72900617773cc0fd63f211193ecd9d35673551c");
    event = normalize("{\"timestamp\":0,\"failed\":true,\"latency_ms\":\"oops\","
                      "\"tokens\":{\"input_tokens\":-1,\"cached_tokens\":2,\"cache_tokens\":3}}");
    assert_true(slice_equal(event_hash_preimage(&arena, &event),
                            SLICE("|1970-01-01T00:00:00Z|-|-|||-1|0|0|3|true|0")));
}

static void cpas_own_accounting_is_kept(void **state)
{
    (void)state;
    struct event event = normalize(
        "{\"id\":1,\"accounting_version\":2,\"generate\":false,\"access_token_sha256\":\"ab12\","
        "\"token_breakdown\":{\"schema_version\":2,\"quality\":\"inconsistent\","
        "\"total_tokens\":9007199254740993,\"input\":{\"total_tokens\":1,\"uncached_tokens\":2,"
        "\"cache_read_tokens\":3,\"cache_write_tokens\":4},\"output\":{\"total_tokens\":5,"
        "\"non_reasoning_tokens\":6,\"reasoning_tokens\":7},\"unclassified_tokens\":8}}");
    const struct token_breakdown *breakdown = &event.breakdown;
    assert_false(event.generate);
    assert_int_equal(event.accounting_version, 2);
    /* what is no hash may be the token itself */
    assert_true(
        slice_equal(event.access_token_sha256,
                    SLICE("59d937723564937cd1441370c7c7cd9f669f93253dcfab8c50affad3b18d645e")));
    assert_int_equal(breakdown->quality, BREAKDOWN_INCONSISTENT);
    assert_int_equal(breakdown->schema_version, 2);
    assert_true(breakdown->total_tokens == 9007199254740993);
    assert_int_equal(breakdown->input_total_tokens, 1);
    assert_int_equal(breakdown->input_uncached_tokens, 2);
    assert_int_equal(breakdown->input_cache_read_tokens, 3);
    assert_int_equal(breakdown->input_cache_write_tokens, 4);
    assert_int_equal(breakdown->output_total_tokens, 5);
    assert_int_equal(breakdown->output_non_reasoning_tokens, 6);
    assert_int_equal(breakdown->output_reasoning_tokens, 7);
    assert_int_equal(breakdown->unclassified_tokens, 8);
    event = normalize("{\"id\":1,\"token_breakdown\":{\"input\":7,\"total_tokens\":\"9\"}}");
    assert_int_equal(event.breakdown.quality, BREAKDOWN_OTHER);
    assert_int_equal(event.breakdown.total_tokens, 0);
    event = normalize("{\"id\":1,\"token_breakdown\":[],\"generate\":0}");
    assert_int_equal(event.breakdown.quality, BREAKDOWN_ABSENT);
    assert_true(event.generate);
}

static void analytics_model_comes_from_the_requested_one(void **state)
{
    (void)state;
    struct event event = normalize("{\"alias\":\"a(high)\",\"model\":\"m(low)\"}");
    assert_true(slice_equal(event.analytics_model, SLICE("a")));
    event = normalize("{\"model\":\"m(low)\"}");
    assert_true(slice_equal(event.analytics_model, SLICE("m")));
}

/* --- what is no event --- */

static void expect_dead(struct slice payload, const char *reason, bool has_json)
{
    struct event event;
    struct slice got = slice_empty();
    const struct json *json = NULL;
    arena_reset(&arena);
    enum event_result result =
        event_normalize(&arena, payload, RECEIVED_AT_MS, &event, &got, &json);
    if (result != EVENT_DEAD || !slice_equal(got, slice_of_cstr(reason)))
        fail_msg("%.*s: result %d, %.*s", (int)slice_first(payload, 80).len, payload.data,
                 (int)result, (int)got.len, got.data);
    assert_int_equal(json != NULL, has_json);
}

#define UNUSABLE "no usage event: no event hash, model, tokens, usage, endpoint, request id or time"

static void what_cannot_be_an_event_is_dead(void **state)
{
    (void)state;
    expect_dead(SLICE(""), "unexpected end of JSON input", false);
    expect_dead(SLICE("not json"), "invalid character 'o' in literal null (expecting 'u')", false);
    expect_dead(SLICE("{\"a\":1} {\"b\":2}"), "invalid character '{' after top-level value", false);
    expect_dead(SLICE("{\"a\":1e999,\"model\":\"m\"}"),
                "json: cannot unmarshal number 1e999 into Go value of type float64", false);
    expect_dead(SLICE("[1]"), "usage payload is not a JSON object", true);
    expect_dead(SLICE("\"x\""), "usage payload is not a JSON object", true);
    expect_dead(SLICE("null"), "usage payload is not a JSON object", true);
    expect_dead(SLICE("{}"), UNUSABLE, true);
    expect_dead(SLICE("{\"hello\":1}"), UNUSABLE, true);
    expect_dead(SLICE("{\"refresh\":false}"), UNUSABLE, true);
    expect_dead(SLICE("{\"refresh\":true,\"support_refresh\":true}"), UNUSABLE, true);
    expect_dead(SLICE("{\"event_hash\":\" \",\"timestamp\":\"never\"}"), UNUSABLE, true);
    expect_dead(SLICE("{\"provider\":\"x\",\"failed\":true,\"Model\":\"m\"}"), UNUSABLE, true);
}

static void one_known_key_makes_an_event(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "alias",
        "requested_model",
        "requestedModel",
        "resolved_model",
        "resolvedModel",
        "model",
        "model_name",
        "modelName",
        "tokens",
        "usage",
        "endpoint",
        "api",
        "request",
        "operation",
        "request_id",
        "requestId",
        "id",
        "input_tokens",
        "promptTokens",
        "total",
    };
    char payload[64];
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        snprintf(payload, sizeof payload, "{\"%s\":null}", keys[i]);
        (void)normalize(payload);
    }
    (void)normalize("{\"time\":1}");
    (void)normalize("{\"event_hash\":\"h\"}");
    (void)normalize("{\"eventHash\":7}");
}

static void a_payload_over_the_limit_is_dead(void **state)
{
    (void)state;
    char *payload = malloc(LIMIT_PAYLOAD_BYTES + 1);
    assert_non_null(payload);
    memset(payload, ' ', LIMIT_PAYLOAD_BYTES + 1);
    memcpy(payload, "{\"id\":1}", 8);
    struct event event;
    struct slice reason;
    const struct json *json;
    for (size_t less = 0; less < 2; less++) {
        arena_reset(&arena);
        assert_int_equal(event_normalize(&arena,
                                         (struct slice){payload, LIMIT_PAYLOAD_BYTES - less}, 0,
                                         &event, &reason, &json),
                         EVENT_OK);
    }
    expect_dead((struct slice){payload, LIMIT_PAYLOAD_BYTES + 1}, "payload over the limit", false);
    free(payload);
}

static void control_payloads_are_told_apart(void **state)
{
    (void)state;
    static const char *const payloads[] = {"{\"refresh\":true}", " {\"support_refresh\" : true } "};
    struct event event;
    struct slice reason;
    const struct json *json;
    for (size_t i = 0; i < 2; i++) {
        arena_reset(&arena);
        assert_int_equal(
            event_normalize(&arena, slice_of_cstr(payloads[i]), 0, &event, &reason, &json),
            EVENT_CONTROL);
    }
}

/* --- exported lines --- */

#define LINE                                                                                       \
    "{\"event_hash\":\"aaa1\",\"timestamp_ms\":1767323045000,\"timestamp\":\"2026-01-02T03:04:"    \
    "05Z\","                                                                                       \
    "\"model\":\"gpt-x\",\"endpoint\":\"POST /v1/responses\",\"input_tokens\":1,"                  \
    "\"output_tokens\":2,\"total_tokens\":3,\"created_at_ms\":1767323046000}"
#define CAMEL                                                                                      \
    "{\"event_hash\":\"c\",\"latencyMs\":\"12\",\"inputTokens\":\"7\",\"input_tokens\":0,"         \
    "\"failed\":\"yes\",\"model\":\"\",\"requested_model\":\"grok-4\",\"tokens\":"                 \
    "{\"cache_input_mode\":\"separate_from_input\",\"cacheReadTokens\":3}}"
#define EXPORTED "{\"event_hash\":\"h\","

static void exported_lines_are_taken_as_given(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {LINE, "event_hash", "aaa1"},
        {LINE, "timestamp_ms", "1767323045000"},
        {LINE, "timestamp", "2026-01-02T03:04:05Z"},
        {LINE, "model", "gpt-x"},
        {LINE, "requested_model", NULL},
        {LINE, "endpoint", "POST /v1/responses"},
        {LINE, "method", NULL},
        {LINE, "total_tokens", "3"},
        {CAMEL, "input_tokens", "7"},
        {CAMEL, "cache_read_tokens", "3"},
        {CAMEL, "latency_ms", "12"},
        {CAMEL, "failed", "1"},
        {CAMEL, "model", "grok-4"},
        {CAMEL, "cache_input_mode", "separate_from_input"},
        {CAMEL, "normalized_total_input_tokens", "10"},
        {CAMEL, "total_tokens", "10"},
        /* times */
        {EXPORTED "\"timestamp\":1767323045,\"model\":\"m\"}", "timestamp", "2026-01-02T03:04:05Z"},
        {EXPORTED "\"timestamp\":1767323045,\"model\":\"m\"}", "timestamp_ms", "1767323045000"},
        {EXPORTED "\"timestamp_ms\":1767323045000}", "timestamp_ms", "1767323045000"},
        {EXPORTED "\"timestamp_ms\":1767323045000}", "timestamp", "2026-01-02T03:04:05Z"},
        {EXPORTED "\"timestampMs\":-1,\"time\":\"2026-01-02T03:04:05Z\"}", "timestamp_ms",
         "1767323045000"},
        {EXPORTED "\"timestamp_ms\":9223372036854775807}", "timestamp_ms", "1790000000000"},
        {EXPORTED "\"timestamp\":\"2026-01-02 3:04:05\"}", "timestamp", "2026-01-02 3:04:05"},
        {EXPORTED "\"timestamp\":\"2026-01-02 3:04:05\"}", "timestamp_ms", "1767323045000"},
        {EXPORTED "\"model\":\"m\"}", "endpoint", "-"},
        {EXPORTED "\"eventHash\":\"other\"}", "model", "-"},
        /* masked again, not hashed, not read */
        {EXPORTED "\"source\":\"sk-live-1234567890\"}", "source", "m:sk-l...7890"},
        {EXPORTED "\"source\":\"sk-live-1234567890\"}", "source_hash", NULL},
        /* a hash is taken; what is none, in its place, may be a key in clear */
        {EXPORTED
         "\"sourceHash\":\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\","
         "\"api_key\":\"k\"}",
         "source_hash", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},
        {EXPORTED "\"sourceHash\":\"sk-s\"}", "source_hash",
         "51352aee7758dba84a212158216eb74fa49956adbdef8ccffe849edb60a571e4"},
        {EXPORTED
         "\"apiKeyHash\":\"a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa\"}",
         "api_key_hash", "a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa"},
        {EXPORTED "\"apiKeyHash\":\"sk-k\"}", "api_key_hash",
         "a46d2918c4e3ed1b981dab16292c90a30237b937a6a71c49a867e2479519b186"},
        {EXPORTED
         "\"apiKeyHash\":\"A1FCE4363854FF888CFF4B8E7875D600C2682390412A8CF79B37D0B11148B0FA\"}",
         "api_key_hash", "4214fef4b3c6d52e699c6c12271d62a1c5f8e0eaf64ada0d53707eb87f57b6ef"},
        {EXPORTED "\"api_key\":\"k\"}", "api_key_hash", NULL},
        {EXPORTED "\"client_ip\":\"192.0.2.1\",\"alias\":\"a\"}", "client_ip", NULL},
        {EXPORTED "\"client_ip\":\"192.0.2.1\",\"alias\":\"a\"}", "requested_model", NULL},
        {EXPORTED "\"id\":\"x\",\"type\":\"t\"}", "request_id", NULL},
        {EXPORTED "\"endpoint\":\"GET /a\"}", "method", NULL},
        {EXPORTED "\"method\":\"get\"}", "method", "get"},
        {EXPORTED "\"input_tokens\":1.5,\"output_tokens\":1e3}", "total_tokens", "0"},
        {EXPORTED "\"resolvedModel\":\"r\"}", "model", "r"},
        {EXPORTED "\"service_tier\":\"t\"}", "request_service_tier", "t"},
        {EXPORTED "\"service_tier\":\"t\",\"responseServiceTier\":\"r\"}", "service_tier", "r"},
        {EXPORTED "\"provider\":\"codex\",\"service_tier\":\"t\",\"request_service_tier\":\"q\"}",
         "service_tier", "q"},
        /* failure */
        {EXPORTED "\"failed\":1}", "failed", "1"},
        {EXPORTED "\"failed\":0.0}", "failed", "0"},
        {EXPORTED "\"is_failed\":\"ON\"}", "failed", "1"},
        {EXPORTED "\"isFailed\":\"y\"}", "failed", "0"},
        {EXPORTED "\"status\":500}", "failed", "0"},
        {EXPORTED "\"failed\":true,\"fail_summary\":\"a@example.com\"}", "fail_summary",
         "a***@example.com"},
        {EXPORTED "\"failed\":true,\"failBody\":\"sk-123456\"}", "fail_summary", "[redacted]"},
        {EXPORTED "\"failed\":false,\"fail_summary\":\"x\"}", "fail_summary", NULL},
        {EXPORTED "\"fail_status_code\":429}", "fail_status_code", "429"},
    };
    EXPECT_ROWS(rows);
    struct event event = normalize(LINE);
    assert_true(event.created_at_ms == 1767323046000);
    assert_true(normalize(CAMEL).created_at_ms == RECEIVED_AT_MS);
}

static void nanoseconds_belong_to_a_normal_text_only(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        int32_t ns;
    } rows[] = {
        {EXPORTED "\"timestamp_ms\":1767323045123,\"timestamp\":"
                  "\"2026-01-02T03:04:05.123456789Z\"}",
         456789},
        {EXPORTED "\"timestamp_ms\":1767323045124,\"timestamp\":"
                  "\"2026-01-02T03:04:05.123456789Z\"}",
         0},
        {EXPORTED "\"timestamp_ms\":1767323045123,\"timestamp\":"
                  "\"2026-01-02T04:04:05.123456789+01:00\"}",
         0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(normalize(rows[i].payload).timestamp_ns, rows[i].ns);
}

static void what_an_export_left_out_comes_from_raw_json(void **state)
{
    (void)state;
#define SEPARATE "\\\"cache_input_mode\\\":\\\"separate_from_input\\\""
    static const struct row rows[] = {
        {EXPORTED "\"raw_json\":\"{\\\"total_tokens\\\":120}\"}", "total_tokens", "120"},
        {EXPORTED "\"total_tokens\":5,\"raw_json\":\"{\\\"total_tokens\\\":120}\"}", "total_tokens",
         "5"},
        {EXPORTED "\"rawJson\":\"{\\\"usage\\\":{\\\"total\\\":7}}\"}", "total_tokens", "7"},
        {EXPORTED "\"raw_json\":\"{" SEPARATE "}\",\"model\":\"gpt-5\"}", "cache_input_mode",
         "separate_from_input"},
        {EXPORTED "\"cache_input_mode\":\"included_in_input\",\"raw_json\":\"{" SEPARATE "}\"}",
         "cache_input_mode", "included_in_input"},
        {EXPORTED "\"raw_json\":\"{\\\"detail\\\":{" SEPARATE ",\\\"total_tokens\\\":9}}\"}",
         "total_tokens", "9"},
        {EXPORTED "\"raw_json\":\"{\\\"raw_json\\\":\\\"{\\\\\\\"total_tokens\\\\\\\":11}\\\"}\"}",
         "total_tokens", "11"},
        {EXPORTED "\"raw_json\":\"not json\",\"input_tokens\":2}", "total_tokens", "2"},
        {EXPORTED "\"raw_json\":\"[1]\",\"input_tokens\":2}", "total_tokens", "2"},
        {EXPORTED "\"raw_json\":{\"total_tokens\":3},\"input_tokens\":2}", "total_tokens", "2"},
        {EXPORTED "\"raw_json\":\"{\\\"total_tokens\\\":-3}\",\"input_tokens\":2}", "total_tokens",
         "2"},
    };
    EXPECT_ROWS(rows);
}

/* --- account snapshots --- */

static const struct account_snapshot codex_snapshot = {{"a@x.y", 5}, {"label", 5}, {"f.json", 6},
                                                       {"codex", 5}, {"p-1", 3},   77};

static void a_snapshot_fills_what_is_empty(void **state)
{
    (void)state;
    struct event event = normalize("{\"id\":1,\"auth_index\":\"i\",\"account_snapshot\":\"own\","
                                   "\"provider\":\"openai\",\"service_tier\":\"priority\","
                                   "\"response_service_tier\":\"default\"}");
    struct slice hash = event.hash_text;
    event_check_column(&arena, "before", &event, "service_tier", "default");
    event_fill_snapshot(&arena, &event, &codex_snapshot);
    event_check_column(&arena, "filled", &event, "account_snapshot", "own");
    event_check_column(&arena, "filled", &event, "auth_label_snapshot", "label");
    event_check_column(&arena, "filled", &event, "auth_file_snapshot", "f.json");
    event_check_column(&arena, "filled", &event, "auth_provider_snapshot", "codex");
    event_check_column(&arena, "filled", &event, "auth_project_id_snapshot", "p-1");
    event_check_column(&arena, "filled", &event, "service_tier", "priority");
    event_check_column(&arena, "filled", &event, "cache_input_mode", "included_in_input");
    assert_int_equal(event.auth_snapshot_at_ms, 77);
    assert_true(slice_equal(event.hash_text, hash));
}

static void a_snapshot_is_not_taken_where_none_is_needed(void **state)
{
    (void)state;
    static const char *const payloads[] = {
        "{\"id\":1}",
        "{\"id\":1,\"auth_index\":\"i\",\"account_snapshot\":\"a\",\"project_id\":\"p\"}",
    };
    for (size_t i = 0; i < 2; i++) {
        struct event event = normalize(payloads[i]);
        event_fill_snapshot(&arena, &event, &codex_snapshot);
        event_check_column(&arena, payloads[i], &event, "auth_file_snapshot", NULL);
        assert_int_equal(event.auth_snapshot_at_ms, 0);
    }
    struct event event = normalize("{\"id\":1,\"auth_index\":\"i\",\"auth_snapshot_at_ms\":5}");
    event_fill_snapshot(&arena, &event, &codex_snapshot);
    assert_int_equal(event.auth_snapshot_at_ms, 5);
}

/* --- damage --- */

static const char whole_payload[] =
    "{\"timestamp\":\"2026-08-21T10:00:00.5+02:00\",\"latency_ms\":1500,\"source\":\"m@example."
    "com\","
    "\"tokens\":{\"input_tokens\":10,\"cache_input_mode\":\"x\"},\"failed\":true,\"fail\":"
    "{\"status_code\":429,\"body\":\"no \\u00e9 \xff @ sk-1234567\"},\"response_headers\":"
    "{\"Retry-After\":[\"30\"],\"X-Request-Id\":[\"r\"]},\"token_breakdown\":{\"input\":{}},"
    "\"alias\":[\"a\",{\"b\":1.5}],\"endpoint\":\"POST /v1\",\"method\":\"post\",\"api_key\":\"k\","
    "\"user_agent\":\"a\\tb\",\"timestamp\":\"2026-08-21T10:00:00Z\",\"raw_json\":\"{}\"}";

static const char whole_line[] =
    "{\"event_hash\":\"h\\u0041\",\"timestamp\":\"x\",\"model\":\"m\",\"failed\":\"yes\","
    "\"fail_body\":\"b\",\"headers\":{\"A\":[\"1\"]},\"raw_json\":\"{\\\"raw_json\\\":\\\"{}\\\"}"
    "\"}";

static void a_payload_cut_anywhere_is_dead(void **state)
{
    (void)state;
    const struct slice wholes[] = {SLICE(whole_payload), SLICE(whole_line)};
    for (size_t i = 0; i < 2; i++)
        for (size_t len = 0; len < wholes[i].len; len++) {
            struct event event;
            struct slice reason;
            const struct json *json;
            char *copy = malloc(len ? len : 1);
            assert_non_null(copy);
            memcpy(copy, wholes[i].data, len);
            arena_reset(&arena);
            assert_int_equal(event_normalize(&arena, (struct slice){copy, len}, RECEIVED_AT_MS,
                                             &event, &reason, &json),
                             EVENT_DEAD);
            assert_true(reason.len > 0 && !json);
            free(copy);
        }
}

/* Each byte replaced in turn: dead or an event, and never outside the payload. */
static void a_payload_with_any_byte_wrong_is_read_or_dead(void **state)
{
    (void)state;
    static const char wrong[] = {'"', '{', '}', ',', '\\', '9', 'e', '\0', '\xff', '\xe2'};
    const struct slice wholes[] = {SLICE(whole_payload), SLICE(whole_line)};
    int events = 0;
    for (size_t i = 0; i < 2; i++)
        for (size_t at = 0; at < wholes[i].len; at++)
            for (size_t w = 0; w < sizeof wrong; w++) {
                struct event event;
                struct slice reason;
                const struct json *json;
                char *copy = malloc(wholes[i].len);
                assert_non_null(copy);
                memcpy(copy, wholes[i].data, wholes[i].len);
                copy[at] = wrong[w];
                arena_reset(&arena);
                enum event_result result =
                    event_normalize(&arena, (struct slice){copy, wholes[i].len}, RECEIVED_AT_MS,
                                    &event, &reason, &json);
                assert_true(result == EVENT_OK || result == EVENT_DEAD);
                events += result == EVENT_OK;
                free(copy);
            }
    assert_true(events > 1000);
}

static void wrong_types_are_read_as_their_primitives_say(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"{\"model\":7,\"tokens\":\"x\"}", "model", "7"},
        {"{\"model\":{\"k\":[null]}}", "model", "map[k:[<nil>]]"},
        {"{\"id\":true,\"latency_ms\":[]}", "latency_ms", "0"},
        {"{\"id\":true,\"latency_ms\":[]}", "request_id", "true"},
        {"{\"endpoint\":1.25}", "endpoint", "1.25"},
        {"{\"model\":\"a\",\"model\":\"b\"}", "model", "b"},
        {"{\"model\":\"a\xff\"}", "model", "a\xef\xbf\xbd"},
        {"{\"tokens\":{\"input_tokens\":1},\"tokens\":{\"output_tokens\":2}}", "input_tokens", "0"},
    };
    EXPECT_ROWS(rows);
}

static void add_nested(struct text *text, const char *open, const char *close)
{
    for (int i = 0; i < LIMIT_JSON_DEPTH - 10; i++)
        text_add_cstr(text, open);
    for (int i = 0; i < LIMIT_JSON_DEPTH - 10; i++)
        text_add_cstr(text, close);
}

/* As deep as JSON may be, wherever a rule walks a value: none may walk on the stack. */
static void deep_values_are_read(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, (size_t)1 << 24);
    text_add_cstr(&text, "{\"failed\":true,\"provider\":\"xai\",\"model\":");
    add_nested(&text, "[", "]");
    text_add_cstr(&text, ",\"alias\":");
    add_nested(&text, "{\"k\":[", "]}"); /* twice as deep: refused */
    text_add_cstr(&text, "}");
    expect_dead(text_slice(&text), "invalid character '[' exceeded max depth", false);
    text_empty(&text);
    text_add_cstr(&text, "{\"failed\":true,\"provider\":\"xai\",\"model\":");
    add_nested(&text, "[", "]");
    text_add_cstr(&text, ",\"headers\":{\"Retry-After\":");
    add_nested(&text, "[", "]");
    text_add_cstr(&text, "},\"response_metadata\":{\"quota\":");
    add_nested(&text, "[", "]");
    text_add_cstr(&text, "},\"raw_json\":\"");
    add_nested(&text, "[", "]");
    text_add_cstr(&text, "\",\"fail\":{\"status_code\":429,\"body\":\"");
    add_nested(&text, "[", "]");
    text_add_cstr(&text, "\"}}");
    struct event event = normalize(text.data);
    assert_int_equal(event.model.len, LIMIT_EVENT_TEXT_BYTES);
    text_clear(&text);
}

/* Once the ceiling was told as memory that ran out, and such a payload was tried for ever. */
static void what_needs_more_than_the_ceiling_is_dead(void **state)
{
    (void)state;
    const struct slice wholes[] = {SLICE(whole_payload), SLICE(whole_line)};
    for (size_t i = 0; i < 2; i++) {
        enum event_result result = EVENT_DEAD;
        size_t limit = 0;
        for (; result == EVENT_DEAD; limit++) {
            struct arena small;
            struct event event = {.timestamp_ms = 42};
            struct slice reason = slice_empty();
            const struct json *json = (const struct json *)&small;
            arena_init(&small, limit);
            result = event_normalize(&small, wholes[i], RECEIVED_AT_MS, &event, &reason, &json);
            assert_false(small.failed);
            assert_int_equal(small.limit_bytes, limit);
            if (result == EVENT_DEAD) {
                assert_int_equal(event.timestamp_ms, 42);
                assert_true(slice_equal(reason, SLICE("payload too complex")));
                assert_null(json);
                assert_int_equal(small.total_bytes, 0);
            }
            assert_true(limit < (size_t)1 << 20);
            arena_clear(&small);
        }
        assert_int_equal(result, EVENT_OK);
        assert_true(limit > 500);
    }
}

/* An array of digits: one value below, at and above the limit. */
static void a_payload_of_too_many_values_is_dead(void **state)
{
    static const char head[] = "{\"id\":[0";
    (void)state;
    struct text text;
    text_init(&text, LIMIT_PAYLOAD_BYTES);
    text_add_cstr(&text, head); /* object, array, the first digit */
    for (size_t nodes = 3; nodes < LIMIT_JSON_NODES - 1; nodes++)
        text_add_cstr(&text, ",1");
    for (size_t nodes = LIMIT_JSON_NODES - 1; nodes <= LIMIT_JSON_NODES; nodes++) {
        text_add_cstr(&text, "]}");
        struct event event = normalize(text.data);
        assert_int_equal(event.request_id.len, LIMIT_EVENT_TEXT_BYTES);
        text.len -= 2;
        text_add_cstr(&text, ",1");
    }
    text_add_cstr(&text, "]}");
    expect_dead(text_slice(&text), "too many values", false);
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_11_times),
        cmocka_unit_test(rule_12_each_key_fills_its_column),
        cmocka_unit_test(rule_12_source_and_client_key),
        cmocka_unit_test(rule_12_tokens_in_three_places),
        cmocka_unit_test(rule_12_failed),
        cmocka_unit_test(rule_13_endpoint_method_and_path),
        cmocka_unit_test(keys_within_and_instead_of_an_endpoint_are_hidden),
        cmocka_unit_test(texts_are_cut_and_the_hash_is_of_the_whole),
        cmocka_unit_test(times_of_a_line_stay_within_the_calendar),
        cmocka_unit_test(rule_13_service_tiers),
        cmocka_unit_test(rule_15_failure_text),
        cmocka_unit_test(rule_15_a_cut_summary_grows_by_dots_once),
        cmocka_unit_test(rule_18_hash_of_numbers_and_empty_parts),
        cmocka_unit_test(cpas_own_accounting_is_kept),
        cmocka_unit_test(analytics_model_comes_from_the_requested_one),
        cmocka_unit_test(what_cannot_be_an_event_is_dead),
        cmocka_unit_test(one_known_key_makes_an_event),
        cmocka_unit_test(a_payload_over_the_limit_is_dead),
        cmocka_unit_test(control_payloads_are_told_apart),
        cmocka_unit_test(exported_lines_are_taken_as_given),
        cmocka_unit_test(nanoseconds_belong_to_a_normal_text_only),
        cmocka_unit_test(what_an_export_left_out_comes_from_raw_json),
        cmocka_unit_test(a_snapshot_fills_what_is_empty),
        cmocka_unit_test(a_snapshot_is_not_taken_where_none_is_needed),
        cmocka_unit_test(a_payload_cut_anywhere_is_dead),
        cmocka_unit_test(a_payload_with_any_byte_wrong_is_read_or_dead),
        cmocka_unit_test(wrong_types_are_read_as_their_primitives_say),
        cmocka_unit_test(deep_values_are_read),
        cmocka_unit_test(what_needs_more_than_the_ceiling_is_dead),
        cmocka_unit_test(a_payload_of_too_many_values_is_dead),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
