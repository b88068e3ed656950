/* The schema; see schema.h.
 *
 * user_version of the file is the number of migrations it has had. All missing ones and
 * the views run in one transaction, or in a savepoint of the caller's: a file is never left
 * between two versions. Views hold no data, so they are made anew whenever they differ from
 * this build's. */
#include "ext/store/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/store/transaction.h"

#include "usage_sql.h"

/* In order; entry i takes a file from version i to i + 1. */
static const char *const migrations[] = {
    sql_migrations_0001_events,
};
#define SCHEMA_VERSION ((int)(sizeof migrations / sizeof *migrations))

/* Dropped last to first, made first to last: later ones read earlier ones. */
static const char *const views[] = {
    sql_views_drop_views,
    sql_views_usage_events,
    sql_views_usage_breakdowns,
};

/* The first column of the first row; 0 when there is none. */
static int read_number(sqlite3 *db, const char *sql, int64_t *out_number)
{
    sqlite3_stmt *stmt = NULL;
    *out_number = 0;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        *out_number = sqlite3_column_int64(stmt, 0);
    return rc == SQLITE_OK ? sqlite3_finalize(stmt) : rc;
}

static int run_all(sqlite3 *db, const char *const *scripts, int from, int to)
{
    int rc = SQLITE_OK;
    for (int i = from; rc == SQLITE_OK && i < to; i++)
        rc = sqlite3_exec(db, scripts[i], NULL, NULL, NULL);
    return rc;
}

static int set_version(sqlite3 *db, int version)
{
    char *sql = sqlite3_mprintf(sql_store_version_set, version);
    if (!sql)
        return SQLITE_NOMEM;
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

/* The function's result is the error that db has now. */
static void tell_error(sqlite3_context *context, sqlite3 *db, int rc)
{
    sqlite3_result_error(context, sqlite3_errmsg(db), -1);
    sqlite3_result_error_code(context, rc);
}

/* Whether usage_events of the file is the view of this build, character by character. */
static int views_are_current(sqlite3 *db, bool *out_current)
{
    int64_t count = 0;
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql_store_views_current, -1, &stmt, NULL);
    for (int i = 1; rc == SQLITE_OK && i < (int)(sizeof views / sizeof *views); i++)
        rc = sqlite3_bind_text(stmt, i, views[i], -1, SQLITE_STATIC);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        count = sqlite3_column_int64(stmt, 0);
    *out_current = count == (int)(sizeof views / sizeof *views) - 1;
    return rc == SQLITE_OK ? sqlite3_finalize(stmt) : rc;
}

/* What the file holds. */
struct standing {
    int64_t version;
    int64_t tables;  /* 0: it has no ledger */
    bool is_current; /* nothing is missing */
};

static int examine(sqlite3 *db, struct standing *out_standing)
{
    *out_standing = (struct standing){0};
    int rc = read_number(db, sql_store_version_get, &out_standing->version);
    if (rc == SQLITE_OK)
        rc = read_number(db, sql_store_is_ledger, &out_standing->tables);
    if (rc == SQLITE_OK && out_standing->version == SCHEMA_VERSION)
        rc = views_are_current(db, &out_standing->is_current);
    return rc;
}

static void refuse(sqlite3_context *context, const char *format, int64_t version)
{
    char *message = sqlite3_mprintf(format, version, SCHEMA_VERSION);
    if (message)
        sqlite3_result_error(context, message, -1);
    else
        sqlite3_result_error_nomem(context);
    sqlite3_free(message);
}

/* Whether the file cannot be upgraded by this build; then the function's result says so. */
static bool is_refused(sqlite3_context *context, const struct standing *standing)
{
    bool is_foreign = standing->version != 0 && standing->tables == 0;
    if (is_foreign)
        refuse(context, "the database is another program's (its version is %lld)",
               standing->version);
    else if (standing->version > SCHEMA_VERSION)
        refuse(context, "the database has schema version %lld, newer than this program's %d",
               standing->version);
    return is_foreign || standing->version > SCHEMA_VERSION;
}

/* Make what is missing; the write lock is held. */
static int make_missing(sqlite3 *db, const struct standing *standing)
{
    int rc = run_all(db, migrations, (int)standing->version, SCHEMA_VERSION);
    if (rc == SQLITE_OK)
        rc = run_all(db, views, 0, (int)(sizeof views / sizeof *views));
    if (rc == SQLITE_OK)
        rc = set_version(db, SCHEMA_VERSION);
    return rc;
}

