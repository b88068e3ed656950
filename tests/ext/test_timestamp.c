/* ext/event/timestamp: every form of a time, and the text it is shown as. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/event/timestamp.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static void expect_time(struct timestamp time, const char *input, int64_t ms, const char *expected)
{
    arena_reset(&arena);
    struct slice text = timestamp_text(&arena, time);
    if (time.ms != ms || !slice_equal(text, slice_of_cstr(expected)))
        fail_msg("%s: got %lld %.*s", input, (long long)time.ms, (int)text.len, text.data);
}

static void texts_in_every_form(void **state)
{
    (void)state;
    static const struct {
        const char *input;
        int64_t ms;
        const char *text;
    } rows[] = {
        {"2026-04-25T01:02:03.100000000+05:30", 1777059123100, "2026-04-24T19:32:03.1Z"},
        {"2026-04-25T01:02:03,25Z", 1777078923250, "2026-04-25T01:02:03.25Z"},
        {"2026-01-02T03:04:05Z", 1767323045000, "2026-01-02T03:04:05Z"},
        {"2026-01-02T3:04:05Z", 1767323045000, "2026-01-02T03:04:05Z"},
        {"2026-01-02T03:04:05,5Z", 1767323045500, "2026-01-02T03:04:05.5Z"},
        {"2026-01-02T03:04:05.1234567891Z", 1767323045123, "2026-01-02T03:04:05.123456789Z"},
        {"2026-01-02T03:04:05.000000001Z", 1767323045000, "2026-01-02T03:04:05.000000001Z"},
        {"2026-01-02T03:04:05.0Z", 1767323045000, "2026-01-02T03:04:05Z"},
        {"2026-01-02 03:04:05", 1767323045000, "2026-01-02T03:04:05Z"},
        {"2026-01-02 03:04:05.75", 1767323045750, "2026-01-02T03:04:05.75Z"},
        {"2026-01-02   3:04:05", 1767323045000, "2026-01-02T03:04:05Z"},
        {"2026-01-02T03:04:05", 1767323045000, "2026-01-02T03:04:05Z"},
        {"2026-01-02T03:04:05,9", 1767323045900, "2026-01-02T03:04:05.9Z"},
        {"\t2026-01-02T03:04:05Z\xe3\x80\x80", 1767323045000, "2026-01-02T03:04:05Z"},
        {"2026-01-02T03:04:05-00:00", 1767323045000, "2026-01-02T03:04:05Z"},
        {"2026-01-02T03:04:05+24:60", 1767233045000, "2026-01-01T02:04:05Z"},
        {"2024-02-29T23:59:59.999999999Z", 1709251199999, "2024-02-29T23:59:59.999999999Z"},
        {"1969-12-31T23:59:59.9995Z", -1, "1969-12-31T23:59:59.9995Z"},
        {"0001-01-01T00:00:00Z", TIMESTAMP_MIN_MS, "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59.999999999Z", TIMESTAMP_MAX_MS, "9999-12-31T23:59:59.999999999Z"},
        {"2000-02-29T00:00:00Z", 951782400000, "2000-02-29T00:00:00Z"},
        {"-5", -5000, "1969-12-31T23:59:55Z"},
        {"+5", 5000, "1970-01-01T00:00:05Z"},
        {"0", 0, "1970-01-01T00:00:00Z"},
        {" 9999999999 ", 9999999999000, "2286-11-20T17:46:39Z"},
        {"10000000000", 10000000000, "1970-04-26T17:46:40Z"},
        {"253402300799999", TIMESTAMP_MAX_MS, "9999-12-31T23:59:59.999Z"},
        {"-62135596800", TIMESTAMP_MIN_MS, "0001-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct timestamp time;
        if (!timestamp_parse(slice_of_cstr(rows[i].input), &time))
            fail_msg("%s: not read", rows[i].input);
        expect_time(time, rows[i].input, rows[i].ms, rows[i].text);
    }
}

static void other_texts_are_no_time(void **state)
{
    (void)state;
    static const char *const inputs[] = {
        "",
        " ",
        "now",
        "true",
        "-",
        "1767323045.5",
        "1e9",
        "2026-01-02t03:04:05Z",
        "2026-01-02T03:04:05z",
        "2026-01-02T03:04:05+0800",
        "2026-01-02T03:04:05+8:00",
        "2026-01-02T03:04:05+08:0",
        "2026-01-02T03:04:05+25:00",
        "2026-01-02T03:04:05+08:61",
        "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-00-02T03:04:05Z",
        "2026-13-02T03:04:05Z",
        "2026-01-00T03:04:05Z",
        "2026-01-32T03:04:05Z",
        "2026-04-31T03:04:05Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:00Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02 03:04:05Z",
        "2026-01-02 03:04:05+01:00",
        "2026-01-02",
        "2026-01-02T",
        "2026-01-02T03:04",
        "2026-01-02T03:4:05Z",
        "2026-01-02T03:04:5Z",
        "2026-1-02T03:04:05Z",
        "2026-01-2T03:04:05Z",
        "202-01-02T03:04:05Z",
        "20260-01-02T03:04:05Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05.",
        "2026-01-02T03:04:05.5.5Z",
        "2026-01-02T03:04:05ZZ",
        "2026-01-02T03:04:05Z junk",
        "2026-01-02T003:04:05Z",
        "2026/01/02T03:04:05Z",
        "+2026-01-02T03:04:05Z",
        "2026-01-02T-3:04:05Z",
        "0000-12-31T23:59:59Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "253402300800000",
        "-62135596801",
        "99999999999999999999",
        "-99999999999999999999",
    };
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct timestamp time = {42, 7};
        if (timestamp_parse(slice_of_cstr(inputs[i]), &time))
            fail_msg("%s: read as %lld", inputs[i], (long long)time.ms);
        assert_true(time.ms == 42 && time.ns == 7);
    }
}

static void a_text_cut_anywhere_is_read_within_its_bounds(void **state)
{
    (void)state;
    static const char text[] = "2026-01-02T03:04:05.123456789+08:00";
    struct timestamp time;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        char *copy = malloc(len ? len : 1);
        assert_non_null(copy);
        memcpy(copy, text, len);
        bool is_read = timestamp_parse((struct slice){copy, len}, &time);
        free(copy);
        /* bare digits are a number; from the seconds on the form without a zone is whole */
        bool is_whole = (len >= 1 && len <= 4) || len == 19 || (len >= 21 && len <= 29);
        if (is_read != is_whole)
            fail_msg("first %d bytes: %s", (int)len, is_read ? "read" : "not read");
    }
}

