/* What a subscription sends: arrays that are messages, acknowledgements or pongs.
 *
 *     *3 "message" CHANNEL PAYLOAD      an event or a control payload
 *     *2 "pong" TEXT-or-null            also "+PONG"
 *     *3 "unsubscribe" CHANNEL :0       the end, asked for by us; also "+OK" after QUIT
 *     *3 "subscribe" CHANNEL :1         again; of no interest
 *
 * Kinds in any case of letters; the channel of a message is not checked, the connection
 * has only one. Fed token by token; pure. */
#ifndef CPA_SERVER_COLLECTOR_PUSH_H
#define CPA_SERVER_COLLECTOR_PUSH_H

#include "server/collector/limits.h"
#include "server/collector/resp.h"

enum push_event {
    PUSH_NOTHING, /* the message is not complete, or needs no action */
    PUSH_PAYLOAD, /* *out_payload is one, borrowed from the token */
    PUSH_PONG,
    PUSH_ENDED, /* the subscription is over */
    PUSH_BAD    /* not what a subscription sends; the text is in push.error */
};

struct push {
    enum push_event kind; /* of the array being read; PUSH_NOTHING for those without action */
    int64_t index;        /* elements of it read so far */
    char error[LIMIT_MESSAGE_BYTES];
};

void push_init(struct push *push);
enum push_event push_feed(struct push *push, const struct resp_token *token,
                          struct slice *out_payload);

#endif
