/* usage_ingest: the one way in for usage events.
 *
 *     INSERT INTO usage_ingest(payload) VALUES (:payload);
 *     INSERT INTO usage_ingest(payload) SELECT payload FROM usage_jsonl('events.jsonl');
 *     SELECT added, skipped, dead FROM usage_ingest;   -- e.g. 1456|1|0
 *
 * Each inserted payload is one raw CPA event or one exported line. It becomes one row of
 * the view usage_events (added); or nothing, when an event of the same time and hash is
 * there already (skipped); or a row of dead_letter, when it cannot be an event (dead).
 * CPA's control messages and blank payloads are passed over. Everything happens in the
 * caller's transaction; no payload makes the statement fail.
 *
 * received_at_ms (default: now) stands for a missing or unreadable time and becomes
 * created_at_ms. gateway (default: 'default') names the CPA that the event came from.
 *
 * SELECT gives one row: what this connection did so far, right again after a rollback.
 *
 * The table owns the ingest and with it the prepared statements; they, and those of the
 * connection's state, are finalized when SQLite disconnects it. */
#include "ext/store/ingest_vtab.h"

#include <string.h>

#include "ext/limits.h"
#include "ext/store/connection.h"
#include "ext/store/ingest.h"

static const char ingest_schema[] =
    "CREATE TABLE usage_ingest(added INTEGER, skipped INTEGER, dead INTEGER,"
    " payload HIDDEN, received_at_ms HIDDEN, gateway HIDDEN)";

enum ingest_column {
    COLUMN_ADDED,
    COLUMN_SKIPPED,
    COLUMN_DEAD,
    COLUMN_PAYLOAD,
    COLUMN_RECEIVED_AT_MS,
    COLUMN_GATEWAY
};

struct counters {
    int64_t added;
    int64_t skipped;
    int64_t dead;
};

struct ingest_table {
    sqlite3_vtab base;             /* must be first */
    struct connection *connection; /* one reference */
    struct ingest ingest;
    struct counters counters;      /* as they are now */
    struct counters at_begin;      /* as they were when the transaction began */
    struct counters *at_savepoint; /* owned; as they were at each open savepoint */
    int savepoints_size;
};

struct ingest_cursor {
    sqlite3_vtab_cursor base; /* must be first */
    bool is_past;
};

/* --- life --- */

static int ingest_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                          sqlite3_vtab **out_vtab, char **out_error)
{
    (void)argc;
    (void)argv;
    (void)out_error;
    int rc = sqlite3_declare_vtab(db, ingest_schema);
    if (rc != SQLITE_OK)
        return rc;
    struct ingest_table *table = sqlite3_malloc64(sizeof *table);
    if (!table)
        return SQLITE_NOMEM;
    memset(table, 0, sizeof *table);
    table->connection = aux;
    connection_ref(table->connection);
    ingest_init(&table->ingest, db);
    *out_vtab = &table->base;
    return SQLITE_OK;
}

static int ingest_disconnect(sqlite3_vtab *vtab)
{
    struct ingest_table *table = (struct ingest_table *)vtab;
    connection_finalize(table->connection);
    connection_unref(table->connection);
    ingest_clear(&table->ingest);
    sqlite3_free(table->at_savepoint);
    sqlite3_free(table);
    return SQLITE_OK;
}

/* --- reading: one row of counters --- */

static int ingest_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out_cursor)
{
    (void)vtab;
    struct ingest_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    memset(cursor, 0, sizeof *cursor);
    *out_cursor = &cursor->base;
    return SQLITE_OK;
}

static int ingest_close(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int ingest_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)vtab;
    info->estimatedCost = 1;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

static int ingest_filter(sqlite3_vtab_cursor *base, int plan, const char *plan_text, int argc,
                         sqlite3_value **argv)
{
    (void)plan;
    (void)plan_text;
    (void)argc;
    (void)argv;
    ((struct ingest_cursor *)base)->is_past = false;
    return SQLITE_OK;
}

