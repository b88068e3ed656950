/*
 * HTTP/1.1 as Go's server and gin speak it: just enough to read requests and to write
 * answers whose bytes equal theirs.
 *
 * An answer's headers come in alphabetical order, then Date, Content-Length, Connection
 * and Transfer-Encoding; a body of more than 2,048 bytes is sent as one chunk, because
 * that is where Go stops waiting for the handler to end.
 */
#ifndef TOOLS_GATEWAY_SIM_HTTP_H
#define TOOLS_GATEWAY_SIM_HTTP_H

#include "tools/gateway-sim/bytes.h"
#include "tools/gateway-sim/limits.h"

struct http_text {
    const char *data; /* borrowed from the parsed request */
    size_t len;
};

struct http_header {
    struct http_text name;
    struct http_text value; /* without surrounding blanks */
};

struct http_request {
    struct http_text method;
    struct http_text path;
    struct http_text query; /* without the question mark */
    int minor_version;      /* 1 or 0 */
    struct http_header headers[LIMIT_HTTP_HEADERS];
    size_t header_count;
    struct http_text body;
    size_t head_bytes;  /* 0 until the head is complete */
    size_t total_bytes; /* of a whole request: remove this many */
};

/* Why a request was refused before any handler saw it. */
struct http_fault {
    int status;
    const char *detail; /* "" or what Go adds behind the status text */
};

enum http_status {
    HTTP_NEED_MORE, /* head_bytes tells whether only the body is missing */
    HTTP_REQUEST,
    HTTP_BAD, /* out_fault is set; the connection ends after the answer */
};

/* Reads one request from the start of data, which is changed where a body is chunked. */
enum http_status http_parse(char *data, size_t data_len, struct http_request *out,
                            struct http_fault *out_fault);

/* The first header of that name (any case), or an empty text with NULL data. */
struct http_text http_header_value(const struct http_request *request, const char *name_cstr);

bool http_is(struct http_text text, const char *expected_cstr);
bool http_is_ignoring_case(struct http_text text, const char *expected_cstr);

/* What the peer asked for: keep the connection open after the answer. */
bool http_keeps_alive(const struct http_request *request);

/* The peer waits for "100 Continue" before it sends the body. */
bool http_expects_continue(const struct http_request *request);

/*
 * The value of a query parameter, percent-decoded and without surrounding white space,
 * into out. False when it is absent; over-long values are cut, which no number survives.
 */
bool http_query_value(const struct http_request *request, const char *name_cstr, char *out,
                      size_t out_size);

/*
 * The client's address as gin sees it, trusting every proxy: the leftmost X-Forwarded-For
 * entry if all entries are addresses, else X-Real-IP, else the peer.
 */
void http_client_ip(const struct http_request *request, const char *peer_ip_cstr, char *out,
                    size_t out_size);

struct http_answer {
    int status;
    const char *content_type; /* NULL: no such header */
    bool has_cors;            /* the four Access-Control headers */
    const char *version;      /* NULL: no X-Cpa headers */
    bool has_plugin_header;   /* X-Cpa-Support-Plugin, if version is given */
    struct bytes body;        /* owned by the caller */
};

/*
 * Appends a whole answer; the body is left out for HEAD. True when the connection stays
 * open after it.
 */
bool http_put_answer(struct bytes *out, const struct http_request *request,
                     const struct http_answer *answer, int64_t wall_ns);

/* Appends Go's answer to what is not HTTP. */
void http_put_fault(struct bytes *out, const struct http_fault *fault);

#endif
