/* GET /v0/management/usage/export[?from_ms=&to_ms=&limit=]: all events, or those of a
 * range, as JSONL, oldest first, streamed in pieces.
 *
 * Rules
 *  1. from_ms is the first time that belongs to the export, to_ms the first that does
 *     not; limit, at least 1, chooses the newest so many. Anything else is refused.
 *  2. The snapshot is settled with the first piece: later events do not appear.
 *  3. Each piece is read by itself, on whichever reader is free; only the place is kept
 *     between two (export_reader.h), so a slow client holds neither a transaction nor a
 *     reader nor more than one piece.
 *  4. An error after the first piece breaks the connection: a client never takes a part
 *     for the whole. */
#include <sqlite3.h>

#include "ext/jsonl/export_reader.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/limits.h"
#include "server/http/path.h"

struct export_answer {
    struct export_options options;
    struct export_place place; /* after the first piece */
};

/* An integer parameter of at least least. false: there is one that is none. */
static bool take_int64(const struct exchange *exchange, struct slice name, int64_t least,
                       int64_t *value)
{
    struct text text;
    text_init(&text, 64);
    bool is_good = !query_value(&text, exchange->query, name) ||
                   (!text.failed && slice_to_int64(text_slice(&text), value, NULL));
    text_clear(&text);
    return is_good && *value >= least;
}

static bool take_options(const struct exchange *exchange, struct export_options *options)
{
    int64_t newest = INT64_MAX; /* all */
    *options = (struct export_options){.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    bool is_good = take_int64(exchange, SLICE("from_ms"), INT64_MIN, &options->from_ms) &&
                   take_int64(exchange, SLICE("to_ms"), INT64_MIN, &options->to_ms) &&
                   take_int64(exchange, SLICE("limit"), 1, &newest);
    options->limit = newest == INT64_MAX ? 0 : newest;
    return is_good;
}

static int fill_piece(struct export_reader *reader, struct text *out, bool *out_is_done)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && !*out_is_done && !out->failed && out->len < LIMIT_HTTP_EXPORT_BYTES)
        rc = export_reader_fill(reader, out, LIMIT_HTTP_EXPORT_BYTES - out->len, out_is_done);
    return rc;
}

static int run(sqlite3 *db, struct exchange *exchange)
{
    struct export_answer *answer = exchange->state;
    struct export_reader reader;
    int rc = exchange->has_started ? export_reader_resume(&reader, db, &answer->place)
                                   : export_reader_open(&reader, db, &answer->options);
    if (rc != SQLITE_OK)
        return rc;
    rc = fill_piece(&reader, &exchange->body_out, &exchange->is_last);
    answer->place = reader.place;
    export_reader_close(&reader);
    if (rc == SQLITE_OK && !exchange->has_started) {
        exchange->status = 200;
        exchange->content_type = SLICE("application/x-ndjson");
        exchange_header(exchange, "content-disposition",
                        SLICE("attachment; filename=\"usage-events.jsonl\""));
    }
    return rc;
}

void export_get(struct exchange *exchange)
{
    struct export_options options;
    if (!take_options(exchange, &options)) {
        exchange_error(exchange, 400,
                       "from_ms, to_ms and limit must be integers, limit at least 1");
        exchange_answer(exchange);
        return;
    }
    struct export_answer *answer = arena_alloc(&exchange->arena, sizeof *answer);
    if (answer == NULL) {
        exchange_error(exchange, 500, "out of memory");
        exchange_answer(exchange);
        return;
    }
    answer->options = options;
    exchange->state = answer;
    exchange_stream(exchange, run);
}
