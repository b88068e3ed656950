/* The manager configuration: effective values, merge rules, JSON, stored rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/settings/manager_config.h"
#include "server/settings/settings_row.h"

#define INSPECTION                                                                                 \
    "\"workers\":4,\"deleteWorkers\":4,\"timeout\":15000,\"userAgent\":\"codex_cli_rs/0.76.0 "     \
    "(Debian 13.0.0; x86_64) "                                                                     \
    "WindowsTerminal\",\"xaiInferenceUserAgent\":\"xai-grok-workspace/0.2.101\","                  \
    "\"xaiInferenceModel\":\"grok-4.5\",\"xaiInferencePrompt\":\"Reply with exactly OK.\","        \
    "\"usedPercentThreshold\":100,\"autoActionMode\":\"none\"}"
#define EXTERNAL "\"externalUsageService\":{\"enabled\":false}"

static const uint8_t data_key[SECRET_KEY_BYTES] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                   11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                   22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

struct world {
    sqlite3 *db;
    struct config start;
};

static int set_up(void **state)
{
    struct world *world = memory_zeroed(sizeof(*world));

    world->db = ledger_open(":memory:");
    world->start = (struct config){.cpa_upstream_url = memory_copy_cstr(""),
                                   .management_key = memory_copy_cstr(""),
                                   .collector_mode = memory_copy_cstr("auto"),
                                   .queue = memory_copy_cstr("usage"),
                                   .pop_side = memory_copy_cstr("right"),
                                   .batch_size = 100,
                                   .poll_interval_ms = 500,
                                   .query_limit = 50000};
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    sqlite3_close(world->db);
    config_clear(&world->start);
    free(world);
    return 0;
}

/* The effective configuration as "SOURCE {json}", or "error: ..."; to free(). */
static char *effective(struct world *world)
{
    struct effective_config config;
    char *error = NULL;
    char *shown = NULL;
    struct text json;

    if (manager_config_load(world->db, &world->start, data_key, &config, &error) != SQLITE_OK) {
        shown = memory_format("error: %s", error);
        free(error);
        return shown;
    }
    text_init(&json, LIMIT_DOCUMENT_BYTES);
    manager_config_write(&json, NULL, &config.config);
    shown = memory_format("%s %s", manager_config_source_name(config.source), json.data);
    text_clear(&json);
    manager_config_clear(&config.config);
    return shown;
}

static void assert_effective(struct world *world, const char *expected)
{
    char *shown = effective(world);

    assert_string_equal(shown, expected);
    free(shown);
}

/* Merge submitted over config. */
static void merge(struct manager_config *config, const char *submitted)
{
    cJSON *document = cJSON_Parse(submitted);
    char *error = NULL;

    assert_non_null(document);
    error = manager_config_merge(config, document);
    if (error != NULL)
        fail_msg("%s", error);
    cJSON_Delete(document);
}

/* Merge, then compare the whole JSON with a part it must contain. */
static void merge_shows(struct manager_config *config, const char *submitted, const char *part)
{
    struct text json;

    merge(config, submitted);
    text_init(&json, LIMIT_DOCUMENT_BYTES);
    manager_config_write(&json, NULL, config);
    if (strstr(json.data, part) == NULL)
        fail_msg("after %s: %s is not in %s", submitted, part, json.data);
    text_clear(&json);
}

static void a_fresh_server_has_the_defaults(void **state)
{
    assert_effective(
        *state, " {\"cpaConnection\":{\"cpaBaseUrl\":\"\"},\"collector\":{\"enabled\":true,"
                "\"collectorMode\":\"auto\",\"queue\":\"usage\",\"popSide\":\"right\","
                "\"batchSize\":100,\"pollIntervalMs\":500,\"queryLimit\":50000},"
                "\"codexInspection\":{\"enabled\":false,\"schedule\":{\"mode\":\"interval\","
                "\"intervalMinutes\":60},\"targetType\":\"codex\"," INSPECTION "," EXTERNAL "}");
}

