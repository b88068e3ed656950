/* ext/event/upstream_value: numbers and times as upstreams write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <string.h>

#include "ext/event/upstream_value.h"

static void reads_times(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
        int32_t ns;
    } cases[] = {
        /* RFC 3339 */
        {"2026-06-01T00:00:00Z", INT64_C(1780272000000), 0},
        {" 2026-06-01T08:00:00.25+08:00 ", INT64_C(1780272000250), 0},
        {"2026-06-01T00:00:00.123456789Z", INT64_C(1780272000123), 456789},
        {"2026-06-01T0:00:00Z", INT64_C(1780272000000), 0},
        {"2026-05-31T20:00:00-04:00", INT64_C(1780272000000), 0},
        /* RFC 1123 */
        {"Mon, 01 Jun 2026 00:00:00 GMT", INT64_C(1780272000000), 0},
        {"mon, 01 jun 2026 00:00:00 GMT", INT64_C(1780272000000), 0},
        {"Tue, 01 Jun 2026 00:00:00 UTC", INT64_C(1780272000000), 0},
        {"Mon, 01 Jun 2026 00:00:00 PST", INT64_C(1780272000000), 0},
        {"Mon, 01 Jun 2026 00:00:00 GMT+3", INT64_C(1780272000000), 0},
        {"Mon, 01 Jun 2026 08:00:00 +0800", INT64_C(1780272000000), 0},
        {"Sun, 31 May 2026 19:30:00 -0430", INT64_C(1780272000000), 0},
        {"Thu, 29 Feb 2024 12:00:00 GMT", INT64_C(1709208000000), 0},
        /* plain */
        {"2026-06-01 00:00:00", INT64_C(1780272000000), 0},
        {"2026-06-01 00:00:00.5", INT64_C(1780272000500), 0},
        {"2026-06-01 00:00:00 UTC", INT64_C(1780272000000), 0},
        {"2026-06-01 00:00:00 CEST", INT64_C(1780272000000), 0},
        {"2026-06-01 08:00:00 +0800", INT64_C(1780272000000), 0},
        {"2026-06-01 08:00:00 +08:00", INT64_C(1780272000000), 0},
        /* numbers */
        {"1780272000", INT64_C(1780272000000), 0},
        {"1780272000.5", INT64_C(1780272000500), 0},
        {"1780272000123", INT64_C(1780272000123), 0},
        {"1000000001", INT64_C(1000000001000), 0},
        {"1000000000000", INT64_C(1000000000000000), 0},
        {"1000000000001", INT64_C(1000000000001), 0},
        {"1.780272e9", INT64_C(1780272000000), 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct upstream_time time = {-1, -1};
        if (!upstream_time(slice_of_cstr(cases[i].text), &time))
            fail_msg("not read: %s", cases[i].text);
        if (time.ms != cases[i].ms || time.ns != cases[i].ns)
            fail_msg("%s: %lld ms %d ns", cases[i].text, (long long)time.ms, (int)time.ns);
    }
}

static void refuses_what_is_no_time(void **state)
{
    static const char *const texts[] = {
        "",
        "null",
        "soon",
        "5",
        "0",
        "-5",
        "1000000000",
        "1e19",
        "1e999",
        "nan",
        "2026-06-01",
        "2026-06-01T00:00:00",
        "2026-06-01T00:00:00z",
        "2026-06-01t00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-06-01T24:00:00Z",
        "2026-6-1T00:00:00Z",
        "Mon, 1 Jun 2026 00:00:00 GMT",
        "Mon, 01 Foo 2026 00:00:00 GMT",
        "Xyz, 01 Jun 2026 00:00:00 GMT",
        "Mon, 31 Jun 2026 00:00:00 GMT",
        "Mon 01 Jun 2026 00:00:00 GMT",
        "Mon, 01 Jun 2026 00:00:00",
        "Mon, 01 Jun 2026 00:00:00 ",
        "Mon, 01 Jun 2026 00:00:00 gmt",
        "Mon, 01 Jun 2026 25:00:00 GMT",
        "Monday, 01-Jun-26 00:00:00 GMT",
        "2026-06-01 00:00:00 utc",
        "2026-06-01 00:00:00 x y",
        "2026-06-01  00:00:00 +9999",
        "2026-06-01 00:00:00 +08:0",
        "2026-06-01 00:00",
        "Mon, 01 Jun 2026 00:00:00 GMT and very much more text behind it, as nobody writes"};
    struct upstream_time time;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (upstream_time(slice_of_cstr(texts[i]), &time))
            fail_msg("read: %s as %lld", texts[i], (long long)time.ms);
}

static void truncated_times_never_crash(void **state)
{
    static const char *const texts[] = {"Mon, 01 Jun 2026 00:00:00 +0800",
                                        "2026-06-01T00:00:00.123+08:00",
                                        "2026-06-01 00:00:00 GMT+3", "-12.5e+3 %"};
    struct upstream_time time;
    double number;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t len = 0; len < strlen(texts[i]); len++) {
            char *copy = test_malloc(len + 1);
            memcpy(copy, texts[i], len);
            (void)upstream_time((struct slice){copy, len}, &time);
            (void)upstream_number((struct slice){copy, len}, &number);
            test_free(copy);
        }
}

static void numbers_do_not_depend_on_the_locale(void **state)
{
    double number = 0;
    (void)state;
    (void)setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed */
    assert_true(upstream_number(SLICE(" +37.5 % "), &number));
    assert_true(number == 37.5);
    assert_false(upstream_number(SLICE("37,5"), &number));
    (void)setlocale(LC_ALL, "C");
}

static void adds_seconds(void **state)
{
    (void)state;
    assert_int_equal(upstream_add_seconds(1000, 60), 61000);
    assert_int_equal(upstream_add_seconds(1000, 0.0009999), 1000);
    assert_int_equal(upstream_add_seconds(1000, 0.0019999), 1001);
    assert_int_equal(upstream_add_seconds(1000, -0.0001), 999);
    assert_int_equal(upstream_add_seconds(0, 1e300), INT64_MAX / 1000000);
    assert_int_equal(upstream_add_seconds(INT64_MAX, 1), INT64_MAX);
    assert_int_equal(upstream_add_seconds(INT64_MIN, -1), INT64_MIN);
}

static void counts_seconds_until(void **state)
{
    (void)state;
    assert_true(upstream_seconds_until((struct upstream_time){61000, 0}, 1000) == 60);
    assert_true(upstream_seconds_until((struct upstream_time){1638, 0}, 1000) == 0.638);
    assert_true(upstream_seconds_until((struct upstream_time){1000, 500000}, 1000) == 0.0005);
    assert_true(upstream_seconds_until((struct upstream_time){999, 0}, 1000) == 0);
    assert_true(upstream_seconds_until((struct upstream_time){INT64_MAX, 0}, INT64_MIN) > 9.2e9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_times),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(truncated_times_never_crash),
        cmocka_unit_test(numbers_do_not_depend_on_the_locale),
        cmocka_unit_test(adds_seconds),
        cmocka_unit_test(counts_seconds_until),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
