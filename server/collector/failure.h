/* Why a step of the collector failed, as far as it decides what to do next. */
#ifndef CPA_SERVER_COLLECTOR_FAILURE_H
#define CPA_SERVER_COLLECTOR_FAILURE_H

#include "ext/text.h"
#include "server/collector/wire.h"

enum failure_kind {
    FAILURE_NONE,
    FAILURE_STOPPED,     /* we were told to end */
    FAILURE_DOWN,        /* nobody there: try again, the transport may be right */
    FAILURE_BROKEN,      /* somebody was there, but the exchange failed */
    FAILURE_UNSUPPORTED, /* this transport does not exist there: try another one */
    FAILURE_REFUSED      /* the key is not accepted: do not repeat it soon */
};

struct failure {
    enum failure_kind kind;
    char text[LIMIT_MESSAGE_BYTES]; /* what happened; never a secret */
};

/* Both fill *out_failure and return its kind. */
enum failure_kind failure_set(struct failure *out_failure, enum failure_kind kind,
                              const char *format, ...) __attribute__((format(printf, 3, 4)));
/* After wire_dial, wire_send or wire_next on a connection that has not proved itself. */
enum failure_kind failure_of_wire(struct failure *out_failure, enum wire_result result,
                                  const struct wire *wire);
/* What an error reply of the gateway (the text after "-") means. */
enum failure_kind failure_of_reply(struct failure *out_failure, struct slice reply);

#endif
