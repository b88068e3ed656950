/*
 * Usage events as the gateway publishes them: drawn at random, or rather from a seed.
 *
 * Shares: 3 % failures of five kinds; 2 % long-context calls; cache reads on 70 % of the
 * calls, cache writes on 40 % of Claude's; log-normal token counts and latencies; four
 * service tiers; every fifth request names the model with its effort, "gpt-5.4(high)".
 * Codex answers carry their quota headers.
 */
#ifndef TOOLS_GATEWAY_SIM_EVENTS_H
#define TOOLS_GATEWAY_SIM_EVENTS_H

#include "tools/gateway-sim/bytes.h"
#include "tools/gateway-sim/population.h"
#include "tools/gateway-sim/release.h"

struct event_failure {
    int status;
    const char *body_json; /* the text as it stands between JSON's quotes */
};

struct event_quota {
    int64_t used_percent;
    int64_t reset_after_seconds;
};

/* One event's values. Texts are borrowed from the population or constant. */
struct event {
    int64_t number;       /* 0, 1, 2, ... within this generator */
    uint32_t request_id;  /* printed as 8 hex digits */
    int64_t timestamp_ns; /* UTC epoch */
    int64_t latency_ms;
    int64_t ttft_ms;
    const struct provider *provider;
    const struct model *model;
    const struct account *account;
    const char *client_key;
    const char *user_agent;
    const char *service_tier;
    const char *reasoning_effort; /* "" when the request named none */
    bool names_effort;            /* the alias carries the effort */
    int64_t input_tokens;
    int64_t output_tokens;
    int64_t reasoning_tokens;
    int64_t cache_read_tokens;
    int64_t cache_creation_tokens;
    int64_t input_total_tokens; /* the breakdown's, caches included */
    int64_t total_tokens;
    const struct event_failure *failure; /* NULL on success */
    bool has_quota;                      /* the two windows below are sent */
    struct event_quota primary;          /* five hours */
    struct event_quota secondary;        /* a week */
};

struct event_settings {
    uint64_t seed;
    int accounts;
    int keys;
    int models;
    struct release release; /* which keys an event has */
    bool has_token_sha256;  /* OAuth events name their access token's digest */
    bool is_local_time;     /* timestamps in this machine's zone instead of UTC */
    bool has_mixed_ids;     /* request ids look random; otherwise 00000000, 00000001, ... */
};

struct event_generator {
    struct event_settings settings;
    struct random random;
    struct population population;
    int64_t next_number;
};

/* Clear frees what init allocated. */
void events_init(struct event_generator *generator, const struct event_settings *settings);
void events_clear(struct event_generator *generator);

/* Draws the next event, which happened at timestamp_ns. Ids repeat after 2^32 events. */
void events_draw(struct event_generator *generator, int64_t timestamp_ns, struct event *out);

/* event_json.c: appends the event as the gateway's JSON, without a newline. */
void events_put_json(struct bytes *out, const struct event *event,
                     const struct event_settings *settings);

#endif
