/* usage_jsonl(path): the lines of a JSONL file, read as they are asked for.
 *
 *     INSERT INTO usage_ingest(payload) SELECT payload FROM usage_jsonl('events.jsonl');
 *     SELECT line, byte_offset, error FROM usage_jsonl('events.jsonl') WHERE error NOT NULL;
 *
 * Columns: line (from 1), byte_offset (of the payload in the file), payload (the line
 * without white space at its ends), error (NULL, or why there is no payload). Blank lines
 * are passed over, CRLF and a byte order mark are understood. A line that is too long is
 * a row with an error, not the end of the scan; whether a line is JSON is for
 * usage_ingest to say.
 *
 * It reads files, so it is DIRECTONLY: no view or trigger of a stranger's database can
 * use it. */
#include "ext/jsonl/jsonl_vtab.h"

#include <errno.h>
#include <string.h>

#include "ext/jsonl/line_reader.h"
#include "ext/limits.h"

static const char jsonl_schema[] =
    "CREATE TABLE usage_jsonl(line INTEGER, byte_offset INTEGER, payload TEXT, error TEXT,"
    " path HIDDEN)";

enum jsonl_column { COLUMN_LINE, COLUMN_BYTE_OFFSET, COLUMN_PAYLOAD, COLUMN_ERROR, COLUMN_PATH };

struct jsonl_cursor {
    sqlite3_vtab_cursor base; /* must be first */
    struct line_reader reader;
    struct slice payload; /* in the reader's buffer */
    int64_t byte_offset;
    enum line_result result; /* of the last read; LINE_END is the end */
};

static int jsonl_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                         sqlite3_vtab **out_vtab, char **out_error)
{
    (void)aux;
    (void)argc;
    (void)argv;
    (void)out_error;
    int rc = sqlite3_declare_vtab(db, jsonl_schema);
    if (rc != SQLITE_OK)
        return rc;
    *out_vtab = sqlite3_malloc64(sizeof **out_vtab);
    if (!*out_vtab)
        return SQLITE_NOMEM;
    memset(*out_vtab, 0, sizeof **out_vtab);
    return sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
}

static int jsonl_disconnect(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

static int jsonl_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out_cursor)
{
    (void)vtab;
    struct jsonl_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (!cursor)
        return SQLITE_NOMEM;
    memset(cursor, 0, sizeof *cursor);
    cursor->reader.fd = -1;
    cursor->result = LINE_END;
    *out_cursor = &cursor->base;
    return SQLITE_OK;
}

static int jsonl_close(sqlite3_vtab_cursor *base)
{
    struct jsonl_cursor *cursor = (struct jsonl_cursor *)base;
    line_reader_close(&cursor->reader);
    sqlite3_free(cursor);
    return SQLITE_OK;
}

/* The path is required. */
static int jsonl_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != COLUMN_PATH ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT;
        info->aConstraintUsage[i].argvIndex = 1;
        info->aConstraintUsage[i].omit = 1;
        info->estimatedCost = 100000;
        info->estimatedRows = 100000;
        return SQLITE_OK;
    }
    sqlite3_free(vtab->zErrMsg);
    vtab->zErrMsg = sqlite3_mprintf("usage_jsonl: give the path: usage_jsonl('events.jsonl')");
    return SQLITE_ERROR;
}

static int jsonl_fail(sqlite3_vtab_cursor *base, int rc, const char *message)
{
    sqlite3_free(base->pVtab->zErrMsg);
    base->pVtab->zErrMsg = sqlite3_mprintf("usage_jsonl: %s", message);
    return rc;
}

static int jsonl_next(sqlite3_vtab_cursor *base)
{
    struct jsonl_cursor *cursor = (struct jsonl_cursor *)base;
    cursor->result = line_reader_next(&cursor->reader, &cursor->payload, &cursor->byte_offset);
    if (cursor->result == LINE_NOMEM)
        return SQLITE_NOMEM;
    if (cursor->result == LINE_READ_ERROR)
        return jsonl_fail(base, SQLITE_IOERR, strerror(errno));
    return SQLITE_OK;
}

static int jsonl_filter(sqlite3_vtab_cursor *base, int plan, const char *plan_text, int argc,
                        sqlite3_value **argv)
{
    struct jsonl_cursor *cursor = (struct jsonl_cursor *)base;
    const char *path = (const char *)sqlite3_value_text(argv[0]);
    char error[256];
    (void)plan;
    (void)plan_text;
    (void)argc;
    line_reader_close(&cursor->reader);
    cursor->result = LINE_END;
    if (!path)
        return jsonl_fail(base, SQLITE_ERROR, "the path is NULL");
    if (!line_reader_open(&cursor->reader, path, LIMIT_PAYLOAD_BYTES, error, sizeof error))
        return jsonl_fail(base, SQLITE_CANTOPEN, error);
    return jsonl_next(base);
}

static int jsonl_eof(sqlite3_vtab_cursor *base)
{
    enum line_result result = ((struct jsonl_cursor *)base)->result;
    return result != LINE_OK && result != LINE_TOO_LONG;
}

static int jsonl_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct jsonl_cursor *cursor = (const struct jsonl_cursor *)base;
    switch ((enum jsonl_column)column) {
    case COLUMN_LINE:
        sqlite3_result_int64(context, cursor->reader.number);
        break;
    case COLUMN_BYTE_OFFSET:
        sqlite3_result_int64(context, cursor->byte_offset);
        break;
    case COLUMN_PAYLOAD:
        if (cursor->result == LINE_OK)
            sqlite3_result_text64(context, cursor->payload.data, cursor->payload.len,
                                  SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    case COLUMN_ERROR:
        if (cursor->result == LINE_TOO_LONG)
            sqlite3_result_text(context, "the line is longer than 16 MiB", -1, SQLITE_STATIC);
        break;
    case COLUMN_PATH:
        break; /* an argument, not a value */
    }
    return SQLITE_OK;
}

static int jsonl_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out_rowid)
{
    *out_rowid = ((struct jsonl_cursor *)base)->reader.number;
    return SQLITE_OK;
}

const sqlite3_module jsonl_module = {
    .iVersion = 0,
    .xConnect = jsonl_connect,
    .xBestIndex = jsonl_best_index,
    .xDisconnect = jsonl_disconnect,
    .xOpen = jsonl_open,
    .xClose = jsonl_close,
    .xFilter = jsonl_filter,
    .xNext = jsonl_next,
    .xEof = jsonl_eof,
    .xColumn = jsonl_column,
    .xRowid = jsonl_rowid,
};
