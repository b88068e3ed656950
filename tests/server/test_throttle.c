/* server/http/throttle.c: rules 1 to 5 of throttle.h. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/http/throttle.h"

static const uint8_t v4_a[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1};
static const uint8_t v4_b[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2};

static int set_up(void **state)
{
    *state = throttle_new();
    return *state == NULL;
}

static int tear_down(void **state)
{
    throttle_free(*state);
    return 0;
}

static void fail_times(struct throttle *throttle, const uint8_t peer[16], int times, int64_t now_ms)
{
    for (int i = 0; i < times; i++)
        throttle_failed(throttle, peer, now_ms);
}

static void rule_1_first_attempts_are_judged_at_once(void **state)
{
    fail_times(*state, v4_a, THROTTLE_FREE - 1, 1000);
    assert_int_equal(throttle_turn(*state, v4_a, 1000), 1000);
    assert_int_equal(throttle_turn(*state, v4_a, 1000), 1000);
}

static void rule_2_later_attempts_take_turns(void **state)
{
    fail_times(*state, v4_a, THROTTLE_FREE, 1000);
    assert_int_equal(throttle_turn(*state, v4_a, 1000), 1000 + THROTTLE_FIRST_MS);
    assert_int_equal(throttle_turn(*state, v4_a, 1000), 1000 + 2 * THROTTLE_FIRST_MS);
    fail_times(*state, v4_a, 1, 2000); /* turns are twice as far apart from here */
    assert_int_equal(throttle_turn(*state, v4_a, 10000), 10000);
    assert_int_equal(throttle_turn(*state, v4_a, 10000), 10000 + 2 * THROTTLE_FIRST_MS);
    fail_times(*state, v4_a, 100, 11000);
    assert_int_equal(throttle_turn(*state, v4_a, 90000), 90000);
    assert_int_equal(throttle_turn(*state, v4_a, 90000), 90000 + THROTTLE_LAST_MS);
}

static void rule_2_others_are_not_held_up(void **state)
{
    fail_times(*state, v4_a, 100, 1000);
    assert_int_equal(throttle_turn(*state, v4_b, 1000), 1000);
}

static void rule_3_too_long_a_line_is_refused(void **state)
{
    int64_t turn_ms = 0;
    int waiting = 0;
    fail_times(*state, v4_a, 100, 1000);
    while ((turn_ms = throttle_turn(*state, v4_a, 1000)) >= 0) {
        assert_true(turn_ms - 1000 <= THROTTLE_WAIT_MS);
        assert_true(++waiting < 100);
    }
    assert_int_equal(throttle_turn(*state, v4_a, 1000), -1);
    assert_true(throttle_turn(*state, v4_a, 1000 + THROTTLE_WAIT_MS) >= 0);
}

static void rule_4_success_and_time_forget(void **state)
{
    fail_times(*state, v4_a, 100, 1000);
    throttle_passed(*state, v4_a);
    assert_int_equal(throttle_turn(*state, v4_a, 1000), 1000);
    fail_times(*state, v4_a, 100, 1000);
    assert_true(throttle_turn(*state, v4_a, 1000 + THROTTLE_FORGET_MS) >= 0);
    assert_int_equal(throttle_turn(*state, v4_a, 1001 + THROTTLE_FORGET_MS),
                     1001 + THROTTLE_FORGET_MS);
    assert_int_equal(throttle_turn(*state, v4_a, 1001 + THROTTLE_FORGET_MS),
                     1001 + THROTTLE_FORGET_MS);
}

static void rule_5_one_network_counts_as_one(void **state)
{
    uint8_t first[16] = {0x20, 0x01, [15] = 1};
    uint8_t same[16] = {0x20, 0x01, [8] = 7, [15] = 2};
    uint8_t other[16] = {0x20, 0x01, [7] = 1, [15] = 1};
    fail_times(*state, first, 100, 1000);
    assert_true(throttle_turn(*state, same, 1000) > 1000);
    assert_int_equal(throttle_turn(*state, other, 1000), 1000);
}

static void rule_5_many_addresses_do_not_push_out_the_latest(void **state)
{
    for (uint32_t i = 0; i < 20000; i++) {
        uint8_t peer[16] = {0x20, 0x02};
        memcpy(peer + 2, &i, sizeof i);
        throttle_failed(*state, peer, 1000 + (int64_t)i);
    }
    fail_times(*state, v4_a, THROTTLE_FREE, 30000);
    assert_true(throttle_turn(*state, v4_a, 30000) > 30000);
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(rule_1_first_attempts_are_judged_at_once),
        FIXTURE_TEST(rule_2_later_attempts_take_turns),
        FIXTURE_TEST(rule_2_others_are_not_held_up),
        FIXTURE_TEST(rule_3_too_long_a_line_is_refused),
        FIXTURE_TEST(rule_4_success_and_time_forget),
        FIXTURE_TEST(rule_5_one_network_counts_as_one),
        FIXTURE_TEST(rule_5_many_addresses_do_not_push_out_the_latest),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
