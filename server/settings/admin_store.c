/* The row admin_credential_v1: see admin_store.h. */
#include "server/settings/admin_store.h"

#include <stdlib.h>

#include "server/limits.h"
#include "server/memory.h"
#include "server/settings/settings_row.h"

int admin_store_load(sqlite3 *db, struct admin_credential *out_credential, bool *out_found)
{
    char *row = NULL;
    int rc = settings_row_get(db, SETTINGS_ADMIN_CREDENTIAL, &row);

    if (rc != SQLITE_OK)
        return rc;
    *out_found = row != NULL;
    if (row != NULL && !admin_credential_read(slice_of_cstr(row), out_credential))
        rc = SQLITE_CORRUPT;
    memory_wipe_cstr(row);
    return rc;
}

int admin_store_save(sqlite3 *db, const struct admin_credential *credential, int64_t now_ms)
{
    struct text row;
    int rc = SQLITE_OK;

    text_init(&row, LIMIT_DOCUMENT_BYTES);
    admin_credential_write(&row, credential);
    rc = row.failed ? SQLITE_NOMEM
                    : settings_row_put(db, SETTINGS_ADMIN_CREDENTIAL, row.data, now_ms);
    text_clear(&row);
    return rc;
}