/* Every day of 800 years, against a calendar that only counts. */
static void every_day_has_its_date(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t ms = INT64_C(-11676096000000); /* 1600-01-01 */
    for (int year = 1600; year < 2400; year++)
        for (int month = 1; month <= 12; month++) {
            bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            int days = lengths[month - 1] + (month == 2 && is_leap);
            for (int day = 1; day <= days; day++, ms += 86400000) {
                char text[32];
                struct timestamp time;
                snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year, month, day);
                assert_true(timestamp_parse(slice_of_cstr(text), &time));
                expect_time(time, text, ms, text);
            }
        }
}

static void a_time_outside_the_limits_is_shown_as_the_limit(void **state)
{
    (void)state;
    arena_reset(&arena);
    assert_true(slice_equal(timestamp_text(&arena, (struct timestamp){INT64_MAX, 0}),
                            SLICE("9999-12-31T23:59:59.999Z")));
    assert_true(slice_equal(timestamp_text(&arena, (struct timestamp){INT64_MIN, 0}),
                            SLICE("0001-01-01T00:00:00Z")));
    struct arena none;
    arena_init(&none, 0);
    assert_int_equal(timestamp_text(&none, (struct timestamp){0, 0}).len, 0);
    assert_true(none.failed);
    arena_clear(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_in_every_form),
        cmocka_unit_test(other_texts_are_no_time),
        cmocka_unit_test(a_text_cut_anywhere_is_read_within_its_bounds),
        cmocka_unit_test(every_day_has_its_date),
        cmocka_unit_test(a_time_outside_the_limits_is_shown_as_the_limit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
