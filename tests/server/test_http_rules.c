/* The rules of HTTP that need no server: cors.c, path.c, byte_range.c, http_date.c,
 * status_text.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/http/byte_range.h"
#include "server/http/cors.h"
#include "server/http/http_date.h"
#include "server/http/path.h"
#include "server/http/status_text.h"

/* --- CORS --- */

struct cors_case {
    const char *origins[3]; /* NULL at the end */
    const char *origin;
    const char *allowed; /* "" no header */
    bool varies;
};

static void cors_headers_follow_the_table(void **state)
{
    static const struct cors_case cases[] = {
        {{"*"}, "", "*", false},
        {{"*"}, "https://a.test", "*", false},
        {{"https://a.test"}, "https://a.test", "https://a.test", true},
        {{"https://a.test"}, "https://b.test", "", false},
        {{"https://a.test"}, "", "", false},
        {{"https://a.test", "*"}, "https://a.test", "https://a.test", true},
        {{"https://a.test", "*"}, "https://b.test", "*", false},
        {{"*", "https://a.test"}, "https://a.test", "*", false},
        {{"https://a.test"}, "https://A.test", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *origins[3];
        size_t count = 0;
        for (; cases[i].origins[count] != NULL; count++)
            origins[count] = (char *)(uintptr_t)cases[i].origins[count];
        struct cors_decision decision = cors_decide(origins, count, slice_of_cstr(cases[i].origin));
        assert_true(decision.has_headers);
        assert_true(slice_equal(decision.allow_origin, slice_of_cstr(cases[i].allowed)));
        assert_int_equal(decision.varies, cases[i].varies);
    }
    assert_false(cors_decide(NULL, 0, SLICE("https://a.test")).has_headers);
}

/* --- paths --- */

static void check_clean(const char *path, const char *expected)
{
    struct text text;
    text_init(&text, 1024);
    path_clean(&text, slice_of_cstr(path));
    assert_string_equal(text.data, expected);
    text_clear(&text);
}

static void paths_are_cleaned(void **state)
{
    (void)state;
    check_clean("/", "/");
    check_clean("", "/");
    check_clean("/a/b", "/a/b");
    check_clean("/a/b/", "/a/b/");
    check_clean("//a", "/a");
    check_clean("//evil.test/x", "/evil.test/x");
    check_clean("/a//b", "/a/b");
    check_clean("/a/./b", "/a/b");
    check_clean("/a/../b", "/b");
    check_clean("/a/b/../../c/", "/c/");
    check_clean("/../../a", "/a");
    check_clean("/a/..", "/");
    check_clean("/a/../", "/");
    check_clean("/a/.", "/a");
    check_clean("/.../a", "/.../a");
    check_clean("/%2e%2e/a", "/%2e%2e/a");
}

static void check_decode(const char *path, const char *expected)
{
    struct text text;
    text_init(&text, 1024);
    bool is_good = path_decode(&text, slice_of_cstr(path));
    assert_int_equal(is_good, expected != NULL);
    if (expected != NULL)
        assert_true(slice_equal(text_slice(&text), slice_of_cstr(expected)));
    text_clear(&text);
}

static void escapes_are_decoded(void **state)
{
    (void)state;
    check_decode("/a%20b%2Fc%c3%A9", "/a b/c\xc3\xa9");
    check_decode("/a+b", "/a+b");
    check_decode("/%", NULL);
    check_decode("/%4", NULL);
    check_decode("/%4g", NULL);
    check_decode("/%zz", NULL);
}

static void query_parameters_are_found(void **state)
{
    struct text text;
    (void)state;
    text_init(&text, 64);
    const struct slice query = SLICE("a=1&from_ms=-5&name=x%20y+z&empty=&a=2&broken=%z");
    assert_true(query_value(&text, query, SLICE("from_ms")));
    assert_string_equal(text.data, "-5");
    text_empty(&text);
    assert_true(query_value(&text, query, SLICE("a")));
    assert_string_equal(text.data, "1");
    text_empty(&text);
    assert_true(query_value(&text, query, SLICE("name")));
    assert_string_equal(text.data, "x y z");
    text_empty(&text);
    assert_true(query_value(&text, query, SLICE("empty")));
    assert_int_equal(text.len, 0);
    assert_false(query_value(&text, query, SLICE("from")));
    assert_false(query_value(&text, query, SLICE("broken")));
    assert_false(query_value(&text, slice_empty(), SLICE("a")));
    text_clear(&text);
}

/* --- ranges --- */

static void check_range(const char *header, enum byte_range_result expected, int64_t first,
                        int64_t len)
{
    int64_t got_first = -1;
    int64_t got_len = -1;
    assert_int_equal(byte_range_parse(slice_of_cstr(header), 100, &got_first, &got_len), expected);
    if (expected == BYTE_RANGE_PART) {
        assert_int_equal(got_first, first);
        assert_int_equal(got_len, len);
    }
}

static void ranges_are_parts_of_the_file(void **state)
{
    (void)state;
    check_range("bytes=0-0", BYTE_RANGE_PART, 0, 1);
    check_range("bytes=10-19", BYTE_RANGE_PART, 10, 10);
    check_range("bytes=90-", BYTE_RANGE_PART, 90, 10);
    check_range("bytes=90-1000", BYTE_RANGE_PART, 90, 10);
    check_range("bytes=-7", BYTE_RANGE_PART, 93, 7);
    check_range("bytes=-1000", BYTE_RANGE_PART, 0, 100);
    check_range("bytes=99-99", BYTE_RANGE_PART, 99, 1);
    check_range("bytes=100-", BYTE_RANGE_OUTSIDE, 0, 0);
    check_range("bytes=-0", BYTE_RANGE_OUTSIDE, 0, 0);
    check_range("", BYTE_RANGE_WHOLE, 0, 0);
    check_range("bytes=", BYTE_RANGE_WHOLE, 0, 0);
    check_range("bytes=-", BYTE_RANGE_WHOLE, 0, 0);
    check_range("bytes=5-4", BYTE_RANGE_WHOLE, 0, 0);
    check_range("bytes=1-2,5-6", BYTE_RANGE_WHOLE, 0, 0);
    check_range("bytes=+1-2", BYTE_RANGE_WHOLE, 0, 0);
    check_range("bytes=99999999999999999999-", BYTE_RANGE_WHOLE, 0, 0);
    check_range("lines=1-2", BYTE_RANGE_WHOLE, 0, 0);
}

/* --- dates --- */

static void dates_go_both_ways(void **state)
{
    static const int64_t seconds[] = {0, 784111777, 951782399, 951782400, 1582934400, 4102444799};
    char date[HTTP_DATE_SIZE];
    int64_t read = -1;
    (void)state;
    http_date_write(784111777, date);
    assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        http_date_write(seconds[i], date);
        assert_true(http_date_read(slice_of_cstr(date), &read));
        assert_int_equal(read, seconds[i]);
    }
    assert_false(http_date_read(slice_empty(), &read));
    assert_false(http_date_read(SLICE("Sun, 06 Nov 1994 08:49:37 UTC"), &read));
    assert_false(http_date_read(SLICE("Sun, 06 Nox 1994 08:49:37 GMT"), &read));
    assert_false(http_date_read(SLICE("Sun, 06 ovD 1994 08:49:37 GMT"), &read));
    assert_false(http_date_read(SLICE("Sunday, 06-Nov-94 08:49:37 GMT"), &read));
}

static void reasons_are_known(void **state)
{
    (void)state;
    assert_string_equal(status_text(404), "Not Found");
    assert_string_equal(status_text(428), "Precondition Required");
    assert_string_equal(status_text(799), "Unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cors_headers_follow_the_table),
        cmocka_unit_test(paths_are_cleaned),
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(query_parameters_are_found),
        cmocka_unit_test(ranges_are_parts_of_the_file),
        cmocka_unit_test(dates_go_both_ways),
        cmocka_unit_test(reasons_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
