/* The one entry point of the extension. In the loadable module SQLite finds it by its
 * name; programs that link the static twin call it on every connection they open. */
#ifndef USAGE_EXT_ENTRY_H
#define USAGE_EXT_ENTRY_H

#include "ext/sqlite.h"

/* Register everything on db. api is NULL for the static twin. On failure *out_error is
 * a message (sqlite3_free) that names the item. */
__attribute__((visibility("default"))) int sqlite3_usage_init(sqlite3 *db, char **out_error,
                                                              const sqlite3_api_routines *api);

#endif
