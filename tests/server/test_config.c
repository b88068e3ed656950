/* Configuration: sources, precedence, paths, secrets, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/config.h"
#include "server/file_path.h"
#include "server/memory.h"
#include "temp_folder.h"

struct world {
    char *folder;              /* also the executable's and that of the secrets */
    const char *variables[12]; /* name, value, name, value, ... */
    struct config_input input;
    struct config config;
    char *error;
    char *text; /* for values that hold a path */
};

static const char *variable_of(void *arg, const char *name)
{
    struct world *world = arg;

    for (size_t i = 0; i + 1 < 12 && world->variables[i] != NULL; i += 2) {
        if (strcmp(world->variables[i], name) == 0)
            return world->variables[i + 1];
    }
    return NULL;
}

static int set_up(void **state)
{
    struct world *world = memory_zeroed(sizeof(*world));

    world->folder = temp_folder_new();
    world->input = (struct config_input){.environment = variable_of,
                                         .arg = world,
                                         .executable_dir = world->folder,
                                         .secrets_dir = world->folder,
                                         .may_create_file = true};
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    config_clear(&world->config);
    temp_folder_free(world->folder);
    free(world->error);
    free(world->text);
    free(world);
    return 0;
}

static void set(struct world *world, const char *name, const char *value)
{
    size_t i = 0;

    while (world->variables[i] != NULL && strcmp(world->variables[i], name) != 0)
        i += 2;
    assert_true(i + 2 < 12);
    world->variables[i] = name;
    world->variables[i + 1] = value;
}

/* Load again, which must succeed. */
static struct config *load(struct world *world)
{
    config_clear(&world->config);
    if (!config_load(&world->input, &world->config, &world->error))
        fail_msg("load failed: %s", world->error);
    return &world->config;
}