/* --- in a transaction of its own --- */

/* Look again and make what is missing: what was seen without the lock may be old, as another
 * first use may have made everything since. *out_made when the file is then current. */
static int upgrade_locked(sqlite3_context *context, sqlite3 *db, bool *out_made)
{
    struct standing standing;
    *out_made = false;
    int rc = examine(db, &standing);
    if (rc != SQLITE_OK || is_refused(context, &standing))
        return rc;
    if (!standing.is_current)
        rc = make_missing(db, &standing);
    if (rc == SQLITE_OK)
        rc = transaction_run(db, sql_store_commit);
    *out_made = rc == SQLITE_OK;
    return rc;
}

/* As upgrade_locked, with the transaction around it; a failure is told and undone.
 *
 * After SQLite itself ran out of memory it refuses every new statement until the one that
 * called us ends, also the one that undoes; but a statement that runs already is ended by
 * rolling everything back. The reader is that statement. */
static void upgrade_alone(sqlite3_context *context, sqlite3 *db)
{
    sqlite3_stmt *reader = NULL;
    bool is_made = false;
    int rc = sqlite3_prepare_v2(db, sql_store_version_get, -1, &reader, NULL);
    if (rc == SQLITE_OK)
        rc = transaction_run(db, sql_store_begin);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(reader) == SQLITE_ROW ? SQLITE_OK : sqlite3_errcode(db);
    if (rc == SQLITE_OK)
        rc = upgrade_locked(context, db, &is_made);
    if (rc != SQLITE_OK)
        tell_error(context, db, rc);
    if (is_made) {
        sqlite3_result_int(context, SCHEMA_VERSION);
    } else if (!sqlite3_get_autocommit(db)) {
        (void)sqlite3_exec(db, sql_store_rollback, NULL, NULL, NULL); /* rc is the error to tell */
        (void)sqlite3_step(reader);
    }
    sqlite3_finalize(reader);
}

/* --- inside a transaction or beside a reading statement of the caller --- */

/* Make what is missing, inside the savepoint. The first write takes the write lock; only then
 * is reader stepped, so that it holds no older state that could not be written upon. */
static int upgrade_inside(sqlite3 *db, const struct standing *standing, sqlite3_stmt *reader)
{
    int rc = set_version(db, (int)standing->version);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(reader) == SQLITE_ROW ? SQLITE_OK : sqlite3_errcode(db);
    return rc == SQLITE_OK ? make_missing(db, standing) : rc;
}

/* Bring the file to SCHEMA_VERSION; a failure is told and undone. The caller's transaction
 * holds a lock since the file was examined, so it is still as it was seen. The reader is
 * there for the same reason as in upgrade_alone. */
static void upgrade_within(sqlite3_context *context, sqlite3 *db, const struct standing *standing)
{
    sqlite3_stmt *reader = NULL;
    int rc = sqlite3_prepare_v2(db, sql_store_version_get, -1, &reader, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, sql_store_init_begin, NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        tell_error(context, db, rc);
        goto done;
    }
    rc = upgrade_inside(db, standing, reader);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, sql_store_init_release, NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        tell_error(context, db, rc);
        (void)sqlite3_exec(db, sql_store_init_undo, NULL, NULL, NULL); /* rc is the error to tell */
        (void)sqlite3_step(reader);
        goto done;
    }
    sqlite3_result_int(context, SCHEMA_VERSION);
done:
    sqlite3_finalize(reader);
}

/* A file that is current is only read. While another connection commits it cannot be read;
 * then, as when something is missing, the lock is waited for. */
void schema_init_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sqlite3 *db = sqlite3_context_db_handle(context);
    struct standing standing;
    (void)argc;
    (void)argv;
    bool is_alone = sqlite3_get_autocommit(db) && sqlite3_txn_state(db, NULL) == SQLITE_TXN_NONE;
    int rc = examine(db, &standing);
    if ((rc & 0xff) == SQLITE_BUSY && is_alone)
        upgrade_alone(context, db);
    else if (rc != SQLITE_OK)
        tell_error(context, db, rc);
    else if (is_refused(context, &standing))
        return; /* told */
    else if (standing.is_current)
        sqlite3_result_int(context, SCHEMA_VERSION);
    else if (is_alone)
        upgrade_alone(context, db);
    else
        upgrade_within(context, db, &standing);
}
