/* POST /setup: what it checks, asks, saves and answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/memory.h"
#include "server/settings/bootstrap.h"
#include "server/settings/settings_row.h"
#include "server/settings/setup.h"
#include "server/upstream/http_call.h"
#include "settings_world.h"

/* Set up with this body, in which %s is CPA's URL. */
static void setup(struct settings_world *world, const char *body)
{
    char *text = settings_world_text(world, body);

    settings_answer_clear(&world->answer);
    setup_apply(&world->context, slice_of_cstr(text), &world->answer);
    free(text);
}

static void assert_nothing_saved(struct settings_world *world)
{
    char *row = ledger_setting(world->db, SETTINGS_SETUP);

    assert_null(row);
    row = ledger_setting(world->db, SETTINGS_MANAGER_CONFIG);
    assert_null(row);
}

static void a_first_setup_is_checked_and_saved(void **state)
{
    struct settings_world *world = *state;
    struct bootstrap_state boot;
    char *row = NULL;

    setup(world, "{\"cpaBaseUrl\":\" %s/v0/management/ \",\"cpaManagementKey\":\" k \","
                 "\"managementKey\":\"ignored\",\"queue\":\"q\",\"popSide\":\"LEFT\","
                 "\"batchSize\":5,\"collectorMode\":\"resp\"} trailing");
    settings_world_expect(world, 200, "{\"ok\":true,\"upstream\":\"%s\"}\n");
    settings_world_expect_asked(world, WORLD_GET_CONFIG WORLD_GET_CONFIG WORLD_PUT_ENABLE);
    assert_int_equal(world->answer.collector, SETTINGS_COLLECTOR_START);
    assert_true(world->answer.has_config);
    assert_string_equal(world->answer.config.cpa_base_url, stub_upstream_url(world->stub));
    assert_string_equal(world->answer.config.management_key, "k");
    assert_string_equal(world->answer.config.collector_mode, "resp");
    assert_string_equal(world->answer.config.queue, "q");
    assert_string_equal(world->answer.config.pop_side, "left");
    assert_int_equal(world->answer.config.batch_size, 5);
    assert_int_equal(world->answer.config.poll_interval_ms, 500);
    row = ledger_setting(world->db, SETTINGS_SETUP);
    assert_non_null(strstr(row, "\"managementKey\":\"enc:v1:"));
    assert_non_null(strstr(row, "\"queue\":\"q\",\"popSide\":\"left\"}"));
    free(row);
    row = ledger_setting(world->db, SETTINGS_MANAGER_CONFIG);
    assert_non_null(strstr(row, "\"managementKey\":\"enc:v1:"));
    assert_null(strstr(row, "\"k\""));
    assert_non_null(strstr(row, "\"updatedAtMs\":1786000000000}"));
    free(row);
    assert_int_equal(bootstrap_state_load(world->db, &boot), SQLITE_OK);
    assert_string_equal(boot.status, "ready");
    assert_true(boot.is_admin_ready && boot.is_project_initialized && boot.is_data_key_ready);
}

static void the_older_name_of_the_key_works(void **state)
{
    struct settings_world *world = *state;

    setup(world, "{\"cpaBaseUrl\":\"%s\",\"cpaManagementKey\":\" \",\"managementKey\":\"k\"}");
    settings_world_expect(world, 200, "{\"ok\":true,\"upstream\":\"%s\"}\n");
}

static void statistics_already_enabled_are_left_alone(void **state)
{
    struct settings_world *world = *state;

    stub_upstream_json(world->stub, "GET /v0/management/config", "200 OK",
                       "{\"usage-statistics-enabled\":true}");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"}");
    settings_world_expect(world, 200, "{\"ok\":true,\"upstream\":\"%s\"}\n");
    settings_world_expect_asked(world, WORLD_GET_CONFIG WORLD_GET_CONFIG);
}

