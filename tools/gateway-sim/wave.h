/*
 * Times of past traffic: COUNT moments over some days, in order, following a daily wave:
 * an hour's share is 1 + 0.8 sin of the hour of the day, lowest at two in the morning and
 * highest at two in the afternoon, and a little chance. Within an hour they are uniform.
 */
#ifndef TOOLS_GATEWAY_SIM_WAVE_H
#define TOOLS_GATEWAY_SIM_WAVE_H

#include "tools/gateway-sim/random.h"

struct wave {
    struct random *random; /* borrowed */
    int64_t start_ns;      /* UTC epoch of the first hour */
    int hours;
    double *cumulative; /* share of the hours up to and with each; the last is 1 */
    int64_t count;
    int hour;          /* the next moment's */
    int64_t hour_left; /* moments still to come in that hour */
    double hour_at;    /* the last moment within it, 0 to 1 */
};

/* `days` up to end_ns are cut into whole hours, at least one. Clear frees. */
void wave_init(struct wave *wave, struct random *random, int64_t count, double days,
               int64_t end_ns);
void wave_clear(struct wave *wave);

/* The next of the `count` moments, UTC epoch in nanoseconds. */
int64_t wave_next_ns(struct wave *wave);

#endif
