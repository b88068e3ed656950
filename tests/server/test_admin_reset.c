/* The offline command reset-admin-key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "ledger.h"
#include "server/memory.h"
#include "server/process_lock.h"
#include "server/settings/admin_store.h"
#include "server/settings/settings_row.h"
#include "temp_folder.h"

struct world {
    char *folder;
    char *db_path;
    struct config_input input; /* an environment with USAGE_DB_PATH alone */
    char *out;
    char *err;
};

static const char *variable_of(void *arg, const char *name)
{
    const struct world *world = arg;

    return strcmp(name, "USAGE_DB_PATH") == 0 ? world->db_path : NULL;
}

static int set_up(void **state)
{
    struct world *world = memory_zeroed(sizeof(*world));

    world->folder = temp_folder_new();
    world->db_path = temp_folder_path(world->folder, "u.db");
    world->input = (struct config_input){
        .environment = variable_of, .arg = world, .secrets_dir = world->folder};
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    temp_folder_free(world->folder);
    free(world->db_path);
    free(world->out);
    free(world->err);
    free(world);
    return 0;
}

/* Run the command with up to four arguments; NULL ends them. Gives the exit code. */
static int reset(struct world *world, const char *a, const char *b, const char *c, const char *d)
{
    char *argv[4] = {memory_copy_cstr(a), memory_copy_cstr(b), memory_copy_cstr(c),
                     memory_copy_cstr(d)};
    size_t out_len = 0;
    size_t err_len = 0;
    FILE *out = NULL;
    FILE *err = NULL;
    int argc = 0;
    int code = 0;

    memory_replace(&world->out, NULL);
    memory_replace(&world->err, NULL);
    out = open_memstream(&world->out, &out_len);
    err = open_memstream(&world->err, &err_len);
    while (argc < 4 && argv[argc] != NULL)
        argc++;
    code = admin_reset_command(argc, argv, &world->input, out, err);
    (void)fclose(out);
    (void)fclose(err);
    for (size_t i = 0; i < 4; i++)
        free(argv[i]);
    return code;
}

static void make_ledger(struct world *world)
{
    sqlite3 *db = ledger_open(world->db_path);
    struct admin_credential credential;

    admin_credential_make(&credential, SLICE("old key"), "generated", 1000);
    assert_int_equal(admin_store_save(db, &credential, 1000), SQLITE_OK);
    sqlite3_close(db);
}

/* Read the credential and check that it verifies key. */
static struct admin_credential assert_key_is(struct world *world, const char *key)
{
    sqlite3 *db = ledger_open(world->db_path);
    struct admin_credential credential;
    bool is_found = false;

    assert_int_equal(admin_store_load(db, &credential, &is_found), SQLITE_OK);
    assert_true(is_found);
    assert_true(admin_credential_verify(&credential, slice_of_cstr(key)));
    sqlite3_close(db);
    return credential;
}

/* The command fails, prints nothing on out, and says this (%s: the database). */
static void assert_fails(struct world *world, int code, const char *format)
{
    const char *hole = strstr(format, "%s");
    char *expected = hole == NULL ? memory_copy_cstr(format)
                                  : memory_format("%.*s%s%s", (int)(hole - format), format,
                                                  world->db_path, hole + 2);

    assert_string_equal(world->err, expected);
    assert_string_equal(world->out, "");
    assert_int_equal(code, 1);
    free(expected);
}

static void a_given_key_replaces_the_old_one(void **state)
{
    struct world *world = *state;
    struct admin_credential credential;

    make_ledger(world);
    assert_int_equal(reset(world, "--admin-key", "  new key ", NULL, NULL), 0);
    assert_string_equal(world->err, "");
    assert_string_equal(world->out, "CPA Ledger admin key reset.\n"
                                    "Use the provided admin key to log in after restarting CPA "
                                    "Ledger.\n");
    credential = assert_key_is(world, "new key");
    assert_string_equal(credential.source, "cli");
    assert_int_equal(credential.created_at_ms, 1000);
    assert_true(credential.rotated_at_ms > 1000);
}