static void statistics_are_not_enabled_when_not_wanted(void **state)
{
    struct settings_world *world = *state;

    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\","
                 "\"ensureUsageStatisticsEnabled\":false}");
    settings_world_expect(world, 200, "{\"ok\":true,\"upstream\":\"%s\"}\n");
    settings_world_expect_asked(world, WORLD_GET_CONFIG WORLD_GET_CONFIG);
}

static void without_monitoring_only_the_key_is_checked(void **state)
{
    struct settings_world *world = *state;

    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\",\"requestMonitoringEnabled\":"
                 "false,\"ensureUsageStatisticsEnabled\":true}");
    settings_world_expect(world, 200, "{\"ok\":true,\"upstream\":\"%s\"}\n");
    settings_world_expect_asked(world, WORLD_GET_CONFIG);
    assert_int_equal(world->answer.collector, SETTINGS_COLLECTOR_STOP);
    assert_false(world->answer.has_config);
}

static void bad_bodies_are_400(void **state)
{
    struct settings_world *world = *state;

    setup(world, "");
    settings_world_expect_error(world, 400, "request_failed", "EOF");
    setup(world, "{");
    assert_int_equal(world->answer.status, 400);
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\",\"batchSize\":\"5\"}");
    settings_world_expect_error(world, 400, "request_failed", "batchSize must be an integer");
    setup(world, "{}");
    settings_world_expect_error(world, 400, "cpa_connection_required",
                                "cpaBaseUrl and managementKey are required");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\" \"}");
    settings_world_expect_error(world, 400, "cpa_connection_required",
                                "cpaBaseUrl and managementKey are required");
    settings_world_expect_asked(world, "");
    assert_nothing_saved(world);
}

static void a_key_that_cpa_refuses_is_502(void **state)
{
    struct settings_world *world = *state;

    stub_upstream_json(world->stub, "GET /v0/management/config", "401 Unauthorized", "{}");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"wrong\"}");
    settings_world_expect_error(world, 502, "management_api_validation_failed",
                                "management API validation failed: 401 Unauthorized");
    assert_nothing_saved(world);
}

static void an_unreachable_cpa_is_502(void **state)
{
    struct settings_world *world = *state;

    setup(world, "{\"cpaBaseUrl\":\"http://127.0.0.1:1\",\"managementKey\":\"s3cret\"}");
    assert_int_equal(world->answer.status, 502);
    assert_non_null(strstr(world->answer.body.data, "{\"code\":\"request_failed\",\"error\":\"Get "
                                                    "\\\"http://127.0.0.1:1/v0/management/config"));
    assert_null(strstr(world->answer.body.data, "s3cret"));
    assert_nothing_saved(world);
}

static void enabling_that_fails_is_502(void **state)
{
    struct settings_world *world = *state;

    stub_upstream_json(world->stub, "PUT /v0/management/usage-statistics-enabled",
                       "500 Internal Server Error", "{}");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"}");
    settings_world_expect_error(world, 502, "enable_cpa_usage_statistics_failed",
                                "enable CPA usage statistics failed: 500 Internal Server Error");
    assert_nothing_saved(world);
}

static void a_queue_that_forgets_too_soon_is_400(void **state)
{
    struct settings_world *world = *state;

    stub_upstream_json(world->stub, "GET /v0/management/config", "200 OK",
                       "{\"redis-usage-queue-retention-seconds\":1}");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\",\"pollIntervalMs\":1001}");
    settings_world_expect_error(world, 400, "poll_interval_exceeds_retention",
                                "pollIntervalMs must be less than or equal to CPA "
                                "redis-usage-queue-retention-seconds (1 seconds)");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\",\"pollIntervalMs\":1000}");
    assert_int_equal(world->answer.status, 200);
    stub_upstream_json(world->stub, "GET /v0/management/config", "200 OK",
                       "{\"redis-usage-queue-retention-seconds\":0}");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"}");
    settings_world_expect_error(world, 400, "cpa_usage_retention_invalid",
                                "CPA redis-usage-queue-retention-seconds must be greater than 0");
}