static int ingest_next(sqlite3_vtab_cursor *base)
{
    ((struct ingest_cursor *)base)->is_past = true;
    return SQLITE_OK;
}

static int ingest_eof(sqlite3_vtab_cursor *base)
{
    return ((struct ingest_cursor *)base)->is_past;
}

static int ingest_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct counters *counters = &((struct ingest_table *)base->pVtab)->counters;
    switch ((enum ingest_column)column) {
    case COLUMN_ADDED:
        sqlite3_result_int64(context, counters->added);
        break;
    case COLUMN_SKIPPED:
        sqlite3_result_int64(context, counters->skipped);
        break;
    case COLUMN_DEAD:
        sqlite3_result_int64(context, counters->dead);
        break;
    case COLUMN_PAYLOAD:
    case COLUMN_RECEIVED_AT_MS:
    case COLUMN_GATEWAY:
        sqlite3_result_null(context); /* they can only be written */
        break;
    }
    return SQLITE_OK;
}

static int ingest_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out_rowid)
{
    (void)base;
    *out_rowid = 1;
    return SQLITE_OK;
}

/* --- writing --- */

/* Keep SQLite's message, or ours, for the user, and take back what the payload left:
 * in a transaction of the caller's SQLite undoes nothing of a failing INSERT of one row into
 * a virtual table, and it refuses savepoints while a statement writes. When taking back fails
 * too, an input/output error makes SQLite roll everything back. */
static int ingest_fail(struct ingest_table *table, int rc)
{
    sqlite3 *db = table->ingest.statements.db;
    sqlite3_free(table->base.zErrMsg);
    table->base.zErrMsg = statements_error(db);
    if (sqlite3_get_autocommit(db)) /* the statement's own transaction, which ends now */
        return rc;
    return ingest_undo(&table->ingest) == SQLITE_OK ? rc : SQLITE_IOERR;
}

static int ingest_refuse(struct ingest_table *table, const char *message)
{
    sqlite3_free(table->base.zErrMsg);
    table->base.zErrMsg = sqlite3_mprintf("usage_ingest: %s", message);
    return SQLITE_ERROR;
}

static struct slice value_slice(sqlite3_value *value)
{
    const void *data = sqlite3_value_type(value) == SQLITE_BLOB ? sqlite3_value_blob(value)
                                                                : sqlite3_value_text(value);
    return (struct slice){data, data ? (size_t)sqlite3_value_bytes(value) : 0};
}

static int ingest_one(struct ingest_table *table, struct slice payload, int64_t received_at_ms,
                      struct slice gateway)
{
    enum ingest_outcome outcome;
    struct ingest_failure failure;
    int rc = ingest_payload(&table->ingest, payload, received_at_ms, gateway, &outcome, &failure);
    if (rc == SQLITE_OK && outcome == INGEST_DEAD)
        rc = ingest_dead_letter(&table->ingest, payload, received_at_ms, gateway, &failure);
    if (rc != SQLITE_OK)
        return rc;
    table->counters.added += outcome == INGEST_ADDED;
    table->counters.skipped += outcome == INGEST_SKIPPED;
    table->counters.dead += outcome == INGEST_DEAD;
    return SQLITE_OK;
}

/* INSERT: argc > 1, argv[0] NULL; the columns start at argv[2]. DELETE (argc 1) and UPDATE
 * (argv[0] not NULL) are refused. Conflict modes change nothing: an event that is known is
 * skipped and counted, whatever the mode. */
