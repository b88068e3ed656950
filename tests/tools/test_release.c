/* Releases are compared part by part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/gateway-sim/release.h"

static void releases_compare_by_number(void **state)
{
    struct release release = {0};

    (void)state;
    assert_true(release_parse("v7.2.140", &release));
    assert_true(release_has(release, RELEASE(7, 2, 97)));
    assert_false(release_has(release, RELEASE(7, 10, 0)));
    assert_false(release_parse("7.2", &release));
    assert_false(release_parse("7.2.x", &release));
    assert_false(release_parse("7.2.1.0", &release));
    assert_false(release_parse("", &release));
    assert_int_equal(release.number, RELEASE(7, 2, 140));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(releases_compare_by_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
