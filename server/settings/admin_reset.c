/* The offline command reset-admin-key: see admin_store.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ext/entry.h"
#include "server/clock.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/private_file.h"
#include "server/process_lock.h"
#include "server/settings/admin_store.h"
#include "server_sql.h"

#define BUSY_TIMEOUT_MS 5000

static const char usage[] =
    "Usage: cpa-ledger reset-admin-key [flags]\n"
    "  --admin-key VALUE      new key; a generated one without it\n"
    "  --admin-key-file PATH  file that holds the new key\n"
    "  --db-path PATH         database; from the configuration without it\n";

/* The values given on the command line; borrowed from argv, NULL when absent. */
struct reset_flags {
    const char *admin_key;
    const char *admin_key_file;
    const char *db_path;
    bool wants_help;
};

/* --- command line --- */

/* Where the value of a flag goes; NULL when there is no such flag. */
static const char **slot_of(struct reset_flags *flags, struct slice name)
{
    if (slice_equal(name, SLICE("admin-key")))
        return &flags->admin_key;
    if (slice_equal(name, SLICE("admin-key-file")))
        return &flags->admin_key_file;
    if (slice_equal(name, SLICE("db-path")))
        return &flags->db_path;
    return NULL;
}

/* Accepts -x v, --x v, -x=v and --x=v. NULL, or a message to free(). */
static char *parse_flags(int argc, char *const *argv, struct reset_flags *flags)
{
    for (int i = 0; i < argc; i++) {
        struct slice name = slice_of_cstr(argv[i]);
        const char *value = strchr(argv[i], '=');
        const char **slot = NULL;
        if (name.len < 2 || name.data[0] != '-')
            return memory_format("unexpected argument \"%s\"", argv[i]);
        name = slice_from(name, name.data[1] == '-' ? 2 : 1);
        if (value != NULL)
            name = slice_first(name, (size_t)(value - name.data));
        flags->wants_help = slice_equal(name, SLICE("h")) || slice_equal(name, SLICE("help"));
        if (flags->wants_help)
            return NULL;
        slot = slot_of(flags, name);
        if (slot == NULL)
            return memory_format("flag provided but not defined: -%.*s", (int)name.len, name.data);
        if (value == NULL && i + 1 == argc)
            return memory_format("flag needs an argument: -%.*s", (int)name.len, name.data);
        *slot = value != NULL ? value + 1 : argv[++i];
    }
    return NULL;
}

/* --- what the flags mean --- */

/* The new key, for memory_wipe_cstr; "" to generate one. NULL: *out_error. */
static char *given_key(const struct reset_flags *flags, char **out_error)
{
    char *content = NULL;
    char *reason = NULL;
    char *key = NULL;
    size_t len = 0;

    if (flags->admin_key != NULL && flags->admin_key_file != NULL) {
        *out_error = memory_copy_cstr("--admin-key and --admin-key-file cannot be used together");
        return NULL;
    }
    if (flags->admin_key_file == NULL)
        return memory_copy_slice(slice_trim(slice_of_cstr(flags->admin_key)));
    if (private_file_read(flags->admin_key_file, LIMIT_SECRET_FILE_BYTES, &content, &len,
                          &reason) == PRIVATE_FILE_OK)
        key = memory_copy_slice(slice_trim((struct slice){content, len}));
    else
        *out_error = memory_format("read admin key file %s: %s", flags->admin_key_file, reason);
    if (key != NULL && key[0] == '\0') {
        *out_error = memory_copy_cstr("admin key file is empty");
        memory_replace(&key, NULL);
    }
    memory_wipe_cstr(content);
    free(reason);
    return key;
}

/* The database's path, to free(). NULL: *out_error. */
static char *given_path(const struct reset_flags *flags, const struct config_input *input,
                        char **out_error)
{
    struct config config;
    char *reason = NULL;
    char *path = NULL;

    if (flags->db_path != NULL && flags->db_path[0] != '\0')
        return memory_copy_cstr(flags->db_path);
    if (!config_load(input, &config, &reason)) {
        *out_error = memory_format("load config: %s", reason);
        free(reason);
        return NULL;
    }
    path = memory_copy_cstr(config.db_path);
    config_clear(&config);
    return path;
}

