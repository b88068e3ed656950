/* ext/json: parsing, lookup, numbers and writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/json.h"
#include "ext/limits.h"

static struct arena arena;
static struct text out;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    text_init(&out, (size_t)1 << 28);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    text_clear(&out);
    return 0;
}

static struct json *parse(struct slice text, struct json_error *error)
{
    arena_reset(&arena);
    return json_parse(&arena, text, error);
}

static void expect_text(struct slice expected, const char *input)
{
    if (!slice_equal(text_slice(&out), expected))
        fail_msg("%s: expected %.*s, got %.*s", input, (int)expected.len, expected.data,
                 (int)out.len, out.data);
}

/* The input, parsed and written, reads as expected. */
static void expect_rewritten(struct slice input, struct slice expected)
{
    struct json_error error;
    struct json *value = parse(input, &error);
    if (!value)
        fail_msg("%.*s: %s", (int)input.len, input.data, error.message);
    text_empty(&out);
    json_write_sorted(&out, value);
    assert_false(out.failed);
    expect_text(expected, input.data);
}

static void expect_error(struct slice input, const char *message, size_t offset)
{
    struct json_error error;
    if (parse(input, &error))
        fail_msg("%.*s: parsed, expected: %s", (int)input.len, input.data, message);
    assert_false(arena.failed);
    assert_string_equal(error.message, message);
    assert_int_equal(error.offset, offset);
}

