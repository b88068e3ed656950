/* Rates and bursts: every event once, and in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/gateway-sim/traffic.h"

static void paces_give_every_event_once(void **state)
{
    struct traffic traffic;
    int64_t total = 0;
    int64_t now_us;

    (void)state;
    traffic_init(&traffic, -1);
    assert_int_equal(traffic_wait_us(&traffic, 0), -1);
    traffic_set_rate(&traffic, 300, 1000);
    assert_true(traffic_add_burst(&traffic, 77, 0.5, 1000));
    for (now_us = 1000; now_us <= 2001000; now_us += 700)
        total += traffic_take_due(&traffic, now_us);
    total += traffic_take_due(&traffic, 2001000);
    assert_int_equal(total, 600 + 77);
    assert_int_equal(traffic.burst_count, 0);
    assert_in_range(traffic_wait_us(&traffic, 2001000), 3333, 3334);
}

static void waiting_as_told_makes_the_next_event_due(void **state)
{
    struct traffic traffic;
    int64_t now_us = 123;
    int i;

    (void)state;
    traffic_init(&traffic, -1);
    traffic_set_rate(&traffic, 7, now_us);
    for (i = 0; i < 1000; i++) {
        now_us += traffic_wait_us(&traffic, now_us);
        assert_in_range(traffic_take_due(&traffic, now_us), 1, 1);
    }
}

static void a_total_ends_all_paces(void **state)
{
    struct traffic traffic;
    int i;

    (void)state;
    traffic_init(&traffic, 100);
    assert_true(traffic_add_burst(&traffic, 60, 0, 0));
    assert_int_equal(traffic_wait_us(&traffic, 0), 0);
    assert_int_equal(traffic_take_due(&traffic, 0), 60);
    traffic_set_rate(&traffic, 1000, 0);
    assert_int_equal(traffic_take_due(&traffic, 1000000), 40);
    assert_int_equal(traffic_wait_us(&traffic, 1000000), -1);
    traffic_init(&traffic, -1);
    for (i = 0; i < LIMIT_BURSTS; i++)
        assert_true(traffic_add_burst(&traffic, 5, 1, 0));
    assert_false(traffic_add_burst(&traffic, 5, 1, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paces_give_every_event_once),
        cmocka_unit_test(waiting_as_told_makes_the_next_event_due),
        cmocka_unit_test(a_total_ends_all_paces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
