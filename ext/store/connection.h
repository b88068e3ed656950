/* The state of one connection: what outlives a call of a function.
 *
 * It is made in the entry point and shared by the registrations that need it; each holds
 * one reference. Its statements are finalized when SQLite disconnects the usage_ingest
 * table: that happens before a closing connection looks for open statements, while the
 * destructors of functions run only after. So whoever prepares one calls
 * connection_touch first, which sees to it that the table is connected. */
#ifndef USAGE_EXT_STORE_CONNECTION_H
#define USAGE_EXT_STORE_CONNECTION_H

#include "ext/sqlite.h"

struct connection {
    sqlite3 *db; /* borrowed */
    int references;
    sqlite3_stmt *find_metadata; /* owned; NULL until needed */
};

/* One reference, or NULL when memory is out. */
struct connection *connection_new(sqlite3 *db);
void connection_ref(struct connection *connection);
/* Takes void *, as destructors do. */
void connection_unref(void *connection);
/* Connect the usage_ingest table, if it is not. */
int connection_touch(struct connection *connection);
void connection_finalize(struct connection *connection);

#endif
