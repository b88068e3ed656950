/* The schema: made and upgraded by usage_init(). */
#ifndef USAGE_EXT_STORE_SCHEMA_H
#define USAGE_EXT_STORE_SCHEMA_H

#include "ext/sqlite.h"

/* usage_init(): create the ledger's tables and views in main, or bring them up to date.
 * Returns the schema version (INTEGER). A file of a newer version, or one that holds
 * another program's tables under a version of its own, is refused and left as it is. */
void schema_init_fn(sqlite3_context *context, int argc, sqlite3_value **argv);

#endif
