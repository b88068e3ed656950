/*
 * Subscribers and their buffers.
 *
 * Rules: (1) a message is copied to every subscriber of its channel; (2) each has a
 * buffer of `slots` messages, the first control message included; (3) a message that
 * finds the buffer full ends the subscription: the subscriber is no longer sent
 * anything, what its buffer holds may still be taken, then its connection closes; the
 * message itself is gone for it; (4) leaving drops the buffer: not queued again, not
 * sent before the acknowledgement.
 */
#ifndef TOOLS_GATEWAY_SIM_SUBSCRIBERS_H
#define TOOLS_GATEWAY_SIM_SUBSCRIBERS_H

#include "tools/gateway-sim/message.h"

enum subscriber_channel {
    CHANNEL_USAGE,
    CHANNEL_ERRORS,
    CHANNEL_COUNT,
};

enum subscriber_end {
    SUBSCRIBER_END_ASKED,      /* UNSUBSCRIBE or QUIT */
    SUBSCRIBER_END_DISCONNECT, /* the connection ended */
};

struct subscriber {
    struct subscriber *next;
    struct subscriber *previous;
    void *owner; /* passed to the wake function */
    enum subscriber_channel channel;
    bool is_overflowed;    /* rule 3: takes what is left, is sent nothing more */
    size_t head;           /* index of the oldest message */
    size_t used;           /* messages in the buffer */
    struct message **ring; /* `slots` references */
};

struct subscriber_set {
    struct subscriber *first;
    size_t slots;
    size_t active[CHANNEL_COUNT]; /* subscribers that are sent messages, by channel */
    struct counts *counts;        /* borrowed */
    void (*wake)(void *owner);    /* called after a message was placed or refused */
};

void subscriber_set_init(struct subscriber_set *set, size_t slots, struct counts *counts,
                         void (*wake)(void *owner));

/* A new subscriber, owned by the set until subscriber_leave. */
struct subscriber *subscriber_join(struct subscriber_set *set, enum subscriber_channel channel,
                                   void *owner);

/* Places a message into one buffer, or overflows it (rule 3). Does not wake. */
void subscriber_place(struct subscriber_set *set, struct subscriber *subscriber,
                      struct message *message);

/* Rule 1: places it for all active ones of the channel, waking each. */
void subscriber_set_send(struct subscriber_set *set, enum subscriber_channel channel,
                         struct message *message);

/* Hands over the oldest message's reference; NULL when the buffer is empty. */
struct message *subscriber_take(struct subscriber_set *set, struct subscriber *subscriber);

/* Rule 4; frees the subscriber. */
void subscriber_leave(struct subscriber_set *set, struct subscriber *subscriber,
                      enum subscriber_end end);

/* Messages in all buffers of events. */
int64_t subscriber_set_buffered(const struct subscriber_set *set);

#endif
