/* fill_events DATABASE < LINES: each line through usage_ingest, all in one transaction.
 * For tests that need events in a server's database without a gateway; unlike the module
 * in the stock shell it also runs under the sanitizers. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "ext/entry.h"

static int complain(sqlite3 *db)
{
    (void)fprintf(stderr, "fill_events: %s\n", sqlite3_errmsg(db));
    return 1;
}

static int fill(sqlite3 *db)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    sqlite3_stmt *stmt = NULL;
    int rc =
        sqlite3_prepare_v2(db, "INSERT INTO usage_ingest(payload) VALUES (?)", -1, &stmt, NULL);
    while (rc == SQLITE_OK && (len = getline(&line, &size, stdin)) > 0) {
        (void)sqlite3_bind_text64(stmt, 1, line, (sqlite3_uint64)len, SQLITE_STATIC, SQLITE_UTF8);
        rc = sqlite3_step(stmt) == SQLITE_DONE ? sqlite3_reset(stmt) : sqlite3_errcode(db);
    }
    free(line);
    sqlite3_finalize(stmt);
    return rc;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    if (argc != 2 || sqlite3_open(argv[1], &db) != SQLITE_OK)
        return complain(db);
    sqlite3_busy_timeout(db, 30000);
    int rc = sqlite3_usage_init(db, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = fill(db);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        rc = complain(db);
    sqlite3_close(db);
    return rc;
}
