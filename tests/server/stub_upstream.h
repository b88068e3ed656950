/* A stand-in for an HTTP server: answers each request line with a fixed text, one
 * connection at a time, and remembers what it was asked. For answers that the simulated
 * gateway never gives; it listens on 127.0.0.1 on a port of its own. */
#ifndef CPA_TESTS_SERVER_STUB_UPSTREAM_H
#define CPA_TESTS_SERVER_STUB_UPSTREAM_H

struct stub_upstream; /* opaque */

struct stub_upstream *stub_upstream_start(void);
/* "http://127.0.0.1:PORT", borrowed. */
const char *stub_upstream_url(const struct stub_upstream *stub);
/* Answer request lines that start with prefix ("GET /x") with the whole response; NULL:
 * never answer. The text is copied. Later rows win. Without a row: 404. */
void stub_upstream_answer(struct stub_upstream *stub, const char *prefix, const char *response);
/* As above, with this status ("200 OK") and JSON body. */
void stub_upstream_json(struct stub_upstream *stub, const char *prefix, const char *status,
                        const char *body);
/* What was asked since the last look: "METHOD PATH|AUTHORIZATION|BODY\n" each; to free(). */
char *stub_upstream_log(struct stub_upstream *stub);
void stub_upstream_stop(struct stub_upstream *stub);

#endif
