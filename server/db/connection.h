/* One SQLite connection of a worker: opening, settings, waiting for others.
 *
 * A writing connection waits for the writers of other processes without end, saying so
 * in the log, unless a limit is set; a reading one for a few seconds at most. */
#ifndef CPA_SERVER_DB_CONNECTION_H
#define CPA_SERVER_DB_CONNECTION_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/db/statements.h"
#include "server/db/worker.h"

struct connection {
    sqlite3 *db;
    struct statements *statements;
    const char *db_path;            /* borrowed */
    const atomic_bool *is_stopping; /* borrowed: then waiting has an end too */
    int64_t busy_limit_ms;          /* of one wait; 0: none */
    int64_t busy_since_ms;
    int64_t busy_said_ms;
};

/* Open and set up, the extension included. SQLITE_OK; otherwise *out_error is a message
 * to free() that names the file, and the connection is closed. */
int connection_open(struct connection *connection, enum worker_kind kind, const char *db_path,
                    const atomic_bool *is_stopping, char **out_error);
/* A connection that is not open is allowed. */
void connection_close(struct connection *connection);

#endif
