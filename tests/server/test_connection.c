/* Small rules of the connection, and names of time zones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/limits.h"
#include "server/settings/connection.h"
#include "server/settings/zone_name.h"

static void urls_are_normalised(void **state)
{
    static const char *const cases[][2] = {
        {" cpa.test:8317/ ", "http://cpa.test:8317"},
        {"https://cpa.test/v0/management/", "https://cpa.test"},
        {"https://cpa.test/x/v0/", "https://cpa.test/x"},
        {"http://h/v0/v0/management", "http://h"},
        {"http://h//v0", "http://h/"},
        {"http://h/V0/Management", "http://h/V0/Management"},
        {"", ""},
        {" \t", ""},
        {"h///", "http://h"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *url = connection_url_normalise(cases[i][0]);
        assert_string_equal(url, cases[i][1]);
        free(url);
    }
}

static void words_are_normalised(void **state)
{
    (void)state;
    assert_string_equal(connection_mode(" HTTP "), "http");
    assert_string_equal(connection_mode("resp"), "resp");
    assert_string_equal(connection_mode("Subscribe"), "subscribe");
    assert_string_equal(connection_mode("auto"), "auto");
    assert_string_equal(connection_mode(""), "auto");
    assert_string_equal(connection_mode("redis"), "auto");
    assert_string_equal(connection_side("LEFT", "right"), "left");
    assert_string_equal(connection_side("right", "left"), "right");
    assert_string_equal(connection_side("", "left"), "left");
    assert_string_equal(connection_side("x", "right"), "right");
    assert_string_equal(connection_side("", "x"), "right");
    assert_int_equal(connection_positive(3, 2, 1), 3);
    assert_int_equal(connection_positive(0, 2, 1), 2);
    assert_int_equal(connection_positive(-3, -2, 1), 1);
}

static void zones_are_those_of_the_database(void **state)
{
    static const char *const known[] = {"",
                                        "UTC",
                                        "Local",
                                        "Etc/GMT-3",
                                        "Europe/Berlin",
                                        "America/Port-au-Prince",
                                        "America/Argentina/Buenos_Aires"};
    static const char *const unknown[] = {"Mars/Olympus",
                                          "europe/berlin",
                                          "/etc/passwd",
                                          "../../etc/passwd",
                                          "Europe/../UTC",
                                          "Europe/",
                                          "Europe",
                                          "Europe//Berlin",
                                          "zone.tab",
                                          "Europe/Berlin\n",
                                          " Europe/Berlin",
                                          "Europe/Berlin/x",
                                          "."};
    char long_name[LIMIT_ZONE_NAME_BYTES + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        assert_true(zone_name_is_known(known[i]));
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_false(zone_name_is_known(unknown[i]));
    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    assert_false(zone_name_is_known(long_name));
    assert_false(zone_name_is_known(long_name + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_normalised),
        cmocka_unit_test(words_are_normalised),
        cmocka_unit_test(zones_are_those_of_the_database),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
