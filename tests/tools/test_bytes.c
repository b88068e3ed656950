/* Byte buffers keep their ceiling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/gateway-sim/bytes.h"

static void buffers_stop_at_their_ceiling(void **state)
{
    struct bytes bytes;

    (void)state;
    bytes_init(&bytes, 8);
    BYTES_LITERAL(&bytes, "12345678");
    assert_false(bytes.has_failed);
    BYTES_LITERAL(&bytes, "9");
    assert_true(bytes.has_failed);
    assert_int_equal(bytes.len, 8);
    bytes_drop_front(&bytes, 6);
    BYTES_LITERAL(&bytes, "x");
    assert_int_equal(bytes.len, 2); /* the failure stays */
    bytes_clear(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_stop_at_their_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
