/* The state of one connection; see connection.h. */
#include "ext/store/connection.h"

#include <string.h>

#include "usage_sql.h"

struct connection *connection_new(sqlite3 *db)
{
    struct connection *connection = sqlite3_malloc64(sizeof *connection);
    if (!connection)
        return NULL;
    memset(connection, 0, sizeof *connection);
    connection->db = db;
    connection->references = 1;
    return connection;
}

void connection_ref(struct connection *connection)
{
    connection->references++;
}

void connection_unref(void *pointer)
{
    struct connection *connection = pointer;
    if (--connection->references == 0)
        sqlite3_free(connection);
}

int connection_touch(struct connection *connection)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(connection->db, sql_store_touch, -1, &stmt, NULL);
    sqlite3_finalize(stmt);
    return rc;
}

void connection_finalize(struct connection *connection)
{
    (void)sqlite3_finalize(connection->find_metadata); /* repeats an error already told */
    connection->find_metadata = NULL;
}
