/* A database with our tables: see ledger.h. */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "ext/entry.h"
#include "server/memory.h"
#include "server/settings/settings_row.h"

static void must(sqlite3 *db, int rc, const char *what)
{
    if (rc != SQLITE_OK) {
        (void)fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
        abort();
    }
}

sqlite3 *ledger_open(const char *path)
{
    sqlite3 *db = NULL;

    must(db, sqlite3_open(path, &db), path);
    must(db, sqlite3_usage_init(db, NULL, NULL), "usage");
    must(db, sqlite3_exec(db, "SELECT usage_init()", NULL, NULL, NULL), "usage_init");
    return db;
}

char *ledger_setting(sqlite3 *db, const char *key)
{
    char *value = NULL;

    must(db, settings_row_get(db, key, &value), key);
    return value;
}

void ledger_put(sqlite3 *db, const char *key, const char *value)
{
    must(db, settings_row_put(db, key, value, 1), key);
}

int ledger_transaction(void *worker, int (*run)(sqlite3 *db, void *arg), void *arg,
                       char **out_message)
{
    sqlite3 *db = worker;
    int rc = SQLITE_OK;

    must(db, sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), "begin");
    rc = run(db, arg);
    if (rc != SQLITE_OK)
        *out_message = memory_copy_cstr(sqlite3_errmsg(db));
    must(db, sqlite3_exec(db, rc == SQLITE_OK ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL), "end");
    return rc;
}
