/* What every source of payloads feeds: the subscription, the queue over RESP and HTTP,
 * the drainer. Sorts control payloads out, stamps the rest and puts it into the inbox.
 * Any thread. */
#ifndef CPA_SERVER_COLLECTOR_INTAKE_H
#define CPA_SERVER_COLLECTOR_INTAKE_H

#include <stdatomic.h>
#include <stdint.h>

#include "server/collector/auth_files.h"
#include "server/collector/inbox.h"
#include "server/collector/payload.h"

struct intake {
    struct inbox *inbox;                      /* borrowed */
    struct auth_files *files;                 /* borrowed; NULL between two runs */
    atomic_int_least64_t last_consumed_at_ms; /* wall clock; control payloads count too; 0 never */
};

/* A struct intake is the context. */
void intake_take(void *intake, struct slice payload);

#endif
