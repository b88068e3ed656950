/* The short form of trace identifiers: what becomes bytes and what stays text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ext/store/trace_id.h"

static void expect(const char *text, enum trace_form form, const char *prefix, const char *bytes,
                   size_t bytes_len)
{
    struct trace_id trace;
    trace_id_of(slice_of_cstr(text), &trace);
    if (trace.form != form)
        print_error("%s\n", text);
    assert_int_equal(trace.form, form);
    assert_true(slice_equal(trace.prefix, slice_of_cstr(prefix)));
    assert_int_equal(trace.bytes_len, bytes_len);
    assert_memory_equal(trace.bytes, bytes, bytes_len);
}

static void digits_become_bytes(void **state)
{
    (void)state;
    expect("req_0123456789ab", TRACE_HEX, "req_", "\x01\x23\x45\x67\x89\xab", 6);
    expect("00ff00ff", TRACE_HEX, "", "\x00\xff\x00\xff", 4);
    expect("fed-00ff00ff", TRACE_HEX, "fed-", "\x00\xff\x00\xff", 4);
    expect("01234567-89ab-cdef-0123-456789abcdef", TRACE_UUID, "",
           "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef", 16);
}

static void anything_else_stays_text(void **state)
{
    static const char *const texts[] = {
        "",
        "stub-981249",                          /* six digits */
        "req_0123456789abc",                    /* an odd number */
        "req_0123456789AB",                     /* upper case */
        "9abc1234-SIN",                         /* digits not at the end */
        "a1-01234567",                          /* a digit in the prefix */
        "req__01234567",                        /* two separators */
        "abcdefghijklmnopqr_01234567",          /* a long prefix */
        "01234567-89ab-cdef-0123-456789abcde",  /* a digit short of a UUID */
        "01234567-89AB-cdef-0123-456789abcdef", /* a UUID in upper case */
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect(texts[i], TRACE_TEXT, "", "", 0);
}

static void run_length_has_a_limit(void **state)
{
    char digits[2 * TRACE_ID_BYTES_MAX + 3];
    char bytes[TRACE_ID_BYTES_MAX];
    (void)state;
    memset(digits, '1', sizeof digits);
    memset(bytes, 0x11, sizeof bytes);
    digits[2 * TRACE_ID_BYTES_MAX] = '\0';
    expect(digits, TRACE_HEX, "", bytes, TRACE_ID_BYTES_MAX);
    digits[2 * TRACE_ID_BYTES_MAX] = '1';
    digits[2 * TRACE_ID_BYTES_MAX + 2] = '\0';
    expect(digits, TRACE_TEXT, "", "", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_become_bytes),
        cmocka_unit_test(anything_else_stays_text),
        cmocka_unit_test(run_length_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
