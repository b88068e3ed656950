/* ext/event/request_text: what clients say of themselves, cleaned and cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ext/event/request_text.h"
#include "ext/limits.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static void what_shows_nothing_becomes_one_space(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", ""},
        {"plain text", "plain text"},
        {"two  spaces", "two spaces"},
        {" ends ", "ends"},
        {"192.0.2.10\r\n\xe2\x80\xaespoofed ", "192.0.2.10 spoofed"}, /* U+202E */
        {"a\xe2\x80\x8b\x01\tb", "a b"},                              /* U+200B */
        {"\xef\xbb\xbf x", "x"},                                      /* U+FEFF */
        {"a\xc2\xa0\xe3\x80\x80 b", "a b"},                           /* U+00A0, U+3000 */
        {"\xe6\x97\xa5\xe6\x9c\xac \xc3\xa9\xcc\x81", "\xe6\x97\xa5\xe6\x9c\xac \xc3\xa9\xcc\x81"},
        {"a\xee\x80\x80z", "a z"},                      /* private use, U+E000 */
        {"a\xf3\xb0\x80\x80z", "a z"},                  /* private use, U+F0000 */
        {"a\xcd\xb8z", "a z"},                          /* unassigned, U+0378 */
        {"a\xc2\xadz", "a z"},                          /* soft hyphen */
        {"a\xf0\x9f\x98\x80z", "a\xf0\x9f\x98\x80z"},   /* U+1F600 */
        {"a\xc2\xa1z \xc2\xac", "a\xc2\xa1z \xc2\xac"}, /* the first and last of a run */
        {"a\xffz", "a z"},
        {"\x7f", ""},
        {"\t\n", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice got = request_text_clean(&arena, slice_of_cstr(rows[i][0]), 64);
        if (!slice_equal(got, slice_of_cstr(rows[i][1])))
            fail_msg("row %d: got %.*s", (int)i, (int)got.len, got.data);
    }
}

static void a_text_over_the_limit_is_cut(void **state)
{
    (void)state;
    static const size_t limits[] = {LIMIT_CLIENT_IP_BYTES, LIMIT_X_FORWARDED_FOR_BYTES,
                                    LIMIT_USER_AGENT_BYTES};
    static char text[LIMIT_X_FORWARDED_FOR_BYTES + 2];
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < 3; i++) {
        size_t limit = limits[i];
        for (size_t len = limit - 1; len <= limit; len++)
            assert_int_equal(request_text_clean(&arena, (struct slice){text, len}, limit).len, len);
        struct slice cut = request_text_clean(&arena, (struct slice){text, limit + 1}, limit);
        assert_int_equal(cut.len, limit);
        assert_memory_equal(cut.data, text, limit - 3);
        assert_memory_equal(cut.data + limit - 3, "...", 3);
    }
}

static void a_cut_falls_on_whole_characters_and_is_trimmed(void **state)
{
    (void)state;
    struct slice wide = SLICE("12345678\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"); /* 17 bytes */
    assert_true(
        slice_equal(request_text_clean(&arena, wide, 16), SLICE("12345678\xe2\x82\xac...")));
    assert_true(slice_equal(request_text_clean(&arena, SLICE("123456789012 45678"), 16),
                            SLICE("123456789012...")));
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    struct arena none;
    arena_init(&none, 2);
    assert_int_equal(request_text_clean(&none, SLICE("a\tb\tc\td"), 64).len, 0);
    assert_true(none.failed);
    arena_clear(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_shows_nothing_becomes_one_space),
        cmocka_unit_test(a_text_over_the_limit_is_cut),
        cmocka_unit_test(a_cut_falls_on_whole_characters_and_is_trimmed),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
