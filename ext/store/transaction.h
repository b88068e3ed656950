/* The edges of a transaction that waits for other writers.
 *
 * Called by usage_init() and usage_import(), which end their transactions themselves. The
 * connection's own busy handler may be missing (the shell has none by default), so the
 * wait is here. */
#ifndef USAGE_EXT_STORE_TRANSACTION_H
#define USAGE_EXT_STORE_TRANSACTION_H

#include "ext/sqlite.h"

/* Run sql, a BEGIN or a COMMIT, again and again for up to LIMIT_BUSY_MS while another
 * connection holds the lock. SQLite's result code; after a failed COMMIT the transaction
 * is still open unless SQLite rolled it back. */
int transaction_run(sqlite3 *db, const char *sql);

#endif