static void a_saved_row_is_sealed_and_reads_back(void **state)
{
    struct world *world = *state;
    struct manager_config config;
    char *error = NULL;
    char *row = NULL;

    manager_config_init(&config, &world->start);
    merge(&config, "{\"cpaConnection\":{\"cpaBaseUrl\":\"cpa.test\",\"managementKey\":\" k \"},"
                   "\"collector\":{\"enabled\":false,\"tlsSkipVerify\":true}}");
    assert_int_equal(manager_config_save(world->db, &config, data_key, 77, &error), SQLITE_OK);
    manager_config_clear(&config);
    row = ledger_setting(world->db, "manager_config_v1");
    assert_non_null(strstr(row, "{\"cpaConnection\":{\"cpaBaseUrl\":\"http://cpa.test\","
                                "\"managementKey\":\"enc:v1:"));
    assert_non_null(strstr(row, EXTERNAL ",\"updatedAtMs\":77}"));
    assert_effective(world,
                     "db {\"cpaConnection\":{\"cpaBaseUrl\":\"http://cpa.test\","
                     "\"managementKey\":\"k\"},\"collector\":{\"enabled\":false,"
                     "\"collectorMode\":\"auto\",\"queue\":\"usage\",\"popSide\":\"right\","
                     "\"batchSize\":100,\"pollIntervalMs\":500,\"queryLimit\":50000,"
                     "\"tlsSkipVerify\":true},"
                     "\"codexInspection\":{\"enabled\":false,\"schedule\":{\"mode\":\"interval\","
                     "\"intervalMinutes\":60},\"targetTypes\":[\"codex\"],\"targetType\":\"codex\""
                     "," INSPECTION "," EXTERNAL "}");
    free(row);
}

static void the_setup_row_counts_while_nothing_else_is_saved(void **state)
{
    struct world *world = *state;
    char *shown = NULL;

    ledger_put(world->db, SETTINGS_SETUP,
               "{\"cpaBaseUrl\":\"http://cpa.test:8317\",\"managementKey\":"
               "\"enc:v1:oKGio6Slpqeoqaqr:6GlQ/aO8MfTTokirsv4B3so4vmhifcHxOk3ZKDAwxiQ\","
               "\"queue\":\"q2\",\"popSide\":\"left\"}");
    shown = effective(world);
    assert_non_null(strstr(shown, "db {\"cpaConnection\":{\"cpaBaseUrl\":\"http://cpa.test:8317\","
                                  "\"managementKey\":\"mgmt-key-example\"},\"collector\":{"
                                  "\"enabled\":true,\"collectorMode\":\"auto\",\"queue\":\"q2\","
                                  "\"popSide\":\"left\""));
    free(shown);
    ledger_put(world->db, SETTINGS_MANAGER_CONFIG,
               "{\"cpaConnection\":{\"cpaBaseUrl\":\"http://other\",\"managementKey\":\"plain\"}}");
    shown = effective(world);
    assert_non_null(strstr(shown, "db {\"cpaConnection\":{\"cpaBaseUrl\":\"http://other\","
                                  "\"managementKey\":\"plain\"},"));
    free(shown);
}

static void the_environment_wins_where_it_manages_the_connection(void **state)
{
    struct world *world = *state;
    char *shown = NULL;

    ledger_put(world->db, SETTINGS_MANAGER_CONFIG,
               "{\"cpaConnection\":{\"cpaBaseUrl\":\"http://other\",\"managementKey\":\"plain\"},"
               "\"collector\":{\"enabled\":false,\"queue\":\"q\",\"batchSize\":7,"
               "\"tlsSkipVerify\":true},\"codexInspection\":{\"workers\":9}}");
    memory_replace(&world->start.cpa_upstream_url, memory_copy_cstr("cpa.test/v0"));
    memory_replace(&world->start.management_key, memory_copy_cstr("envkey"));
    shown = effective(world);
    assert_non_null(strstr(shown, "env {\"cpaConnection\":{\"cpaBaseUrl\":\"http://cpa.test\","
                                  "\"managementKey\":\"envkey\"},\"collector\":{\"enabled\":false,"
                                  "\"collectorMode\":\"auto\",\"queue\":\"usage\","
                                  "\"popSide\":\"right\",\"batchSize\":100,\"pollIntervalMs\":500,"
                                  "\"queryLimit\":50000},"));
    assert_non_null(strstr(shown, "\"workers\":9,"));
    free(shown);
}

