/*
 * The gateway's clocks. Retention and bans are measured on a monotonic clock that a
 * test may push forward (POST /sim/advance), so that nothing has to wait for them.
 */
#ifndef TOOLS_GATEWAY_SIM_CLOCK_H
#define TOOLS_GATEWAY_SIM_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "tools/gateway-sim/bytes.h"

/* Monotonic time of this machine, in microseconds. Paces traffic and deadlines. */
int64_t clock_mono_us(void);

/* UTC epoch in nanoseconds. */
int64_t clock_wall_ns(void);

/*
 * Appends an RFC 3339 time as Go prints it: up to nine fraction digits without trailing
 * zeros, "Z" for UTC or the zone's offset. Uses the local zone when is_local is true.
 */
void clock_put_rfc3339(struct bytes *out, int64_t wall_ns, bool is_local);

/* Appends an HTTP date, e.g. "Mon, 23 Nov 2026 07:47:40 GMT". */
void clock_put_http_date(struct bytes *out, int64_t wall_ns);

#endif
