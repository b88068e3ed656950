/* Rows of the table settings: a key and a JSON text.
 *
 * Called inside the caller's transaction on the caller's connection. */
#ifndef CPA_SERVER_SETTINGS_SETTINGS_ROW_H
#define CPA_SERVER_SETTINGS_SETTINGS_ROW_H

#include <sqlite3.h>
#include <stdint.h>

#define SETTINGS_SETUP "setup"
#define SETTINGS_MANAGER_CONFIG "manager_config_v1"
#define SETTINGS_AUTOMATION "automation_settings_v1"
#define SETTINGS_ADMIN_CREDENTIAL "admin_credential_v1"
#define SETTINGS_BOOTSTRAP_STATE "bootstrap_state_v1"

/* *out_value is the text, to free() (wipe it when it may hold a secret), or NULL when
 * there is no such row. SQLITE_OK, or an error whose text sqlite3_errmsg has. */
int settings_row_get(sqlite3 *db, const char *key, char **out_value);
/* Insert or replace. */
int settings_row_put(sqlite3 *db, const char *key, const char *value, int64_t now_ms);

#endif
