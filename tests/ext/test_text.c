/* ext/text: slices, numbers and hex from text, and the builder with its ceiling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ext/alloc.h"
#include "ext/text.h"

static void slices_compare_by_bytes_shorter_first(void **state)
{
    (void)state;
    assert_true(slice_compare(SLICE("a"), SLICE("b")) < 0);
    assert_true(slice_compare(SLICE("a"), SLICE("a\0")) < 0);
    assert_true(slice_compare(SLICE("\xff"), SLICE("a")) > 0);
    assert_int_equal(slice_compare(slice_empty(), SLICE("")), 0);
    assert_true(slice_equal(slice_empty(), SLICE("")));
    assert_true(slice_equal_nocase(SLICE("Retry-AFTER"), SLICE("retry-after")));
    assert_false(slice_equal_nocase(SLICE("a"), SLICE("ab")));
    assert_false(slice_equal_nocase(SLICE("["), SLICE("{"))); /* 32 apart, but no letters */
}

static void parts_are_clamped(void **state)
{
    (void)state;
    assert_true(slice_equal(slice_from(SLICE("abc"), 1), SLICE("bc")));
    assert_int_equal(slice_from(SLICE("abc"), 3).len, 0);
    assert_int_equal(slice_from(SLICE("abc"), 9).len, 0);
    assert_true(slice_equal(slice_first(SLICE("abc"), 9), SLICE("abc")));
    assert_true(slice_starts_with(SLICE("abc"), SLICE("")));
    assert_true(slice_ends_with(SLICE("abc"), SLICE("bc")));
    assert_false(slice_ends_with(SLICE("bc"), SLICE("abc")));
}

static void a_needle_is_found_at_its_first_place(void **state)
{
    (void)state;
    assert_int_equal(slice_find(SLICE("aab"), SLICE("ab")), 1);
    assert_int_equal(slice_find(SLICE("aaa"), SLICE("ab")), -1);
    assert_int_equal(slice_find(SLICE("ab"), SLICE("")), 0);
    assert_int_equal(slice_find(SLICE("a"), SLICE("ab")), -1);
    assert_int_equal(slice_find(SLICE("a\0b"), SLICE("\0b")), 1);
    assert_int_equal(slice_find(slice_empty(), SLICE("a")), -1);
}

static void trim_knows_the_white_space_of_unicode(void **state)
{
    (void)state;
    assert_true(slice_equal(slice_trim(SLICE(" \t\v\f\r\n a b \n")), SLICE("a b")));
    assert_true(slice_equal(slice_trim(SLICE("\xc2\x85\xc2\xa0\xe1\x9a\x80x\xe2\x80\x8a\xe2\x80\xa8"
                                             "\xe2\x80\xaf\xe2\x81\x9f\xe3\x80\x80")),
                            SLICE("x")));
    assert_int_equal(slice_trim(SLICE(" \xe2\x80\x80 ")).len, 0);
    assert_int_equal(slice_trim(SLICE("\xe2\x80\x8b")).len, 3); /* zero width: no space */
    assert_int_equal(slice_trim(SLICE("\xe2\x80")).len, 2);     /* cut short */
    assert_true(slice_equal(slice_trim_ascii(SLICE("\v a\xc2\xa0 ")), SLICE("\v a\xc2\xa0")));
}

static void integers_are_exact_to_the_limits_and_saturate_beyond(void **state)
{
    int64_t value = 0;
    bool is_saturated = false;
    (void)state;
    assert_true(slice_to_int64(SLICE("9223372036854775807"), &value, NULL));
    assert_true(value == INT64_MAX);
    assert_true(slice_to_int64(SLICE("-9223372036854775808"), &value, NULL));
    assert_true(value == INT64_MIN);
    assert_true(slice_to_int64(SLICE("+0012"), &value, NULL));
    assert_int_equal(value, 12);
    assert_false(slice_to_int64(SLICE("9223372036854775808"), &value, &is_saturated));
    assert_true(is_saturated && value == INT64_MAX);
    assert_false(slice_to_int64(SLICE("-9223372036854775809"), &value, &is_saturated));
    assert_true(is_saturated && value == INT64_MIN);
    assert_false(slice_to_int64(SLICE("99999999999999999999x"), &value, &is_saturated));
    assert_false(is_saturated);
    static const char *const none[] = {"", "-", "+", " 1", "1 ", "1.0", "0x1", "--1"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(slice_to_int64(slice_of_cstr(none[i]), &value, NULL));
}

static void hex_is_lower_case_and_of_exact_length(void **state)
{
    uint8_t bytes[2];
    (void)state;
    assert_true(slice_from_hex(SLICE("0aff"), bytes, 2));
    assert_int_equal(bytes[0], 0x0a);
    assert_int_equal(bytes[1], 0xff);
    assert_false(slice_from_hex(SLICE("0aFF"), bytes, 2));
    assert_false(slice_from_hex(SLICE("0af"), bytes, 2));
    assert_false(slice_from_hex(SLICE("0affa"), bytes, 2));
    assert_false(slice_from_hex(SLICE("0ag0"), bytes, 2));
}

static void the_builder_grows_and_is_handed_over(void **state)
{
    struct text text;
    (void)state;
    text_init(&text, 100000);
    for (int i = 0; i < 1000; i++) {
        text_add_int64(&text, i % 2 ? INT64_MIN : INT64_MAX);
        text_add_hex(&text, (const uint8_t *)"\x00\xfe", 2);
    }
    assert_int_equal(text.len, 500 * (20 + 19) + 1000 * 4);
    assert_int_equal(text.data[text.len], 0);
    assert_memory_equal(text.data, "922337203685477580700fe-922337203685477580800fe", 47);
    char *data = text_take(&text);
    assert_non_null(data);
    assert_null(text.data);
    ext_free(data);
    assert_null(text_take(&text));
    text_clear(&text);
}

static void the_builder_refuses_beyond_its_ceiling_and_stays_so(void **state)
{
    struct text text;
    (void)state;
    text_init(&text, 4);
    text_add_cstr(&text, "abc");
    text_add_char(&text, 'd'); /* at the ceiling */
    assert_false(text.failed);
    text_add_char(&text, 'e');
    assert_true(text.failed);
    assert_true(slice_equal(text_slice(&text), SLICE("abcd")));
    assert_null(text_reserve(&text, 0));
    assert_null(text_take(&text));
    assert_false(text.failed); /* a taken builder is new */
    text_add(&text, SLICE("ab"));
    text_empty(&text);
    assert_int_equal(text.len, 0);
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_compare_by_bytes_shorter_first),
        cmocka_unit_test(parts_are_clamped),
        cmocka_unit_test(a_needle_is_found_at_its_first_place),
        cmocka_unit_test(trim_knows_the_white_space_of_unicode),
        cmocka_unit_test(integers_are_exact_to_the_limits_and_saturate_beyond),
        cmocka_unit_test(hex_is_lower_case_and_of_exact_length),
        cmocka_unit_test(the_builder_grows_and_is_handed_over),
        cmocka_unit_test(the_builder_refuses_beyond_its_ceiling_and_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