/* Load, which must fail with a text that contains part. */
static void load_fails(struct world *world, const char *part)
{
    struct config empty;

    memset(&empty, 0, sizeof(empty));
    config_clear(&world->config);
    assert_false(config_load(&world->input, &world->config, &world->error));
    if (strstr(world->error, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, world->error);
    assert_memory_equal(&world->config, &empty, sizeof(empty));
    memory_replace(&world->error, NULL);
}

static const char *in_folder(struct world *world, const char *name)
{
    memory_replace(&world->text, temp_folder_path(world->folder, name));
    return world->text;
}

static void nothing_set_gives_the_defaults_and_creates_nothing(void **state)
{
    struct world *world = *state;
    const struct config *config = load(world);

    assert_null(config->file_path);
    assert_false(config->is_file_created);
    assert_string_equal(config->http_addr, "0.0.0.0:18317");
    assert_string_equal(config->data_dir, "data");
    assert_string_equal(config->db_path, "data/usage.sqlite");
    assert_string_equal(config->data_key_path, "data/data.key");
    assert_string_equal(config->cpa_upstream_url, "");
    assert_string_equal(config->management_key, "");
    assert_string_equal(config->admin_key, "");
    assert_string_equal(config->data_key, "");
    assert_string_equal(config->collector_mode, "auto");
    assert_string_equal(config->queue, "usage");
    assert_string_equal(config->pop_side, "right");
    assert_int_equal(config->batch_size, 100);
    assert_int_equal(config->poll_interval_ms, 500);
    assert_int_equal(config->query_limit, 50000);
    assert_string_equal(config->pprof_addr, "");
    assert_string_equal(config->panel_path, "");
    assert_int_equal(config->cors_origin_count, 1);
    assert_string_equal(config->cors_origins[0], "*");
    assert_false(config->tls_skip_verify);
    assert_false(config->quota_cooldown.is_on || config->quota_cooldown.is_locked);
    assert_false(config->account_actions.is_on || config->account_actions.is_locked);
    assert_false(config->account_auto_disable.is_on || config->account_auto_disable.is_locked);
    assert_true(config->has_dashboard_hourly_rollup);
    assert_true(config->import_chunk_bytes == 4194304);
    assert_true(config->import_disk_quota_bytes == 17179869184);
    assert_int_equal(config->import_max_sessions, 2);
    assert_int_equal(config->import_session_ttl_minutes, 1440);
    assert_int_equal(rmdir(world->folder), 0); /* still empty */
}

static void rule_1_a_missing_named_file_is_created(void **state)
{
    struct world *world = *state;
    struct config *config = NULL;
    char *content = NULL;
    char *path = temp_folder_path(world->folder, "etc/m/config.json");
    char *db = temp_folder_path(world->folder, "etc/m/data/usage.sqlite");
    char *key = temp_folder_path(world->folder, "etc/m/data/data.key");

    set(world, "CPA_MANAGER_CONFIG", path);
    config = load(world);
    assert_true(config->is_file_created);
    assert_string_equal(config->file_path, path);
    assert_string_equal(config->db_path, db);
    assert_string_equal(config->data_key_path, key);
    content = temp_folder_read(world->folder, "etc/m/config.json");
    assert_string_equal(content,
                        "{\n  \"httpAddr\": \"0.0.0.0:18317\",\n  \"dataDir\": \"./data\"\n}\n");
    assert_int_equal(temp_folder_mode(world->folder, "etc/m/config.json"), 0600);
    assert_int_equal(temp_folder_mode(world->folder, "etc/m"), 0700);
    assert_int_equal(temp_folder_mode(world->folder, "etc/m/data"), -1);
    config = load(world);
    assert_false(config->is_file_created);
    assert_string_equal(config->db_path, db);
    free(content);
    free(path);
    free(db);
    free(key);
}

static void rule_1_offline_commands_create_no_file(void **state)
{
    struct world *world = *state;
    char *path = temp_folder_path(world->folder, "etc/config.json");
    char *db = temp_folder_path(world->folder, "etc/data/usage.sqlite");
    const struct config *config = NULL;

    world->input.may_create_file = false;
    set(world, "CPA_MANAGER_CONFIG", path);
    config = load(world);
    assert_string_equal(config->db_path, db);
    assert_int_equal(temp_folder_mode(world->folder, "etc"), -1);
    free(path);
    free(db);
}

static void rule_1_a_file_beside_the_executable_is_used(void **state)
{
    struct world *world = *state;
    const struct config *config = NULL;

    temp_folder_write(world->folder, "config.json", "{\"httpAddr\":\"127.0.0.1:1\"}");
    config = load(world);
    assert_string_equal(config->http_addr, "127.0.0.1:1");
    assert_string_equal(config->data_dir, in_folder(world, "data"));
    assert_string_equal(config->file_path, in_folder(world, "config.json"));
}

static void the_environment_wins_over_the_file(void **state)
{
    struct world *world = *state;
    const struct config *config = NULL;

    temp_folder_write(
        world->folder, "config.json",
        "{\"HTTPADDR\":\"a:1\",\"dataDir\":\"./d/../e\",\"dbPath\":\"x/y.db\","
        "\"cpaUpstreamUrl\":\"http://file\",\"collectorMode\":\"RESP\",\"queue\":\"q\","
        "\"popSide\":\"Left\",\"batchSize\":7,\"pollIntervalMs\":8,\"queryLimit\":9,"
        "\"panelPath\":\"p.html\",\"corsOrigins\":[\"https://a\",\" \",\"https://b\"],"
        "\"tlsSkipVerify\":true,\"quotaCooldownEnabled\":true,\"accountActionsEnabled\":true,"
        "\"usageImportChunkBytes\":5000000000,\"usageImportSessionTTLMinutes\":3,"
        "\"dataKeyPath\":\"k\",\"unknown\":{}}");
    config = load(world);
    assert_string_equal(config->http_addr, "a:1");
    assert_string_equal(config->data_dir, in_folder(world, "e"));
    assert_string_equal(config->db_path, in_folder(world, "x/y.db"));
    assert_string_equal(config->data_key_path, in_folder(world, "k"));
    assert_string_equal(config->panel_path, in_folder(world, "p.html"));
    assert_string_equal(config->cpa_upstream_url, "http://file");
    assert_string_equal(config->collector_mode, "resp");
    assert_string_equal(config->queue, "q");
    assert_string_equal(config->pop_side, "Left");
    assert_int_equal(config->batch_size, 7);
    assert_int_equal(config->poll_interval_ms, 8);
    assert_int_equal(config->query_limit, 9);
    assert_int_equal(config->cors_origin_count, 2);
    assert_string_equal(config->cors_origins[1], "https://b");
    assert_true(config->tls_skip_verify);
    assert_true(config->quota_cooldown.is_on && !config->quota_cooldown.is_locked);
    assert_true(config->import_chunk_bytes == 5000000000);
    assert_int_equal(config->import_session_ttl_minutes, 3);

    set(world, "HTTP_ADDR", " b:2 ");
    set(world, "USAGE_BATCH_SIZE", "12");
    set(world, "USAGE_CORS_ORIGINS", "https://c , ,*");
    set(world, "USAGE_QUOTA_COOLDOWN_ENABLED", "off");
    set(world, "PANEL_PATH", "rel/p.html");
    config = load(world);
    assert_string_equal(config->http_addr, "b:2");
    assert_int_equal(config->batch_size, 12);
    assert_int_equal(config->cors_origin_count, 2);
    assert_string_equal(config->cors_origins[0], "https://c");
    assert_string_equal(config->cors_origins[1], "*");
    assert_true(!config->quota_cooldown.is_on && config->quota_cooldown.is_locked);
    assert_string_equal(config->panel_path, "rel/p.html");
}

static void rule_2_blank_variables_count_as_unset(void **state)
{
    struct world *world = *state;

    set(world, "HTTP_ADDR", " \t ");
    set(world, "USAGE_DATA_DIR", "");
    set(world, "USAGE_ACCOUNT_ACTIONS_ENABLED", "  ");
    assert_string_equal(load(world)->http_addr, "0.0.0.0:18317");
    assert_string_equal(world->config.data_dir, "data");
    assert_false(world->config.account_actions.is_locked);
}

static void rule_3_data_folder_and_database(void **state)
{
    struct world *world = *state;

    set(world, "USAGE_DATA_DIR", "/srv/x");
    assert_string_equal(load(world)->db_path, "/srv/x/usage.sqlite");
    assert_string_equal(world->config.data_key_path, "/srv/x/data.key");
    temp_folder_write(world->folder, "config.json", "{\"dbPath\":\"/other.db\"}");
    assert_string_equal(load(world)->db_path, "/srv/x/usage.sqlite");
    set(world, "USAGE_DATA_DIR", "");
    assert_string_equal(load(world)->db_path, "/other.db");
    set(world, "USAGE_DB_PATH", "rel.db");
    assert_string_equal(load(world)->db_path, "rel.db");
    assert_string_equal(world->config.data_key_path, in_folder(world, "data/data.key"));
}

static void rule_4_numbers_that_are_not_positive_fall_through(void **state)
{
    static const char *const bad[] = {"abc",       "0", "-5", "1.5", "99999999999999999999",
                                      "2147483648"};
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        set(world, "USAGE_BATCH_SIZE", bad[i]);
        assert_int_equal(load(world)->batch_size, 100);
    }
    temp_folder_write(world->folder, "config.json", "{\"batchSize\":7,\"queryLimit\":-1}");
    assert_int_equal(load(world)->batch_size, 7);
    assert_int_equal(world->config.query_limit, 50000);
    set(world, "USAGE_BATCH_SIZE", "2147483647");
    assert_int_equal(load(world)->batch_size, 2147483647);
}

