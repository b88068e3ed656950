/* GET /ledger/v1/latest?from_ms=&limit=: what the page's live view shows. The figures
 * are those of schema/api/latest_today.sql and latest_events.sql. */
#include <sqlite3.h>

#include "server/db/statements.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/json_rows.h"
#include "server/http/path.h"
#include "server_api_sql.h"

/* Events unless the request says, and at most: a screenful, and a long one. */
#define EVENTS_DEFAULT 50
#define EVENTS_MOST 500

/* An integer parameter of the query. false: there is one that is none. */
static bool take_int64(const struct exchange *exchange, struct slice name, int64_t *value)
{
    struct text text;
    text_init(&text, 64);
    bool is_good = !query_value(&text, exchange->query, name) ||
                   (!text.failed && slice_to_int64(text_slice(&text), value, NULL));
    text_clear(&text);
    return is_good;
}

static int write_today(sqlite3 *db, struct json_out *json, int64_t from_ms)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql_api_latest_today, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    statement_bind_int64(stmt, ":from_ms", from_ms);
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        json_row(json, "today", stmt);
        rc = SQLITE_OK;
    }
    statement_release(stmt);
    return rc;
}

static int write_events(sqlite3 *db, struct json_out *json, int64_t limit)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql_api_latest_events, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    statement_bind_int64(stmt, ":limit", limit);
    rc = json_rows(json, "events", stmt);
    statement_release(stmt);
    return rc;
}

static int run(sqlite3 *db, struct exchange *exchange)
{
    int64_t from_ms = 0;
    int64_t limit = EVENTS_DEFAULT;
    struct json_out json = {.text = &exchange->body_out};
    if (!take_int64(exchange, SLICE("from_ms"), &from_ms) ||
        !take_int64(exchange, SLICE("limit"), &limit) || limit < 0) {
        exchange_error(exchange, 400, "from_ms and limit must be integers, limit not negative");
        return SQLITE_OK;
    }
    json_out_open(&json, NULL, '{');
    int rc = write_today(db, &json, from_ms);
    if (rc == SQLITE_OK)
        rc = write_events(db, &json, limit < EVENTS_MOST ? limit : EVENTS_MOST);
    json_out_close(&json, '}');
    text_add_char(&exchange->body_out, '\n');
    exchange_json(exchange, 200);
    return rc;
}

void latest_get(struct exchange *exchange)
{
    exchange_read(exchange, run);
}
