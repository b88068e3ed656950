/* One connection that speaks RESP: dial, TLS, send, and wait for the next token.
 *
 * Called by the reader thread (handshake.c, subscription.c) and by pop.c. libcurl
 * resolves, connects and does TLS (CURLOPT_CONNECT_ONLY: no HTTP is spoken), with server
 * name and verification but without ALPN, because a gateway that can negotiate HTTP
 * never looks for RESP. Environment proxies are ignored. Belongs to one thread.
 *
 * Every wait has a deadline on the monotonic clock, and ends at once when the stop
 * signal that was given to it is raised. */
#ifndef CPA_SERVER_COLLECTOR_WIRE_H
#define CPA_SERVER_COLLECTOR_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"
#include "server/collector/endpoint.h"
#include "server/collector/resp.h"
#include "server/collector/stop_signal.h"

enum wire_result {
    WIRE_OK,
    WIRE_DOWN,    /* nobody there: refused, unreachable, silent, no such host */
    WIRE_BROKEN,  /* closed, reset, TLS failed */
    WIRE_NO_RESP, /* what came is not RESP, or over a limit */
    WIRE_TIMEOUT,
    WIRE_STOPPED /* the stop signal was raised */
};

struct wire {
    void *easy;  /* CURL; the connection is its */
    void *multi; /* CURLM that holds easy */
    int fd;      /* the socket, for poll; -1 when closed */
    bool is_open;
    struct resp_reader reader;
    char error[LIMIT_MESSAGE_BYTES]; /* why the last call failed; never a secret */
};

/* A closed wire in the caller's storage. */
void wire_init(struct wire *wire);
/* Close it; the wire can dial again. Buffered bytes are wiped. */
void wire_close(struct wire *wire);
/* Connect. stop may be NULL. */
enum wire_result wire_dial(struct wire *wire, const struct endpoint *endpoint,
                           struct stop_signal *stop, int64_t deadline_mono_ms);
/* Send one command. The copy made for sending is wiped. Never cut short by a stop: a
 * command that was half sent would be worse than a short wait. */
enum wire_result wire_send(struct wire *wire, const struct slice *words, size_t count,
                           int64_t deadline_mono_ms);
/* The next token; its text is valid until the next call. A token that has arrived is
 * given out before the stop signal is looked at. stop may be NULL. */
enum wire_result wire_next(struct wire *wire, struct resp_token *out_token,
                           struct stop_signal *stop, int64_t deadline_mono_ms);

#endif