/* NULL when the path may be a database, else a message to free(). */
static char *check_path(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return memory_format("SQLite database not found at %s; pass --db-path or run the command "
                             "from the configured CPA Ledger environment",
                             path);
    if (stat(path, &info) != 0)
        return memory_format("stat %s: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return memory_format("SQLite database path is a directory: %s", path);
    if (info.st_size == 0)
        return memory_format("SQLite database at %s is empty; verify --db-path points to the CPA "
                             "Ledger data file",
                             path);
    return NULL;
}

/* --- the database --- */

/* Run a statement of one row and read its first value. */
static int first_value(sqlite3 *db, const char *sql, int *out_value)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *out_value = sqlite3_column_int(stmt, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc;
}

/* Open it with our tables up to date. NULL: *out_error. */
static sqlite3 *open_ledger(const char *path, char **out_error)
{
    sqlite3 *db = NULL;
    char *reason = NULL;
    int is_ledger = 0;
    int version = 0;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
    if (rc == SQLITE_OK)
        rc = first_value(db, sql_api_settings_is_ledger, &is_ledger);
    if (rc == SQLITE_OK && !is_ledger) {
        *out_error =
            memory_format("SQLite database at %s does not look like a CPA Ledger database", path);
        goto failed;
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_usage_init(db, &reason, NULL);
    if (rc == SQLITE_OK)
        rc = first_value(db, sql_api_settings_init, &version);
    if (rc == SQLITE_OK)
        return db;
    *out_error =
        memory_format("open sqlite: %s: %s", path, reason != NULL ? reason : sqlite3_errmsg(db));
failed:
    sqlite3_free(reason);
    (void)sqlite3_close(db); /* nothing is open on it */
    return NULL;
}

/* Replace the credential, which keeps its creation time. */
static bool store_key(sqlite3 *db, const char *key, const char *source, char **out_error)
{
    struct admin_credential old;
    struct admin_credential credential;
    bool is_found = false;
    int64_t now_ms = clock_wall_ms();
    int rc = admin_store_load(db, &old, &is_found);

    if (rc == SQLITE_CORRUPT) { /* what cannot be read is replaced all the same */
        is_found = false;
        rc = SQLITE_OK;
    }
    if (rc == SQLITE_OK) {
        admin_credential_make(&credential, slice_of_cstr(key), source, now_ms);
        if (is_found && old.created_at_ms > 0)
            credential.created_at_ms = old.created_at_ms;
        credential.rotated_at_ms = now_ms;
        rc = admin_store_save(db, &credential, now_ms);
    }
    if (rc != SQLITE_OK)
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
    return rc == SQLITE_OK;
}

/* Under the lock. key "" generates one; generated receives it. */
static bool reset_at(const char *path, const char *key, char generated[ADMIN_KEY_SIZE],
                     char **out_error)
{
    sqlite3 *db = open_ledger(path, out_error);
    bool is_stored = false;

    if (db == NULL)
        return false;
    if (key[0] == '\0')
        admin_key_generate(generated);
    is_stored = key[0] == '\0' ? store_key(db, generated, "cli-generated", out_error)
                               : store_key(db, key, "cli", out_error);
    (void)sqlite3_close(db); /* nothing is open on it */
    return is_stored;
}

static bool reset(const struct reset_flags *flags, const struct config_input *input,
                  char generated[ADMIN_KEY_SIZE], char **out_error)
{
    struct process_lock lock;
    char *key = given_key(flags, out_error);
    char *path = NULL;
    char *reason = NULL;
    bool is_reset = false;

    process_lock_init(&lock);
    if (key == NULL)
        goto done;
    path = given_path(flags, input, out_error);
    if (path == NULL)
        goto done;
    *out_error = check_path(path);
    if (*out_error != NULL)
        goto done;
    if (process_lock_acquire(&lock, path, &reason))
        is_reset = reset_at(lock.db_path, key, generated, out_error);
    else
        *out_error =
            memory_format("acquire admin reset lock; stop CPA Ledger and retry: %s", reason);
done:
    process_lock_release(&lock);
    free(reason);
    free(path);
    memory_wipe_cstr(key);
    return is_reset;
}

int admin_reset_command(int argc, char *const *argv, const struct config_input *input, FILE *out,
                        FILE *err)
{
    struct reset_flags flags = {0};
    char generated[ADMIN_KEY_SIZE] = "";
    char *error = parse_flags(argc, argv, &flags);
    bool is_reset = false;

    if (error != NULL)
        (void)fprintf(err, "%s\n%s", error, usage);
    else if (flags.wants_help)
        (void)fputs(usage, err);
    else
        is_reset = reset(&flags, input, generated, &error);
    if (error != NULL) {
        (void)fprintf(err, "reset admin key: %s\n", error);
    } else if (is_reset) {
        (void)fputs("CPA Ledger admin key reset.\n", out);
        if (generated[0] != '\0')
            (void)fprintf(out,
                          "New admin key: %s\n"
                          "Save this value now. It will not be shown again.\n",
                          generated);
        else
            (void)fputs("Use the provided admin key to log in after restarting CPA Ledger.\n", out);
    }
    explicit_bzero(generated, sizeof(generated));
    free(error);
    return is_reset || flags.wants_help ? 0 : 1;
}
