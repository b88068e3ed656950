/* Numbers and times as upstreams write them in response headers and error bodies
 * (ingest specification, section 16, "Number/time parsing"). Internal to ext/event/.
 * Pure. */
#ifndef USAGE_EXT_EVENT_UPSTREAM_VALUE_H
#define USAGE_EXT_EVENT_UPSTREAM_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/json.h"
#include "ext/text.h"

struct upstream_time {
    int64_t ms; /* UTC, floored */
    int32_t ns; /* 0..999999, within that millisecond */
};

/* A decimal number with optional sign and exponent, trimmed, one % at its end dropped.
 * False, and *out_number untouched, when text is anything else or not finite. */
bool upstream_number(struct slice text, double *out_number);
/* true 1 yes, false 0 no, in any case. False when text is anything else. */
bool upstream_bool(struct slice text, bool *out_value);
/* An absolute time: RFC 3339, RFC 1123 with a zone name (which counts as UTC) or a
 * numeric zone, "YYYY-MM-DD HH:MM:SS" with or without a zone, or a number: above 10^12
 * milliseconds, above 10^9 seconds. False for anything else. */
bool upstream_time(struct slice text, struct upstream_time *out_time);
/* The same of a JSON string or number. */
bool upstream_time_of_json(const struct json *value, struct upstream_time *out_time);

/* base_ms + seconds: the seconds cut to whole nanoseconds (at most 292 years), the sum
 * floored to milliseconds and kept within int64. */
int64_t upstream_add_seconds(int64_t base_ms, double seconds);
/* time - base_ms in seconds, 0 when it is negative, at most 292 years. */
double upstream_seconds_until(struct upstream_time time, int64_t base_ms);

#endif
