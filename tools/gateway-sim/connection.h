/*
 * One connection: its bytes in and out, and what it speaks.
 *
 *            first byte * $ + - :            SUBSCRIBE
 *   SNIFF --------------------------> RESP ------------> RESP with a subscriber
 *     |                                |                      |
 *     +--------------> HTTP            | error, QUIT          | UNSUBSCRIBE, overflow
 *       anything else    | close       v                      v
 *                        +---------> LINGER: all written, waiting for the peer's end
 *
 * A subscriber's messages move from its buffer to the socket one at a time, and only when
 * the socket has taken the one before: a peer that does not read fills the socket, then
 * the buffer. A command that comes while messages wait is taken before or after the next
 * of them by chance, as the scheduler of the real gateway does it.
 */
#ifndef TOOLS_GATEWAY_SIM_CONNECTION_H
#define TOOLS_GATEWAY_SIM_CONNECTION_H

#include "tools/gateway-sim/gateway.h"

/* Takes over the socket. Beyond LIMIT_CONNECTIONS it is closed at once. */
void connection_open(struct gateway *gateway, int fd, const char *peer_ip_cstr);

/* What epoll reported for this connection. */
void connection_ready(struct connection *connection, uint32_t events);

/* Does all that can be done now; the wake function of the subscribers. */
void connection_wake(void *connection);

/* Closes every connection that has a subscriber; returns how many. */
int64_t connection_close_subscribers(struct gateway *gateway);

/* Closes those whose deadline has passed. */
void connection_close_expired(struct gateway *gateway, int64_t now_us);

/* Wakes all subscribers, after a hold. */
void connection_wake_subscribers(struct gateway *gateway);

/* Closes all connections. */
void connection_close_all(struct gateway *gateway);

/* Frees the closed ones; nothing may refer to them any more. */
void connection_bury(struct gateway *gateway);

#endif
