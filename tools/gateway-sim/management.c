/* The gateway's management routes: handlers, and the table at the end. */
#include "tools/gateway-sim/management.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <errno.h>

#include "tools/gateway-sim/json_text.h"
#include "tools/gateway-sim/routes.h"

/* [+-]?[0-9]+ above zero, as Go's Atoi reads it. */
static bool read_positive(const char *text, int64_t *out)
{
    char *end;

    if (*text != '+' && (*text < '0' || *text > '9'))
        return false;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0 && *out > 0;
}

static void answer_usage_queue(struct gateway *gateway, const struct http_request *request,
                               struct http_answer *out, struct message_list *taken)
{
    char count[32];
    int64_t most = 1;
    size_t i;

    if (gateway->options->is_home) {
        out->status = 404;
        return;
    }
    if (http_query_value(request, "count", count, sizeof(count)) && count[0] != '\0' &&
        !read_positive(count, &most)) {
        route_error(out, 400, "count must be a positive integer");
        return;
    }
    gateway_pop(gateway, most, taken);
    gateway->counts.popped_http += (int64_t)taken->count;
    out->status = 200;
    out->content_type = route_json_type;
    BYTES_LITERAL(&out->body, "[");
    for (i = 0; i < taken->count; i++) {
        const struct message *message = taken->items[i];

        if (i > 0)
            BYTES_LITERAL(&out->body, ",");
        if (json_is_valid(message->payload, message->len))
            bytes_append(&out->body, message->payload, message->len);
        else
            json_put_string(&out->body, message->payload, message->len);
    }
    BYTES_LITERAL(&out->body, "]");
}

static void answer_config(struct gateway *gateway, const struct http_request *request,
                          struct http_answer *out, struct message_list *taken)
{
    (void)request;
    (void)taken;
    out->status = 200;
    out->content_type = route_json_type;
    config_put_json(&out->body, gateway);
}

static void answer_statistics(struct gateway *gateway, const struct http_request *request,
                              struct http_answer *out, struct message_list *taken)
{
    (void)request;
    (void)taken;
    out->status = 200;
    out->content_type = route_json_type;
    BYTES_LITERAL(&out->body, "{\"usage-statistics-enabled\":");
    bytes_text(&out->body, gateway->has_statistics ? "true}" : "false}");
}

static void set_statistics(struct gateway *gateway, const struct http_request *request,
                           struct http_answer *out, struct message_list *taken)
{
    cJSON *body = cJSON_ParseWithLength(request->body.data, request->body.len);
    const cJSON *value = cJSON_GetObjectItem(body, "value"); /* any case, like Go */

    (void)taken;
    if (!cJSON_IsBool(value)) {
        route_error(out, 400, "invalid body");
    } else {
        gateway->has_statistics = cJSON_IsTrue(value);
        out->status = 200;
        out->content_type = route_json_type;
        BYTES_LITERAL(&out->body, "{\"status\":\"ok\"}");
        gateway_refresh(gateway);
    }
    cJSON_Delete(body);
}

static void answer_auth_files(struct gateway *gateway, const struct http_request *request,
                              struct http_answer *out, struct message_list *taken)
{
    char name[128] = "";
    char auth_index[64] = "";

    (void)taken;
    out->status = 200;
    out->content_type = route_json_type;
    if (gateway->options->auth_files_path != NULL) {
        bytes_append(&out->body, gateway->auth_files.data, gateway->auth_files.len);
        return;
    }
    (void)http_query_value(request, "name", name, sizeof(name)); /* absent: stays empty */
    (void)http_query_value(request, "auth_index", auth_index, sizeof(auth_index));
    auth_files_put_json(&out->body, gateway, name, auth_index);
}

/* clang-format off */
const struct route management_routes[] = {
    /* methods    path                                         since                answer */
    {"GET",       "/v0/management/usage-queue",              RELEASE(6, 10, 8), answer_usage_queue},
    {"GET",       "/v0/management/config",                   0,                 answer_config},
    {"GET",       "/v0/management/usage-statistics-enabled", 0,                 answer_statistics},
    {"PUT PATCH", "/v0/management/usage-statistics-enabled", 0,                 set_statistics},
    {"GET",       "/v0/management/auth-files",               0,                 answer_auth_files},
    {NULL, NULL, 0, NULL},
};
/* clang-format on */