static void a_row_that_cannot_be_read_is_an_error(void **state)
{
    struct world *world = *state;

    ledger_put(world->db, SETTINGS_SETUP,
               "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"enc:v1:AAAAAAAAAAAAAAAA:"
               "hW1Qy2raAUvzymdgXVRAA5/uxVYpp7Wl2NfZEJfQ\"}");
    assert_effective(world, "error: decrypt secret: invalid data key or corrupted ciphertext");
    ledger_put(world->db, SETTINGS_SETUP, "{\"cpaBaseUrl\":5}");
    assert_effective(world, "error: settings row setup: cpaBaseUrl must be a string");
    ledger_put(world->db, SETTINGS_SETUP, "{\"cpaBaseUrl\":\"http://h\"}"); /* incomplete */
    ledger_put(world->db, SETTINGS_MANAGER_CONFIG, "{\"collector\":{\"batchSize\":\"x\"}}");
    assert_effective(world, "error: settings row manager_config_v1: batchSize must be an integer");
    ledger_put(world->db, SETTINGS_MANAGER_CONFIG, "nonsense");
    assert_effective(world, "error: settings row manager_config_v1: invalid JSON at byte 0");
}

static void merging_the_connection_replaces_both_or_none(void **state)
{
    struct world *world = *state;
    struct manager_config config;

    manager_config_init(&config, &world->start);
    merge_shows(&config,
                "{\"cpaConnection\":{\"cpaBaseUrl\":\"h/v0/management\",\"managementKey\":\"k\"}}",
                "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"k\"}");
    merge_shows(&config, "{}", "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"k\"}");
    merge_shows(&config, "{\"cpaConnection\":{\"cpaBaseUrl\":\" \",\"managementKey\":\"\"}}",
                "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"k\"}");
    merge_shows(&config, "{\"cpaConnection\":{\"cpaBaseUrl\":\"g\"}}",
                "{\"cpaBaseUrl\":\"http://g\"}");
    merge_shows(&config, "{\"cpaConnection\":{\"managementKey\":\"m\"}}",
                "{\"cpaBaseUrl\":\"\",\"managementKey\":\"m\"}");
    manager_config_clear(&config);
}

static void merging_the_collector(void **state)
{
    struct world *world = *state;
    struct manager_config config;

    manager_config_init(&config, &world->start);
    merge_shows(&config,
                "{\"COLLECTOR\":{\"enabled\":false,\"collectorMode\":\" HTTP \",\"queue\":\" q \","
                "\"popSide\":\"LEFT\",\"batchSize\":1,\"pollIntervalMs\":2,\"queryLimit\":3,"
                "\"tlsSkipVerify\":true}}",
                "\"collector\":{\"enabled\":false,\"collectorMode\":\"http\",\"queue\":\"q\","
                "\"popSide\":\"left\",\"batchSize\":1,\"pollIntervalMs\":2,\"queryLimit\":3,"
                "\"tlsSkipVerify\":true}");
    merge_shows(&config,
                "{\"collector\":{\"enabled\":null,\"collectorMode\":\" \",\"queue\":\"\","
                "\"popSide\":\"up\",\"batchSize\":0,\"pollIntervalMs\":-5}}",
                "\"collector\":{\"enabled\":false,\"collectorMode\":\"http\",\"queue\":\"q\","
                "\"popSide\":\"left\",\"batchSize\":1,\"pollIntervalMs\":2,\"queryLimit\":3}");
    merge_shows(&config, "{\"collector\":{\"collectorMode\":\"redis\",\"popSide\":\"right\"}}",
                "\"collectorMode\":\"auto\",\"queue\":\"q\",\"popSide\":\"right\"");
    manager_config_clear(&config);
}

