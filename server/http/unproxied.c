/* Paths under /v0/management/ that belong to CPA's own API and are not forwarded: 428
 * without a connection, else 404. For the reserved heads the admin key is asked first. */
#include <stddef.h>

#include "server/app.h"
#include "server/http/auth.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"

static const char *const reserved_heads[] = {
    "account-action-candidates",
    "accounts",
    "api-call",
    "api-key-aliases",
    "api-key-usage",
    "auth-files",
    "codex-inspection",
    "config",
    "dashboard",
    "model-prices",
    "monitoring",
    "plugin-store",
    "plugins",
    "quota-snapshots",
    "reload",
    "usage",
    "usage-queue",
    "usage-statistics-enabled",
};

static bool is_reserved(struct slice path)
{
    struct slice head = slice_from(path, sizeof "/v0/management/" - 1);
    ptrdiff_t slash = slice_find(head, SLICE("/"));
    if (slash >= 0)
        head = slice_first(head, (size_t)slash);
    if (head.len == 0)
        return true;
    for (size_t i = 0; i < sizeof reserved_heads / sizeof reserved_heads[0]; i++) {
        if (slice_equal(head, slice_of_cstr(reserved_heads[i])))
            return true;
    }
    return false;
}

static void answer(struct exchange *exchange)
{
    if (app_is_connected(exchange->app))
        exchange_not_found(exchange);
    else
        exchange_error(exchange, 428, "usage service is not configured");
    exchange_answer(exchange);
}

void unproxied(struct exchange *exchange)
{
    if (is_reserved(exchange->path))
        auth_require(exchange, answer);
    else
        answer(exchange);
}
