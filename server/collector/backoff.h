/* How long to wait after a failure.
 *
 * 1. The first attempt after a connection that worked comes within 100 ms, because the
 *    gateway queues events meanwhile and forgets them after a minute; then 1, 2, 4, 8,
 *    16, 30, 30, ... seconds.
 * 2. A refused key is not repeated like that: the gateway bans an address for half an
 *    hour at the fifth failure, the operator's browser included, and forgets failures
 *    only after two idle hours. So: one more attempt after 5 minutes, in case the key
 *    was being changed, then one every 125 minutes; that never adds up to five.
 * 3. When the gateway says "Try again in 29m58s", just after that.
 * 4. "remote management disabled" and "remote management key not set" are settings of the
 *    gateway that it does not count: tried again every minute.
 *
 * Pure. */
#ifndef CPA_SERVER_COLLECTOR_BACKOFF_H
#define CPA_SERVER_COLLECTOR_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

#define BACKOFF_FIRST_MS 50

struct backoff {
    unsigned failures; /* since the last reset */
    unsigned refusals; /* since the last reset_refusals */
};

/* The pause before the next attempt, rule 1; counts the failure. */
int64_t backoff_next_ms(struct backoff *backoff);
/* The pause after the key was refused with this message, rules 2 to 4. */
int64_t backoff_refused_ms(struct backoff *backoff, struct slice message);
/* A connection worked. */
void backoff_reset(struct backoff *backoff);
/* The key was accepted. */
void backoff_reset_refusals(struct backoff *backoff);

/* "29m58s", "45s", "1h2m3s", "1.5s", "300ms" -> milliseconds, cut to a day; false when the
 * text does not begin with a duration. */
bool backoff_go_duration_ms(struct slice text, int64_t *out_ms);

#endif