static void merging_the_schedule(void **state)
{
    static const char *const cases[][2] = {
        {"{\"timePoints\":[\"9:5\",\"bad\",\"24:00\",\"09:05\",\"0:0\",\"23:59\",\"1:60\","
         "\"1:2:3\"]}",
         "{\"mode\":\"time_points\",\"timePoints\":[\"00:00\",\"09:05\",\"23:59\"],"
         "\"intervalMinutes\":60}"},
        {"{}", "{\"mode\":\"time_points\",\"timePoints\":[\"00:00\",\"09:05\",\"23:59\"],"
               "\"intervalMinutes\":60}"},
        {"{\"intervalMinutes\":30}",
         "{\"mode\":\"interval\",\"timePoints\":[\"00:00\",\"09:05\",\"23:59\"],"
         "\"intervalMinutes\":30}"},
        {"{\"mode\":\"time_points\",\"timePoints\":[]}",
         "{\"mode\":\"time_points\",\"timePoints\":[\"00:00\",\"09:05\",\"23:59\"],"
         "\"intervalMinutes\":30}"},
        {"{\"mode\":\"weekly\",\"intervalMinutes\":45}",
         "{\"mode\":\"time_points\",\"timePoints\":[\"00:00\",\"09:05\",\"23:59\"],"
         "\"intervalMinutes\":45}"},
        {"{\"mode\":\"interval\",\"timePoints\":[\"x\"],\"timeZone\":\" Europe/Berlin \"}",
         "{\"mode\":\"interval\",\"timePoints\":[\"00:00\",\"09:05\",\"23:59\"],"
         "\"intervalMinutes\":45,\"timeZone\":\"Europe/Berlin\"}"},
        {"{\"timeZone\":\"\"}", "\"intervalMinutes\":45,\"timeZone\":\"Europe/Berlin\"}"},
        {"{\"timeZone\":\"Mars/Olympus\"}",
         "\"intervalMinutes\":45,\"timeZone\":\"Europe/Berlin\"}"},
    };
    struct world *world = *state;
    struct manager_config config;

    manager_config_init(&config, &world->start);
    merge_shows(&config, "{\"codexInspection\":{\"schedule\":{\"mode\":\"time_points\"}}}",
                "\"schedule\":{\"mode\":\"interval\",\"intervalMinutes\":60}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *submitted = memory_format("{\"codexInspection\":{\"schedule\":%s}}", cases[i][0]);
        merge_shows(&config, submitted, cases[i][1]);
        free(submitted);
    }
    manager_config_clear(&config);
}

