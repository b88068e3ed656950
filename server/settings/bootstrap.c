/* Settings at every start: see bootstrap.h. */
#include "server/settings/bootstrap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/memory.h"
#include "server/secrets/data_key.h"
#include "server/settings/admin_store.h"
#include "server/settings/manager_config.h"
#include "server/settings/stored_secrets.h"
#include "server_sql.h"

#define LOG_NAME "CPA Ledger"

/* --- the data key --- */

/* Make a key file, unless secrets are there that only the missing one opens. */
static int create_data_key(sqlite3 *db, const char *path, uint8_t out_key[SECRET_KEY_BYTES],
                           char **out_error)
{
    struct stored_secrets found;
    int rc = stored_secrets_look(db, &found, out_error);

    if (rc != SQLITE_OK)
        return rc;
    if (found.has_sealed) {
        *out_error = memory_format("%s is missing, but the database holds secrets sealed with it; "
                                   "put the file back, or give the key in CPA_MANAGER_DATA_KEY",
                                   path);
        return SQLITE_AUTH;
    }
    return data_key_create(path, out_key, out_error) ? SQLITE_OK : SQLITE_CANTOPEN;
}

int bootstrap_data_key(sqlite3 *db, const struct config *config, bootstrap_log *log, void *log_arg,
                       uint8_t out_key[SECRET_KEY_BYTES], char **out_error)
{
    uint8_t key[SECRET_KEY_BYTES];
    char *line = NULL;
    int rc = SQLITE_OK;

    switch (data_key_load(config->data_key, config->data_key_path, key, out_error)) {
    case DATA_KEY_OK:
        rc = stored_secrets_try(db, key, out_error);
        break;
    case DATA_KEY_ABSENT:
        rc = create_data_key(db, config->data_key_path, key, out_error);
        line = memory_format(LOG_NAME " data key created at %s", config->data_key_path);
        break;
    case DATA_KEY_FAILED:
        rc = SQLITE_CANTOPEN;
        break;
    }
    if (rc == SQLITE_OK && line != NULL)
        log(log_arg, line);
    if (rc == SQLITE_OK)
        memcpy(out_key, key, sizeof(key));
    explicit_bzero(key, sizeof(key));
    free(line);
    return rc;
}

/* --- the admin credential --- */

/* Store a credential unless there is one; says which in the log. */
static int ensure_admin(sqlite3 *db, const struct config *config, int64_t now_ms,
                        bootstrap_log *log, void *log_arg, char **out_error)
{
    struct admin_credential credential;
    char generated[ADMIN_KEY_SIZE] = "";
    char line[sizeof(LOG_NAME " admin key generated: ") + ADMIN_KEY_SIZE];
    bool is_found = false;
    bool is_given = config->admin_key[0] != '\0';
    int rc = admin_store_load(db, &credential, &is_found);

    if (rc == SQLITE_OK && !is_found) {
        if (!is_given)
            admin_key_generate(generated);
        admin_credential_make(&credential, slice_of_cstr(is_given ? config->admin_key : generated),
                              is_given ? "env" : "generated", now_ms);
        rc = admin_store_save(db, &credential, now_ms);
    }
    if (rc == SQLITE_CORRUPT)
        *out_error = memory_copy_cstr("settings row admin_credential_v1 cannot be read");
    else if (rc != SQLITE_OK)
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
    else if (generated[0] == '\0')
        log(log_arg, LOG_NAME " admin credential initialized");
    if (rc == SQLITE_OK && generated[0] != '\0') {
        (void)snprintf(line, sizeof(line), LOG_NAME " admin key generated: %s", generated);
        log(log_arg, line);
        explicit_bzero(line, sizeof(line));
    }
    explicit_bzero(generated, sizeof(generated));
    return rc;
}

/* --- secrets that are still in plain text --- */

/* Save the stored configuration again, which seals it, or make it from the row setup. */
static int reseal(sqlite3 *db, const struct config *start, const uint8_t *data_key, int64_t now_ms,
                  bool *out_saved, char **out_error)
{
    struct manager_config config;
    struct manager_config setup;
    bool is_found = false;
    bool is_complete = false;
    int rc = SQLITE_OK;

    manager_config_init(&config, start);
    manager_config_init(&setup, start);
    rc = manager_config_load_row(db, data_key, &config, &is_found, out_error);
    if (rc == SQLITE_OK)
        rc = manager_config_load_setup(db, data_key, &setup, &is_complete, out_error);
    if (rc == SQLITE_OK && (is_found || is_complete))
        rc = manager_config_save(db, is_found ? &config : &setup, data_key, now_ms, out_error);
    if (rc == SQLITE_OK && is_complete)
        rc = manager_config_save_setup(db, &setup, data_key, now_ms, out_error);
    *out_saved = rc == SQLITE_OK && (is_found || is_complete);
    manager_config_clear(&config);
    manager_config_clear(&setup);
    return rc;
}

/* --- the state --- */

static int read_history(sqlite3 *db, bool *out_has_history)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql_api_settings_history, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *out_has_history = sqlite3_column_int(stmt, 0) != 0;
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc;
}

static const char *status_word(const struct bootstrap_state *state)
{
    if (state->is_project_initialized)
        return state->has_historical_data ? "migrated" : "ready";
    return state->has_historical_data ? "needs_setup" : "fresh";
}

/* Bring the row up to date; state is what is known so far. */
static int settle_state(sqlite3 *db, const struct config *config, const uint8_t *data_key,
                        struct bootstrap_state state, int64_t now_ms, char **out_error)
{
    struct effective_config effective;
    int rc = manager_config_load(db, config, data_key, &effective, out_error);

    if (rc != SQLITE_OK)
        return rc;
    state.is_project_initialized = manager_config_is_connected(&effective.config);
    manager_config_clear(&effective.config);
    (void)snprintf(state.status, sizeof(state.status), "%s", status_word(&state));
    state.is_admin_ready = true;
    state.is_data_key_ready = true;
    state.updated_at_ms = now_ms;
    rc = bootstrap_state_save(db, &state);
    if (rc != SQLITE_OK)
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
    return rc;
}

int bootstrap_run(sqlite3 *db, const struct config *config,
                  const uint8_t data_key[SECRET_KEY_BYTES], int64_t now_ms, bootstrap_log *log,
                  void *log_arg, char **out_error)
{
    struct bootstrap_state state;
    struct stored_secrets found = {false, false};
    int rc = bootstrap_state_load(db, &state);

    if (rc == SQLITE_CORRUPT) {
        *out_error = memory_copy_cstr("settings row bootstrap_state_v1 cannot be read");
        return rc;
    }
    if (rc == SQLITE_OK)
        rc = read_history(db, &state.has_historical_data);
    if (rc != SQLITE_OK) {
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
        return rc;
    }
    rc = ensure_admin(db, config, now_ms, log, log_arg, out_error);
    if (rc == SQLITE_OK)
        rc = stored_secrets_look(db, &found, out_error);
    if (rc == SQLITE_OK && !state.is_legacy_migrated) {
        rc = reseal(db, config, data_key, now_ms, &state.is_legacy_migrated, out_error);
        if (rc == SQLITE_OK && found.has_plain)
            log(log_arg, LOG_NAME " legacy data migrated");
    }
    if (rc == SQLITE_OK)
        rc = settle_state(db, config, data_key, state, now_ms, out_error);
    return rc;
}
