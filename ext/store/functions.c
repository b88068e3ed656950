/* SQL functions: the rules of an event one at a time, and the metadata of a stored one.
 *
 *     SELECT usage_model('gpt-5.6(high)');                        -- gpt-5.6
 *     SELECT usage_event_hash('{"timestamp":"2026-01-02T03:04:05Z"}');
 *         -- 62d9b6fa7e84b935983c3add20fca3dedd4a89eda55a29f54061a938fdca0d9a
 *     SELECT usage_account_key('team.json','abc1',NULL,NULL,NULL,NULL,NULL,NULL);
 *         -- usage-account-history:2:file-index:7465616D2E6A736F6E:61626331
 *     SELECT usage_response_metadata(id) FROM usage_events ORDER BY id DESC LIMIT 1;
 */
#include "ext/store/functions.h"

#include "ext/event/event.h"
#include "ext/event/response_metadata.h"
#include "ext/limits.h"
#include "ext/store/connection.h"
#include "ext/store/statements.h"
#include "ext/store/trace_id.h"
#include "ext/text.h"

#include "usage_sql.h"

static struct slice text_argument(sqlite3_value *value)
{
    const char *text = (const char *)sqlite3_value_text(value);
    return (struct slice){text, text ? (size_t)sqlite3_value_bytes(value) : 0};
}

static void result_text(sqlite3_context *context, struct slice text)
{
    sqlite3_result_text64(context, text.data ? text.data : "", text.len, SQLITE_TRANSIENT,
                          SQLITE_UTF8);
}

/* The text, or NULL when it is empty. */
static void result_text_or_null(sqlite3_context *context, struct slice text)
{
    if (text.len == 0)
        sqlite3_result_null(context);
    else
        result_text(context, text);
}

void event_hash_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct arena arena;
    struct event event;
    struct slice reason;
    const struct json *json;
    (void)argc;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    switch (event_normalize(&arena, text_argument(argv[0]), 0, &event, &reason, &json)) {
    case EVENT_OK:
        result_text(context, event.hash_text);
        break;
    case EVENT_NOMEM:
        sqlite3_result_error_nomem(context);
        break;
    case EVENT_CONTROL:
    case EVENT_DEAD:
        sqlite3_result_null(context);
        break;
    }
    arena_clear(&arena);
}

void model_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    result_text(context, event_analytics_model(text_argument(argv[0])));
}

void account_key_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct arena arena;
    struct event event = {
        .auth_file_snapshot = text_argument(argv[0]),
        .auth_index = text_argument(argv[1]),
        .source = text_argument(argv[2]),
        .account_snapshot = text_argument(argv[3]),
        .auth_label_snapshot = text_argument(argv[4]),
        .auth_provider_snapshot = text_argument(argv[5]),
        .provider = text_argument(argv[6]),
        .auth_project_id_snapshot = text_argument(argv[7]),
    };
    (void)argc;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    struct slice key = event_account_key(&arena, &event);
    if (arena.failed)
        sqlite3_result_error_nomem(context);
    else
        result_text_or_null(context, key);
    arena_clear(&arena);
}

static struct slice column_slice(sqlite3_stmt *stmt, int column)
{
    const void *data = sqlite3_column_type(stmt, column) == SQLITE_BLOB
                           ? sqlite3_column_blob(stmt, column)
                           : sqlite3_column_text(stmt, column);
    return (struct slice){data, data ? (size_t)sqlite3_column_bytes(stmt, column) : 0};
}

/* The columns that the metadata was packed with, from a row of store/metadata_find.sql. */
static struct response_metadata_columns columns_of(struct arena *arena, sqlite3_stmt *row)
{
    enum trace_form form = (enum trace_form)sqlite3_column_int(row, 8);
    struct response_metadata_columns columns = {
        .has_quota_used_percent = sqlite3_column_type(row, 4) != SQLITE_NULL,
        .quota_used_percent = sqlite3_column_double(row, 4),
        .quota_plan_type = column_slice(row, 5),
        .error_kind = column_slice(row, 6),
        .error_code = column_slice(row, 7),
        .trace_id = trace_id_text(arena, form, column_slice(row, 9), column_slice(row, 10)),
    };
    if (sqlite3_column_type(row, 3) != SQLITE_NULL)
        columns.quota_recover_at_ms = sqlite3_column_int64(row, 0) + sqlite3_column_int64(row, 3);
    return columns;
}

/* The result from that row. */
static void unpack_row(sqlite3_context *context, sqlite3_stmt *row)
{
    struct arena arena;
    struct text json;
    struct slice shape = column_slice(row, 1);
    if (shape.len == 0)
        return; /* NULL: no metadata */
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    text_init(&json, LIMIT_EVENT_ARENA_BYTES);
    struct response_metadata_columns columns = columns_of(&arena, row);
    const struct response_metadata *metadata = response_metadata_unpack(
        &arena, shape, column_slice(row, 2), sqlite3_column_int64(row, 0), &columns);
    if (metadata)
        response_metadata_json(&json, metadata);
    if (arena.failed || json.failed)
        sqlite3_result_error_nomem(context);
    else if (!metadata)
        sqlite3_result_error(context, "usage_response_metadata: the packed metadata is damaged",
                             -1);
    else
        result_text(context, text_slice(&json));
    text_clear(&json);
    arena_clear(&arena);
}

/* The statement is kept: preparing it takes a hundred times as long as running it. */
static int prepare_find(struct connection *connection)
{
    if (connection->find_metadata)
        return SQLITE_OK;
    int rc = connection_touch(connection);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v3(connection->db, sql_store_metadata_find, -1,
                                SQLITE_PREPARE_PERSISTENT, &connection->find_metadata, NULL);
    return rc;
}

void response_metadata_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct connection *connection = sqlite3_user_data(context);
    (void)argc;
    int rc = prepare_find(connection);
    sqlite3_stmt *find = connection->find_metadata;
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_value(find, 1, argv[0]);
    if (rc == SQLITE_OK && sqlite3_step(find) == SQLITE_ROW)
        unpack_row(context, find);
    if (rc == SQLITE_OK)
        rc = sqlite3_reset(find);
    if (rc == SQLITE_OK)
        return;
    char *message = statements_error(connection->db);
    sqlite3_result_error(context, message ? message : "out of memory", -1);
    sqlite3_result_error_code(context, rc);
    sqlite3_free(message);
}
