/* How times are printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/gateway-sim/clock.h"

static void times_print_without_trailing_zeros(void **state)
{
    static const struct {
        int64_t wall_ns;
        const char *text;
    } rows[] = {
        {INT64_C(1763884036749547489), "2025-11-23T07:47:16.749547489Z"},
        {INT64_C(1763884036749547400), "2025-11-23T07:47:16.7495474Z"},
        {INT64_C(1763884036000000000), "2025-11-23T07:47:16Z"},
        {INT64_C(1763884037000000001), "2025-11-23T07:47:17.000000001Z"},
        {0, "1970-01-01T00:00:00Z"},
    };
    struct bytes out;
    size_t i;

    (void)state;
    bytes_init(&out, 256);
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bytes_reset(&out);
        clock_put_rfc3339(&out, rows[i].wall_ns, false);
        assert_int_equal(out.len, strlen(rows[i].text));
        assert_memory_equal(out.data, rows[i].text, out.len);
    }
    bytes_reset(&out);
    clock_put_http_date(&out, INT64_C(1763884036749547489));
    assert_memory_equal(out.data, "Sun, 23 Nov 2025 07:47:16 GMT", 29);
    bytes_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_print_without_trailing_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