static int ingest_update(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                         sqlite3_int64 *out_rowid)
{
    struct ingest_table *table = (struct ingest_table *)vtab;
    if (argc == 1 || sqlite3_value_type(argv[0]) != SQLITE_NULL)
        return ingest_refuse(table, "only INSERT is possible");
    sqlite3_value **columns = argv + 2;
    struct slice payload = value_slice(columns[COLUMN_PAYLOAD]);
    struct slice gateway = value_slice(columns[COLUMN_GATEWAY]);
    sqlite3_value *received = columns[COLUMN_RECEIVED_AT_MS];
    if (gateway.len == 0)
        gateway = SLICE("default");
    if (gateway.len > LIMIT_GATEWAY_NAME_BYTES)
        return ingest_refuse(table, "the name of the gateway is longer than 200 bytes");
    int64_t received_at_ms = sqlite3_value_type(received) == SQLITE_NULL
                                 ? ingest_now_ms()
                                 : sqlite3_value_int64(received);
    *out_rowid = 1;
    int rc = ingest_one(table, payload, received_at_ms, gateway);
    return rc == SQLITE_OK || rc == SQLITE_NOMEM ? rc : ingest_fail(table, rc);
}

/* --- transactions: the rows are SQLite's, the counters and the memory are ours --- */

static int ingest_begin(sqlite3_vtab *vtab)
{
    struct ingest_table *table = (struct ingest_table *)vtab;
    table->at_begin = table->counters;
    /* Savepoints that are open already are not told to a table that joins later. */
    for (int i = 0; i < table->savepoints_size; i++)
        table->at_savepoint[i] = table->counters;
    return ingest_check(&table->ingest);
}

static int ingest_commit(sqlite3_vtab *vtab)
{
    (void)vtab;
    return SQLITE_OK;
}

static int ingest_rollback(sqlite3_vtab *vtab)
{
    struct ingest_table *table = (struct ingest_table *)vtab;
    table->counters = table->at_begin;
    ingest_forget(&table->ingest);
    return SQLITE_OK;
}

static int ingest_savepoint(sqlite3_vtab *vtab, int savepoint)
{
    struct ingest_table *table = (struct ingest_table *)vtab;
    if (savepoint < 0)
        return SQLITE_OK;
    if (savepoint >= table->savepoints_size) {
        int size = savepoint + 8;
        struct counters *grown = sqlite3_realloc64(
            table->at_savepoint, (sqlite3_uint64)size * sizeof *table->at_savepoint);
        if (!grown)
            return SQLITE_NOMEM;
        for (int i = table->savepoints_size; i < size; i++)
            grown[i] = table->at_begin;
        table->at_savepoint = grown;
        table->savepoints_size = size;
    }
    table->at_savepoint[savepoint] = table->counters;
    return SQLITE_OK;
}

static int ingest_release(sqlite3_vtab *vtab, int savepoint)
{
    (void)vtab;
    (void)savepoint;
    return SQLITE_OK;
}

static int ingest_rollback_to(sqlite3_vtab *vtab, int savepoint)
{
    struct ingest_table *table = (struct ingest_table *)vtab;
    /* -1 is a savepoint that itself began the transaction. */
    table->counters = savepoint >= 0 && savepoint < table->savepoints_size
                          ? table->at_savepoint[savepoint]
                          : table->at_begin;
    ingest_forget(&table->ingest);
    return SQLITE_OK;
}

const sqlite3_module ingest_module = {
    .iVersion = 2,
    .xConnect = ingest_connect, /* no xCreate: the table exists by itself, and only so */
    .xBestIndex = ingest_best_index,
    .xDisconnect = ingest_disconnect,
    .xOpen = ingest_open,
    .xClose = ingest_close,
    .xFilter = ingest_filter,
    .xNext = ingest_next,
    .xEof = ingest_eof,
    .xColumn = ingest_column,
    .xRowid = ingest_rowid,
    .xUpdate = ingest_update,
    .xBegin = ingest_begin,
    .xCommit = ingest_commit,
    .xRollback = ingest_rollback,
    .xSavepoint = ingest_savepoint,
    .xRelease = ingest_release,
    .xRollbackTo = ingest_rollback_to,
};
