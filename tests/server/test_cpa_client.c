/* Calls to CPA's management API: what is asked and how answers are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/upstream/cpa_client.h"
#include "server/upstream/http_call.h"
#include "stub_upstream.h"

static int set_up(void **state)
{
    *state = stub_upstream_start();
    return 0;
}

static int tear_down(void **state)
{
    stub_upstream_stop(*state);
    return 0;
}

static void assert_asked(struct stub_upstream *stub, const char *expected)
{
    char *log = stub_upstream_log(stub);

    assert_string_equal(log, expected);
    free(log);
}

static void validating_takes_any_2xx(void **state)
{
    struct stub_upstream *stub = *state;
    char *error = NULL;

    stub_upstream_json(stub, "GET /v0/management/config", "200 OK", "not json");
    assert_int_equal(cpa_validate(stub_upstream_url(stub), "k", &error), CPA_OK);
    assert_asked(stub, "GET /v0/management/config|Bearer k|\n");
    stub_upstream_json(stub, "GET /v0/management/config", "401 Unauthorized", "{}");
    assert_int_equal(cpa_validate(stub_upstream_url(stub), "k", &error), CPA_REFUSED);
    assert_string_equal(error, "management API validation failed: 401 Unauthorized");
    free(error);
}

static void usage_settings_are_read(void **state)
{
    struct stub_upstream *stub = *state;
    struct cpa_usage usage = {0};
    char *error = NULL;

    stub_upstream_json(stub, "GET /v0/management/config", "200 OK",
                       "{\"usage-statistics-enabled\":true,"
                       "\"redis-usage-queue-retention-seconds\":120}");
    assert_int_equal(cpa_usage_read(stub_upstream_url(stub), "k", &usage, &error), CPA_OK);
    assert_true(usage.is_statistics_enabled);
    assert_int_equal(usage.retention_seconds, 120);
    assert_false(usage.is_retention_default);
    stub_upstream_json(stub, "GET /v0/management/config", "200 OK", "[]");
    assert_int_equal(cpa_usage_read(stub_upstream_url(stub), "k", &usage, &error), CPA_REFUSED);
    assert_string_equal(error,
                        "management API config request failed: the answer is not a JSON object");
    free(error);
    stub_upstream_json(stub, "GET /v0/management/config", "503 Busy", "");
    assert_int_equal(cpa_usage_read(stub_upstream_url(stub), "k", &usage, &error), CPA_REFUSED);
    assert_string_equal(error, "management API config request failed: 503 Busy");
    assert_int_equal(usage.retention_seconds, 120);
    free(error);
}

static void statistics_are_enabled_by_a_put(void **state)
{
    struct stub_upstream *stub = *state;
    char *error = NULL;

    stub_upstream_json(stub, "PUT /v0/management/usage-statistics-enabled", "200 OK", "{}");
    assert_int_equal(cpa_usage_enable(stub_upstream_url(stub), "k", &error), CPA_OK);
    assert_asked(stub, "PUT /v0/management/usage-statistics-enabled|Bearer k|{\"value\":true}\n");
    stub_upstream_json(stub, "PUT ", "500 Internal Server Error", "{}");
    assert_int_equal(cpa_usage_enable(stub_upstream_url(stub), "k", &error), CPA_REFUSED);
    assert_string_equal(error, "enable CPA usage statistics failed: 500 Internal Server Error");
    free(error);
}

static void nobody_there(void **state)
{
    char *error = NULL;

    (void)state;
    assert_int_equal(cpa_validate("http://127.0.0.1:1", "k", &error), CPA_UNREACHABLE);
    assert_non_null(strstr(error, "Get \"http://127.0.0.1:1/v0/management/config\": "));
    free(error);
}

static void forms_of_the_usage_settings(void **state)
{
    static const struct {
        const char *json;
        bool is_enabled;
        int64_t retention_seconds;
        bool is_default;
    } cases[] = {
        {"{}", false, 60, true},
        {"{\"usageStatisticsEnabled\":\"Yes\",\"redisUsageQueueRetentionSeconds\":\" 90 \"}", true,
         90, false},
        {"{\"usage-statistics-enabled\":\"1\",\"redis-usage-queue-retention-seconds\":1.9}", true,
         1, false},
        {"{\"usage-statistics-enabled\":\"off\",\"redis-usage-queue-retention-seconds\":null}",
         false, 60, true},
        {"{\"usage-statistics-enabled\":1,\"redis-usage-queue-retention-seconds\":\"1.5\"}", false,
         60, true},
        {"{\"redis-usage-queue-retention-seconds\":0}", false, 0, false},
        {"{\"redis-usage-queue-retention-seconds\":-7}", false, -1, false},
        {"{\"redis-usage-queue-retention-seconds\":1e300}", false, 1000000000000, false},
        {"{\"redis-usage-queue-retention-seconds\":\"9223372036854775807\"}", false, 1000000000000,
         false},
        {"{\"redis-usage-queue-retention-seconds\":true}", false, 60, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cpa_usage usage = {0};
        assert_true(cpa_usage_parse(slice_of_cstr(cases[i].json), &usage));
        assert_int_equal(usage.is_statistics_enabled, cases[i].is_enabled);
        assert_true(usage.retention_seconds == cases[i].retention_seconds);
        assert_int_equal(usage.is_retention_default, cases[i].is_default);
    }
    assert_false(cpa_usage_parse(SLICE("[1]"), &(struct cpa_usage){0}));
    assert_false(cpa_usage_parse(SLICE(""), &(struct cpa_usage){0}));
    assert_false(cpa_usage_parse(SLICE("{\"a\":"), &(struct cpa_usage){0}));
}

static int begin(void **state)
{
    (void)state;
    return !http_call_global_init();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(validating_takes_any_2xx),        TEST(usage_settings_are_read),
        TEST(statistics_are_enabled_by_a_put), TEST(nobody_there),
        TEST(forms_of_the_usage_settings),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