static void merging_the_rest_of_the_inspection(void **state)
{
    static const char *const cases[][2] = {
        {"\"targetTypes\":[\"XAI\",\"codex\",\"xai\"]",
         "\"targetTypes\":[\"codex\",\"xai\"],\"targetType\":\"codex\""},
        {"\"targetTypes\":[\"xai\"],\"targetType\":\"codex\"",
         "\"targetTypes\":[\"xai\"],\"targetType\":\"xai\""},
        {"\"targetTypes\":[\"nothing\"]", "\"targetTypes\":[\"xai\"],\"targetType\":\"xai\""},
        {"\"targetType\":\"Codex\"", "\"targetTypes\":[\"codex\"],\"targetType\":\"codex\""},
        {"\"enabled\":true", "\"codexInspection\":{\"enabled\":true,"},
        {"\"enabled\":null", "\"codexInspection\":{\"enabled\":true,"},
        {"\"workers\":7,\"timeout\":9", "\"workers\":7,\"deleteWorkers\":7,\"timeout\":9,\"user"},
        {"\"workers\":8,\"deleteWorkers\":2", "\"workers\":8,\"deleteWorkers\":2,\"timeout\":9"},
        {"\"workers\":0,\"deleteWorkers\":-1", "\"workers\":8,\"deleteWorkers\":2,\"timeout\":9"},
        {"\"retries\":3,\"sampleSize\":5", "\"timeout\":9,\"retries\":3,"},
        {"\"retries\":-1,\"sampleSize\":-1", "\"sampleSize\":5,"},
        {"\"workers\":8", "\"timeout\":9,\"userAgent\""}, /* absent is 0 */
        {"\"retries\":2", "\"usedPercentThreshold\":100,\"autoActionMode\""},
        {"\"userAgent\":\" ua \",\"xaiInferenceUserAgent\":\"x\",\"xaiInferenceModel\":\"m\","
         "\"xaiInferencePrompt\":\"p\",\"xaiInferenceEnabled\":true",
         "\"userAgent\":\"ua\",\"xaiInferenceUserAgent\":\"x\",\"xaiInferenceEnabled\":true,"
         "\"xaiInferenceModel\":\"m\",\"xaiInferencePrompt\":\"p\","},
        {"\"userAgent\":\" \"", "\"userAgent\":\"ua\",\"xaiInferenceUserAgent\":\"x\",\"xaiInfer"
                                "enceModel\":\"m\""},
        {"\"usedPercentThreshold\":0.85", "\"usedPercentThreshold\":85,"},
        {"\"usedPercentThreshold\":0", "\"usedPercentThreshold\":85,"},
        {"\"usedPercentThreshold\":-3", "\"usedPercentThreshold\":85,"},
        {"\"usedPercentThreshold\":100.5", "\"usedPercentThreshold\":85,"},
        {"\"usedPercentThreshold\":1", "\"usedPercentThreshold\":100,"},
        {"\"usedPercentThreshold\":92.5", "\"usedPercentThreshold\":92.5,"},
        {"\"autoActionMode\":\" DISABLE \"", "\"autoActionMode\":\"disable\"}"},
        {"\"autoActionMode\":\"explode\"", "\"autoActionMode\":\"disable\"}"},
        {"\"autoActionMode\":\"none\",\"autoRecoverEnabled\":true",
         "\"autoActionMode\":\"none\",\"autoRecoverEnabled\":true}"},
        {"\"autoActionMode\":\"\"", "\"autoActionMode\":\"none\"}"},
    };
    struct world *world = *state;
    struct manager_config config;

    manager_config_init(&config, &world->start);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *submitted = memory_format("{\"codexInspection\":{%s}}", cases[i][0]);
        merge_shows(&config, submitted, cases[i][1]);
        free(submitted);
    }
    manager_config_clear(&config);
}

static void a_submission_of_wrong_types_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"{\"cpaConnection\":[]}", "cpaConnection must be an object"},
        {"{\"cpaConnection\":{\"cpaBaseUrl\":1}}", "cpaBaseUrl must be a string"},
        {"{\"collector\":{\"enabled\":\"yes\"}}", "enabled must be true or false"},
        {"{\"collector\":{\"batchSize\":1.5}}", "batchSize must be an integer"},
        {"{\"codexInspection\":{\"schedule\":{\"timePoints\":\"9:00\"}}}",
         "timePoints must be an array of strings"},
        {"{\"codexInspection\":{\"usedPercentThreshold\":\"9\"}}",
         "usedPercentThreshold must be a number"},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct manager_config config;
        cJSON *document = cJSON_Parse(cases[i][0]);
        char *error = NULL;
        manager_config_init(&config, &world->start);
        error = manager_config_merge(&config, document);
        assert_non_null(error);
        assert_string_equal(error, cases[i][1]);
        free(error);
        cJSON_Delete(document);
        manager_config_clear(&config);
    }
}

