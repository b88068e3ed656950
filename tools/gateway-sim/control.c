/*
 * The simulation's own controls under /sim/, without authentication: what a test asks
 * for and what it looks at. main.c documents them.
 */
#include "tools/gateway-sim/routes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gateway-sim/clock.h"
#include "tools/gateway-sim/connection.h"

/* A number within low..high; absent: the default. False after answering 400. */
static bool query_number(const struct http_request *request, const char *name, double low,
                         double high, double otherwise, double *out, struct http_answer *answer)
{
    char text[32];
    char message[96];
    char *end;

    *out = otherwise;
    if (!http_query_value(request, name, text, sizeof(text)))
        return true;
    errno = 0;
    *out = strtod(text, &end);
    if (end != text && *end == '\0' && errno == 0 && *out >= low && *out <= high)
        return true;
    snprintf(message, sizeof(message), "%s expects a number from %g to %g", name, low, high);
    route_error(answer, 400, message);
    return false;
}

static void answer_number(struct http_answer *out, const char *name, int64_t value)
{
    BYTES_LITERAL(&out->body, "{\"");
    bytes_text(&out->body, name);
    BYTES_LITERAL(&out->body, "\":");
    bytes_int(&out->body, value);
    BYTES_LITERAL(&out->body, "}");
}

static void answer_counts(struct gateway *gateway, const struct http_request *request,
                          struct http_answer *out, struct message_list *taken)
{
    struct counts_now now = {
        .queued_now = (int64_t)gateway->queue.count,
        .buffered_now = subscriber_set_buffered(&gateway->subscribers),
        .subscribers_now = (int64_t)(gateway->subscribers.active[CHANNEL_USAGE] +
                                     gateway->subscribers.active[CHANNEL_ERRORS]),
        .connections_now = gateway->connection_count,
    };

    (void)request;
    (void)taken;
    counts_put_json(&out->body, &gateway->counts, &now);
}

static void answer_ids(struct gateway *gateway, const struct http_request *request,
                       struct http_answer *out, struct message_list *taken)
{
    const struct bytes *ids = &gateway->counts.published_ids;
    char of[16];

    (void)taken;
    if (http_query_value(request, "of", of, sizeof(of)) && strcmp(of, "published") != 0) {
        if (strcmp(of, "lost") != 0) {
            route_error(out, 400, "of expects published or lost");
            return;
        }
        ids = &gateway->counts.lost_ids;
    }
    if (ids->has_failed) {
        route_error(out, 500, "there are more ids than the list holds");
        return;
    }
    out->content_type = "text/plain; charset=utf-8";
    bytes_append(&out->body, ids->data, ids->len);
}

static void do_publish(struct gateway *gateway, const struct http_request *request,
                       struct http_answer *out, struct message_list *taken)
{
    char channel[16] = "usage";
    const char *line;
    size_t line_len;
    size_t at = 0;
    int64_t lines = 0;

    (void)taken;
    if (http_query_value(request, "channel", channel, sizeof(channel)) &&
        strcmp(channel, "usage") != 0 && strcmp(channel, "errors") != 0) {
        route_error(out, 400, "channel expects usage or errors");
        return;
    }
    while (replay_next_line(request->body.data, request->body.len, &at, &line, &line_len)) {
        if (strcmp(channel, "errors") == 0)
            gateway_publish_error(gateway, line, line_len);
        else
            gateway_publish(gateway, line, line_len);
        lines++;
    }
    answer_number(out, "lines", lines);
}

static void do_burst(struct gateway *gateway, const struct http_request *request,
                     struct http_answer *out, struct message_list *taken)
{
    double count;
    double seconds;

    (void)taken;
    if (!query_number(request, "count", 1, 1e8, 1000, &count, out) ||
        !query_number(request, "seconds", 0, 86400, 0, &seconds, out))
        return;
    if (traffic_add_burst(&gateway->traffic, (int64_t)count, seconds, clock_mono_us()))
        answer_number(out, "count", (int64_t)count);
    else
        route_error(out, 429, "too many bursts are under way");
}

static void do_rate(struct gateway *gateway, const struct http_request *request,
                    struct http_answer *out, struct message_list *taken)
{
    double per_second;

    (void)taken;
    if (!query_number(request, "per_second", 0, 1e6, 0, &per_second, out))
        return;
    traffic_set_rate(&gateway->traffic, per_second, clock_mono_us());
    answer_number(out, "per_second", (int64_t)per_second);
}

static void do_stall(struct gateway *gateway, const struct http_request *request,
                     struct http_answer *out, struct message_list *taken)
{
    int64_t now_us = clock_mono_us();
    double ms;
    double is_hold;

    (void)taken;
    if (!query_number(request, "ms", 0, 3.6e6, 1000, &ms, out) ||
        !query_number(request, "subscribers", 0, 1, 0, &is_hold, out))
        return;
    if (is_hold > 0)
        gateway->held_until_us = now_us + (int64_t)(ms * 1000);
    else
        gateway->frozen_until_us = now_us + (int64_t)(ms * 1000);
    answer_number(out, "ms", (int64_t)ms);
}

static void do_disconnect(struct gateway *gateway, const struct http_request *request,
                          struct http_answer *out, struct message_list *taken)
{
    (void)request;
    (void)taken;
    answer_number(out, "closed", connection_close_subscribers(gateway));
}

static void do_refresh(struct gateway *gateway, const struct http_request *request,
                       struct http_answer *out, struct message_list *taken)
{
    (void)request;
    (void)taken;
    gateway_refresh(gateway);
    answer_number(out, "subscribers", (int64_t)gateway->subscribers.active[CHANNEL_USAGE]);
}

static void do_advance(struct gateway *gateway, const struct http_request *request,
                       struct http_answer *out, struct message_list *taken)
{
    double seconds;

    (void)taken;
    if (!query_number(request, "seconds", 0, 1e6, 0, &seconds, out))
        return;
    gateway->advanced_ms += (int64_t)(seconds * 1000);
    answer_number(out, "advanced_ms", gateway->advanced_ms);
}

static void do_retention(struct gateway *gateway, const struct http_request *request,
                         struct http_answer *out, struct message_list *taken)
{
    double seconds;

    (void)taken;
    if (!query_number(request, "seconds", 0, 1e6, 60, &seconds, out))
        return;
    queue_set_retention(&gateway->queue, (int64_t)seconds);
    gateway_refresh(gateway);
    answer_number(out, "seconds", gateway->queue.retention_ms / 1000);
}

/* clang-format off */
const struct route control_routes[] = {
    {"GET",  "/sim/counts",     0, answer_counts},
    {"GET",  "/sim/ids",        0, answer_ids},
    {"POST", "/sim/publish",    0, do_publish},
    {"POST", "/sim/burst",      0, do_burst},
    {"POST", "/sim/rate",       0, do_rate},
    {"POST", "/sim/stall",      0, do_stall},
    {"POST", "/sim/disconnect", 0, do_disconnect},
    {"POST", "/sim/refresh",    0, do_refresh},
    {"POST", "/sim/advance",    0, do_advance},
    {"POST", "/sim/retention",  0, do_retention},
    {NULL, NULL, 0, NULL},
};
/* clang-format on */