static void words_of_the_environment(void **state)
{
    static const struct {
        const char *value;
        bool is_true;
    } words[] = {{"1", true},  {"TRUE", true}, {"Yes", true}, {" on ", true},
                 {"y", false}, {"0", false},   {"t", false},  {"false", false}};
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        set(world, "USAGE_RESP_TLS_SKIP_VERIFY", words[i].value);
        assert_int_equal(load(world)->tls_skip_verify, words[i].is_true);
    }
    set(world, "USAGE_COLLECTOR_MODE", " Subscribe ");
    assert_string_equal(load(world)->collector_mode, "subscribe");
    set(world, "USAGE_COLLECTOR_MODE", "redis");
    assert_string_equal(load(world)->collector_mode, "auto");
    set(world, "USAGE_CORS_ORIGINS", ",");
    assert_int_equal(load(world)->cors_origin_count, 0);
    set(world, "USAGE_DASHBOARD_HOURLY_ROLLUP_ENABLED", "no");
    assert_false(load(world)->has_dashboard_hourly_rollup);
}

static void rule_5_where_a_secret_comes_from(void **state)
{
    struct world *world = *state;
    char *path = temp_folder_path(world->folder, "b");

    temp_folder_write(world->folder, "cpa_management_key", " default-secret\n");
    assert_string_equal(load(world)->management_key, "default-secret");
    temp_folder_write(world->folder, "a", "\tfrom-config-json \n");
    temp_folder_write(world->folder, "config.json", "{\"managementKeyFile\":\"a\"}");
    assert_string_equal(load(world)->management_key, "from-config-json");
    temp_folder_write(world->folder, "b", "from-variable-file\r\n");
    set(world, "CPA_MANAGEMENT_KEY_FILE", path);
    assert_string_equal(load(world)->management_key, "from-variable-file");
    set(world, "CPA_MANAGEMENT_KEY", " from-variable ");
    assert_string_equal(load(world)->management_key, "from-variable");
    assert_string_equal(world->config.admin_key, "");
    assert_string_equal(world->config.data_key, "");
    assert_false(config_manages_connection(&world->config));
    set(world, "CPA_UPSTREAM_URL", "http://x");
    assert_true(config_manages_connection(load(world)));
    free(path);
}

static void rule_5_a_named_file_that_cannot_be_read_is_an_error(void **state)
{
    struct world *world = *state;

    set(world, "CPA_MANAGER_ADMIN_KEY_FILE", "/nowhere/key");
    load_fails(world, "read CPA_MANAGER_ADMIN_KEY_FILE /nowhere/key: No such file or directory");
    set(world, "CPA_MANAGER_ADMIN_KEY", "k"); /* then the file is not looked at */
    assert_string_equal(load(world)->admin_key, "k");
    set(world, "CPA_MANAGER_DATA_KEY_FILE", world->folder);
    load_fails(world, "Is a directory");
    set(world, "CPA_MANAGER_DATA_KEY_FILE", "");
    temp_folder_write(world->folder, "config.json", "{\"dataKeyFile\":\"missing\"}");
    load_fails(world, "read dataKeyFile ");
}