static void inspection_submissions_are_checked(void **state)
{
    static const char *const cases[][2] = {
        {"{}", NULL},
        {"{\"targetType\":\"XAI\",\"targetTypes\":[\"codex\"],\"schedule\":{\"timeZone\":\"UTC\"}}",
         NULL},
        {"{\"schedule\":{\"timeZone\":\"Local\"}}", NULL},
        {"{\"targetType\":\"claude\"}", "unsupported inspection target type \"claude\""},
        {"{\"targetTypes\":[]}", "at least one inspection target type is required"},
        {"{\"targetTypes\":[\"xai\",\"x\"]}", "unsupported inspection target type \"x\""},
        {"{\"schedule\":{\"timeZone\":\"Mars/Olympus\"}}",
         "invalid time zone \"Mars/Olympus\": unknown time zone Mars/Olympus"},
        {"{\"schedule\":{\"timeZone\":\"../../etc/passwd\"}}",
         "invalid time zone \"../../etc/passwd\": unknown time zone ../../etc/passwd"},
        {"{\"schedule\":5}", "schedule must be an object"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cJSON *document = cJSON_Parse(cases[i][0]);
        char *refusal = inspection_config_check(document);
        if (cases[i][1] == NULL)
            assert_null(refusal);
        else
            assert_string_equal(refusal, cases[i][1]);
        free(refusal);
        cJSON_Delete(document);
    }
    assert_null(inspection_config_check(NULL));
}

static void the_collector_at_start(void **state)
{
    struct world *world = *state;
    struct manager_config config;
    struct collector_settings settings;
    char *error = NULL;

    assert_false(
        manager_config_collector_at_start(world->db, &world->start, data_key, &config, &error));
    assert_null(error);
    ledger_put(world->db, SETTINGS_SETUP,
               "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"k\",\"popSide\":\"left\"}");
    assert_true(
        manager_config_collector_at_start(world->db, &world->start, data_key, &config, &error));
    manager_config_collector(&config, &settings);
    assert_string_equal(settings.upstream_url, "http://h");
    assert_string_equal(settings.management_key, "k");
    assert_string_equal(settings.queue, "usage");
    assert_string_equal(settings.pop_side, "left");
    assert_int_equal(settings.mode, COLLECTOR_AUTO);
    assert_int_equal(settings.batch_size, 100);
    assert_int_equal(settings.poll_interval_ms, 500);
    assert_false(settings.tls_skip_verify);
    manager_config_clear(&config);
    ledger_put(world->db, SETTINGS_MANAGER_CONFIG,
               "{\"cpaConnection\":{\"cpaBaseUrl\":\"http://g\",\"managementKey\":\"k\"},"
               "\"collector\":{\"enabled\":false,\"batchSize\":9000000000}}");
    assert_false(
        manager_config_collector_at_start(world->db, &world->start, data_key, &config, &error));
    /* the environment's connection is collected whatever was saved */
    memory_replace(&world->start.cpa_upstream_url, memory_copy_cstr("http://e"));
    memory_replace(&world->start.management_key, memory_copy_cstr("ek"));
    assert_true(
        manager_config_collector_at_start(world->db, &world->start, data_key, &config, &error));
    assert_string_equal(config.cpa_base_url, "http://e");
    config.batch_size = 9000000000;
    manager_config_collector(&config, &settings);
    assert_int_equal(settings.batch_size, 2147483647);
    manager_config_clear(&config);
}

static void the_setup_row_needs_url_and_key(void **state)
{
    struct world *world = *state;
    struct manager_config config;
    char *error = NULL;
    char *row = NULL;

    manager_config_init(&config, &world->start);
    assert_int_not_equal(manager_config_save_setup(world->db, &config, data_key, 1, &error),
                         SQLITE_OK);
    assert_string_equal(error, "cpaBaseUrl and managementKey are required");
    merge(&config, "{\"cpaConnection\":{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"k\"}}");
    assert_int_equal(manager_config_save_setup(world->db, &config, data_key, 1, &error), SQLITE_OK);
    row = ledger_setting(world->db, SETTINGS_SETUP);
    assert_non_null(strstr(row, "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"enc:v1:"));
    assert_non_null(strstr(row, "\",\"queue\":\"usage\",\"popSide\":\"right\"}"));
    manager_config_clear(&config);
    free(error);
    free(row);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fresh_server_has_the_defaults),
        TEST(a_saved_row_is_sealed_and_reads_back),
        TEST(the_setup_row_counts_while_nothing_else_is_saved),
        TEST(the_environment_wins_where_it_manages_the_connection),
        TEST(a_row_that_cannot_be_read_is_an_error),
        TEST(merging_the_connection_replaces_both_or_none),
        TEST(merging_the_collector),
        TEST(merging_the_schedule),
        TEST(merging_the_rest_of_the_inspection),
        TEST(a_submission_of_wrong_types_is_refused),
        TEST(inspection_submissions_are_checked),
        TEST(the_collector_at_start),
        TEST(the_setup_row_needs_url_and_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
