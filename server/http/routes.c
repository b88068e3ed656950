/* Rules
 *  1. A path with an empty, "." or ".." segment: 301 to the clean one, query kept.
 *  2. The decoded path is matched; under /v0/management/ also without the "/" at its end.
 *  3. OPTIONS is answered 204 with the CORS headers wherever the path is not the page's.
 *  4. No row for the path: 404. A row, but none for the method: 405 as JSON; under
 *     /v0/management/ the admin key is asked for before that. */
#include "server/http/routes.h"

#include <string.h>

#include "server/app.h"
#include "server/http/auth.h"
#include "server/http/cors.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/loop.h"
#include "server/http/path.h"
#include "server/http/limits.h"
#include "server/log.h"

enum route_match {
    MATCH_EXACT,
    MATCH_TREE, /* the path itself and everything below it */
    MATCH_BELOW /* only what is below it */
};

enum route_auth {
    AUTH_NONE,
    AUTH_ADMIN,
    AUTH_UNTIL_SETUP /* free while no CPA key is known, then admin */
};

enum route_cors { CORS_NO, CORS_YES };

enum route_body {
    BODY_JSON, /* copied before the handler is called; refused beyond its limit */
    BODY_OWN   /* the handler takes it, with its own limit and refusal */
};

struct route {
    const char *method; /* NULL: any */
    const char *path;
    enum route_match match;
    enum route_auth auth;
    enum route_cors cors;
    enum route_body body;
    void (*handler)(struct exchange *exchange);
};

#define MANAGEMENT "/v0/management"

/* The table, which stands at the end; its last row has no path. */
static const struct route *first_route(void);

/* --- finding --- */

static bool is_under(struct slice path, struct slice root)
{
    return slice_starts_with(path, root) && (path.len == root.len || path.data[root.len] == '/');
}

static bool is_path_of(const struct route *route, struct slice path)
{
    struct slice root = slice_of_cstr(route->path);
    if (route->match == MATCH_EXACT)
        return slice_equal(path, root);
    return is_under(path, root) && (route->match == MATCH_TREE || path.len > root.len);
}

static bool is_method_of(const struct route *route, struct slice method)
{
    return route->method == NULL || slice_equal(method, slice_of_cstr(route->method));
}

/* The row for path and method; else NULL with *out_other a row for the path alone, or
 * NULL. A broader row further down does not take what a narrower one above refuses. */
static const struct route *find_route(struct slice path, struct slice method,
                                      const struct route **out_other)
{
    const struct route *other = NULL;
    for (const struct route *route = first_route(); route->path != NULL; route++) {
        if (other != NULL && strcmp(route->path, other->path) != 0)
            break;
        if (!is_path_of(route, path))
            continue;
        if (is_method_of(route, method))
            return route;
        other = route;
    }
    *out_other = other;
    return NULL;
}

/* --- answering without a handler --- */

static void send_redirect(struct exchange *exchange, struct slice clean, struct slice query)
{
    struct text location;
    text_init(&location, LIMIT_HTTP_ARENA_BYTES);
    text_add(&location, clean);
    if (query.data != NULL) {
        text_add_char(&location, '?');
        text_add(&location, query);
    }
    exchange_header(exchange, "location", arena_take_text(&exchange->arena, &location));
    exchange_plain(exchange, 301, "");
    text_clear(&location);
    exchange_answer(exchange);
}

static void refuse_method(struct exchange *exchange)
{
    exchange_error(exchange, 405, "method not allowed");
    exchange_answer(exchange);
}

static void add_cors(struct exchange *exchange)
{
    const struct config *config = &exchange->app->config;
    struct cors_decision decision =
        cors_decide(config->cors_origins, config->cors_origin_count, exchange->origin);
    if (!decision.has_headers)
        return;
    if (decision.allow_origin.len > 0)
        exchange_header(exchange, "access-control-allow-origin", decision.allow_origin);
    if (decision.varies)
        exchange_header(exchange, "vary", SLICE("Origin"));
    exchange_header(exchange, "access-control-allow-methods", SLICE(CORS_METHODS));
    exchange_header(exchange, "access-control-allow-headers", SLICE(CORS_HEADERS));
}

/* --- the way to the handler --- */

static void call_handler(struct exchange *exchange)
{
    if (exchange->route->body == BODY_JSON &&
        !exchange_take_body(exchange, LIMIT_HTTP_JSON_BODY_BYTES)) {
        exchange_error(exchange, 413, "the request body is too large");
        exchange_answer(exchange);
        return;
    }
    exchange->route->handler(exchange);
}

static void dispatch(struct exchange *exchange)
{
    struct slice path = exchange->path;
    bool is_management = is_under(path, SLICE(MANAGEMENT));
    if (is_management && path.len > sizeof MANAGEMENT)
        path = path_without_slashes(path);
    const struct route *other = NULL;
    const struct route *route = find_route(path, exchange->method, &other);
    const struct route *any = route != NULL ? route : other;

    if (slice_equal(exchange->method, SLICE("OPTIONS")) &&
        (any == NULL || any->handler != page_serve)) {
        add_cors(exchange);
        exchange->status = 204;
        exchange_answer(exchange);
        return;
    }
    if (any == NULL) {
        exchange_not_found(exchange);
        exchange_answer(exchange);
        return;
    }
    if (any->cors == CORS_YES)
        add_cors(exchange);
    exchange->route = route;
    if (route == NULL) {
        if (is_management)
            auth_require(exchange, refuse_method);
        else
            refuse_method(exchange);
        return;
    }
    bool is_free = route->auth == AUTH_NONE ||
                   (route->auth == AUTH_UNTIL_SETUP && !app_is_connected(exchange->app));
    if (is_free)
        call_handler(exchange);
    else
        auth_require(exchange, call_handler);
}

