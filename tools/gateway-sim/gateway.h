/*
 * The gateway's state and what happens to an event: the gates, the subscribers or the
 * queue, the counts. Knows nothing of sockets or protocols.
 *
 * An event passes two gates (a management key is set, usage statistics are on), then is
 * copied to every subscriber, or, when there is none, is put into the queue.
 */
#ifndef TOOLS_GATEWAY_SIM_GATEWAY_H
#define TOOLS_GATEWAY_SIM_GATEWAY_H

#include "tools/gateway-sim/auth.h"
#include "tools/gateway-sim/counts.h"
#include "tools/gateway-sim/events.h"
#include "tools/gateway-sim/options.h"
#include "tools/gateway-sim/queue.h"
#include "tools/gateway-sim/replay.h"
#include "tools/gateway-sim/subscribers.h"
#include "tools/gateway-sim/traffic.h"

struct connection;

struct gateway {
    const struct options *options; /* borrowed */
    struct counts counts;
    struct queue queue;
    struct subscriber_set subscribers;
    struct auth auth;
    struct event_generator generator;
    struct replay replay;
    struct bytes auth_files; /* a file to answer with as it is */
    struct traffic traffic;
    struct random scheduler; /* which of two ready things goes first */
    struct bytes scratch;    /* the payload under construction */
    bool has_statistics;
    int64_t advanced_ms;      /* how far the clock of retention and bans was pushed */
    int64_t started_ns;       /* UTC epoch */
    int64_t frozen_until_us;  /* monotonic; nothing moves before */
    int64_t held_until_us;    /* monotonic; subscribers are not written to before */
    bool is_stopping;         /* leave the loop */
    int epoll_fd;             /* of the loop */
    struct connection *first; /* all open connections */
    struct connection *dead;  /* closed ones, freed at the end of the loop's turn */
    int64_t connection_count; /* open ones */
};

/* False with a message when a file named by the options cannot be read. */
bool gateway_init(struct gateway *gateway, const struct options *options,
                  void (*wake)(void *owner));
void gateway_clear(struct gateway *gateway);

/* True when a management key is set. */
bool gateway_is_managed(const struct gateway *gateway);

/* The clock of retention and bans. */
int64_t gateway_now_ms(const struct gateway *gateway);

/* One event; the payload is copied. */
void gateway_publish(struct gateway *gateway, const char *payload, size_t payload_len);

/* The next generated or replayed event; false when the file has come to its end. */
bool gateway_publish_next(struct gateway *gateway);

/* A payload on the channel "errors": to its subscribers only. */
void gateway_publish_error(struct gateway *gateway, const char *payload, size_t payload_len);

/* The control message {"refresh":true}, to subscribers only. */
void gateway_refresh(struct gateway *gateway);

/* A new subscriber; on the channel "usage" its first message is support_refresh. */
struct subscriber *gateway_subscribe(struct gateway *gateway, enum subscriber_channel channel,
                                     void *owner);

/* Moves up to `most` of the oldest events from the queue to the list. */
void gateway_pop(struct gateway *gateway, int64_t most, struct message_list *out);

#endif
