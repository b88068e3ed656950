/* Whole jobs in one call.
 *
 *     SELECT usage_import('events.jsonl');
 *         -- {"format":"usage_service_jsonl","added":1457,"skipped":0,"failed":0,...}
 *     SELECT usage_export('backup.jsonl');           -- {"events":1457,"bytes":...}
 *     SELECT usage_export('today.jsonl', unixepoch('now', 'start of day') * 1000);
 *
 * Both work in many transactions of their own (import) or none at all between two pieces
 * (export), so they refuse to run inside someone else's: call them alone, in autocommit
 * mode. What was imported before an error stays; the same call again completes the rest. */
#include "ext/jsonl/job_fn.h"

#include <string.h>

#include "ext/jsonl/byte_source.h"
#include "ext/jsonl/export_file.h"
#include "ext/jsonl/import.h"
#include "ext/limits.h"
#include "ext/store/statements.h"

static void fail(sqlite3_context *context, const char *name, const char *text, int rc)
{
    char *message = rc == SQLITE_NOMEM ? NULL : sqlite3_mprintf("%s: %s", name, text);
    if (!message) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_error(context, message, -1);
    sqlite3_free(message);
    if (rc != SQLITE_ERROR)
        sqlite3_result_error_code(context, rc);
}

static void fail_with_database_error(sqlite3_context *context, const char *name, int rc)
{
    char *message = statements_error(sqlite3_context_db_handle(context));
    fail(context, name, message, message ? rc : SQLITE_NOMEM);
    sqlite3_free(message);
}

/* Whether the call stands alone; otherwise the error is set. */
static bool is_alone(sqlite3_context *context, const char *name)
{
    sqlite3 *db = sqlite3_context_db_handle(context);
    if (sqlite3_get_autocommit(db) && sqlite3_txn_state(db, NULL) == SQLITE_TXN_NONE)
        return true;
    fail(context, name,
         "call it alone: it commits by itself, which it cannot do inside a transaction or a "
         "statement that reads or writes tables",
         SQLITE_ERROR);
    return false;
}

static void result_json(sqlite3_context *context, const struct text *json)
{
    if (json->failed)
        sqlite3_result_error_nomem(context);
    else
        sqlite3_result_text64(context, json->data, json->len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* An import that stopped early is an error that says how far it came. */
static void fail_incomplete(sqlite3_context *context, const struct import_report *report, int rc)
{
    char *text = sqlite3_mprintf("%s (added %lld, skipped %lld, failed %lld)", report->failure,
                                 report->added, report->skipped, report->failed);
    fail(context, "usage_import", text, text ? rc : SQLITE_NOMEM);
    sqlite3_free(text);
}

void import_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sqlite3 *db = sqlite3_context_db_handle(context);
    const char *path = (const char *)sqlite3_value_text(argv[0]);
    const char *gateway = argc > 1 ? (const char *)sqlite3_value_text(argv[1]) : NULL;
    struct import_options options = {.gateway = slice_of_cstr(gateway)};
    struct record_reader *reader = NULL;
    struct import_report report;
    struct text json;
    char error[256];
    if (!is_alone(context, "usage_import"))
        return;
    if (options.gateway.len > LIMIT_GATEWAY_NAME_BYTES || !path) {
        fail(context, "usage_import",
             path ? "the name of the gateway is longer than 200 bytes" : "the path is NULL",
             SQLITE_ERROR);
        return;
    }
    if (!record_reader_open_file(path, &reader, error, sizeof error)) {
        fail(context, "usage_import", error,
             strcmp(error, BYTE_SOURCE_NOMEM) == 0 ? SQLITE_NOMEM : SQLITE_CANTOPEN);
        return;
    }
    text_init(&json, LIMIT_PAYLOAD_BYTES);
    int rc = import_run(db, reader, &options, &report);
    if (rc != SQLITE_OK && !report.is_persist_failure)
        fail_with_database_error(context, "usage_import", rc);
    else if (!report.is_complete)
        fail_incomplete(context, &report, rc == SQLITE_OK ? SQLITE_ERROR : rc);
    else
        import_report_json(&json, &report);
    if (rc == SQLITE_OK && report.is_complete)
        result_json(context, &json);
    text_clear(&json);
    record_reader_close(reader);
}

static int64_t number_or(int argc, sqlite3_value **argv, int i, int64_t otherwise)
{
    return i < argc && sqlite3_value_type(argv[i]) != SQLITE_NULL ? sqlite3_value_int64(argv[i])
                                                                  : otherwise;
}

void export_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const char *path = (const char *)sqlite3_value_text(argv[0]);
    const struct export_options options = {
        .from_ms = number_or(argc, argv, 1, INT64_MIN),
        .to_ms = number_or(argc, argv, 2, INT64_MAX),
        .limit = number_or(argc, argv, 3, 0),
    };
    struct export_report report;
    struct text json;
    if (!is_alone(context, "usage_export"))
        return;
    if (!path) {
        fail(context, "usage_export", "the path is NULL", SQLITE_ERROR);
        return;
    }
    text_init(&json, LIMIT_PAYLOAD_BYTES);
    int rc = export_file(sqlite3_context_db_handle(context), path, &options, NULL, &report);
    if (rc == SQLITE_OK) {
        export_report_json(&json, &report);
        result_json(context, &json);
    } else if (report.failure[0]) {
        fail(context, "usage_export", report.failure, rc);
    } else {
        fail_with_database_error(context, "usage_export", rc);
    }
    text_clear(&json);
}
