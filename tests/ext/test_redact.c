/* ext/event/redact: Summary, cutting, sources and dead letters. The matchers are
 * compiled in here, so that their steps can be counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static size_t steps; /* bytes that the matchers looked at */
#define REDACT_STEP() ((void)steps++)
#include "ext/event/redact_match.c"
#include "ext/event/redact.c"

#include "ext/json.h"

static struct arena arena;
static struct text scratch;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    text_init(&scratch, (size_t)1 << 28);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    text_clear(&scratch);
    return 0;
}

static void assert_slice(struct slice actual, const char *expected)
{
    char *copy = malloc(actual.len + 1);
    assert_non_null(copy);
    if (actual.len)
        memcpy(copy, actual.data, actual.len);
    copy[actual.len] = '\0';
    assert_string_equal(copy, expected);
    free(copy);
}

struct pair {
    const char *in;
    const char *out;
};

static void assert_summaries(const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_slice(redact_summary(&arena, slice_of_cstr(pairs[i].in)), pairs[i].out);
    assert_false(arena.failed);
}

#define ASSERT_SUMMARIES(pairs) assert_summaries(pairs, sizeof(pairs) / sizeof *(pairs))

/* --- Summary --- */

static void examples_of_the_specification(void **state)
{
    static const struct pair pairs[] = {
        {"Authorization: Bearer abc.def-123456", "Authorization: [redacted]"},
        {"{\"authorization\":\"Bearer abcdefgh12345\"}",
         "{\"authorization\":\"Bearer [redacted]\"}"},
        {"AUTHORIZATION : Basic dXNlcjpwYXNz extra",
         "AUTHORIZATION : [redacted] dXNlcjpwYXNz extra"},
        {"bearer short", "bearer short"},
        {"access_token=abc&refresh_token=\"zzz\" id_token: q",
         "access_token=[redacted]&refresh_token=\"[redacted]\" id_token: [redacted]"},
        {"api key: hello, API_KEY=\"x y\" x-api-key:zzz",
         "api key: [redacted], API_KEY=\"[redacted] y\" x-api-key:[redacted]"},
        {"sk-12345 sk-123456 task-forces", "sk-12345 [redacted] ta[redacted]"},
        {"{\"Set-Cookie\":\"a=b; c\"}", "{\"Set-Cookie\":\"[redacted]\"}"},
        {"{\"Set-Cookie\":[\"a=b; Path=/\"]}", "{\"Set-Cookie\":[\"a=b; Path=/\"]}"},
        {"Cookie: a=b; c=d\nNext: 1", "Cookie: [redacted]\nNext: 1"},
        {"alice.smith+tag@example.co.uk, b@x.io, user@localhost",
         "a***@example.co.uk, b***@x.io, user@localhost"},
    };
    (void)state;
    ASSERT_SUMMARIES(pairs);
}

static void failure_texts_of_the_golden_rows(void **state)
{
    static const struct pair pairs[] = {
        {"{\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"limit for "
         "fay@example.com\",\"resets_in_seconds\":60}}",
         "{\"error\":{\"type\":\"usage_limit_reached\",\"message\":\"limit for "
         "f***@example.com\",\"resets_in_seconds\":60}}"},
        {"Authorization: Bearer abc.def-1234567 rejected for jo.smith@example.com "
         "(api_key=sk-proj-AAAABBBB, cookie: sid=42)",
         "Authorization: [redacted] rejected for j***@example.com (api_key=[redacted], cookie: "
         "[redacted]"},
    };
    (void)state;
    ASSERT_SUMMARIES(pairs);
}

static void rule_1_authorization(void **state)
{
    static const struct pair pairs[] = {
        {"authorization=x", "authorization=[redacted]"},
        {"authorization:\t\n x}", "authorization:\t\n [redacted]}"},
        {"xauthorization: abc", "xauthorization: abc"},
        {"x-authorization: abc", "x-authorization: [redacted]"},
        {"authorization abc", "authorization abc"},
        {"authorization: bearer \"abc", "authorization: [redacted] \"abc"},
        {"authorization: bearer  \nabc'", "authorization: [redacted]'"},
        {"authorization: bearer", "authorization: [redacted]"},
        {"authorization:", "authorization:"},
        {"authorization:,a authorization:b", "authorization:,a authorization:[redacted]"},
    };
    (void)state;
    ASSERT_SUMMARIES(pairs);
}

