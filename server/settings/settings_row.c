/* Rows of the settings table: see settings_row.h. */
#include "server/settings/settings_row.h"

#include "server/memory.h"
#include "server_sql.h"

static int bind_text(sqlite3_stmt *stmt, const char *name, const char *value)
{
    return sqlite3_bind_text(stmt, sqlite3_bind_parameter_index(stmt, name), value, -1,
                             SQLITE_STATIC);
}

int settings_row_get(sqlite3 *db, const char *key, char **out_value)
{
    sqlite3_stmt *stmt = NULL;
    char *value = NULL;
    int rc = sqlite3_prepare_v2(db, sql_api_settings_row_get, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = bind_text(stmt, ":key", key);
    if (rc != SQLITE_OK)
        goto done;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        value = memory_copy_cstr((const char *)sqlite3_column_text(stmt, 0));
        rc = sqlite3_step(stmt);
    }
    if (rc != SQLITE_DONE)
        goto done;
    rc = SQLITE_OK;
    *out_value = value; /* success hands it over */
    value = NULL;
done:
    memory_wipe_cstr(value);
    sqlite3_finalize(stmt);
    return rc;
}

int settings_row_put(sqlite3 *db, const char *key, const char *value, int64_t now_ms)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql_api_settings_row_put, -1, &stmt, NULL);

    if (rc == SQLITE_OK)
        rc = bind_text(stmt, ":key", key);
    if (rc == SQLITE_OK)
        rc = bind_text(stmt, ":value", value);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, sqlite3_bind_parameter_index(stmt, ":now_ms"), now_ms);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
