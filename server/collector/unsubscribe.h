/* The ordered end of a subscription: UNSUBSCRIBE, then everything up to the gateway's last
 * byte. The gateway drops what its buffer for this subscriber holds at that instant, so
 * where it can be helped another subscription stands already. */
#ifndef CPA_SERVER_COLLECTOR_UNSUBSCRIBE_H
#define CPA_SERVER_COLLECTOR_UNSUBSCRIBE_H

#include <stdint.h>

#include "server/collector/payload.h"
#include "server/collector/push.h"
#include "server/collector/wire.h"

/* A subscription on its connection. */
struct subscription {
    struct wire wire;
    struct push push;
    int64_t payloads; /* that it brought */
};

/* Hand the last payloads over and close the wire, at the latest at the time. */
void unsubscribe(struct subscription *subscription, const struct payload_sink *sink,
                 int64_t deadline_mono_ms);

#endif
