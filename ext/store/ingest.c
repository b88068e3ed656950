/* Ingest; see ingest.h. */
#include "ext/store/ingest.h"

#include "ext/limits.h"
#include "ext/store/dead_letter.h"

/* SQLite's Julian day epoch in Unix milliseconds. */
#define JULIAN_EPOCH_MS ((sqlite3_int64)210866760000000)

void ingest_init(struct ingest *ingest, sqlite3 *db)
{
    ingest->statements = (struct statements){.db = db};
    dictionary_init(&ingest->dictionary, &ingest->statements);
    arena_init(&ingest->arena, LIMIT_EVENT_ARENA_BYTES);
    ingest->data_version = ingest->schema_version = ingest->unfinished_id = 0;
}

void ingest_clear(struct ingest *ingest)
{
    statements_finalize(&ingest->statements);
    dictionary_clear(&ingest->dictionary);
    arena_clear(&ingest->arena);
}

void ingest_forget(struct ingest *ingest)
{
    dictionary_forget(&ingest->dictionary);
}

static int read_version(struct ingest *ingest, enum store_statement which, int64_t *out_version)
{
    sqlite3_stmt *stmt;
    int rc = statements_get(&ingest->statements, which, &stmt);
    return rc == SQLITE_OK ? statements_step(stmt, out_version) : rc;
}

/* A backup into this very connection (the shell's .restore) counts as its own commit: the
 * data version stays, but the copy is given another schema version than the file had. */
int ingest_check(struct ingest *ingest)
{
    int64_t data_version = 0;
    int64_t schema_version = 0;
    int rc = read_version(ingest, STATEMENT_DATA_VERSION, &data_version);
    if (rc == SQLITE_OK)
        rc = read_version(ingest, STATEMENT_SCHEMA_VERSION, &schema_version);
    if (rc != SQLITE_OK)
        return rc;
    if (data_version != ingest->data_version || schema_version != ingest->schema_version)
        ingest_forget(ingest);
    ingest->data_version = data_version;
    ingest->schema_version = schema_version;
    return SQLITE_OK;
}

int64_t ingest_now_ms(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_int64 julian_ms = JULIAN_EPOCH_MS;
    (void)vfs->xCurrentTimeInt64(vfs, &julian_ms); /* cannot fail on a platform with a clock */
    return julian_ms - JULIAN_EPOCH_MS;
}

/* The account snapshot from the row of store/auth_file_find.sql. */
static void fill_account(struct ingest *ingest, struct event *event, sqlite3_stmt *row)
{
    struct slice columns[5];
    for (int i = 0; i < 5; i++) {
        const char *text = (const char *)sqlite3_column_text(row, i);
        size_t len = text ? (size_t)sqlite3_column_bytes(row, i) : 0;
        columns[i] = len ? arena_copy(&ingest->arena, (struct slice){text, len}) : slice_empty();
    }
    const struct account_snapshot snapshot = {
        .account = columns[0],
        .label = columns[1],
        .file = columns[2],
        .provider = columns[3],
        .project_id = columns[4],
        .read_at_ms = sqlite3_column_int64(row, 5),
    };
    event_fill_snapshot(&ingest->arena, event, &snapshot);
}

/* Section 8: fill what a raw event does not say of its account from the gateway's list of
 * credentials. An exported line had its chance when it was first stored. */
static int join_account(struct ingest *ingest, struct event *event, int64_t gateway_id)
{
    sqlite3_stmt *stmt;
    if (event->is_exported || event->auth_index.len == 0 ||
        (event->account_snapshot.len > 0 && event->auth_project_id_snapshot.len > 0))
        return SQLITE_OK;
    int rc = statements_get(&ingest->statements, STATEMENT_AUTH_FILE_FIND, &stmt);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 1, gateway_id);
    if (rc == SQLITE_OK)
        rc = statements_bind_text(stmt, 2, event->auth_index);
    if (rc != SQLITE_OK)
        return rc;
    if (sqlite3_step(stmt) == SQLITE_ROW)
        fill_account(ingest, event, stmt);
    return sqlite3_reset(stmt);
}

static int add_row(struct ingest *ingest, struct event_row *row, struct slice gateway,
                   enum ingest_outcome *out_outcome)
{
    int64_t event_id = 0;
    int64_t gateway_id;
    int rc = dictionary_gateway(&ingest->dictionary, gateway, &gateway_id);
    if (rc == SQLITE_OK)
        rc = join_account(ingest, &row->event, gateway_id);
    if (rc == SQLITE_OK && ingest->arena.failed)
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = event_row_add(&ingest->dictionary, row, gateway_id, &event_id);
    if (rc == SQLITE_OK)
        *out_outcome = event_id ? INGEST_ADDED : INGEST_SKIPPED;
    else
        ingest->unfinished_id = event_id;
    return rc;
}

int ingest_row(struct ingest *ingest, struct event_row *row, struct slice gateway,
               enum ingest_outcome *out_outcome)
{
    arena_reset(&ingest->arena);
    ingest->unfinished_id = 0;
    return add_row(ingest, row, gateway, out_outcome);
}

int ingest_payload(struct ingest *ingest, struct slice payload, int64_t received_at_ms,
                   struct slice gateway, enum ingest_outcome *out_outcome,
                   struct ingest_failure *out_failure)
{
    struct event event;
    struct event_row row;
    *out_outcome = INGEST_IGNORED;
    ingest->unfinished_id = 0;
    *out_failure = (struct ingest_failure){{NULL, 0}, NULL};
    if (slice_trim(payload).len == 0)
        return SQLITE_OK;
    arena_reset(&ingest->arena);
    switch (event_normalize(&ingest->arena, payload, received_at_ms, &event, &out_failure->reason,
                            &out_failure->json)) {
    case EVENT_OK:
        event_row_prepare(&ingest->arena, &event, &row);
        return add_row(ingest, &row, gateway, out_outcome);
    case EVENT_CONTROL:
        return SQLITE_OK;
    case EVENT_DEAD:
        *out_outcome = INGEST_DEAD;
        return SQLITE_OK;
    case EVENT_NOMEM:
        break;
    }
    return SQLITE_NOMEM;
}

int ingest_undo(struct ingest *ingest)
{
    int64_t event_id = ingest->unfinished_id;
    ingest->unfinished_id = 0;
    return event_id ? event_row_remove(&ingest->statements, event_id) : SQLITE_OK;
}

int ingest_dead_letter(struct ingest *ingest, struct slice payload, int64_t received_at_ms,
                       struct slice gateway, const struct ingest_failure *failure)
{
    int64_t gateway_id;
    int rc = dictionary_gateway(&ingest->dictionary, gateway, &gateway_id);
    if (rc == SQLITE_OK)
        rc = dead_letter_add(&ingest->statements, &ingest->arena, payload, failure->reason,
                             failure->json, gateway_id, received_at_ms);
    return rc;
}
