/*
 * When events are due: a steady rate and any number of bursts laid over it, until an
 * optional total is reached. Pure arithmetic on a clock that the caller passes in.
 */
#ifndef TOOLS_GATEWAY_SIM_TRAFFIC_H
#define TOOLS_GATEWAY_SIM_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/gateway-sim/limits.h"

/* `count` events spread evenly over `duration_us` from `start_us` on. */
struct traffic_flow {
    double per_us;
    int64_t start_us;
    int64_t count; /* -1: without end */
    int64_t given; /* events of it that were due already */
};

struct traffic {
    struct traffic_flow steady; /* per_us 0: none */
    struct traffic_flow bursts[LIMIT_BURSTS];
    int burst_count;
    int64_t left; /* events until the total is reached; -1: no total */
};

void traffic_init(struct traffic *traffic, int64_t total);

/* Changes the steady rate from now on. */
void traffic_set_rate(struct traffic *traffic, double per_second, int64_t now_us);

/* False when LIMIT_BURSTS are under way. seconds 0 makes all of it due at once. */
bool traffic_add_burst(struct traffic *traffic, int64_t count, double seconds, int64_t now_us);

/* How many events are due by now that were not due at the last call. */
int64_t traffic_take_due(struct traffic *traffic, int64_t now_us);

/* Microseconds until the next event is due: 0 for now, -1 for never. */
int64_t traffic_wait_us(const struct traffic *traffic, int64_t now_us);

#endif
