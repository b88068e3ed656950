/* What happens to the settings at every start: data key, admin credential, state row.
 *
 * Order in main: process lock, open the database (usage_init), bootstrap_data_key,
 * bootstrap_run; each on the writing connection. */
#ifndef CPA_SERVER_SETTINGS_BOOTSTRAP_H
#define CPA_SERVER_SETTINGS_BOOTSTRAP_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/secret/secret.h"
#include "ext/text.h"
#include "server/config.h"

/* Row bootstrap_state_v1. */
struct bootstrap_state {
    char status[16]; /* "fresh" "needs_setup" "ready" "migrated"; "" when there is no row */
    bool is_admin_ready;
    bool is_project_initialized;
    bool is_data_key_ready;
    bool is_legacy_migrated;
    bool has_historical_data;
    int64_t updated_at_ms;
};

int bootstrap_state_load(sqlite3 *db, struct bootstrap_state *out_state);
int bootstrap_state_save(sqlite3 *db, const struct bootstrap_state *state);

/* Lines for the log, without a newline. */
typedef void bootstrap_log(void *arg, const char *line);

/* Load the data key, or create its file when the database holds no sealed secret, and
 * try it on every sealed secret. SQLITE_OK; otherwise *out_error is one line to free()
 * without the "load data key: " of the caller, nothing was written, and no file was
 * created. Logs "CPA Ledger data key created at PATH". */
int bootstrap_data_key(sqlite3 *db, const struct config *config, bootstrap_log *log, void *log_arg,
                       uint8_t out_key[SECRET_KEY_BYTES], char **out_error);
/* Admin credential, resealing of plain secrets, state row (in the caller's
 * transaction). Logs "CPA Ledger admin key generated: KEY" or "CPA Ledger admin
 * credential initialized", and "CPA Ledger legacy data migrated" when it sealed a plain secret.
 * Errors without the "bootstrap manager server: " of the caller. */
int bootstrap_run(sqlite3 *db, const struct config *config,
                  const uint8_t data_key[SECRET_KEY_BYTES], int64_t now_ms, bootstrap_log *log,
                  void *log_arg, char **out_error);

/* Body of GET /usage-service/info, from the state row; is_connected says whether a
 * connection with URL and key can be resolved now. Ends with a newline. */
void bootstrap_info_write(struct text *out, const struct bootstrap_state *state,
                          bool has_admin_credential, bool is_connected, int64_t started_at_ms);

#endif
