/* ext/event/model: the display name, and the name without a thinking suffix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ext/event/event.h"
#include "ext/event/model.h"

static void suffixes_of_thinking_are_dropped(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"m(HIGH)", "m"},
        {"m(16384)", "m"},
        {"m(+08192)", "m"},
        {"m(-000)", "m"},
        {"m(-01)", "m(-01)"},
        {"m(-1)", "m"},
        {"m( high)", "m( high)"},
        {"(high)", "(high)"},
        {"m(region-us)", "m(region-us)"},
        {"m(9223372036854775807)", "m"},
        {"m(9223372036854775808)", "m(9223372036854775808)"},
        {"c(m)(high)", "c(m)"},
        {" m(max)", " m"},
        {"m(none)", "m"},
        {"m(Auto)", "m"},
        {"m(minimal)", "m"},
        {"m(low)", "m"},
        {"m(medium)", "m"},
        {"m(xhigh)", "m"},
        {"m()", "m()"},
        {"m(high) ", "m(high) "},
        {"m(high", "m(high"},
        {"m)", "m)"},
        {")", ")"},
        {"(", "("},
        {"()", "()"},
        {"((low)", "("},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice got = event_analytics_model(slice_of_cstr(rows[i][0]));
        if (!slice_equal(got, slice_of_cstr(rows[i][1])))
            fail_msg("%s: got %.*s", rows[i][0], (int)got.len, got.data);
    }
}

static void the_display_name_is_the_first_known(void **state)
{
    (void)state;
    assert_true(slice_equal(model_display(SLICE("a"), SLICE("b")), SLICE("a")));
    assert_true(slice_equal(model_display(slice_empty(), SLICE("b")), SLICE("b")));
    assert_true(slice_equal(model_display(slice_empty(), slice_empty()), SLICE("-")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suffixes_of_thinking_are_dropped),
        cmocka_unit_test(the_display_name_is_the_first_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
