/* SQL: usage_secret_open(text, key) and usage_secret_seal(text, key).
 *
 *   SELECT usage_secret_open(value, readfile('data/data.key')) ...
 *
 * key is a BLOB (the content of a data.key file, or 32 raw bytes) or a TEXT (as in
 * CPA_MANAGER_DATA_KEY: a written key, else a pass phrase). A NULL text gives NULL.
 * Both are DIRECTONLY, so that no view or trigger of a stranger's database can call
 * them, and seal is not DETERMINISTIC. Register with two arguments. */
#ifndef USAGE_EXT_SECRET_SECRET_FN_H
#define USAGE_EXT_SECRET_SECRET_FN_H

#include "ext/sqlite.h"

void secret_open_fn(sqlite3_context *context, int argc, sqlite3_value **argv);
void secret_seal_fn(sqlite3_context *context, int argc, sqlite3_value **argv);

#endif
