/* The time of an event: what CPA and its forks write, read as the original reads it
 * (ingest specification, section 11). Pure: the time that stands for a missing one is
 * the caller's. */
#ifndef USAGE_EXT_EVENT_TIMESTAMP_H
#define USAGE_EXT_EVENT_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/arena.h"
#include "ext/text.h"

/* The years 0001 to 9999: what the normalised text can show. */
#define TIMESTAMP_MIN_MS INT64_C(-62135596800000)
#define TIMESTAMP_MAX_MS INT64_C(253402300799999)

struct timestamp {
    int64_t ms; /* UTC, floored; within the limits above */
    int32_t ns; /* 0..999999, within that millisecond */
};

/* A number: seconds below 10,000,000,000, milliseconds from there on. False, and
 * *out_time untouched, outside the limits. */
bool timestamp_from_int64(int64_t value, struct timestamp *out_time);

/* A text, trimmed here: digits as above, RFC 3339, or the two forms without a zone, which
 * are UTC. False, and *out_time untouched, for anything else. */
bool timestamp_parse(struct slice text, struct timestamp *out_time);

/* UTC text "YYYY-MM-DDTHH:MM:SS[.fraction]Z" in the arena, the fraction without zeros at
 * its end. A time outside the limits is shown as the nearest limit. */
struct slice timestamp_text(struct arena *arena, struct timestamp time);

#endif
