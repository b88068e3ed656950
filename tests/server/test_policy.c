/* The account processing policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"
#include "server/memory.h"
#include "server/settings/policy.h"
#include "server/settings/settings_row.h"

/* The answer with a switch each as "enabled,configured,\"source\":s,locked". */
#define SWITCH(enabled, configured, source, locked)                                                \
    "{\"enabled\":" enabled ",\"configured\":" configured ",\"source\":\"" source                  \
    "\",\"locked\":" locked ",\"envKey\":"
#define COOLDOWN_KEYS "\"USAGE_QUOTA_COOLDOWN_ENABLED\",\"configFileKey\":\"quotaCooldownEnabled\"}"
#define QUEUE_KEYS "\"USAGE_ACCOUNT_ACTIONS_ENABLED\",\"configFileKey\":\"accountActionsEnabled\"}"
#define DISABLE_KEYS                                                                               \
    "\"USAGE_ACCOUNT_ACTIONS_AUTO_DISABLE\",\"configFileKey\":\"accountActionsAutoDisable\","      \
    "\"dependsOn\":\"authIssueQueue\"}"

struct world {
    sqlite3 *db;
    struct config config;
};

static int set_up(void **state)
{
    struct world *world = memory_zeroed(sizeof(*world));

    world->db = ledger_open(":memory:");
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    sqlite3_close(world->db);
    free(world);
    return 0;
}

static void assert_written(const struct policy *policy, const char *expected)
{
    struct text out;

    text_init(&out, 65536);
    policy_write(&out, policy);
    assert_string_equal(out.data, expected);
    text_clear(&out);
}

static void assert_shows(struct world *world, const char *expected)
{
    struct policy policy;
    char *error = NULL;

    assert_int_equal(policy_load(world->db, &world->config, &policy, &error), SQLITE_OK);
    assert_written(&policy, expected);
}

/* Patch; a refusal's message must be message, an acceptance shows it. */
static void patch(struct world *world, const char *body, int status, const char *expected)
{
    struct policy policy;
    char *error = NULL;

    assert_int_equal(
        policy_patch(world->db, &world->config, slice_of_cstr(body), 77, &policy, &error), status);
    if (status == 200)
        assert_written(&policy, expected);
    else
        assert_string_equal(error, expected);
    free(error);
}

static void nothing_set_is_the_start_configuration(void **state)
{
    struct world *world = *state;

    assert_shows(world, "{\"source\":\"startup\",\"codexQuotaCooldown\":" SWITCH(
                            "false", "false", "startup", "false") COOLDOWN_KEYS
                 ",\"authIssueQueue\":" SWITCH("false", "false", "startup", "false") QUEUE_KEYS
                 ",\"authIssueAutoDisable\":" SWITCH("false", "false", "startup", "false")
                     DISABLE_KEYS "}\n");
}

static void the_environment_locks(void **state)
{
    struct world *world = *state;
    char *row = NULL;

    ledger_put(world->db, SETTINGS_AUTOMATION,
               "{\"authIssueQueueEnabled\":false,\"updatedAtMs\":5}");
    world->config.account_actions = (struct config_switch){true, true};
    world->config.account_auto_disable = (struct config_switch){true, false};
    assert_shows(world, "{\"source\":\"env\",\"updatedAtMs\":5,\"codexQuotaCooldown\":" SWITCH(
                            "false", "false", "startup", "false") COOLDOWN_KEYS
                 ",\"authIssueQueue\":" SWITCH("true", "true", "env", "true") QUEUE_KEYS
                 ",\"authIssueAutoDisable\":" SWITCH("true", "true", "startup", "false")
                     DISABLE_KEYS "}\n");
    patch(world, "{\"codexQuotaCooldownEnabled\":true,\"authIssueQueueEnabled\":true}", 409,
          "accountActionsEnabled is locked by environment variable");
    row = ledger_setting(world->db, SETTINGS_AUTOMATION);
    assert_string_equal(row, "{\"authIssueQueueEnabled\":false,\"updatedAtMs\":5}");
    free(row);
    world->config.quota_cooldown.is_locked = true;
    patch(world, "{\"codexQuotaCooldownEnabled\":false}", 409,
          "quotaCooldownEnabled is locked by environment variable");
    world->config.account_auto_disable.is_locked = true;
    patch(world, "{\"authIssueAutoDisableEnabled\":false}", 409,
          "accountActionsAutoDisable is locked by environment variable");
}

static void a_patch_overrides_the_start_configuration(void **state)
{
    struct world *world = *state;
    char *row = NULL;

    world->config.quota_cooldown = (struct config_switch){true, false};
    patch(world,
          "{\"codexQuotaCooldownEnabled\":false,\"authIssueAutoDisableEnabled\":true,"
          "\"authIssueQueueEnabled\":null}",
          200,
          "{\"source\":\"database\",\"updatedAtMs\":77,\"codexQuotaCooldown\":" SWITCH(
              "false", "false", "database", "false") COOLDOWN_KEYS
          ",\"authIssueQueue\":" SWITCH("false", "false", "startup", "false") QUEUE_KEYS
          ",\"authIssueAutoDisable\":" SWITCH("false", "true", "database", "false") DISABLE_KEYS
          "}\n");
    row = ledger_setting(world->db, SETTINGS_AUTOMATION);
    assert_string_equal(row, "{\"codexQuotaCooldownEnabled\":false,\"authIssueAutoDisableEnabled\":"
                             "true,\"updatedAtMs\":77}");
    free(row);
    /* what depends on the queue is on with it */
    patch(world, "{\"authIssueQueueEnabled\":true}", 200,
          "{\"source\":\"database\",\"updatedAtMs\":77,\"codexQuotaCooldown\":" SWITCH(
              "false", "false", "database", "false") COOLDOWN_KEYS
          ",\"authIssueQueue\":" SWITCH("true", "true", "database", "false") QUEUE_KEYS
          ",\"authIssueAutoDisable\":" SWITCH("true", "true", "database", "false") DISABLE_KEYS
          "}\n");
}

static void an_empty_patch_is_saved_too(void **state)
{
    struct world *world = *state;
    char *row = NULL;
    struct policy policy;
    char *error = NULL;

    assert_int_equal(policy_patch(world->db, &world->config, SLICE("{}"), 78, &policy, &error),
                     200);
    row = ledger_setting(world->db, SETTINGS_AUTOMATION);
    assert_string_equal(row, "{\"updatedAtMs\":78}");
    free(row);
}

static void bad_bodies_and_rows(void **state)
{
    struct world *world = *state;
    struct policy policy;
    char *error = NULL;

    patch(world, "", 400, "EOF");
    patch(world, "{\"authIssueQueueEnabled\":1}", 400,
          "authIssueQueueEnabled must be true or false");
    ledger_put(world->db, SETTINGS_AUTOMATION, "{\"authIssueQueueEnabled\":1}");
    patch(world, "{}", 500,
          "settings row automation_settings_v1: authIssueQueueEnabled must be true or false");
    assert_int_equal(policy_load(world->db, &world->config, &policy, &error), SQLITE_CORRUPT);
    free(error);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_set_is_the_start_configuration),
        TEST(the_environment_locks),
        TEST(a_patch_overrides_the_start_configuration),
        TEST(an_empty_patch_is_saved_too),
        TEST(bad_bodies_and_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