static void rule_2_bearer(void **state)
{
    static const struct pair pairs[] = {
        {"bearer 1234567", "bearer 1234567"},
        {"bearer 12345678", "Bearer [redacted]"},
        {"BEARER \t\n a.~+/=-_x!", "Bearer [redacted]!"},
        {"forbearer 12345678", "forbearer 12345678"},
        {"bearer bearer 12345678", "bearer Bearer [redacted]"},
        {"bearer12345678", "bearer12345678"},
    };
    (void)state;
    ASSERT_SUMMARIES(pairs);
}

static void rules_3_and_4_members(void **state)
{
    static const struct pair pairs[] = {
        {"\"access_token\" : \"abc\"", "\"access_token\" : \"[redacted]\""},
        {"my_access_token=abc", "my_access_token=abc"},
        {"paid_token=abc", "paid_token=abc"},
        {"access_tokens=abc", "access_tokens=abc"},
        {"access_token=\"\"", "access_token=\"\""},
        {"ID_TOKEN='a,b'", "ID_TOKEN='[redacted],b'"},
        {"apikey=abc", "apikey=[redacted]"},
        {"api--key=abc", "api--key=abc"},
        {"rapikey=abc", "rapikey=abc"},
        {"api-key = \xc3\xa9&x=1", "api-key = [redacted]&x=1"},
        {"x-api-key' : 'v'", "x-api-key' : '[redacted]'"},
    };
    (void)state;
    ASSERT_SUMMARIES(pairs);
}

static void rule_5_keys(void **state)
{
    static const struct pair pairs[] = {
        {"sk-proj-abc sk-proj-ab", "[redacted] [redacted]"},
        {"sk-ant-12 sk-ant-1", "[redacted] sk-ant-1"},
        {"SK-123456", "SK-123456"},
        {"sess-12345 sess-123456", "sess-12345 [redacted]"},
        {"ghp_12345_ ghp_123456_x", "ghp_12345_ [redacted]_x"},
        {"hf_abcdef pk_abcdef rk_abcdef", "[redacted] [redacted] [redacted]"},
        {"github_pat_123456789_123456789", "github_pat_123456789_123456789"},
        {"github_pat_123456789_1234567890", "[redacted]"},
        {"AIza1234567 AIza12345678", "AIza1234567 [redacted]"},
        {"aiza12345678", "aiza12345678"},
    };
    (void)state;
    ASSERT_SUMMARIES(pairs);
}

static void rules_6_and_7_cookies(void **state)
{
    static const struct pair pairs[] = {
        {"cookie: \"a\" b", "cookie: [redacted]\"[redacted]\" b"},
        {"xcookie:\"a\"", "xcookie:\"[redacted]\""},
        {"cookie\" : \"a", "cookie\" : \"a"},
        {"\"cookie\" : \"\"", "\"cookie\" : \"[redacted]\""},
        {"cookie=a", "cookie=a"},
        {"set-cookie \t:\n\n a b, c", "set-cookie: [redacted], c"},
        {"my_cookie: a", "my_cookie: a"},
        {"cookie: \n\"", "cookie: [redacted]\n\""},
        {"cookie:\n", "cookie:"},
    };
    (void)state;
    ASSERT_SUMMARIES(pairs);
}

static void rule_8_mail(void **state)
{
    static const struct pair pairs[] = {
        {"a@b.co1", "a***@b.co1"},
        {"a@b.c", "a@b.c"},
        {"a@.co", "a@.co"},
        {"a@b.co.1.x", "a***@b.co.1.x"},
        {"@b.co", "@b.co"},
        {"a@b.co@c.de", "a***@b.co@c.de"},
        {"a@b.co1@x.io", "a***@b.co1***@x.io"},
        {"<ann%x@sub-1.example.org>", "<a***@sub-1.example.org>"},
        {"a@b@c.de", "a@b***@c.de"},
        {"\xc3\xa9z@x.io", "\xc3\xa9z***@x.io"},
    };
    (void)state;
    ASSERT_SUMMARIES(pairs);
}

