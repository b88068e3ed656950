/* usage_jsonl(path_or_blob): the records of a file of usage data, read as they are asked
 * for, in bounded memory.
 *
 *     INSERT INTO usage_ingest(payload) SELECT payload FROM usage_jsonl('events.jsonl');
 *     SELECT line, byte_offset, error FROM usage_jsonl('events.jsonl') WHERE error NOT NULL;
 *
 * A TEXT names a file, a BLOB is the content itself. JSONL, one JSON array, snapshots of
 * CPA before 6.10 and of older managers, and any of these in gzip are understood by their
 * content (see record_reader.h). Columns: line (from 1) and byte_offset, where the record
 * begins in the uncompressed content; payload, as usage_ingest takes it, or NULL; format,
 * as the HTTP import names it; error, why there is no payload. A record that cannot be
 * read is a row with its error and not the end of the scan; where nothing more can be
 * read, the last row says so. Whether a line is an event is for usage_ingest to say.
 *
 * It reads files, so it is DIRECTONLY: no view or trigger of a stranger's database can
 * use it. */
#include "ext/jsonl/jsonl_vtab.h"

#include <string.h>

#include "ext/jsonl/byte_source.h"
#include "ext/jsonl/record_reader.h"

static const char jsonl_schema[] =
    "CREATE TABLE usage_jsonl(line INTEGER, byte_offset INTEGER, payload TEXT, format TEXT,"
    " error TEXT, content HIDDEN)";

enum jsonl_column {
    COLUMN_LINE,
    COLUMN_BYTE_OFFSET,
    COLUMN_PAYLOAD,
    COLUMN_FORMAT,
    COLUMN_ERROR,
    COLUMN_CONTENT
};

struct jsonl_cursor {
    sqlite3_vtab_cursor base;     /* must be first */
    struct record_reader *reader; /* owned */
    char *blob;                   /* owned; the content when it was given */
    struct record_item item;
    enum record_result result; /* of the last read; RECORD_END is the end */
    sqlite3_int64 rowid;
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
    cursor->result = RECORD_END;
    *out_cursor = &cursor->base;
    return SQLITE_OK;
}

static void cursor_reset(struct jsonl_cursor *cursor)
{
    record_reader_close(cursor->reader);
    sqlite3_free(cursor->blob);
    cursor->reader = NULL;
    cursor->blob = NULL;
    cursor->result = RECORD_END;
    cursor->rowid = 0;
}

static int jsonl_close(sqlite3_vtab_cursor *base)
{
    struct jsonl_cursor *cursor = (struct jsonl_cursor *)base;
    cursor_reset(cursor);
    sqlite3_free(cursor);
    return SQLITE_OK;
}

/* The path or content is required. */
static int jsonl_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != COLUMN_CONTENT ||
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

static int fail_to_open(sqlite3_vtab_cursor *base, int rc, const char *error)
{
    return strcmp(error, BYTE_SOURCE_NOMEM) == 0 ? SQLITE_NOMEM : jsonl_fail(base, rc, error);
}

static int jsonl_next(sqlite3_vtab_cursor *base)
{
    struct jsonl_cursor *cursor = (struct jsonl_cursor *)base;
    cursor->rowid++;
    if (cursor->result == RECORD_FAILED)
        cursor->result = RECORD_END; /* its row was the last */
    else
        cursor->result = record_reader_next(cursor->reader, &cursor->item);
    return cursor->result == RECORD_NOMEM ? SQLITE_NOMEM : SQLITE_OK;
}

/* Keep a copy of the content: the argument lives only as long as this call. */
static bool open_blob(struct jsonl_cursor *cursor, sqlite3_value *value, char *error,
                      size_t error_size)
{
    size_t len = (size_t)sqlite3_value_bytes(value);
    cursor->blob = sqlite3_malloc64(len + 1);
    if (!cursor->blob) {
        (void)sqlite3_snprintf((int)error_size, error, BYTE_SOURCE_NOMEM);
        return false;
    }
    if (len > 0)
        memcpy(cursor->blob, sqlite3_value_blob(value), len);
    return record_reader_open_bytes((struct slice){cursor->blob, len}, &cursor->reader, error,
                                    error_size);
}

static int jsonl_filter(sqlite3_vtab_cursor *base, int plan, const char *plan_text, int argc,
                        sqlite3_value **argv)
{
    struct jsonl_cursor *cursor = (struct jsonl_cursor *)base;
    const char *path;
    char error[256];
    (void)plan;
    (void)plan_text;
    (void)argc;
    cursor_reset(cursor);
    if (sqlite3_value_type(argv[0]) == SQLITE_BLOB) {
        if (!open_blob(cursor, argv[0], error, sizeof error))
            return fail_to_open(base, SQLITE_ERROR, error);
        return jsonl_next(base);
    }
    path = (const char *)sqlite3_value_text(argv[0]);
    if (!path)
        return jsonl_fail(base, SQLITE_ERROR, "the path is NULL");
    if (!record_reader_open_file(path, &cursor->reader, error, sizeof error))
        return fail_to_open(base, SQLITE_CANTOPEN, error);
    return jsonl_next(base);
}

static int jsonl_eof(sqlite3_vtab_cursor *base)
{
    return ((struct jsonl_cursor *)base)->result == RECORD_END;
}

static int jsonl_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct jsonl_cursor *cursor = (const struct jsonl_cursor *)base;
    const struct record_item *item = &cursor->item;
    switch ((enum jsonl_column)column) {
    case COLUMN_LINE:
        sqlite3_result_int64(context, item->line);
        break;
    case COLUMN_BYTE_OFFSET:
        sqlite3_result_int64(context, item->byte_offset);
        break;
    case COLUMN_PAYLOAD:
        if (cursor->result == RECORD_OK)
            sqlite3_result_text64(context, item->payload.data, item->payload.len, SQLITE_TRANSIENT,
                                  SQLITE_UTF8);
        break;
    case COLUMN_FORMAT:
        sqlite3_result_text(context, record_format_name(record_reader_format(cursor->reader)), -1,
                            SQLITE_STATIC);
        break;
    case COLUMN_ERROR:
        if (cursor->result != RECORD_OK)
            sqlite3_result_text(context, item->error, -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_CONTENT:
        break; /* an argument, not a value */
    }
    return SQLITE_OK;
}

static int jsonl_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out_rowid)
{
    *out_rowid = ((struct jsonl_cursor *)base)->rowid;
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
