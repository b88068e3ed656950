/* GET /v0/management/usage: the newest events as one JSON document, grouped by endpoint
 * and model, streamed in pieces.
 *
 * Rules
 *  1. The events are settled in one read: the newest USAGE_QUERY_LIMIT, 50,000 at most,
 *     with their totals. Of each only the id is kept (8 bytes).
 *  2. Each piece reads the next events by id, until it has LIMIT_HTTP_PIECE_BYTES; no
 *     statement is open while the client takes it.
 *  3. An event that is not there any more ends the answer with an error, visibly. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "server/app.h"
#include "server/db/statements.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/json_rows.h"
#include "server/http/limits.h"
#include "server/log.h"
#include "server/memory.h"
#include "server_api_sql.h"

#define EVENTS_MOST 50000

/* Columns of schema/api/usage_ids.sql and usage_detail.sql. */
enum { IDS_ID, IDS_FAILED, IDS_TOTAL_TOKENS };
enum { DETAIL_ENDPOINT, DETAIL_MODEL, DETAIL_FIRST_MEMBER };

struct usage_document {
    int64_t *ids; /* owned; in the order of the document */
    size_t count;
    size_t size;
    size_t next; /* the first not yet written */
    int64_t failures;
    int64_t total_tokens;
    struct text endpoint; /* the group that is open; meaningful when next > 0 */
    struct text model;
};

static struct usage_document *document_new(void)
{
    struct usage_document *document = memory_zeroed(sizeof *document);
    text_init(&document->endpoint, LIMIT_HTTP_ANSWER_BYTES);
    text_init(&document->model, LIMIT_HTTP_ANSWER_BYTES);
    return document;
}

static void document_free(void *state)
{
    struct usage_document *document = state;
    text_clear(&document->endpoint);
    text_clear(&document->model);
    free(document->ids);
    free(document);
}

static int64_t add_saturated(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a > 0 ? INT64_MAX : INT64_MIN;
}

/* --- rule 1 --- */

static void take_event(struct usage_document *document, sqlite3_stmt *stmt)
{
    if (document->count == document->size) {
        document->size = document->size > 0 ? document->size * 2 : 256;
        document->ids = memory_resize(document->ids, document->size * sizeof document->ids[0]);
    }
    document->ids[document->count++] = sqlite3_column_int64(stmt, IDS_ID);
    document->failures += sqlite3_column_int64(stmt, IDS_FAILED) != 0;
    document->total_tokens =
        add_saturated(document->total_tokens, sqlite3_column_int64(stmt, IDS_TOTAL_TOKENS));
}

static int settle_events(sqlite3 *db, struct usage_document *document, int64_t limit)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql_api_usage_ids, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    statement_bind_int64(stmt, ":limit", limit);
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
        take_event(document, stmt);
    statement_release(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void write_head(struct text *out, const struct usage_document *document)
{
    struct json_out json = {.text = out};
    int64_t requests = (int64_t)document->count;
    json_out_open(&json, NULL, '{');
    json_out_int64(&json, "total_requests", requests);
    json_out_int64(&json, "success_count", requests - document->failures);
    json_out_int64(&json, "failure_count", document->failures);
    json_out_int64(&json, "total_tokens", document->total_tokens);
    json_out_open(&json, "apis", '{');
}

/* --- rule 2 --- */

static struct slice column_slice(sqlite3_stmt *stmt, int column)
{
    const char *bytes = (const char *)sqlite3_column_text(stmt, column);
    return (struct slice){bytes, (size_t)sqlite3_column_bytes(stmt, column)};
}

static void replace_text(struct text *text, struct slice value)
{
    text_empty(text);
    text_add(text, value);
}

static void open_model(struct text *out, struct usage_document *document, struct slice model)
{
    struct json_out json = {.text = out};
    replace_text(&document->model, model);
    json_out_key(&json, model);
    text_add(out, SLICE("{\"details\":["));
}

static void open_endpoint(struct text *out, struct usage_document *document, struct slice endpoint)
{
    struct json_out json = {.text = out};
    replace_text(&document->endpoint, endpoint);
    json_out_key(&json, endpoint);
    text_add(out, SLICE("{\"models\":{"));
}

/* Whatever stands between the event before and this one. */
static void write_transition(struct text *out, struct usage_document *document,
                             struct slice endpoint, struct slice model)
{
    bool is_first = document->next == 0;
    bool is_endpoint_same = !is_first && slice_equal(endpoint, text_slice(&document->endpoint));
    bool is_model_same = is_endpoint_same && slice_equal(model, text_slice(&document->model));
    if (is_model_same) {
        text_add_char(out, ',');
        return;
    }
    if (!is_endpoint_same) {
        if (!is_first)
            text_add(out, SLICE("]}}},"));
        open_endpoint(out, document, endpoint);
    } else {
        text_add(out, SLICE("]},"));
    }
    open_model(out, document, model);
}

static int write_event(sqlite3_stmt *stmt, struct text *out, struct usage_document *document)
{
    statement_bind_int64(stmt, ":id", document->ids[document->next]);
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        struct json_out json = {.text = out};
        write_transition(out, document, column_slice(stmt, DETAIL_ENDPOINT),
                         column_slice(stmt, DETAIL_MODEL));
        text_add_char(out, '{');
        json_row_members(&json, stmt, DETAIL_FIRST_MEMBER);
        text_add_char(out, '}');
        document->next++;
    }
    statement_release(stmt);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int write_events(sqlite3 *db, struct text *out, struct usage_document *document)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql_api_usage_detail, &stmt);
    while (rc == SQLITE_OK && document->next < document->count && !out->failed &&
           out->len < LIMIT_HTTP_PIECE_BYTES)
        rc = write_event(stmt, out, document);
    return rc;
}

/* --- the answer --- */

static int run(sqlite3 *db, struct exchange *exchange)
{
    struct usage_document *document = exchange->state;
    struct text *out = &exchange->body_out;
    int rc = SQLITE_OK;
    if (document == NULL) {
        int64_t limit = exchange->app->config.query_limit;
        document = document_new();
        exchange->state = document;
        exchange->free_state = document_free;
        rc = settle_events(db, document, limit < EVENTS_MOST ? limit : EVENTS_MOST);
        write_head(out, document);
    }
    if (rc == SQLITE_OK)
        rc = write_events(db, out, document);
    if (rc == SQLITE_DONE) { /* rule 3 */
        log_line("compatible usage snapshot row disappeared: id=%lld",
                 (long long)document->ids[document->next]);
        return SQLITE_ABORT;
    }
    if (rc == SQLITE_OK && document->next == document->count) {
        text_add(out, document->count > 0 ? SLICE("]}}}}}\n") : SLICE("}}\n"));
        exchange->is_last = true;
    }
    if (!exchange->has_started)
        exchange_json(exchange, 200);
    return rc;
}

/* Everything below usage that another row does not claim: an export when the path as sent
 * ends so, else the document. */
void usage_get(struct exchange *exchange)
{
    if (slice_ends_with(exchange->path, SLICE("/export")))
        export_get(exchange);
    else
        exchange_stream(exchange, run);
}