static void trims_and_cuts(void **state)
{
    (void)state;
    assert_slice(redact_summary(&arena, SLICE("")), "");
    assert_slice(redact_summary(&arena, SLICE(" \xe2\x80\x83 x \v\n")), "x");
    char *long_text = malloc(LIMIT_FAIL_SUMMARY_BYTES + 1);
    assert_non_null(long_text);
    memset(long_text, 'x', LIMIT_FAIL_SUMMARY_BYTES + 1);
    struct slice at_limit = {long_text, LIMIT_FAIL_SUMMARY_BYTES};
    struct slice above = {long_text, LIMIT_FAIL_SUMMARY_BYTES + 1};
    assert_int_equal(redact_summary(&arena, at_limit).len, LIMIT_FAIL_SUMMARY_BYTES);
    assert_int_equal(redact_summary(&arena, above).len, LIMIT_FAIL_SUMMARY_BYTES + 3);
    free(long_text);
}

static void truncates_at_whole_characters(void **state)
{
    static const struct {
        const char *in;
        size_t limit;
        const char *out;
    } cases[] = {
        {"abc", 3, "abc"},          {"abcd", 3, "abc..."},
        {"ab\xc3\xa9", 3, "ab..."}, {"a\xf0\x9f\x98\x80", 4, "a..."},
        {"a  bc", 3, "a..."},       {"\xf0\x9f\x98\x80", 1, "..."},
        {"abc", 0, "..."},          {"", 0, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_slice(redact_truncate(&arena, slice_of_cstr(cases[i].in), cases[i].limit),
                     cases[i].out);
}

/* --- bad input --- */

static size_t steps_for(const char *unit, size_t bytes)
{
    text_empty(&scratch);
    while (scratch.len < bytes)
        text_add_cstr(&scratch, unit);
    arena_reset(&arena);
    steps = 0;
    (void)redact_summary(&arena, text_slice(&scratch));
    assert_false(arena.failed);
    return steps;
}

static void work_is_linear(void **state)
{
    static const char *const units[] = {
        "a",
        "@",
        "a@",
        "a.",
        "a@b.",
        "a@b.c1.",
        ".@",
        "authorization",
        "authorization:",
        "bearer ",
        "authorization: bearer ",
        "access_token",
        "_token",
        "id_token:",
        "api",
        "api key",
        "api_key=\"",
        "sk-",
        "sk-sk-sk-",
        "sess-a",
        "ghp_",
        "AIza",
        "github_pat_",
        "cookie",
        "cookie:\"",
        "cookie:",
        "cookie : ",
        "cookie:\n",
        "cookie \n",
        "set-cookie:,",
        " ",
        "\"",
        ":",
        "bearer \t\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t small = steps_for(units[i], 50 * 1024);
        size_t large = steps_for(units[i], 100 * 1024);
        if (large > 2 * small + small / 4)
            fail_msg("%s: %zu steps, then %zu for twice the text", units[i], small, large);
        if (large > (size_t)60 * 100 * 1024)
            fail_msg("%s: %zu steps for 100 KiB", units[i], large);
    }
}

/* Each prefix in memory of just its size, so that a sanitizer sees a byte too many. */
static void truncated_texts(void **state)
{
    const struct slice text =
        SLICE("authorization: bearer abc, bearer 12345678 access_token=\"a\" api-key: 'b' "
              "sk-abcdef ghp_123456 github_pat_12345678901234567890 AIza12345678 "
              "\"set-cookie\" : \"a\" cookie: b\n jo@sub.example.org \xc3\xa9");
    (void)state;
    for (size_t from = 0; from < text.len; from++)
        for (size_t len = 0; len <= text.len - from; len += 1 + from % 3) {
            char *copy = malloc(len + 1);
            assert_non_null(copy);
            struct slice part = {copy + 1, len};
            memcpy(copy + 1, text.data + from, len);
            arena_reset(&arena);
            (void)redact_summary(&arena, part);
            (void)redact_source(&arena, part, SLICE("apikey"), slice_empty(), slice_empty());
            (void)redact_truncate(&arena, part, len / 2);
            free(copy);
        }
    assert_false(arena.failed);
}

static void memory_limit_gives_failure_only(void **state)
{
    const struct slice text = SLICE("api_key=abcdef for jo.smith@example.com, cookie: a=b; Bearer "
                                    "123456789; sk-123456789");
    const char *expected = "api_key=[redacted] for j***@example.com, cookie: [redacted]";
    struct arena small;
    bool has_succeeded = false;
    (void)state;
    for (size_t limit = 0; limit < 4096; limit++) {
        arena_init(&small, limit);
        struct slice result = redact_summary(&small, text);
        struct slice masked =
            redact_source(&small, SLICE("sk-123456"), slice_empty(), slice_empty(), slice_empty());
        if (!small.failed) {
            assert_slice(result, expected);
            assert_slice(masked, "m:sk-1...3456");
            has_succeeded = true;
        }
        arena_clear(&small);
    }
    assert_true(has_succeeded);
}

/* --- sources --- */

static void masks_sources(void **state)
{
    static const struct {
        const char *auth_type, *source, *provider, *client_key, *stored;
    } cases[] = {
        /* the original's rule */
        {"", "alice@example.com", "", "", "ali***@example.com"},
        {"", "ab@x.y", "", "", "ab***@x.y"},
        {"", "@x", "", "", "***@x"},
        {"", "a@b@c", "", "", "a***@b@c"},
        {"", "sk-12345", "", "", "m:****"},
        {"", "sk-123456", "", "", "m:sk-1...3456"},
        {"", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "", "", "m:xxxx...xxxx"},
        {"", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "", "", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
        {"", "xxxxxxxxxxxxxxxx xxxxxxxxxxxxxxxx", "", "", "xxxxxxxxxxxxxxxx xxxxxxxxxxxxxxxx"},
        {"", "sk-a/b-123456", "", "", "sk-a/b-123456"},
        {"", "sk-a\\b-123456", "", "", "sk-a\\b-123456"},
        {"", "hf_abcdefghijk", "", "", "hf_abcdefghijk"},
        {"", "AIza", "", "", "m:****"},
        {"apikey", "sk-live-1234567890", "openai-compatible-acme", "client-key-04",
         "m:sk-l...7890"},
        /* ours masks more */
        {"apikey", "hf_abcdefghijk", "", "c1", "m:hf_a...hijk"},
        {" ApiKey ", "hf_abcdefghijk", "", "c1", "m:hf_a...hijk"},
        {"apikey", "short1", "", "c1", "m:****"},
        {"apikey", "a key/with\\all", "", "c1", "m:a ke...\\all"},
        {"oauth", "client-key-b", "", "client-key-b", "m:clie...ey-b"},
        {"oauth", "m:sk-a...0001", "", "x", "m:sk-a...0001"},
        {"apikey", "m:sk-a...0001", "", "x", "m:sk-a...0001"},
        {"oauth", "proj-vera-1", "vertex", "x", "proj-vera-1"},
        {"oauth", "proj-vera-1", "vertex", "proj-vera-1", "proj-vera-1"},
        {"apikey", "AQ.short-key", "vertex", "x", "m:AQ.s...-key"},
        {"apikey", "", "", "", ""},
        {"apikey", "ann@example.com", "", "", "ann***@example.com"},
        /* whole characters */
        {"", "\xc3\xa9\xc3\xa9@x.y", "", "", "\xc3\xa9***@x.y"},
        {"", "\xf0\x9f\x98\x80@x.y", "", "", "***@x.y"},
        {"apikey", "abc\xc3\xa9xyz\xc3\xa9opq", "", "", "m:abc...opq"},
        {"apikey", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80", "", "",
         "m:\xf0\x9f\x98\x80...\xf0\x9f\x98\x80"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_slice(
            redact_source(&arena, slice_of_cstr(cases[i].source), slice_of_cstr(cases[i].auth_type),
                          slice_of_cstr(cases[i].provider), slice_of_cstr(cases[i].client_key)),
            cases[i].stored);
}

/* --- dead letters --- */

static struct slice dead_letter(struct slice payload)
{
    struct json_error error;
    arena_reset(&arena);
    text_empty(&scratch);
    struct json *value = json_parse(&arena, payload, &error);
    assert_non_null(value);
    redact_json(&arena, &scratch, value);
    assert_false(scratch.failed);
    return text_slice(&scratch);
}

static void dead_letters_hold_no_secret(void **state)
{
    static const struct pair pairs[] = {
        {"null", "null"},
        {"[1, true, \"x\"]", "[1,true,\"x\"]"},
        {"{\"b\":{},\"a\":[[],1.50]}", "{\"b\":{},\"a\":[[],1.50]}"},
        {"{\"api_key\":\"abc\",\"apiKey\":[1],\"X-Api-Key\":{\"a\":1},\"key\":null}",
         "{\"api_key\":\"[redacted]\",\"apiKey\":\"[redacted]\",\"X-Api-Key\":\"[redacted]\","
         "\"key\":\"[redacted]\"}"},
        {"{\"accessToken\":\"abc\",\"refresh-token\":\"x\",\"token\":1,\"clientSecret\":\"s\"}",
         "{\"accessToken\":\"[redacted]\",\"refresh-token\":\"[redacted]\",\"token\":\"[redacted]"
         "\","
         "\"clientSecret\":\"[redacted]\"}"},
        {"{\"response_headers\":{\"Set-Cookie\":[\"a=b\"],\"Authorization\":[\"Basic x\"]}}",
         "{\"response_headers\":{\"Set-Cookie\":\"[redacted]\",\"Authorization\":\"[redacted]\"}}"},
        {"{\"tokens\":{\"input_tokens\":5},\"total_tokens\":7}",
         "{\"tokens\":{\"input_tokens\":5},\"total_tokens\":7}"},
        {"{\"source\":\"AQ.short-key\",\"account\":\"ann@example.com\",\"email\":[\"abcdefghij\",5]"
         "}",
         "{\"source\":\"m:AQ.s...-key\",\"account\":\"ann***@example.com\","
         "\"email\":[\"m:abcd...ghij\",\"[redacted]\"]}"},
        {"{\"note\":\"mail jo@example.com, Basic dXNlcjpwYXNz and bearer \\\"abc\\\"\"}",
         "{\"note\":\"mail j***@example.com, Basic [redacted] and bearer \\\"[redacted]\\\"\"}"},
        {"{\"failBody\":\"AUTHORIZATION : Basic dXNlcjpwYXNz extra\"}",
         "{\"failBody\":\"AUTHORIZATION : [redacted]\"}"},
        {"{\"failBody\":\"x {\\\"accessToken\\\":\\\"abc\\\",\\\"n\\\":1} secret=q&z=1\"}",
         "{\"failBody\":\"x {\\\"accessToken\\\":\\\"[redacted]\\\",\\\"n\\\":1} "
         "secret=[redacted]\\u0026z=1\"}"},
        {"{\"body\":\"see \\\"Set-Cookie\\\":[\\\"a=b; Path=/\\\"] and Cookie: c=d; e\\nx\"}",
         "{\"body\":\"see \\\"Set-Cookie\\\":[redacted] and Cookie: [redacted]\\nx\"}"},
        {"{\"raw_json\":\"{\\\"apiKey\\\":\\\"q\\\",\\\"n\\\":\\\"{\\\\\\\"token\\\\\\\":1}\\\"}"
         "\"}",
         "{\"raw_json\":\"{\\\"apiKey\\\":\\\"[redacted]\\\",\\\"n\\\":\\\"{\\\\\\\"token\\\\\\\":"
         "\\\\\\\"[redacted]\\\\\\\"}\\\"}\"}"},
        {"{\"x\":\"https://h/?key=abc&alt=sse\"}",
         "{\"x\":\"https://h/?key=[redacted]\\u0026alt=sse\"}"},
        {"{\"jo@example.com\":1}", "{\"j***@example.com\":1}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_slice(dead_letter(slice_of_cstr(pairs[i].in)), pairs[i].out);
}

static void dead_letters_are_cut(void **state)
{
    struct text payload;
    (void)state;
    text_init(&payload, (size_t)1 << 28);
    text_add_char(&payload, '[');
    for (int i = 0; i < 3000; i++)
        text_add_cstr(&payload, "\"\xc3\xa9\",");
    for (int i = 0; i < 1000; i++) { /* 24 MB when written: the walk ends long before */
        text_add_char(&payload, '"');
        memset(text_reserve(&payload, 4000), '<', 4000);
        text_add_cstr(&payload, "\",");
    }
    text_add_cstr(&payload, "1]");
    struct slice kept = dead_letter(text_slice(&payload));
    assert_in_range(kept.len, LIMIT_DEAD_LETTER_BYTES - 1, LIMIT_DEAD_LETTER_BYTES);
    assert_true(slice_starts_with(kept, SLICE("[\"\xc3\xa9\",\"\xc3\xa9\"")));
    text_clear(&payload);
}

static void deep_dead_letters_need_no_stack(void **state)
{
    struct text payload;
    (void)state;
    text_init(&payload, (size_t)1 << 28);
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
        text_add_char(&payload, '[');
    for (int i = 0; i < LIMIT_JSON_DEPTH; i++)
        text_add_char(&payload, ']');
    struct slice kept = dead_letter(text_slice(&payload));
    assert_int_equal(kept.len, LIMIT_DEAD_LETTER_BYTES);
    text_clear(&payload);
}

static void long_members_of_dead_letters(void **state)
{
    static const char *const heads[] = {"{\"a\":\"", "{\"source\":\"a@", "{\"", "{\"a\":\"{"};
    static const char *const tails[] = {"\"}", "\"}", "\":1}", "\"}"};
    struct text payload;
    (void)state;
    text_init(&payload, (size_t)1 << 28);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        text_empty(&payload);
        text_add_cstr(&payload, heads[i]);
        for (int k = 0; k < 1000000; k++)
            text_add_cstr(&payload, "abcdefghi ");
        text_add_cstr(&payload, tails[i]);
        assert_in_range(dead_letter(text_slice(&payload)).len, 4000, LIMIT_DEAD_LETTER_BYTES);
    }
    text_clear(&payload);
}

static void dead_letters_without_memory(void **state)
{
    const struct slice payload = SLICE("{\"source\":\"sk-123456789\",\"a\":{\"api_key\":[1,2]},"
                                       "\"b\":\"jo@example.com\",\"c\":\"{\\\"d\\\":1}\"}");
    struct json_error error;
    struct arena small;
    bool has_succeeded = false;
    (void)state;
    for (size_t limit = 0; limit < 8192; limit += 8) {
        arena_init(&small, limit);
        text_empty(&scratch);
        struct json *value = json_parse(&small, payload, &error);
        if (value)
            redact_json(&small, &scratch, value);
        assert_true(!value || small.failed == scratch.failed);
        has_succeeded = has_succeeded || (value && !small.failed);
        arena_clear(&small);
    }
    assert_true(has_succeeded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_specification),
        cmocka_unit_test(failure_texts_of_the_golden_rows),
        cmocka_unit_test(rule_1_authorization),
        cmocka_unit_test(rule_2_bearer),
        cmocka_unit_test(rules_3_and_4_members),
        cmocka_unit_test(rule_5_keys),
        cmocka_unit_test(rules_6_and_7_cookies),
        cmocka_unit_test(rule_8_mail),
        cmocka_unit_test(trims_and_cuts),
        cmocka_unit_test(truncates_at_whole_characters),
        cmocka_unit_test(work_is_linear),
        cmocka_unit_test(truncated_texts),
        cmocka_unit_test(memory_limit_gives_failure_only),
        cmocka_unit_test(masks_sources),
        cmocka_unit_test(dead_letters_hold_no_secret),
        cmocka_unit_test(dead_letters_are_cut),
        cmocka_unit_test(deep_dead_letters_need_no_stack),
        cmocka_unit_test(long_members_of_dead_letters),
        cmocka_unit_test(dead_letters_without_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
