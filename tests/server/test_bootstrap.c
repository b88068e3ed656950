/* Starting: data key against stored secrets, admin credential, resealing, state row. */
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
#include "server/settings/admin_store.h"
#include "server/settings/bootstrap.h"
#include "server/settings/settings_row.h"
#include "temp_folder.h"

#define NOW_MS 1786000000000
#define KEY_TEXT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define SEALED "enc:v1:oKGio6Slpqeoqaqr:6GlQ/aO8MfTTokirsv4B3so4vmhifcHxOk3ZKDAwxiQ"

struct world {
    char *folder;
    sqlite3 *db;
    struct config config;
    uint8_t key[SECRET_KEY_BYTES];
    char *error;
    struct text log; /* a line each */
};

static int set_up(void **state)
{
    struct world *world = memory_zeroed(sizeof(*world));

    world->folder = temp_folder_new();
    world->db = ledger_open(":memory:");
    world->config = (struct config){.cpa_upstream_url = memory_copy_cstr(""),
                                    .management_key = memory_copy_cstr(""),
                                    .admin_key = memory_copy_cstr(""),
                                    .data_key = memory_copy_cstr(""),
                                    .data_key_path = temp_folder_path(world->folder, "data.key"),
                                    .collector_mode = memory_copy_cstr("http"),
                                    .queue = memory_copy_cstr("usage"),
                                    .pop_side = memory_copy_cstr("right"),
                                    .batch_size = 100,
                                    .poll_interval_ms = 500,
                                    .query_limit = 50000};
    text_init(&world->log, 65536);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    sqlite3_close(world->db);
    config_clear(&world->config);
    temp_folder_free(world->folder);
    text_clear(&world->log);
    free(world->error);
    free(world);
    return 0;
}

static void log_to_world(void *arg, const char *line)
{
    struct world *world = arg;

    text_add_cstr(&world->log, line);
    text_add_char(&world->log, '\n');
}

static void assert_logged(struct world *world, const char *expected)
{
    assert_string_equal(world->log.data != NULL ? world->log.data : "", expected);
    text_clear(&world->log);
    text_init(&world->log, 65536);
}

static int data_key(struct world *world)
{
    memory_replace(&world->error, NULL);
    return bootstrap_data_key(world->db, &world->config, log_to_world, world, world->key,
                              &world->error);
}

static void boot(struct world *world)
{
    if (bootstrap_run(world->db, &world->config, world->key, NOW_MS, log_to_world, world,
                      &world->error) != SQLITE_OK)
        fail_msg("%s", world->error);
}

static void assert_state(struct world *world, const char *expected)
{
    char *row = ledger_setting(world->db, SETTINGS_BOOTSTRAP_STATE);

    assert_string_equal(row, expected);
    free(row);
}

static void a_first_start_makes_a_key_file(void **state)
{
    struct world *world = *state;
    char *line = memory_format("CPA Ledger data key created at %s\n", world->config.data_key_path);
    uint8_t first[SECRET_KEY_BYTES];

    assert_int_equal(data_key(world), SQLITE_OK);
    assert_logged(world, line);
    assert_int_equal(temp_folder_mode(world->folder, "data.key"), 0600);
    memcpy(first, world->key, sizeof(first));
    assert_int_equal(data_key(world), SQLITE_OK);
    assert_logged(world, "");
    assert_memory_equal(world->key, first, sizeof(first));
    free(line);
}

static void an_external_key_makes_no_file(void **state)
{
    struct world *world = *state;

    memory_replace(&world->config.data_key, memory_copy_cstr("a pass phrase"));
    assert_int_equal(data_key(world), SQLITE_OK);
    assert_logged(world, "");
    assert_int_equal(temp_folder_mode(world->folder, "data.key"), -1);
}

static void a_missing_key_beside_sealed_secrets_is_refused(void **state)
{
    static const char *const rows[][2] = {
        {SETTINGS_SETUP, "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"" SEALED "\"}"},
        {SETTINGS_MANAGER_CONFIG, "{\"cpaConnection\":{\"managementKey\":\"" SEALED "\"}}"},
    };
    struct world *world = *state;
    char *expected =
        memory_format("%s is missing, but the database holds secrets sealed with it; put the file "
                      "back, or give the key in CPA_MANAGER_DATA_KEY",
                      world->config.data_key_path);

    for (size_t i = 0; i < 2; i++) {
        ledger_put(world->db, rows[i][0], rows[i][1]);
        assert_int_not_equal(data_key(world), SQLITE_OK);
        assert_string_equal(world->error, expected);
        assert_logged(world, "");
        assert_int_equal(temp_folder_mode(world->folder, "data.key"), -1);
        ledger_put(world->db, rows[i][0], "{}");
    }
    ledger_put(world->db, SETTINGS_SETUP,
               "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"plain\"}");
    assert_int_equal(data_key(world), SQLITE_OK); /* nothing is sealed yet */
    free(expected);
}

