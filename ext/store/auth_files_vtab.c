/* usage_auth_files(body): the credential files in a gateway's answer to
 * GET /v0/management/auth-files, one row each.
 *
 *     SELECT auth_index, account, file FROM usage_auth_files(
 *         '{"files":[{"auth_index":"ab12","name":"codex-mia.json","email":"mia@example.com"}]}');
 *     -- ab12|mia@example.com|codex-mia.json
 *
 * Texts are NULL when the entry has none. A body of another shape is an error. An
 * index can come twice, then the last row is meant. The collector puts the rows into
 * gateway_auth_file, from where usage_ingest takes an event's account snapshot. */
#include "ext/store/auth_files_vtab.h"

#include <string.h>

#include "ext/event/auth_files.h"
#include "ext/limits.h"

static const char auth_files_schema[] =
    "CREATE TABLE usage_auth_files(auth_index TEXT, account TEXT, label TEXT, file TEXT,"
    " provider TEXT, project_id TEXT, body HIDDEN)";

enum auth_files_column {
    COLUMN_AUTH_INDEX,
    COLUMN_ACCOUNT,
    COLUMN_LABEL,
    COLUMN_FILE,
    COLUMN_PROVIDER,
    COLUMN_PROJECT_ID,
    COLUMN_BODY
};

struct auth_files_cursor {
    sqlite3_vtab_cursor base; /* must be first */
    struct arena arena;       /* holds all below */
    struct slice body;
    struct auth_file *files;
    size_t count;
    size_t at;
};

static int auth_files_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                              sqlite3_vtab **out_vtab, char **out_error)
{
    (void)aux;
    (void)argc;
    (void)argv;
    (void)out_error;
    int rc = sqlite3_declare_vtab(db, auth_files_schema);
    if (rc != SQLITE_OK)
        return rc;
    *out_vtab = sqlite3_malloc64(sizeof **out_vtab);
    if (!*out_vtab)
        return SQLITE_NOMEM;
    memset(*out_vtab, 0, sizeof **out_vtab);
    return sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
}

static int auth_files_disconnect(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

static int auth_files_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out_cursor)
{
    (void)vtab;
    struct auth_files_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    memset(cursor, 0, sizeof *cursor);
    arena_init(&cursor->arena, LIMIT_EVENT_ARENA_BYTES);
    *out_cursor = &cursor->base;
    return SQLITE_OK;
}

static int auth_files_close(sqlite3_vtab_cursor *base)
{
    struct auth_files_cursor *cursor = (struct auth_files_cursor *)base;
    arena_clear(&cursor->arena);
    sqlite3_free(cursor);
    return SQLITE_OK;
}

/* The body is required. */
static int auth_files_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    (void)vtab;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != COLUMN_BODY ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT;
        info->aConstraintUsage[i].argvIndex = 1;
        info->aConstraintUsage[i].omit = 1;
        info->estimatedCost = 100;
        info->estimatedRows = 100;
        return SQLITE_OK;
    }
    sqlite3_free(vtab->zErrMsg);
    vtab->zErrMsg = sqlite3_mprintf("usage_auth_files: give the body: usage_auth_files(body)");
    return SQLITE_ERROR;
}

static int auth_files_filter(sqlite3_vtab_cursor *base, int plan, const char *plan_text, int argc,
                             sqlite3_value **argv)
{
    struct auth_files_cursor *cursor = (struct auth_files_cursor *)base;
    struct json_error error = {0};
    const char *text = (const char *)sqlite3_value_text(argv[0]);
    (void)plan;
    (void)plan_text;
    (void)argc;
    cursor->at = cursor->count = 0;
    arena_reset(&cursor->arena);
    cursor->body = arena_copy(
        &cursor->arena, (struct slice){text, text ? (size_t)sqlite3_value_bytes(argv[0]) : 0});
    const struct json *json = json_parse(&cursor->arena, cursor->body, &error);
    if (json && auth_files_read(&cursor->arena, json, &cursor->files, &cursor->count))
        return SQLITE_OK;
    if (cursor->arena.failed)
        return SQLITE_NOMEM;
    sqlite3_free(base->pVtab->zErrMsg);
    base->pVtab->zErrMsg =
        sqlite3_mprintf("usage_auth_files: %s",
                        json ? "the body is not a list of credential files" : error.message);
    return SQLITE_ERROR;
}

static int auth_files_next(sqlite3_vtab_cursor *base)
{
    ((struct auth_files_cursor *)base)->at++;
    return SQLITE_OK;
}

static int auth_files_eof(sqlite3_vtab_cursor *base)
{
    const struct auth_files_cursor *cursor = (const struct auth_files_cursor *)base;
    return cursor->at >= cursor->count;
}

static int auth_files_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct auth_files_cursor *cursor = (const struct auth_files_cursor *)base;
    const struct auth_file *file = &cursor->files[cursor->at];
    const struct slice columns[] = {
        [COLUMN_AUTH_INDEX] = file->auth_index, [COLUMN_ACCOUNT] = file->account,
        [COLUMN_LABEL] = file->label,           [COLUMN_FILE] = file->file,
        [COLUMN_PROVIDER] = file->provider,     [COLUMN_PROJECT_ID] = file->project_id,
        [COLUMN_BODY] = cursor->body,
    };
    if (columns[column].len > 0)
        sqlite3_result_text64(context, columns[column].data, columns[column].len, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
    return SQLITE_OK;
}

static int auth_files_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out_rowid)
{
    *out_rowid = (sqlite3_int64)((struct auth_files_cursor *)base)->at + 1;
    return SQLITE_OK;
}

const sqlite3_module auth_files_module = {
    .iVersion = 0,
    .xConnect = auth_files_connect,
    .xBestIndex = auth_files_best_index,
    .xDisconnect = auth_files_disconnect,
    .xOpen = auth_files_open,
    .xClose = auth_files_close,
    .xFilter = auth_files_filter,
    .xNext = auth_files_next,
    .xEof = auth_files_eof,
    .xColumn = auth_files_column,
    .xRowid = auth_files_rowid,
};
