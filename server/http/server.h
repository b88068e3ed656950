/* The HTTP server: listening, event loops, connections, orderly end.
 *
 * HTTP/1.1 in clear text only. A loop never blocks and never steps a statement: what
 * takes time goes to workers and comes back as a message (exchange.h).
 *
 * Rules
 *  1. A request's headers must be there LIMIT_HTTP_HEADER_MS after their first byte, the
 *     whole request LIMIT_HTTP_REQUEST_MS after the connection became idle; an answer
 *     must move within LIMIT_HTTP_STALL_MS. Beyond: the connection is closed.
 *  2. Beyond LIMIT_HTTP_CONNECTIONS new connections wait in the kernel.
 *  3. Draining: no new connections, idle ones are closed, running requests finish. */
#ifndef CPA_SERVER_HTTP_SERVER_H
#define CPA_SERVER_HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct http_server; /* opaque */

/* Listen on "host:port" (port 0: any free one; an empty host: all addresses) and start
 * the loops. app is borrowed and must outlive the server. NULL: *out_error is one line
 * to free(). */
struct http_server *http_server_start(struct app *app, const char *address, char **out_error);
/* "host:port" as bound, numeric; borrowed. */
const char *http_server_address(const struct http_server *server);
/* Rule 3; returns when all connections are closed, at the latest after timeout_ms, when
 * the rest is cut. false when something was cut. */
bool http_server_drain(struct http_server *server, int64_t timeout_ms);
/* End the loops. No worker may hold an exchange any more. NULL is allowed. */
void http_server_free(struct http_server *server);

#endif