static void a_wrong_key_is_refused_and_kept(void **state)
{
    struct world *world = *state;
    char *content = NULL;

    ledger_put(world->db, SETTINGS_MANAGER_CONFIG,
               "{\"cpaConnection\":{\"managementKey\":\"" SEALED "\"}}");
    temp_folder_write(world->folder, "data.key", "0123456789abcdef0123456789abcdef");
    assert_int_not_equal(data_key(world), SQLITE_OK);
    assert_string_equal(world->error,
                        "the data key does not open the secret in settings row manager_config_v1: "
                        "decrypt secret: invalid data key or corrupted ciphertext");
    content = temp_folder_read(world->folder, "data.key");
    assert_string_equal(content, "0123456789abcdef0123456789abcdef");
    free(content);
    temp_folder_write(world->folder, "data.key", KEY_TEXT);
    assert_int_equal(data_key(world), SQLITE_OK);
    temp_folder_write(world->folder, "data.key", "nonsense");
    assert_int_not_equal(data_key(world), SQLITE_OK);
    assert_string_equal(world->error, "data key must be 32 bytes or base64-encoded 32 bytes");
}

static void a_fresh_database_gets_an_admin_key(void **state)
{
    struct world *world = *state;
    struct admin_credential credential;
    bool is_found = false;
    struct slice line = slice_empty();
    struct slice prefix = SLICE("CPA Ledger admin key generated: ");

    boot(world);
    line = text_slice(&world->log);
    assert_true(slice_starts_with(line, prefix));
    assert_int_equal(line.len, prefix.len + ADMIN_KEY_SIZE - 1 + 1);
    assert_int_equal(admin_store_load(world->db, &credential, &is_found), SQLITE_OK);
    assert_true(is_found);
    assert_string_equal(credential.source, "generated");
    assert_int_equal(credential.created_at_ms, NOW_MS);
    assert_true(admin_credential_verify(&credential, slice_trim(slice_from(line, prefix.len))));
    text_empty(&world->log);
    assert_state(world, "{\"version\":1,\"status\":\"fresh\",\"adminReady\":true,"
                        "\"projectInitialized\":false,\"dataKeyReady\":true,"
                        "\"migratedLegacy\":false,\"hasHistoricalData\":false,"
                        "\"updatedAtMs\":1786000000000}");
    boot(world);
    assert_logged(world, "CPA Ledger admin credential initialized\n");
}

static void a_given_admin_key_counts_once(void **state)
{
    struct world *world = *state;
    struct admin_credential credential;
    bool is_found = false;

    memory_replace(&world->config.admin_key, memory_copy_cstr("first"));
    boot(world);
    assert_logged(world, "CPA Ledger admin credential initialized\n");
    memory_replace(&world->config.admin_key, memory_copy_cstr("second"));
    boot(world);
    assert_int_equal(admin_store_load(world->db, &credential, &is_found), SQLITE_OK);
    assert_string_equal(credential.source, "env");
    assert_true(admin_credential_verify(&credential, SLICE("first")));
    assert_false(admin_credential_verify(&credential, SLICE("second")));
}