static void url_or_key_may_change_but_not_both(void **state)
{
    struct settings_world *world = *state;
    struct stub_upstream *other = stub_upstream_start();
    char *body =
        memory_format("{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k2\"}", stub_upstream_url(other));

    stub_upstream_json(other, "GET /v0/management/config", "200 OK",
                       "{\"usage-statistics-enabled\":true}");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"}");
    assert_int_equal(world->answer.status, 200);
    setup(world, body); /* another URL and another key */
    settings_world_expect_error(world, 401, "invalid_existing_management_key",
                                "invalid management key for existing setup");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k2\"}"); /* another key */
    assert_int_equal(world->answer.status, 200);
    setup(world, body); /* another URL with the key of now */
    assert_int_equal(world->answer.status, 200);
    assert_string_equal(world->answer.config.cpa_base_url, stub_upstream_url(other));
    stub_upstream_stop(other);
    free(body);
}

static void setup_again_keeps_the_inspection_settings(void **state)
{
    struct settings_world *world = *state;
    char *row = NULL;

    ledger_put(world->db, SETTINGS_MANAGER_CONFIG, "{\"codexInspection\":{\"workers\":9}}");
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"}");
    row = ledger_setting(world->db, SETTINGS_MANAGER_CONFIG);
    assert_non_null(strstr(row, "\"workers\":9,"));
    free(row);
}

static void an_environment_connection_is_only_confirmed(void **state)
{
    struct settings_world *world = *state;
    static const char *const different[] = {
        "{\"cpaBaseUrl\":\"http://other\",\"managementKey\":\"k\"}",
        "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k2\"}",
        "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\",\"queue\":\"q\"}",
        "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\",\"popSide\":\"left\"}",
    };

    settings_world_manage(world, stub_upstream_url(world->stub), "k");
    for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
        setup(world, different[i]);
        settings_world_expect_error(world, 409, "setup_env_managed",
                                    "setup is managed by environment variables");
    }
    settings_world_expect_asked(world, "");
    assert_nothing_saved(world);
    setup(world, "{\"cpaBaseUrl\":\"%s/\",\"managementKey\":\"k\",\"queue\":\"usage\"}");
    settings_world_expect(world, 200, "{\"ok\":true,\"upstream\":\"%s\"}\n");
}

static int failing_transaction(void *worker, int (*run)(sqlite3 *db, void *arg), void *arg,
                               char **out_message)
{
    (void)worker;
    (void)run;
    (void)arg;
    *out_message = memory_copy_cstr("disk I/O error");
    return SQLITE_IOERR;
}

static void a_database_that_fails_is_502(void **state)
{
    struct settings_world *world = *state;

    world->context.write = failing_transaction;
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"}");
    settings_world_expect_error(world, 502, "request_failed", "disk I/O error");
    world->context.read = failing_transaction;
    setup(world, "{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"}");
    settings_world_expect_error(world, 502, "request_failed", "disk I/O error");
}

static int begin(void **state)
{
    (void)state;
    return !http_call_global_init();
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, settings_world_set_up, settings_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_first_setup_is_checked_and_saved),
        TEST(the_older_name_of_the_key_works),
        TEST(statistics_already_enabled_are_left_alone),
        TEST(statistics_are_not_enabled_when_not_wanted),
        TEST(without_monitoring_only_the_key_is_checked),
        TEST(bad_bodies_are_400),
        TEST(a_key_that_cpa_refuses_is_502),
        TEST(an_unreachable_cpa_is_502),
        TEST(enabling_that_fails_is_502),
        TEST(a_queue_that_forgets_too_soon_is_400),
        TEST(url_or_key_may_change_but_not_both),
        TEST(setup_again_keeps_the_inspection_settings),
        TEST(an_environment_connection_is_only_confirmed),
        TEST(a_database_that_fails_is_502),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