/* The path of an absolute request target, as proxies send it, is what follows the host. */
static struct slice strip_authority(struct slice target)
{
    if (target.len == 0 || target.data[0] == '/')
        return target;
    ptrdiff_t scheme = slice_find(target, SLICE("://"));
    if (scheme < 0)
        return target;
    struct slice rest = slice_from(target, (size_t)scheme + 3);
    ptrdiff_t slash = slice_find(rest, SLICE("/"));
    return slash < 0 ? SLICE("/") : slice_from(rest, (size_t)slash);
}

/* Fill in path and query. false: the request is answered (rule 1, broken escapes). */
static bool take_target(struct exchange *exchange, struct slice target)
{
    struct slice path = strip_authority(target);
    struct slice query = slice_empty();
    ptrdiff_t mark = slice_find(path, SLICE("?"));
    if (mark >= 0) {
        query = slice_from(path, (size_t)mark + 1);
        path = slice_first(path, (size_t)mark);
    }
    struct text text;
    text_init(&text, LIMIT_HTTP_ARENA_BYTES);
    path_clean(&text, path);
    bool is_clean = slice_equal(text_slice(&text), path);
    bool is_star = slice_equal(path, SLICE("*"));
    if (!is_clean && !is_star) {
        send_redirect(exchange, text_slice(&text), mark >= 0 ? query : slice_empty());
        text_clear(&text);
        return false;
    }
    text_empty(&text);
    bool is_decoded = path_decode(&text, path);
    exchange->path = arena_take_text(&exchange->arena, &text);
    exchange->query = arena_copy(&exchange->arena, query);
    text_clear(&text);
    if (!is_decoded) {
        exchange_plain(exchange, 400, "400 Bad Request\n");
        exchange_answer(exchange);
    }
    return is_decoded;
}

static int on_request(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    struct exchange *exchange = exchange_new(loop_of_request(req), req);
    if (take_target(exchange, (struct slice){req->input.path.base, req->input.path.len}))
        dispatch(exchange);
    return 0;
}

void routes_register(h2o_pathconf_t *path)
{
    h2o_handler_t *handler = h2o_create_handler(path, sizeof *handler);
    handler->on_req = on_request;
}

/* clang-format off */
static const struct route routes[] = {
    /* method   path                                        match        auth              cors       body       handler */
    {NULL,      "/",                                        MATCH_EXACT, AUTH_NONE,        CORS_NO,  BODY_JSON, root_redirect},
    {NULL,      "/management.html",                         MATCH_EXACT, AUTH_NONE,        CORS_NO,  BODY_JSON, page_serve},
    {"GET",     "/health",                                  MATCH_EXACT, AUTH_NONE,        CORS_YES, BODY_JSON, health_get},
    {"GET",     "/status",                                  MATCH_EXACT, AUTH_ADMIN,       CORS_YES, BODY_JSON, status_get},
    {"GET",     "/usage-service/info",                      MATCH_EXACT, AUTH_NONE,        CORS_YES, BODY_JSON, info_get},
    {"GET",     "/usage-service/config",                    MATCH_EXACT, AUTH_UNTIL_SETUP, CORS_YES, BODY_JSON, config_get},
    {"PUT",     "/usage-service/config",                    MATCH_EXACT, AUTH_ADMIN,       CORS_YES, BODY_JSON, config_put},
    {"GET",     "/usage-service/account-processing-policy", MATCH_EXACT, AUTH_UNTIL_SETUP, CORS_YES, BODY_JSON, policy_get},
    {"PATCH",   "/usage-service/account-processing-policy", MATCH_EXACT, AUTH_ADMIN,       CORS_YES, BODY_JSON, policy_change},
    {"POST",    "/setup",                                   MATCH_EXACT, AUTH_ADMIN,       CORS_YES, BODY_JSON, setup_post},
    {"GET",     "/ledger/v1/latest",                        MATCH_EXACT, AUTH_ADMIN,       CORS_YES, BODY_JSON, latest_get},
    {NULL,      MANAGEMENT "/usage/import-sessions",        MATCH_TREE,  AUTH_ADMIN,       CORS_YES, BODY_OWN,  import_sessions},
    {"GET",     MANAGEMENT "/usage",                        MATCH_TREE,  AUTH_ADMIN,       CORS_YES, BODY_JSON, usage_get},
    {"POST",    MANAGEMENT "/usage",                        MATCH_TREE,  AUTH_ADMIN,       CORS_YES, BODY_OWN,  import_post},
    {NULL,      MANAGEMENT "/",                             MATCH_EXACT, AUTH_NONE,        CORS_YES, BODY_JSON, unproxied},
    {NULL,      MANAGEMENT,                                 MATCH_BELOW, AUTH_NONE,        CORS_YES, BODY_JSON, unproxied},
    {NULL,      NULL,                                       MATCH_EXACT, AUTH_NONE,        CORS_NO,  BODY_JSON, NULL},
};
/* clang-format on */

static const struct route *first_route(void)
{
    return routes;
}