static void plain_secrets_are_sealed_at_the_first_start(void **state)
{
    struct world *world = *state;
    char *row = NULL;

    ledger_put(world->db, SETTINGS_ADMIN_CREDENTIAL, "{\"version\":1}");
    ledger_put(world->db, SETTINGS_SETUP,
               "{\"cpaBaseUrl\":\"h/v0\",\"managementKey\":\"pl4in\",\"queue\":\"q\"}");
    boot(world);
    assert_logged(world, "CPA Ledger admin credential initialized\n"
                         "CPA Ledger legacy data migrated\n");
    row = ledger_setting(world->db, SETTINGS_SETUP);
    assert_non_null(strstr(row, "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"enc:v1:"));
    assert_null(strstr(row, "pl4in"));
    free(row);
    row = ledger_setting(world->db, SETTINGS_MANAGER_CONFIG);
    assert_non_null(strstr(row, "\"collector\":{\"enabled\":true,\"collectorMode\":\"http\","
                                "\"queue\":\"q\""));
    assert_null(strstr(row, "pl4in"));
    free(row);
    assert_state(world, "{\"version\":1,\"status\":\"migrated\",\"adminReady\":true,"
                        "\"projectInitialized\":true,\"dataKeyReady\":true,"
                        "\"migratedLegacy\":true,\"hasHistoricalData\":true,"
                        "\"updatedAtMs\":1786000000000}");
    boot(world); /* not again */
    assert_logged(world, "CPA Ledger admin credential initialized\n");
}

static void sealed_secrets_are_no_migration(void **state)
{
    struct world *world = *state;

    temp_folder_write(world->folder, "data.key", KEY_TEXT);
    ledger_put(world->db, SETTINGS_SETUP,
               "{\"cpaBaseUrl\":\"http://h\",\"managementKey\":\"" SEALED "\"}");
    assert_int_equal(data_key(world), SQLITE_OK);
    ledger_put(world->db, SETTINGS_ADMIN_CREDENTIAL, "{\"version\":1}");
    boot(world);
    assert_logged(world, "CPA Ledger admin credential initialized\n");
}

static void a_saved_configuration_is_sealed_without_the_environment(void **state)
{
    struct world *world = *state;
    char *row = NULL;

    memory_replace(&world->config.cpa_upstream_url, memory_copy_cstr("http://env"));
    memory_replace(&world->config.management_key, memory_copy_cstr("envkey"));
    ledger_put(world->db, SETTINGS_MANAGER_CONFIG,
               "{\"cpaConnection\":{\"cpaBaseUrl\":\"http://db\",\"managementKey\":\"pl4in\"}}");
    boot(world);
    row = ledger_setting(world->db, SETTINGS_MANAGER_CONFIG);
    assert_non_null(strstr(row, "\"cpaBaseUrl\":\"http://db\",\"managementKey\":\"enc:v1:"));
    free(row);
    row = ledger_setting(world->db, SETTINGS_SETUP);
    assert_null(row);
}

static void the_status_word(void **state)
{
    struct world *world = *state;
    struct bootstrap_state boot_state;

    memory_replace(&world->config.cpa_upstream_url, memory_copy_cstr("http://env"));
    memory_replace(&world->config.management_key, memory_copy_cstr("envkey"));
    boot(world);
    assert_int_equal(bootstrap_state_load(world->db, &boot_state), SQLITE_OK);
    assert_string_equal(boot_state.status, "ready");
    memory_replace(&world->config.management_key, memory_copy_cstr(""));
    assert_int_equal(sqlite3_exec(world->db,
                                  "INSERT INTO usage_ingest(payload) VALUES ('not json')", NULL,
                                  NULL, NULL),
                     SQLITE_OK);
    boot(world);
    assert_int_equal(bootstrap_state_load(world->db, &boot_state), SQLITE_OK);
    assert_string_equal(boot_state.status, "needs_setup");
}

static void rows_that_cannot_be_read_stop_the_start(void **state)
{
    struct world *world = *state;
    static const char *const rows[][3] = {
        {SETTINGS_BOOTSTRAP_STATE, "x", "settings row bootstrap_state_v1 cannot be read"},
        {SETTINGS_ADMIN_CREDENTIAL, "[]", "settings row admin_credential_v1 cannot be read"},
        {SETTINGS_MANAGER_CONFIG, "{\"collector\":5}",
         "settings row manager_config_v1: collector must be an object"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memory_replace(&world->error, NULL);
        ledger_put(world->db, rows[i][0], rows[i][1]);
        assert_int_not_equal(bootstrap_run(world->db, &world->config, world->key, NOW_MS,
                                           log_to_world, world, &world->error),
                             SQLITE_OK);
        assert_string_equal(world->error, rows[i][2]);
        ledger_put(world->db, rows[i][0], "{}");
    }
}

static void the_public_description(void **state)
{
    struct bootstrap_state fresh = {.status = "fresh", .is_data_key_ready = true};
    struct bootstrap_state moved = {.status = "migrated",
                                    .is_data_key_ready = true,
                                    .has_historical_data = true,
                                    .is_project_initialized = true};
    struct bootstrap_state none = {.status = ""};
    struct text out;

    (void)state;
    text_init(&out, 4096);
    bootstrap_info_write(&out, &fresh, true, false, NOW_MS);
    assert_string_equal(
        out.data,
        "{\"service\":\"cpa-manager-plus\",\"mode\":\"embedded\",\"startedAt\":1786000000000,"
        "\"configured\":false,\"adminReady\":true,\"projectInitialized\":false,"
        "\"setupRequired\":true,\"migrationStatus\":\"fresh\",\"dataKeyReady\":true,"
        "\"hasHistoricalData\":false}\n");
    text_empty(&out);
    bootstrap_info_write(&out, &moved, true, false, 5);
    assert_string_equal(
        out.data, "{\"service\":\"cpa-manager-plus\",\"mode\":\"embedded\",\"startedAt\":5,"
                  "\"configured\":true,\"adminReady\":true,\"projectInitialized\":true,"
                  "\"setupRequired\":false,\"migrationStatus\":\"migrated\",\"dataKeyReady\":true,"
                  "\"hasHistoricalData\":true}\n");
    text_empty(&out);
    bootstrap_info_write(&out, &none, false, true, 5);
    assert_string_equal(
        out.data, "{\"service\":\"cpa-manager-plus\",\"mode\":\"embedded\",\"startedAt\":5,"
                  "\"configured\":true,\"adminReady\":false,\"projectInitialized\":true,"
                  "\"setupRequired\":false,\"dataKeyReady\":false,\"hasHistoricalData\":false}\n");
    text_clear(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_first_start_makes_a_key_file),
        TEST(an_external_key_makes_no_file),
        TEST(a_missing_key_beside_sealed_secrets_is_refused),
        TEST(a_wrong_key_is_refused_and_kept),
        TEST(a_fresh_database_gets_an_admin_key),
        TEST(a_given_admin_key_counts_once),
        TEST(plain_secrets_are_sealed_at_the_first_start),
        TEST(sealed_secrets_are_no_migration),
        TEST(a_saved_configuration_is_sealed_without_the_environment),
        TEST(the_status_word),
        TEST(rows_that_cannot_be_read_stop_the_start),
        TEST(the_public_description),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