static void without_a_key_one_is_generated(void **state)
{
    static const char head[] = "CPA Ledger admin key reset.\nNew admin key: ";
    static const char tail[] = "\nSave this value now. It will not be shown again.\n";
    struct world *world = *state;
    struct admin_credential credential;
    char key[ADMIN_KEY_SIZE];

    make_ledger(world);
    assert_int_equal(reset(world, "-admin-key=", "-db-path", world->db_path, NULL), 0);
    assert_memory_equal(world->out, head, sizeof(head) - 1);
    assert_int_equal(strlen(world->out), strlen(head) + sizeof(key) - 1 + strlen(tail));
    memcpy(key, world->out + strlen(head), sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    assert_string_equal(world->out + strlen(head) + sizeof(key) - 1, tail);
    assert_memory_equal(key, "cmp_admin_", 10);
    credential = assert_key_is(world, key);
    assert_string_equal(credential.source, "cli-generated");
}

static void a_key_may_come_from_a_file(void **state)
{
    struct world *world = *state;
    char *path = temp_folder_path(world->folder, "key");

    make_ledger(world);
    temp_folder_write(world->folder, "key", " file key\n");
    assert_int_equal(reset(world, "-admin-key-file", path, NULL, NULL), 0);
    assert_null(strstr(world->out, "file key"));
    (void)assert_key_is(world, "file key");
    temp_folder_write(world->folder, "key", " \n");
    assert_fails(world, reset(world, "--admin-key-file", path, NULL, NULL),
                 "reset admin key: admin key file is empty\n");
    assert_fails(world, reset(world, "--admin-key-file=/nowhere", NULL, NULL, NULL),
                 "reset admin key: read admin key file /nowhere: No such file or directory\n");
    assert_fails(world, reset(world, "--admin-key", "a", "--admin-key-file", path),
                 "reset admin key: --admin-key and --admin-key-file cannot be used together\n");
    (void)assert_key_is(world, "file key");
    free(path);
}

static void paths_that_are_no_ledger_are_refused(void **state)
{
    struct world *world = *state;
    sqlite3 *db = NULL;

    assert_fails(world, reset(world, NULL, NULL, NULL, NULL),
                 "reset admin key: SQLite database not found at %s; pass --db-path or run the "
                 "command from the configured CPA Ledger environment\n");
    assert_int_equal(temp_folder_mode(world->folder, "u.db.manager.lock"), -1);
    temp_folder_write(world->folder, "u.db", "");
    assert_fails(world, reset(world, NULL, NULL, NULL, NULL),
                 "reset admin key: SQLite database at %s is empty; verify --db-path points to the "
                 "CPA Ledger data file\n");
    temp_folder_write(world->folder, "u.db", "this is not a database, whatever its name says");
    assert_fails(world, reset(world, NULL, NULL, NULL, NULL),
                 "reset admin key: open sqlite: %s: file is not a database\n");
    assert_int_equal(remove(world->db_path), 0);
    assert_int_equal(sqlite3_open(world->db_path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE settings(a)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_fails(world, reset(world, NULL, NULL, NULL, NULL),
                 "reset admin key: SQLite database at %s does not look like a CPA Ledger "
                 "database\n");
    assert_int_equal(remove(world->db_path), 0);
    assert_int_equal(mkdir(world->db_path, 0700), 0);
    assert_fails(world, reset(world, NULL, NULL, NULL, NULL),
                 "reset admin key: SQLite database path is a directory: %s\n");
}

static void a_running_server_keeps_its_key(void **state)
{
    struct world *world = *state;
    struct process_lock lock;
    char *error = NULL;
    char *expected = NULL;

    make_ledger(world);
    assert_true(process_lock_acquire(&lock, world->db_path, &error));
    expected = memory_format("reset admin key: acquire admin reset lock; stop CPA Ledger and "
                             "retry: manager database process lock is already held for %s\n",
                             lock.db_path);
    assert_int_equal(reset(world, "--admin-key", "new", NULL, NULL), 1);
    assert_string_equal(world->err, expected);
    assert_string_equal(world->out, "");
    process_lock_release(&lock);
    (void)assert_key_is(world, "old key");
    free(expected);
}

static void the_command_line(void **state)
{
    struct world *world = *state;

    assert_int_equal(reset(world, "--help", NULL, NULL, NULL), 0);
    assert_non_null(strstr(world->err, "Usage: cpa-ledger reset-admin-key"));
    assert_string_equal(world->out, "");
    assert_int_equal(reset(world, "-h", NULL, NULL, NULL), 0);
    assert_int_equal(reset(world, "foo", NULL, NULL, NULL), 1);
    assert_non_null(strstr(world->err, "reset admin key: unexpected argument \"foo\"\n"));
    assert_int_equal(reset(world, "--nope", "x", NULL, NULL), 1);
    assert_non_null(strstr(world->err, "flag provided but not defined: -nope\nUsage: "));
    assert_int_equal(reset(world, "--admin-key", NULL, NULL, NULL), 1);
    assert_non_null(strstr(world->err, "flag needs an argument: -admin-key\n"));
}

static void a_credential_that_cannot_be_read_is_replaced(void **state)
{
    struct world *world = *state;
    sqlite3 *db = ledger_open(world->db_path);

    ledger_put(db, SETTINGS_ADMIN_CREDENTIAL, "broken");
    sqlite3_close(db);
    assert_int_equal(reset(world, "--admin-key=new", NULL, NULL, NULL), 0);
    (void)assert_key_is(world, "new");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_given_key_replaces_the_old_one),
        TEST(without_a_key_one_is_generated),
        TEST(a_key_may_come_from_a_file),
        TEST(paths_that_are_no_ledger_are_refused),
        TEST(a_running_server_keeps_its_key),
        TEST(the_command_line),
        TEST(a_credential_that_cannot_be_read_is_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
