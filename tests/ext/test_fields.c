/* ext/event/fields: finding members by name and reading them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ext/event/fields.h"
#include "ext/limits.h"

static const char *const names[] = {
#define X(name) #name,
    EVENT_KEYS(X)
#undef X
};

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

static struct fields read(struct slice text, enum fields_style style)
{
    struct json_error error;
    struct fields fields;
    arena_reset(&arena);
    struct json *object = json_parse(&arena, text, &error);
    if (!object)
        fail_msg("%s: %s", text.data, error.message);
    fields_read(&fields, object, style);
    return fields;
}

static void the_keys_are_in_the_order_of_the_search(void **state)
{
    (void)state;
    assert_int_equal(sizeof names / sizeof *names, KEY_COUNT);
    for (size_t i = 1; i < KEY_COUNT; i++) {
        size_t before = strlen(names[i - 1]);
        size_t len = strlen(names[i]);
        if (before > len || (before == len && memcmp(names[i - 1], names[i], len) >= 0))
            fail_msg("%s stands before %s", names[i - 1], names[i]);
    }
}

static void every_key_is_found_and_nothing_else(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, 1 << 20);
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        text_add_cstr(&text, i ? "," : "{");
        json_write_string(&text, slice_of_cstr(names[i]));
        text_add_char(&text, ':');
        text_add_int64(&text, i);
    }
    text_add_cstr(&text, ",\"\":1,\"Id\":1,\"tokenz\":1,\"timestamp\\u0000\":1,"
                         "\"cache_creation_input_tokens_\":1}");
    struct fields fields = read(text_slice(&text), FIELDS_OF_EVENT);
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        assert_non_null(fields.value[i]);
        assert_int_equal(json_number_int64(fields.value[i]), i);
    }
    fields_read(&fields, NULL, FIELDS_OF_EVENT);
    assert_false(fields_has(&fields, KEYS(KEY_id)));
    text_clear(&text);
}

static void the_first_key_present_decides(void **state)
{
    (void)state;
    struct fields fields =
        read(SLICE("{\"id\":\"x\",\"request_id\":null,\"input_tokens\":0,\"promptTokens\":\"7\","
                   "\"tokens\":[],\"usage\":{}}"),
             FIELDS_OF_EVENT);
    assert_int_equal(fields_str(&arena, &fields, KEYS(KEY_request_id, KEY_id)).len, 0);
    assert_true(slice_equal(fields_str(&arena, &fields, KEYS(KEY_requestId, KEY_id)), SLICE("x")));
    assert_int_equal(fields_int(&fields, KEYS(KEY_input_tokens, KEY_promptTokens)), 0);
    assert_int_equal(fields_first_int(&fields, KEYS(KEY_input_tokens, KEY_promptTokens)), 7);
    assert_null(fields_object(&fields, KEYS(KEY_tokens, KEY_usage)));
    assert_non_null(fields_object(&fields, KEYS(KEY_usage)));
}

static void texts_are_read_from_any_value(void **state)
{
    (void)state;
    static const struct {
        const char *value, *of_event, *of_export;
    } rows[] = {
        {"null", "", ""},
        {"\"\"", "", ""},
        {"\" \\t\\u00a0text \\u3000\"", "text", "text"},
        {"true", "true", "true"},
        {"false", "false", "false"},
        {"12", "12", "12"},
        {"-0", "0", "-0"},
        {"12.0", "12", "12.0"},
        {"1e3", "1000", "1e3"},
        {"1.5", "1.5", "1.5"},
        {"1e-7", "0.0000001", "1e-7"},
        {"1e20", "100000000000000000000", "1e20"},
        {"12345678901234567890", "12345678901234567000", "12345678901234567890"},
        {"9007199254740993", "9007199254740993", "9007199254740993"},
        {"9223372036854775807", "9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
        {"[\"a\",\"b\"]", "[a b]", ""},
        {"{\"k2\":\"v2\",\"k\":\"v\"}", "map[k:v k2:v2]", ""},
        {"[1,2.5,1000000,1e20,123456789,0.0001,0.00001,-0,null,true,\"a b\","
         "{\"z\":1,\"a\":[null,{}]},[],\"\"]",
         "[1 2.5 1e+06 1e+20 1.23456789e+08 0.0001 1e-05 -0 <nil> true a b "
         "map[a:[<nil> map[]] z:1] [] ]",
         ""},
        {"[]", "[]", ""},
        {"{}", "map[]", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int style = 0; style < 2; style++) {
            struct text text;
            text_init(&text, 1 << 16);
            text_add_cstr(&text, "{\"model\":");
            text_add_cstr(&text, rows[i].value);
            text_add_char(&text, '}');
            struct fields fields = read(text_slice(&text), (enum fields_style)style);
            struct slice got = fields_str(&arena, &fields, KEYS(KEY_model));
            const char *expected = style == FIELDS_OF_EVENT ? rows[i].of_event : rows[i].of_export;
            if (!slice_equal(got, slice_of_cstr(expected)))
                fail_msg("%s: got %.*s, expected %s", rows[i].value, (int)got.len, got.data,
                         expected);
            text_clear(&text);
        }
}

static void integers_are_read_from_numbers_and_digits(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int64_t of_event, of_export;
    } rows[] = {
        {"null", 0, 0},
        {"true", 0, 0},
        {"[1]", 0, 0},
        {"7", 7, 7},
        {"-7", -7, -7},
        {"1.9", 1, 0},
        {"-1.9", -1, 0},
        {"1e3", 1000, 0},
        {"9007199254740993", 9007199254740993, 9007199254740993},
        {"1e300", INT64_MAX, 0},
        {"99999999999999999999", INT64_MAX, INT64_MAX},
        {"-99999999999999999999", INT64_MIN, INT64_MIN},
        {"\" +12 \"", 12, 12},
        {"\"-3\"", -3, -3},
        {"\"1.5\"", 0, 0},
        {"\"1e3\"", 0, 0},
        {"\"x\"", 0, 0},
        {"\"\"", 0, 0},
        {"\"1_000\"", 0, 0},
        {"\"99999999999999999999\"", INT64_MAX, INT64_MAX},
        {"\"-99999999999999999999\"", INT64_MIN, INT64_MIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int style = 0; style < 2; style++) {
            struct text text;
            text_init(&text, 1 << 16);
            text_add_cstr(&text, "{\"total\":");
            text_add_cstr(&text, rows[i].value);
            text_add_char(&text, '}');
            struct fields fields = read(text_slice(&text), (enum fields_style)style);
            int64_t got = fields_int(&fields, KEYS(KEY_total));
            if (got != (style == FIELDS_OF_EVENT ? rows[i].of_event : rows[i].of_export))
                fail_msg("%s: got %lld", rows[i].value, (long long)got);
            text_clear(&text);
        }
}

static void an_optional_integer_is_absent_only_without_a_value(void **state)
{
    (void)state;
    struct fields fields =
        read(SLICE("{\"latency_ms\":null,\"latencyMs\":5,\"ttft_ms\":\"oops\",\"elapsed_ms\":0}"),
             FIELDS_OF_EVENT);
    assert_false(fields_optional_int(&fields, KEYS(KEY_latency_ms, KEY_latencyMs)).present);
    assert_false(fields_optional_int(&fields, KEYS(KEY_durationMs)).present);
    struct optional_int64 garbage = fields_optional_int(&fields, KEYS(KEY_ttft_ms));
    assert_true(garbage.present && garbage.value == 0);
    assert_true(fields_optional_int(&fields, KEYS(KEY_elapsed_ms)).present);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keys_are_in_the_order_of_the_search),
        cmocka_unit_test(every_key_is_found_and_nothing_else),
        cmocka_unit_test(the_first_key_present_decides),
        cmocka_unit_test(texts_are_read_from_any_value),
        cmocka_unit_test(integers_are_read_from_numbers_and_digits),
        cmocka_unit_test(an_optional_integer_is_absent_only_without_a_value),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
