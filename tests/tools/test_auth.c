/* The ban list: what it forgets, and how it says how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "tools/gateway-sim/auth.h"
#include "tools/gateway-sim/limits.h"

static struct counts counts;

static int setup(void **state)
{
    (void)state;
    counts_init(&counts);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    counts_clear(&counts);
    return 0;
}

static void ban_list_forgets_the_longest_idle_address(void **state)
{
    struct auth_answer answer;
    struct auth auth;
    char ip[32];
    int i;

    (void)state;
    auth_init(&auth, "key", &counts);
    auth.allows_remote = true;
    for (i = 0; i <= LIMIT_BAN_ENTRIES; i++) {
        snprintf(ip, sizeof(ip), "10.0.%d.%d", i / 256, i % 256);
        auth_check(&auth, ip, "wrong", 5, i, &answer);
        assert_int_equal(answer.status, 401);
    }
    assert_int_equal(auth.entry_count, LIMIT_BAN_ENTRIES);
    for (i = 0; i < 5; i++)
        auth_check(&auth, "10.0.0.0", "wrong", 5, 5000, &answer);
    assert_int_equal(answer.status, 401); /* its first failure was forgotten */
    auth_check(&auth, "10.0.0.0", "key", 3, 5000, &answer);
    assert_int_equal(answer.status, 403);
    assert_int_equal(auth.entry_count, LIMIT_BAN_ENTRIES);
    auth_check(&auth, "10.9.9.9", "wrong", 5, 5000 + 2 * 3600 * 1000 + 1, &answer);
    assert_int_equal(auth.entry_count, 1); /* all others were idle for two hours */
    auth_clear(&auth);
}

static void durations_are_rounded_as_go_does(void **state)
{
    static const struct {
        int64_t left_ms;
        const char *text;
    } rows[] = {{1800000, "30m0s"}, {1799500, "30m0s"}, {1799499, "29m59s"}, {60000, "1m0s"},
                {59499, "59s"},     {499, "0s"},        {500, "1s"},         {3661000, "1h1m1s"}};
    struct auth_answer answer;
    struct auth auth;
    size_t i;
    int failure;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        auth_init(&auth, "key", &counts);
        auth.ban_ms = 10000000;
        for (failure = 0; failure < 5; failure++)
            auth_check(&auth, "::1", "no", 2, 0, &answer);
        auth_check(&auth, "::1", "key", 3, 10000000 - rows[i].left_ms, &answer);
        assert_int_equal(answer.status, 403);
        assert_string_equal(strstr(answer.text, "again in ") + 9, rows[i].text);
        auth_clear(&auth);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ban_list_forgets_the_longest_idle_address, setup, teardown),
        cmocka_unit_test_setup_teardown(durations_are_rounded_as_go_does, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
