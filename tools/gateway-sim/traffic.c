/* When events are due: see traffic.h. */
#include "tools/gateway-sim/traffic.h"

#include <math.h>
#include <string.h>

void traffic_init(struct traffic *traffic, int64_t total)
{
    memset(traffic, 0, sizeof(*traffic));
    traffic->left = total;
}

void traffic_set_rate(struct traffic *traffic, double per_second, int64_t now_us)
{
    traffic->steady.per_us = per_second / 1e6;
    traffic->steady.start_us = now_us;
    traffic->steady.count = -1;
    traffic->steady.given = 0;
}

bool traffic_add_burst(struct traffic *traffic, int64_t count, double seconds, int64_t now_us)
{
    struct traffic_flow *flow = &traffic->bursts[traffic->burst_count];

    if (traffic->burst_count == LIMIT_BURSTS)
        return false;
    traffic->burst_count++;
    flow->per_us = seconds > 0 ? (double)count / (seconds * 1e6) : HUGE_VAL;
    flow->start_us = now_us;
    flow->count = count;
    flow->given = 0;
    return true;
}

static int64_t flow_due(const struct traffic_flow *flow, int64_t now_us)
{
    double due = flow->per_us * (double)(now_us - flow->start_us);

    if (isinf(flow->per_us) || (flow->count >= 0 && due >= (double)flow->count))
        return flow->count;
    return (int64_t)due;
}

static int64_t flow_take(struct traffic_flow *flow, int64_t now_us)
{
    int64_t due = flow_due(flow, now_us) - flow->given;

    flow->given += due;
    return due;
}

static void forget_finished_bursts(struct traffic *traffic)
{
    int i = traffic->burst_count;

    while (i-- > 0)
        if (traffic->bursts[i].given >= traffic->bursts[i].count)
            traffic->bursts[i] = traffic->bursts[--traffic->burst_count];
}

int64_t traffic_take_due(struct traffic *traffic, int64_t now_us)
{
    int64_t due = traffic->steady.per_us > 0 ? flow_take(&traffic->steady, now_us) : 0;
    int i;

    for (i = 0; i < traffic->burst_count; i++)
        due += flow_take(&traffic->bursts[i], now_us);
    forget_finished_bursts(traffic);
    if (traffic->left >= 0 && due > traffic->left)
        due = traffic->left;
    if (traffic->left >= 0)
        traffic->left -= due;
    return due;
}

static int64_t flow_wait_us(const struct traffic_flow *flow, int64_t now_us)
{
    double next;

    if (isinf(flow->per_us))
        return 0;
    next = (double)flow->start_us + ceil((double)(flow->given + 1) / flow->per_us);
    return next <= (double)now_us ? 0 : (int64_t)(next - (double)now_us);
}

int64_t traffic_wait_us(const struct traffic *traffic, int64_t now_us)
{
    int64_t wait = -1;
    int i;

    if (traffic->left == 0)
        return -1;
    if (traffic->steady.per_us > 0)
        wait = flow_wait_us(&traffic->steady, now_us);
    for (i = 0; i < traffic->burst_count; i++) {
        int64_t one = flow_wait_us(&traffic->bursts[i], now_us);

        if (wait < 0 || one < wait)
            wait = one;
    }
    return wait;
}
