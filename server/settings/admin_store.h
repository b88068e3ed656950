/* The row admin_credential_v1, and the offline command that replaces it. */
#ifndef CPA_SERVER_SETTINGS_ADMIN_STORE_H
#define CPA_SERVER_SETTINGS_ADMIN_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "server/config.h"
#include "server/secrets/admin_credential.h"

/* *out_found false when there is no row. A row that cannot be read is SQLITE_CORRUPT.
 * Errors: the text is sqlite3_errmsg's, apart from SQLITE_CORRUPT. */
int admin_store_load(sqlite3 *db, struct admin_credential *out_credential, bool *out_found);
int admin_store_save(sqlite3 *db, const struct admin_credential *credential, int64_t now_ms);

/* `cpa-ledger reset-admin-key [--admin-key K] [--admin-key-file F] [--db-path P]`; argv
 * starts after the word. Takes the process lock, so the server must be stopped. Returns
 * the exit code; prints to out, and failures as "reset admin key: ..." to err. */
int admin_reset_command(int argc, char *const *argv, const struct config_input *input, FILE *out,
                        FILE *err);

#endif
