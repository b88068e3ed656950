#include "server/http/exchange.h"
#include "server/http/handlers.h"

void root_redirect(struct exchange *exchange)
{
    exchange->status = 307;
    exchange->content_type = SLICE("text/html; charset=utf-8");
    exchange_header(exchange, "location", SLICE("/management.html"));
    if (slice_equal(exchange->method, SLICE("GET")))
        exchange->static_body = SLICE("<a href=\"/management.html\">Temporary Redirect</a>.\n\n");
    exchange_answer(exchange);
}
