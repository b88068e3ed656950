/* The gateway's queue over HTTP: GET /v0/management/usage-queue?count=N. Pops are
 * destructive: the whole elements of an answer that was cut short are handed over. */
#ifndef CPA_SERVER_COLLECTOR_HTTP_QUEUE_H
#define CPA_SERVER_COLLECTOR_HTTP_QUEUE_H

#include "server/collector/endpoint.h"
#include "server/collector/failure.h"
#include "server/collector/payload.h"

struct http_caller; /* server/upstream/http_call.h */

/* One request, of at most HTTP_TIMEOUT_MS; a stop that is overdue cancels it. *out_taken counts
 * what went to the sink, also on failure. Failure texts: `usage queue request failed: 401
 * Unauthorized: {"error":...}`, `http usage queue is unsupported: 404 Not Found`. */
enum failure_kind http_queue_pop(struct http_caller *caller, const struct endpoint *endpoint,
                                 const char *management_key, int count,
                                 const struct stop_signal *stop, const struct payload_sink *sink,
                                 size_t *out_taken, struct failure *out_failure);
/* The elements of an answer's body, to the sink; null and blank ones are skipped, the
 * content of a string is the payload. false when the body is not a whole array. */
bool http_queue_take(struct slice body, const struct payload_sink *sink, size_t *out_taken);

#endif
