#include "server/http/exchange.h"
#include "server/http/handlers.h"

/* Static: says that the process serves, and does not touch the database. */
void health_get(struct exchange *exchange)
{
    exchange->static_body = SLICE("{\"ok\":true,\"service\":\"cpa-manager-plus\"}\n");
    exchange_json(exchange, 200);
    exchange_answer(exchange);
}
