/* One pop from the gateway's queue over RESP. Pops are destructive: what arrived is
 * handed over even when the rest of the answer does not come. */
#ifndef CPA_SERVER_COLLECTOR_POP_H
#define CPA_SERVER_COLLECTOR_POP_H

#include "server/collector/failure.h"
#include "server/collector/payload.h"

/* LPOP or RPOP queue count; both take the oldest first. Not cut short by a stop, because
 * what the gateway has popped exists only in its answer; POP_TIMEOUT_MS of silence end
 * it. *out_taken counts what went to the sink, also on failure. */
enum failure_kind pop_batch(struct wire *wire, const char *queue, bool from_left, int count,
                            const struct payload_sink *sink, size_t *out_taken,
                            struct failure *out_failure);

#endif
