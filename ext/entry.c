/* The table of contents of the extension: every function and table it registers. */
#include "ext/sqlite.h"
#ifndef SQLITE_CORE
SQLITE_EXTENSION_INIT1
#endif

#include "ext/entry.h"

int sqlite3_usage_init(sqlite3 *db, char **out_error, const sqlite3_api_routines *api)
{
    (void)db;
    (void)out_error;
    SQLITE_EXTENSION_INIT2(api);
    return SQLITE_OK;
}
