/* What is answered to an HTTP request: see routes.h. */
#include "tools/gateway-sim/routes.h"

#include <string.h>

#include "tools/gateway-sim/json_text.h"
#include "tools/gateway-sim/limits.h"

const char route_json_type[] = "application/json; charset=utf-8";

void route_error(struct http_answer *out, int status, const char *text_cstr)
{
    out->status = status;
    out->content_type = route_json_type;
    bytes_reset(&out->body);
    BYTES_LITERAL(&out->body, "{\"error\":");
    json_put_string(&out->body, text_cstr, strlen(text_cstr));
    BYTES_LITERAL(&out->body, "}");
}

static bool has_method(const char *methods, struct http_text method)
{
    size_t len;

    for (; *methods != '\0'; methods += len + (methods[len] == ' ' ? 1 : 0)) {
        len = strcspn(methods, " ");
        if (len == method.len && memcmp(methods, method.data, len) == 0)
            return true;
    }
    return false;
}

static const struct route *find_route(const struct route *routes, struct release release,
                                      const struct http_request *request)
{
    for (; routes->path != NULL; routes++)
        if (http_is(request->path, routes->path) && has_method(routes->methods, request->method) &&
            release_has(release, routes->since))
            return routes;
    return NULL;
}

static bool starts_with(struct http_text text, const char *prefix)
{
    size_t len = strlen(prefix);

    return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

/*
 * The key of a request: Authorization, "Bearer X" or taken whole, wins; X-Management-Key
 * only if that leaves nothing.
 */
static struct http_text management_key(const struct http_request *request)
{
    struct http_text key = http_header_value(request, "Authorization");

    if (key.len >= 7 && http_is_ignoring_case((struct http_text){key.data, 7}, "bearer ")) {
        key.data += 7;
        key.len -= 7;
    }
    return key.len > 0 ? key : http_header_value(request, "X-Management-Key");
}

static bool is_authorized(struct gateway *gateway, const struct http_request *request,
                          const char *peer_ip, struct http_answer *out)
{
    struct http_text key = management_key(request);
    struct auth_answer answer;
    char ip[AUTH_IP_SIZE];

    http_client_ip(request, peer_ip, ip, sizeof(ip));
    auth_check(&gateway->auth, ip, key.data, key.len, gateway_now_ms(gateway), &answer);
    if (answer.status != 200)
        route_error(out, answer.status, answer.text);
    return answer.status == 200;
}

static void answer_management(struct gateway *gateway, const struct http_request *request,
                              const char *peer_ip, struct http_answer *out,
                              struct message_list *taken)
{
    const struct route *route = find_route(management_routes, gateway->options->release, request);

    out->status = 404;
    if (!gateway_is_managed(gateway))
        return;
    out->version = gateway->options->version;
    out->has_plugin_header = release_has(gateway->options->release, RELEASE(7, 1, 69));
    if (is_authorized(gateway, request, peer_ip, out) && route != NULL)
        route->answer(gateway, request, out, taken);
}

static void answer_control(struct gateway *gateway, const struct http_request *request,
                           struct http_answer *out, struct message_list *taken)
{
    const struct route *route = find_route(control_routes, gateway->options->release, request);

    out->has_cors = false;
    out->content_type = route_json_type;
    if (route == NULL)
        route_error(out, 404, "no such control; main.c lists them");
    else
        route->answer(gateway, request, out, taken);
}

static void answer_elsewhere(const struct http_request *request, struct http_answer *out)
{
    if (http_is(request->path, "/") && http_is(request->method, "GET")) {
        out->content_type = route_json_type;
        BYTES_LITERAL(&out->body,
                      "{\"endpoints\":[\"POST /v1/chat/completions\",\"POST /v1/completions\","
                      "\"GET /v1/models\"],\"message\":\"CLI Proxy API Server\"}");
        return;
    }
    out->status = 404;
    out->content_type = "text/plain";
    BYTES_LITERAL(&out->body, "404 page not found");
}

void route_answer(struct gateway *gateway, const struct http_request *request,
                  const char *peer_ip_cstr, struct http_answer *out, struct message_list *taken)
{
    memset(out, 0, sizeof(*out));
    bytes_init(&out->body, LIMIT_OUTPUT_BYTES);
    out->status = 200;
    out->has_cors = true;
    if (starts_with(request->path, "/sim/"))
        answer_control(gateway, request, out, taken);
    else if (http_is(request->method, "OPTIONS"))
        out->status = 204;
    else if (starts_with(request->path, "/v0/management/"))
        answer_management(gateway, request, peer_ip_cstr, out, taken);
    else
        answer_elsewhere(request, out);
}
