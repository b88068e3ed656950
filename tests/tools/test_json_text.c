/* JSON: what is valid, and how strings are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/gateway-sim/json_text.h"

static void json_validity_is_strict(void **state)
{
    static const char *const good[] = {"{}", " [1, -0.5e+3, \"\\u00e9\\n\", null, true] ", "0",
                                       "{\"a\":{\"b\":[[]]}}", "\"\x7f\""};
    static const char *const bad[] = {
        "",        "not json",    "01",     "1.",  "[1,]",  "{\"a\"}", "{} x", "\"\n\"",
        "\"\\x\"", "\"\\u12g4\"", "\"open", "nul", "{a:1}", "[1 2]",   "-",    "1e"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(json_is_valid(good[i], strlen(good[i])));
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(json_is_valid(bad[i], strlen(bad[i])));
}

static void json_strings_are_escaped_as_go_does(void **state)
{
    static const char text[] = "<a&b> \"\\\n\x01 \xe2\x80\xa8 \xc3\xa9 \xff\xe2\x80";
    static const char expected[] = "\"\\u003ca\\u0026b\\u003e \\\"\\\\\\n\\u0001 \\u2028 \xc3\xa9 "
                                   "\\ufffd\\ufffd\\ufffd\"";
    struct bytes out;

    (void)state;
    bytes_init(&out, 256);
    json_put_string(&out, text, strlen(text));
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
    bytes_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_validity_is_strict),
        cmocka_unit_test(json_strings_are_escaped_as_go_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
