/* The two exchanges that begin a RESP connection. AUTH always comes first: any other
 * command before it counts as a failed login. */
#ifndef CPA_SERVER_COLLECTOR_HANDSHAKE_H
#define CPA_SERVER_COLLECTOR_HANDSHAKE_H

#include "server/collector/failure.h"

/* AUTH key. timeout_ms is for the whole exchange. */
enum failure_kind handshake_auth(struct wire *wire, const char *management_key,
                                 struct stop_signal *stop, int64_t timeout_ms,
                                 struct failure *out_failure);
/* SUBSCRIBE channel, up to its acknowledgement. When the gateway does not know the
 * command the kind is FAILURE_UNSUPPORTED and the wire stays open: it can still pop. */
enum failure_kind handshake_subscribe(struct wire *wire, const char *channel,
                                      struct stop_signal *stop, int64_t timeout_ms,
                                      struct failure *out_failure);

#endif