static void values_read_and_write(void **state)
{
    (void)state;
    const struct {
        struct slice input, expected;
    } rows[] = {
        {SLICE("null"), SLICE("null")},
        {SLICE(" \t\r\n true \n"), SLICE("true")},
        {SLICE("false"), SLICE("false")},
        {SLICE("\"\""), SLICE("\"\"")},
        {SLICE("[]"), SLICE("[]")},
        {SLICE("{ }"), SLICE("{}")},
        {SLICE("[1, [2,[ ] ,{}],\"a\" , null ]"), SLICE("[1,[2,[],{}],\"a\",null]")},
        {SLICE("{\"b\":{\"z\":1,\"y\":[{\"q\":2,\"p\":3}]},\"a\":2,\"\":0}"),
         SLICE("{\"\":0,\"a\":2,\"b\":{\"y\":[{\"p\":3,\"q\":2}],\"z\":1}}")},
        {SLICE("\"\\b\\f\\n\\r\\t\\/\\\\\\\"\\u0000\\u001f\\u007f\""),
         SLICE("\"\\b\\f\\n\\r\\t/\\\\\\\"\\u0000\\u001f\x7f\"")},
        {SLICE("\"<a & b>\\u2028\\u2029\""), SLICE("\"\\u003ca \\u0026 b\\u003e\\u2028\\u2029\"")},
        {SLICE("\"\\u00e9\\u20ac\\ud83d\\ude00 \xc3\xa9 a long plain run of text\""),
         SLICE("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xc3\xa9 a long plain run of text\"")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_rewritten(rows[i].input, rows[i].expected);
}

#define FFFD "\xef\xbf\xbd"

static void bad_text_becomes_replacement_characters(void **state)
{
    (void)state;
    const struct {
        struct slice input, expected;
    } rows[] = {
        {SLICE("\"a\xff"
               "b\""),
         SLICE("\"a" FFFD "b\"")},
        {SLICE("\"\xe2\x82\""), SLICE("\"" FFFD FFFD "\"")},
        {SLICE("\"\xc0\x80\""), SLICE("\"" FFFD FFFD "\"")}, /* overlong */
        {SLICE("\"\xe0\x80\x80\xe0\xa0\x80\""), SLICE("\"" FFFD FFFD FFFD "\xe0\xa0\x80\"")},
        {SLICE("\"\xf0\x8f\x80\x80\""), SLICE("\"" FFFD FFFD FFFD FFFD "\"")},
        {SLICE("\"\xed\xa0\x80\""), SLICE("\"" FFFD FFFD FFFD "\"")}, /* surrogate */
        {SLICE("\"\xf4\x90\x80\x80\""), SLICE("\"" FFFD FFFD FFFD FFFD "\"")},
        {SLICE("\"\xf0\x9f\x98\x80\xf5\""), SLICE("\"\xf0\x9f\x98\x80" FFFD "\"")},
        {SLICE("\"\\ud800\""), SLICE("\"" FFFD "\"")},
        {SLICE("\"\\udc00x\""), SLICE("\"" FFFD "x\"")},
        {SLICE("\"\\ud800\\u0041\""), SLICE("\"" FFFD "A\"")},
        {SLICE("\"\\ud800\\ud83d\\ude00\""), SLICE("\"" FFFD "\xf0\x9f\x98\x80\"")},
        {SLICE("{\"k\xff\":1}"), SLICE("{\"k" FFFD "\":1}")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_rewritten(rows[i].input, rows[i].expected);
    text_empty(&out);
    json_write_string(&out, SLICE("a\xff\xe2\x82"));
    expect_text(SLICE("\"a\\ufffd\\ufffd\\ufffd\""), "invalid bytes written");
}

static void errors_read_as_the_gateways_decoder_says_them(void **state)
{
    (void)state;
    const struct {
        struct slice input;
        const char *message;
        size_t offset;
    } rows[] = {
        {SLICE(""), "unexpected end of JSON input", 0},
        {SLICE("  "), "unexpected end of JSON input", 2},
        {SLICE("not json"), "invalid character 'o' in literal null (expecting 'u')", 1},
        {SLICE("trux"), "invalid character 'x' in literal true (expecting 'e')", 3},
        {SLICE("fal"), "invalid character ' ' in literal false (expecting 's')", 3},
        {SLICE("{\"a\":1} {\"b\":2}"), "invalid character '{' after top-level value", 8},
        {SLICE("bad"), "invalid character 'b' looking for beginning of value", 0},
        {SLICE("\xef\xbb\xbf{}"), "invalid character '\xc3\xaf' looking for beginning of value", 0},
        {SLICE("\x80"), "invalid character '\\u0080' looking for beginning of value", 0},
        {SLICE("{bad"), "invalid character 'b' looking for beginning of object key string", 1},
        {SLICE("{\"a\":1,}"), "invalid character '}' looking for beginning of object key string",
         7},
        {SLICE("[1,]"), "invalid character ']' looking for beginning of value", 3},
        {SLICE("[,"), "invalid character ',' looking for beginning of value", 1},
        {SLICE("{\"a\" 1}"), "invalid character '1' after object key", 5},
        {SLICE("{\"a\":1 \"b\"}"), "invalid character '\"' after object key:value pair", 7},
        {SLICE("[1 2]"), "invalid character '2' after array element", 3},
        {SLICE("[1}"), "invalid character '}' after array element", 2},
        {SLICE("]"), "invalid character ']' looking for beginning of value", 0},
        {SLICE("'a'"), "invalid character '\\'' looking for beginning of value", 0},
        {SLICE("\\"), "invalid character '\\\\' looking for beginning of value", 0},
        {SLICE("\"a\nb\""), "invalid character '\\n' in string literal", 2},
        {SLICE("\"a\0b\""), "invalid character '\\x00' in string literal", 2},
        {SLICE("\"\\x\""), "invalid character 'x' in string escape code", 2},
        {SLICE("\"\\u12g4\""), "invalid character 'g' in \\u hexadecimal character escape", 5},
        {SLICE("\"\\u12"), "invalid character ' ' in \\u hexadecimal character escape", 5},
        {SLICE("\"abc"), "unexpected end of JSON input", 4},
        {SLICE("-"), "invalid character ' ' in numeric literal", 1},
        {SLICE("-a"), "invalid character 'a' in numeric literal", 1},
        {SLICE("01"), "invalid character '1' after top-level value", 1},
        {SLICE("1."), "invalid character ' ' after decimal point in numeric literal", 2},
        {SLICE("1.x"), "invalid character 'x' after decimal point in numeric literal", 2},
        {SLICE("1e+"), "invalid character ' ' in exponent of numeric literal", 3},
        {SLICE("+1"), "invalid character '+' looking for beginning of value", 0},
        {SLICE("[1e999]"), "json: cannot unmarshal number 1e999 into Go value of type float64", 6},
        {SLICE("[1e999,1e998]"),
         "json: cannot unmarshal number 1e999 into Go value of type float64", 6},
        {SLICE("[1e999"), "unexpected end of JSON input", 6},
        {SLICE("1e512.5"), "invalid character '.' after top-level value", 5},
        {SLICE("\0"), "invalid character '\\x00' looking for beginning of value", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_error(rows[i].input, rows[i].message, rows[i].offset);
}

static void a_text_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,-2.5e+3,true,false,null],\"b\\u00e9\":\"x\\ny\xc3\xa9\","
                               "\"c\":{\"d\":{}}}";
    struct json_error error;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        char *copy = malloc(len ? len : 1); /* exactly as long: an overrun is seen */
        assert_non_null(copy);
        memcpy(copy, text, len);
        assert_null(parse((struct slice){copy, len}, &error));
        assert_true(error.message[0] != '\0' && error.offset <= len);
        free(copy);
    }
    assert_non_null(parse(SLICE(text), &error));
}

static struct slice nested(size_t depth, bool of_objects)
{
    struct slice open = of_objects ? SLICE("{\"\":") : SLICE("[");
    text_empty(&out);
    for (size_t i = 0; i < depth; i++)
        text_add(&out, open);
    if (of_objects)
        text_add_char(&out, '1');
    for (size_t i = 0; i < depth; i++)
        text_add_char(&out, of_objects ? '}' : ']');
    return arena_take_text(&arena, &out);
}

static void depth_is_limited_and_costs_no_stack(void **state)
{
    (void)state;
    struct json_error error;
    for (int of_objects = 0; of_objects < 2; of_objects++) {
        struct arena texts = arena;
        arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
        struct slice allowed = nested(LIMIT_JSON_DEPTH, of_objects);
        struct json *value = json_parse(&arena, allowed, &error);
        assert_non_null(value);
        text_empty(&out);
        json_write_sorted(&out, value);
        assert_true(slice_equal(text_slice(&out), allowed));
        assert_null(json_parse(&arena, nested(LIMIT_JSON_DEPTH + 1, of_objects), &error));
        assert_string_equal(error.message, of_objects ? "invalid character '{' exceeded max depth"
                                                      : "invalid character '[' exceeded max depth");
        arena_clear(&arena);
        arena = texts;
    }
}

static void the_last_of_repeated_keys_wins_at_the_first_place(void **state)
{
    (void)state;
    struct json_error error;
    struct json *value =
        parse(SLICE("{\"a\":1,\"b\":2,\"a\":{\"x\":3,\"x\":[4]},\"\\u0062\":5,\"c\":6}"), &error);
    assert_non_null(value);
    assert_int_equal(value->count, 3);
    assert_true(slice_equal(value->first->key, SLICE("a")));
    assert_int_equal(value->first->type, JSON_OBJECT);
    assert_int_equal(value->first->count, 1);
    assert_int_equal(value->first->first->type, JSON_ARRAY);
    assert_true(slice_equal(json_get(value, SLICE("b"))->text, SLICE("5")));
    assert_true(slice_equal(value->first->next->next->key, SLICE("c")));
    assert_null(value->first->next->next->next);
    expect_rewritten(SLICE("{\"a\":1,\"a\":2,\"a\":3}"), SLICE("{\"a\":3}"));
}

/* 100,000 keys, each twice: done in well under a second when no step is quadratic. */
static void many_repeated_keys_are_dropped(void **state)
{
    (void)state;
    enum { KEYS = 100000 };
    struct json_error error;
    text_empty(&out);
    text_add_char(&out, '{');
    for (int i = 0; i < 2 * KEYS; i++) {
        text_add_cstr(&out, i ? ",\"k" : "\"k");
        text_add_int64(&out, (i * 7919) % KEYS);
        text_add_cstr(&out, "\":");
        text_add_int64(&out, i);
    }
    text_add_char(&out, '}');
    struct json *value = parse(text_slice(&out), &error);
    assert_non_null(value);
    assert_int_equal(value->count, KEYS);
    int64_t position = 0;
    for (const struct json *member = value->first; member; member = member->next, position++)
        assert_int_equal(json_number_int64(member), KEYS + position);
    assert_int_equal(position, KEYS);
}

static void lookup_wants_the_whole_key(void **state)
{
    (void)state;
    struct json_error error;
    struct json *value = parse(SLICE("{\"ab\":1,\"a\\u0000\":2,\"\":3}"), &error);
    assert_non_null(value);
    assert_null(json_get(value, SLICE("a")));
    assert_null(json_get(value, SLICE("abc")));
    assert_null(json_get(value, SLICE("AB")));
    assert_true(slice_equal(json_get(value, SLICE("a\0"))->text, SLICE("2")));
    assert_true(slice_equal(json_get(value, SLICE(""))->text, SLICE("3")));
    assert_null(json_get(NULL, SLICE("a")));
    assert_null(json_get(value->first, SLICE("ab")));
}

static void integers_are_exact_truncated_and_saturated(void **state)
{
    (void)state;
    const struct {
        struct slice text;
        int64_t expected;
    } rows[] = {
        {SLICE("0"), 0},
        {SLICE("-0"), 0},
        {SLICE("9007199254740993"), 9007199254740993},
        {SLICE("9223372036854775807"), INT64_MAX},
        {SLICE("9223372036854775808"), INT64_MAX},
        {SLICE("-9223372036854775808"), INT64_MIN},
        {SLICE("-9223372036854775809"), INT64_MIN},
        {SLICE("1.5"), 1},
        {SLICE("-1.9"), -1},
        {SLICE("0.999e1"), 9},
        {SLICE("1e3"), 1000},
        {SLICE("123456e-3"), 123},
        {SLICE("9007199254740993.7"), 9007199254740993},
        {SLICE("9.223372036854775807e18"), INT64_MAX},
        {SLICE("9.3e18"), INT64_MAX},
        {SLICE("-1e300"), INT64_MIN},
        {SLICE("1e-99999999999999999999"), 0},
        {SLICE("0e99999999999999999999"), 0},
        {SLICE("0.00e12"), 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json number = {.type = JSON_NUMBER, .text = rows[i].text};
        if (json_number_int64(&number) != rows[i].expected)
            fail_msg("%s: got %lld", rows[i].text.data, (long long)json_number_int64(&number));
    }
}

static double read_double(struct slice text)
{
    struct json number = {.type = JSON_NUMBER, .text = text};
    return json_number_double(&number);
}

static void doubles_are_correctly_rounded(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "0",
        "-0.0",
        "1",
        "0.1",
        "61.5",
        "1e22",
        "1e23",
        "1e-7",
        "123456789e5",
        "9007199254740993",
        "5e-324",
        "2e-324",
        "1.7976931348623157e308",
        "2.2250738585072011e-308",
        "179769313486231580793728971405301e276",
        "0.000001",
        "1e-22",
        "1e-23",
        "7e-30",
        "123456789012345e-26",
        "9007199254740991e23",
        "8.41e21",
        "9214843084008499",
        "0.5000000000000000166533453693773481063544750213623046875",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double expected = strtod(rows[i], NULL);
        double got = read_double(slice_of_cstr(rows[i]));
        if (memcmp(&expected, &got, sizeof got) != 0)
            fail_msg("%s: got %.17g", rows[i], got);
    }
}

/* Half way between two doubles, with the digit that decides far behind. */
static void digits_far_behind_still_decide(void **state)
{
    (void)state;
    char text[2000];
    snprintf(text, sizeof text, "9007199254740993.%01500d", 0);
    size_t len = strlen(text);
    assert_true(read_double((struct slice){text, len}) == 9007199254740992.0);
    text[len - 1] = '1';
    assert_true(read_double((struct slice){text, len}) == 9007199254740994.0);
}

static void doubles_are_written_in_the_shortest_form(void **state)
{
    (void)state;
    const struct {
        double value;
        const char *expected, *plain;
    } rows[] = {
        {0, "0", "0"},
        {-0.0, "-0", "-0"},
        {37, "37", "37"},
        {37.5, "37.5", "37.5"},
        {-0.1, "-0.1", "-0.1"},
        {0.3, "0.3", "0.3"},
        {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"},
        {0.000001, "0.000001", "0.000001"},
        {1e-7, "1e-7", "0.0000001"},
        {1.5e-7, "1.5e-7", "0.00000015"},
        {1e20, "100000000000000000000", "100000000000000000000"},
        {1e21, "1e+21", "1000000000000000000000"},
        {1.25e25, "1.25e+25", "12500000000000000000000000"},
        {9007199254740993.0, "9007199254740992", "9007199254740992"},
        {1152921504606846976.0, "1152921504606847000", "1152921504606847000"},
        {5e-324, "5e-324", NULL},
        {1.7976931348623157e308, "1.7976931348623157e+308", NULL},
        {2.2250738585072014e-308, "2.2250738585072014e-308", NULL},
        {0.57, "0.57", "0.57"},
        {1.0 / 3, "0.3333333333333333", "0.3333333333333333"},
        {9.5367431640625e-07, "9.5367431640625e-7", NULL},
        {2251799813685248.5, "2251799813685248.5", NULL},
        /* powers of two: the nearest decimal of 16 digits lies on the narrow side below and
         * misses, the next one above hits */
        {0x1p-24, "5.960464477539063e-8", NULL},
        {0x1p-44, "5.684341886080802e-14", NULL},
        {0x1p89, "6.189700196426902e+26", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text_empty(&out);
        json_write_double(&out, rows[i].value);
        assert_string_equal(out.data, rows[i].expected);
        text_empty(&out);
        json_write_double_plain(&out, rows[i].value);
        if (rows[i].plain)
            assert_string_equal(out.data, rows[i].plain);
    }
}

static int digits_in(const char *text)
{
    int count = 0, zeros = 0;
    for (; *text && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9') {
            zeros = *text == '0' ? zeros + 1 : 0;
            count += count > 0 || *text != '0';
        }
    return count - zeros;
}

/* Whatever the bits: the text reads back, and no text with fewer digits does. */
static void expect_shortest(double value)
{
    char shorter[48];
    text_empty(&out);
    json_write_double(&out, value);
    if (strtod(out.data, NULL) != value)
        fail_msg("%.17g is written %s", value, out.data);
    int digits = digits_in(out.data);
    if (digits < 2)
        return;
    snprintf(shorter, sizeof shorter, "%.*e", digits - 2, value);
    if (strtod(shorter, NULL) == value)
        fail_msg("%.17g is written %s, but %s would do", value, out.data, shorter);
}

static void any_double_reads_back_from_its_shortest_text(void **state)
{
    (void)state;
    uint64_t random = UINT64_C(0x9e3779b97f4a7c15);
    for (int i = 0; i < 20000; i++) {
        double value;
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        memcpy(&value, &random, sizeof value);
        if (isfinite(value))
            expect_shortest(value);
        expect_shortest((double)(random % 100000000) / 1000);
        expect_shortest((double)(random % 1000000) * 1.25e-6);
    }
    for (int exponent = -1074; exponent < 1024; exponent++)
        expect_shortest(ldexp(1, exponent));
}

static void integers_beyond_2_to_53_stay_exact_when_rewritten(void **state)
{
    (void)state;
    expect_rewritten(
        SLICE("[9007199254740993,-9223372036854775808,1.0,1e3,-0,1e21,12345678901234567890]"),
        SLICE("[9007199254740993,-9223372036854775808,1,1000,-0,1e+21,12345678901234567000]"));
}

static void numbers_do_not_depend_on_the_locale(void **state)
{
    (void)state;
    static const char *const with_comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    const char *found = NULL;
    for (size_t i = 0; i < 4 && !found; i++)
        found = setlocale(LC_NUMERIC, with_comma[i]);
    if (!found)
        skip(); /* none is installed here */
    double value = read_double(SLICE("12345678901234567890.5e-3"));
    text_empty(&out);
    json_write_double(&out, 0.1 + 0.2);
    setlocale(LC_NUMERIC, "C");
    assert_true(value == 12345678901234567.8905);
    assert_string_equal(out.data, "0.30000000000000004");
}

static void memory_that_runs_out_is_told_apart_from_bad_text(void **state)
{
    (void)state;
    struct slice input = SLICE("{\"a\\n\":[1,{\"b\":\"\\u00e9\"}],\"c\":{\"d\":null},\"c\":1}");
    struct json_error error;
    struct json *value = NULL;
    for (size_t limit = 0; !value; limit++) {
        struct arena small;
        arena_init(&small, limit);
        value = json_parse(&small, input, &error);
        assert_true(value || small.failed);
        assert_true(limit < 4096);
        arena_clear(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_read_and_write),
        cmocka_unit_test(bad_text_becomes_replacement_characters),
        cmocka_unit_test(errors_read_as_the_gateways_decoder_says_them),
        cmocka_unit_test(a_text_cut_anywhere_is_an_error),
        cmocka_unit_test(depth_is_limited_and_costs_no_stack),
        cmocka_unit_test(the_last_of_repeated_keys_wins_at_the_first_place),
        cmocka_unit_test(many_repeated_keys_are_dropped),
        cmocka_unit_test(lookup_wants_the_whole_key),
        cmocka_unit_test(integers_are_exact_truncated_and_saturated),
        cmocka_unit_test(doubles_are_correctly_rounded),
        cmocka_unit_test(digits_far_behind_still_decide),
        cmocka_unit_test(doubles_are_written_in_the_shortest_form),
        cmocka_unit_test(any_double_reads_back_from_its_shortest_text),
        cmocka_unit_test(integers_beyond_2_to_53_stay_exact_when_rewritten),
        cmocka_unit_test(numbers_do_not_depend_on_the_locale),
        cmocka_unit_test(memory_that_runs_out_is_told_apart_from_bad_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