static void a_secret_file_has_a_limit(void **state)
{
    struct world *world = *state;
    char *big = memory_zeroed(65536 + 2);
    char *path = temp_folder_path(world->folder, "big");

    memset(big, 'k', 65536);
    set(world, "CPA_MANAGER_DATA_KEY_FILE", path);
    temp_folder_write(world->folder, "big", big);
    assert_int_equal(strlen(load(world)->data_key), 65536);
    big[65536] = 'k';
    temp_folder_write(world->folder, "big", big);
    load_fails(world, "larger than 65536 bytes");
    free(big);
    free(path);
}

static void a_config_that_cannot_be_used_stops_the_start(void **state)
{
    static const struct {
        const char *content;
        const char *part;
    } cases[] = {
        {"", "config.json: EOF"},
        {"{", "config.json: invalid JSON at byte "},
        {"{} x", "config.json: something follows"},
        {"[]", "config.json: JSON value is not an object"},
        {"{\"batchSize\":\"7\"}", "config.json: batchSize must be an integer"},
        {"{\"batchSize\":1.5}", "config.json: batchSize must be an integer"},
        {"{\"httpAddr\":1}", "config.json: httpAddr must be a string"},
        {"{\"tlsSkipVerify\":\"yes\"}", "config.json: tlsSkipVerify must be true or false"},
        {"{\"corsOrigins\":\"*\"}", "config.json: corsOrigins must be an array of strings"},
        {"{\"corsOrigins\":[1]}", "config.json: corsOrigins must be an array of strings"},
        {"{\"adminKeyFile\":[]}", "config.json: adminKeyFile must be a string"},
        {"{\"dataDir\":{}}", "config.json: dataDir must be a string"},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        temp_folder_write(world->folder, "config.json", cases[i].content);
        load_fails(world, cases[i].part);
        load_fails(world, "parse config ");
    }
    temp_folder_write(world->folder, "config.json", "{\"batchSize\":null,\"batchSize\":7}");
    assert_int_equal(load(world)->batch_size, 7);
    set(world, "CPA_MANAGER_CONFIG", world->folder);
    load_fails(world, "read config ");
}

static void pprof_wants_a_loopback_host(void **state)
{
    static const struct {
        const char *address;
        bool is_local;
    } cases[] = {{"", true},
                 {"localhost:6060", true},
                 {"LocalHost:6060", true},
                 {"127.0.0.1:6060", true},
                 {"127.9.9.9:1", true},
                 {"[::1]:6060", true},
                 {":6060", false},
                 {"0.0.0.0:6060", false},
                 {"[::]:6060", false},
                 {"example.org:6060", false},
                 {"127.0.0.1", false}};
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *error = NULL;
        set(world, "CPA_MANAGER_PPROF_ADDR", cases[i].address);
        assert_int_equal(config_pprof_is_local(load(world), &error), cases[i].is_local);
        assert_int_equal(error == NULL, cases[i].is_local);
        free(error);
    }
}

static void paths_are_cleaned(void **state)
{
    static const char *const cases[][2] = {
        {"", "."},
        {"/", "/"},
        {"//a//b/", "/a/b"},
        {"./a/./b", "a/b"},
        {"a/../b", "b"},
        {"a/..", "."},
        {"../a", "../a"},
        {"../../a", "../../a"},
        {"a/../../b", "../b"},
        {"/../a", "/a"},
        {"/a/../..", "/"},
        {"/a/b/../c", "/a/c"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *clean = file_path_clean(cases[i][0]);
        assert_string_equal(clean, cases[i][1]);
        free(clean);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_set_gives_the_defaults_and_creates_nothing),
        TEST(rule_1_a_missing_named_file_is_created),
        TEST(rule_1_offline_commands_create_no_file),
        TEST(rule_1_a_file_beside_the_executable_is_used),
        TEST(the_environment_wins_over_the_file),
        TEST(rule_2_blank_variables_count_as_unset),
        TEST(rule_3_data_folder_and_database),
        TEST(rule_4_numbers_that_are_not_positive_fall_through),
        TEST(words_of_the_environment),
        TEST(rule_5_where_a_secret_comes_from),
        TEST(rule_5_a_named_file_that_cannot_be_read_is_an_error),
        TEST(a_secret_file_has_a_limit),
        TEST(a_config_that_cannot_be_used_stops_the_start),
        TEST(pprof_wants_a_loopback_host),
        TEST(paths_are_cleaned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
