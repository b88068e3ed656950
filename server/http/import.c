/* POST /v0/management/usage/import: a body of usage data into the ledger, at once.
 *
 * Rules
 *  1. The path as sent must end with "/import"; below usage there is nothing else to post.
 *  2. Bodies of more than 64 MiB: 413. They are what import sessions are for.
 *  3. It runs on a thread for imports and stops when the client leaves; what was committed
 *     by then stays.
 *  4. 400 for a content that is unusable, 500 when the database fails, else 200. */
#include "server/app.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/transfer/limits.h"
#include "server/transfer/transfer.h"

static bool is_wanted(void *arg)
{
    const struct exchange *exchange = arg;
    return !atomic_load(&exchange->is_gone);
}

static void run(struct exchange *exchange)
{
    struct import_result result;
    transfer_import(exchange->app->transfer, exchange->body, is_wanted, exchange, &result);
    switch (result.verdict) {
    case IMPORT_DONE:
        import_result_write(&exchange->body_out, NULL, &result);
        text_add_char(&exchange->body_out, '\n');
        exchange_json(exchange, 200);
        break;
    case IMPORT_UNUSABLE:
        import_result_write_refusal(&exchange->body_out, &result);
        exchange_json(exchange, 400);
        break;
    case IMPORT_NOT_STORED:
        exchange_error(exchange, 500, result.error);
        break;
    case IMPORT_CANCELLED:
        exchange_error(exchange, 503, "the server is stopping");
        break;
    }
}

void import_post(struct exchange *exchange)
{
    if (!slice_ends_with(exchange->path, SLICE("/import"))) {
        exchange_error(exchange, 405, "method not allowed");
        exchange_answer(exchange);
        return;
    }
    if (!exchange_take_body(exchange, LIMIT_IMPORT_BODY_BYTES)) {
        exchange_error(exchange, 413, "http: request body too large");
        exchange_answer(exchange);
        return;
    }
    exchange_task_on(exchange, transfer_pool(exchange->app->transfer), run, NULL);
}
