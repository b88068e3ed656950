/* One blocking HTTP call by libcurl, bounded in time and size.
 *
 * Called by threads that may wait (setup, the collector's HTTP mode), never by an event
 * loop. A caller object keeps its connections open between calls and belongs to one
 * thread at a time.
 *
 * Proxies: HTTP_PROXY, HTTPS_PROXY, NO_PROXY (either case), but never for localhost and
 * loopback addresses. TLS is verified unless the request says otherwise. Redirects are
 * followed when asked; credentials do not follow to another host. */
#ifndef CPA_SERVER_UPSTREAM_HTTP_CALL_H
#define CPA_SERVER_UPSTREAM_HTTP_CALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "ext/text.h"

struct http_caller; /* opaque */

struct http_request {
    const char *method;         /* "GET", "PUT", ... */
    const char *url;            /* http:// or https:// */
    const char *const *headers; /* "Name: value" lines, NULL at the end; may be NULL */
    const char *bearer;         /* secret of "Authorization: Bearer"; NULL for none */
    struct slice body;          /* sent when data is not NULL */
    long connect_timeout_ms;
    long total_timeout_ms;
    size_t body_limit_bytes; /* of the answer; beyond it the call fails */
    bool follows_redirects;
    bool skips_tls_verify;
    const atomic_bool *cancel; /* the call fails soon after it turns true; may be NULL */
};

struct http_response {
    int status;            /* 0: there was no answer */
    char status_line[128]; /* "401 Unauthorized" */
    struct text headers;   /* "Name: value" lines of the last answer, each with \n */
    struct text body;
    char error[320]; /* set when the call failed; never holds the secret */
};

/* Once per process, before the first thread. false when libcurl fails. */
bool http_call_global_init(void);
/* NULL when libcurl fails. */
struct http_caller *http_caller_new(void);
/* NULL is allowed. */
void http_caller_free(struct http_caller *caller);

void http_response_init(struct http_response *response);
void http_response_clear(struct http_response *response);
/* The value of a response header, borrowed; false when absent. Names in any case. */
bool http_response_header(const struct http_response *response, struct slice name,
                          struct slice *out_value);
/* Make the call. true when a complete answer came, whatever its status; else
 * response->error reads like `Get "http://h:1/x": Could not connect to server`. */
bool http_call(struct http_caller *caller, const struct http_request *request,
               struct http_response *response) __attribute__((warn_unused_result));

#endif
