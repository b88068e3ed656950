/* The drainer: after every (re)connection it pops what queued up at the gateway while
 * nobody was subscribed. The gateway never sends that backlog to a subscriber, and
 * forgets it after a minute.
 *
 * A thread of its own with its own connection, so that the subscription is read
 * meanwhile: LPOP until the queue is empty; where RESP does not work, the queue over
 * HTTP. It tries again while it fails, up to DRAIN_TRIES times; a later request starts
 * over. A refused key is not tried again. */
#ifndef CPA_SERVER_COLLECTOR_DRAIN_H
#define CPA_SERVER_COLLECTOR_DRAIN_H

#include <stdatomic.h>
#include <stdint.h>

#include "server/collector/endpoint.h"
#include "server/collector/payload.h"
#include "server/collector/stop_signal.h"

struct inbox; /* server/collector/inbox.h */
struct drain; /* opaque */

/* sink's context, inbox, stop and count (of payloads popped, added to) are borrowed and
 * outlive it; the rest is copied. */
struct drain *drain_start(const struct endpoint *endpoint, const char *management_key,
                          const char *queue, const struct payload_sink *sink, struct inbox *inbox,
                          struct stop_signal *stop, atomic_int_least64_t *count);
/* The subscription stands: empty the queue. Does not wait. */
void drain_request(struct drain *drain);
/* Once stop is raised: finishes the answer it is reading, then ends. NULL is allowed. */
void drain_stop(struct drain *drain);

#endif
