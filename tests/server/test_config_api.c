/* GET and PUT /usage-service/config. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/memory.h"
#include "server/settings/config_api.h"
#include "server/settings/settings_row.h"
#include "server/upstream/http_call.h"
#include "settings_world.h"

#define INSPECTION_HEAD                                                                            \
    "\"codexInspection\":{\"enabled\":false,\"schedule\":{\"mode\":\"interval\","                  \
    "\"intervalMinutes\":60},"
#define INSPECTION_TAIL                                                                            \
    "\"targetType\":\"codex\",\"workers\":4,\"deleteWorkers\":4,\"timeout\":15000,"                \
    "\"userAgent\":\"codex_cli_rs/0.76.0 (Debian 13.0.0; x86_64) WindowsTerminal\","               \
    "\"xaiInferenceUserAgent\":\"xai-grok-workspace/0.2.101\",\"xaiInferenceModel\":\"grok-4.5\"," \
    "\"xaiInferencePrompt\":\"Reply with exactly OK.\",\"usedPercentThreshold\":100,"              \
    "\"autoActionMode\":\"none\"},\"externalUsageService\":{\"enabled\":false}}"
#define TARGET_LIST "\"targetTypes\":[\"codex\"],"
#define COLLECTOR_TAIL                                                                             \
    "\"collectorMode\":\"auto\",\"queue\":\"usage\",\"popSide\":\"right\",\"batchSize\":100,"      \
    "\"pollIntervalMs\":500,\"queryLimit\":50000},"

static void put(struct settings_world *world, const char *body)
{
    char *text = settings_world_text(world, body);

    settings_answer_clear(&world->answer);
    config_api_update(&world->context, slice_of_cstr(text), &world->answer);
    free(text);
}

static void get(struct settings_world *world)
{
    settings_answer_clear(&world->answer);
    config_api_view(&world->context, &world->answer);
}

static void a_fresh_server_shows_its_defaults(void **state)
{
    struct settings_world *world = *state;

    get(world);
    settings_world_expect(world, 200,
                          "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"\"},\"collector\":{"
                          "\"enabled\":true," COLLECTOR_TAIL INSPECTION_HEAD INSPECTION_TAIL
                          ",\"source\":\"\"}\n");
    settings_world_expect_asked(world, "");
}

static void a_bound_server_shows_cpa_too(void **state)
{
    struct settings_world *world = *state;

    put(world, "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s/\",\"managementKey\":\"k\"}}}");
    settings_world_expect(world, 200,
                          "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s\",\"managementKey\":"
                          "\"k\"},\"collector\":{\"enabled\":true," COLLECTOR_TAIL INSPECTION_HEAD
                              TARGET_LIST INSPECTION_TAIL ",\"source\":\"db\"}\n");
    settings_world_expect_asked(world, WORLD_GET_CONFIG WORLD_GET_CONFIG WORLD_PUT_ENABLE);
    assert_int_equal(world->answer.collector, SETTINGS_COLLECTOR_START);
    assert_string_equal(world->answer.config.cpa_base_url, stub_upstream_url(world->stub));
    get(world);
    settings_world_expect(
        world, 200,
        "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s\",\"managementKey\":"
        "\"k\"},\"collector\":{\"enabled\":true," COLLECTOR_TAIL INSPECTION_HEAD TARGET_LIST
            INSPECTION_TAIL ",\"source\":\"db\",\"cpaUsage\":{\"usageStatisticsEnabled\":false,"
        "\"redisUsageQueueRetentionSeconds\":60,\"retentionSourceDefault\":false}}"
        "\n");
    settings_world_expect_asked(world, WORLD_GET_CONFIG);
}

static void a_cpa_that_fails_is_left_out_of_the_view(void **state)
{
    struct settings_world *world = *state;

    settings_world_manage(world, stub_upstream_url(world->stub), "k");
    stub_upstream_json(world->stub, "GET /v0/management/config", "500 Oops", "");
    get(world);
    assert_int_equal(world->answer.status, 200);
    assert_non_null(strstr(world->answer.body.data, ",\"source\":\"env\"}\n"));
}

static void an_empty_submission_wants_a_connection(void **state)
{
    struct settings_world *world = *state;

    put(world, "{}");
    settings_world_expect_error(world, 400, "cpa_connection_required_for_monitoring",
                                "cpaBaseUrl and managementKey are required when request "
                                "monitoring is enabled");
    put(world, "");
    settings_world_expect_error(world, 400, "request_failed", "EOF");
    put(world, "{\"config\":5}");
    settings_world_expect_error(world, 400, "request_failed", "config must be an object");
    put(world, "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s\"}}}");
    settings_world_expect_error(world, 400, "cpa_connection_required",
                                "cpaBaseUrl and managementKey are required");
    settings_world_expect_asked(world, "");
}

static void switched_off_it_needs_no_connection(void **state)
{
    struct settings_world *world = *state;
    char *row = NULL;

    put(world, "{\"config\":{\"collector\":{\"enabled\":false}}}");
    settings_world_expect(
        world, 200,
        "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"\"},\"collector\":{"
        "\"enabled\":false," COLLECTOR_TAIL INSPECTION_HEAD TARGET_LIST INSPECTION_TAIL
        ",\"source\":\"db\"}\n");
    assert_int_equal(world->answer.collector, SETTINGS_COLLECTOR_STOP);
    row = ledger_setting(world->db, SETTINGS_SETUP);
    assert_null(row);
    row = ledger_setting(world->db, SETTINGS_MANAGER_CONFIG);
    assert_non_null(row);
    free(row);
}

static void inspection_errors_are_400(void **state)
{
    struct settings_world *world = *state;

    put(world, "{\"config\":{\"codexInspection\":{\"targetType\":\"claude\"}}}");
    settings_world_expect_error(world, 400, "request_failed",
                                "unsupported inspection target type \\\"claude\\\"");
    put(world, "{\"config\":{\"codexInspection\":{\"schedule\":{\"timeZone\":\"Mars/Olympus\"}}}}");
    settings_world_expect_error(
        world, 400, "invalid_time_zone",
        "invalid time zone \\\"Mars/Olympus\\\": unknown time zone Mars/Olympus");
}

static void a_queue_that_forgets_too_soon_is_400(void **state)
{
    struct settings_world *world = *state;

    stub_upstream_json(world->stub, "GET /v0/management/config", "200 OK",
                       "{\"redis-usage-queue-retention-seconds\":1}");
    put(world, "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"},"
               "\"collector\":{\"pollIntervalMs\":2000}}}");
    settings_world_expect_error(world, 400, "poll_interval_exceeds_retention",
                                "pollIntervalMs must be less than or equal to CPA "
                                "redis-usage-queue-retention-seconds (1 seconds)");
}

static void a_cpa_that_refuses_or_is_away_is_502(void **state)
{
    struct settings_world *world = *state;

    put(world, "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"http://127.0.0.1:1\","
               "\"managementKey\":\"s3cret\"}}}");
    assert_int_equal(world->answer.status, 502);
    assert_null(strstr(world->answer.body.data, "s3cret"));
    stub_upstream_json(world->stub, "GET /v0/management/config", "403 Forbidden", "{}");
    put(world, "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"}}}");
    settings_world_expect_error(world, 502, "management_api_validation_failed",
                                "management API validation failed: 403 Forbidden");
}

static void rebinding_to_another_cpa_and_key_is_allowed(void **state)
{
    struct settings_world *world = *state;
    char *row = NULL;

    ledger_put(world->db, SETTINGS_SETUP,
               "{\"cpaBaseUrl\":\"http://old\",\"managementKey\":\"old\"}");
    put(world, "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"},"
               "\"collector\":{\"enabled\":false}}}");
    assert_int_equal(world->answer.status, 200);
    settings_world_expect_asked(world, WORLD_GET_CONFIG);
    assert_int_equal(world->answer.collector, SETTINGS_COLLECTOR_STOP);
    row = ledger_setting(world->db, SETTINGS_SETUP);
    assert_null(strstr(row, "http://old"));
    free(row);
}

static void an_environment_connection_cannot_be_changed(void **state)
{
    static const char *const changes[] = {
        "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k2\"}}}",
        "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"k\"}}}",
        "{\"config\":{\"collector\":{\"enabled\":false}}}",
        "{\"config\":{\"collector\":{\"collectorMode\":\"resp\"}}}",
        "{\"config\":{\"collector\":{\"queue\":\"q\"}}}",
        "{\"config\":{\"collector\":{\"popSide\":\"left\"}}}",
        "{\"config\":{\"collector\":{\"batchSize\":7}}}",
        "{\"config\":{\"collector\":{\"pollIntervalMs\":7}}}",
        "{\"config\":{\"collector\":{\"tlsSkipVerify\":true}}}",
    };
    struct settings_world *world = *state;

    settings_world_manage(world, stub_upstream_url(world->stub), "k");
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        put(world, changes[i]);
        settings_world_expect_error(world, 409, "connection_env_managed",
                                    "connection setup is managed by environment variables");
    }
    settings_world_expect_asked(world, "");
    put(world, "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s/v0\",\"managementKey\":\"k\"},"
               "\"collector\":{\"queryLimit\":9},\"codexInspection\":{\"workers\":9}}}");
    assert_int_equal(world->answer.status, 200);
    assert_non_null(strstr(world->answer.body.data, "\"queryLimit\":9}"));
    get(world);
    assert_non_null(strstr(world->answer.body.data, "\"queryLimit\":50000}"));
    assert_non_null(strstr(world->answer.body.data, "\"workers\":9,"));
    assert_non_null(strstr(world->answer.body.data, "\"source\":\"env\""));
}

static void what_cannot_be_decrypted_is_500(void **state)
{
    struct settings_world *world = *state;

    ledger_put(world->db, SETTINGS_SETUP,
               "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"enc:v1:AAAAAAAAAAAAAAAA:"
               "hW1Qy2raAUvzymdgXVRAA5/uxVYpp7Wl2NfZEJfQ\"}");
    get(world);
    settings_world_expect_error(world, 500, "request_failed",
                                "decrypt secret: invalid data key or corrupted ciphertext");
    put(world, "{}");
    settings_world_expect_error(world, 500, "request_failed",
                                "decrypt secret: invalid data key or corrupted ciphertext");
}

static void a_view_put_back_changes_nothing(void **state)
{
    struct settings_world *world = *state;
    char *seen = NULL;
    char *cut = NULL;

    put(world, "{\"config\":{\"cpaConnection\":{\"cpaBaseUrl\":\"%s\",\"managementKey\":\"k\"},"
               "\"collector\":{\"queue\":\"<&>\xe7\xa7\x98\",\"tlsSkipVerify\":true},"
               "\"codexInspection\":{\"targetTypes\":[\"xai\",\"codex\"],\"retries\":2,"
               "\"sampleSize\":3,\"schedule\":{\"timePoints\":[\"1:2\"],\"timeZone\":\"UTC\"}}}}");
    assert_int_equal(world->answer.status, 200);
    seen = memory_copy_cstr(world->answer.body.data);
    cut = strstr(seen, ",\"source\"");
    assert_non_null(cut);
    memcpy(cut, "}", 2);
    put(world, seen);
    assert_int_equal(world->answer.status, 200);
    cut = strstr(world->answer.body.data, ",\"source\"");
    assert_non_null(cut);
    memcpy(cut, "}", 2);
    assert_string_equal(world->answer.body.data, seen);
    free(seen);
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
        TEST(a_fresh_server_shows_its_defaults),
        TEST(a_bound_server_shows_cpa_too),
        TEST(a_cpa_that_fails_is_left_out_of_the_view),
        TEST(an_empty_submission_wants_a_connection),
        TEST(switched_off_it_needs_no_connection),
        TEST(inspection_errors_are_400),
        TEST(a_queue_that_forgets_too_soon_is_400),
        TEST(a_cpa_that_refuses_or_is_away_is_502),
        TEST(rebinding_to_another_cpa_and_key_is_allowed),
        TEST(an_environment_connection_cannot_be_changed),
        TEST(what_cannot_be_decrypted_is_500),
        TEST(a_view_put_back_changes_nothing),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
