/* The limits of the HTTP server: each number, why it is that number, and what happens
 * beyond it. */
#ifndef CPA_SERVER_HTTP_LIMITS_H
#define CPA_SERVER_HTTP_LIMITS_H

#include <stddef.h>

/* Event loops; one answers thousands of requests a second, the second keeps the page
 * alive while the first encodes a large answer. */
#define LIMIT_HTTP_LOOPS 2

/* Connections; a browser opens six. Beyond: they wait in the kernel's queue. */
#define LIMIT_HTTP_CONNECTIONS 512

/* From the first byte of a request to the end of its head. Beyond: closed. */
#define LIMIT_HTTP_HEADER_MS 10000

/* From the end of the answer before to the end of the body; so also how long an idle
 * connection is kept. A chunk of 4 MiB may take minutes. Beyond: closed. */
#define LIMIT_HTTP_REQUEST_MS 300000

/* How long a client may take for one piece of an answer (256 KiB, or the whole of a
 * small one). Beyond: closed. */
#define LIMIT_HTTP_STALL_MS 60000

/* How often clients are looked at, while there are any. */
#define LIMIT_HTTP_SWEEP_MS 1000

/* What cut connections may take to end when the server stops. */
#define LIMIT_HTTP_CUT_MS 1000

/* Any request body; the largest is an import of 64 MiB. Beyond: 413. */
#define LIMIT_HTTP_BODY_BYTES ((size_t)64 * 1024 * 1024 + 64 * 1024)

/* The JSON body of a settings request; a full configuration has 2 KiB. Beyond: 413. */
#define LIMIT_HTTP_JSON_BODY_BYTES ((size_t)1024 * 1024)

/* Copies of the request's head and other small things of one exchange; h2o takes heads
 * of at most 408 KiB. Beyond: 500. */
#define LIMIT_HTTP_ARENA_BYTES ((size_t)1024 * 1024)

/* The Authorization header that is looked at. Beyond: 401. */
#define LIMIT_HTTP_AUTHORIZATION_BYTES 4096

/* An answer that is not streamed, and one piece of one that is. Beyond: 500. */
#define LIMIT_HTTP_ANSWER_BYTES ((size_t)64 * 1024 * 1024)

/* At which size a piece of a streamed answer is sent; one row more may go beyond. */
#define LIMIT_HTTP_PIECE_BYTES ((size_t)128 * 1024)

/* A piece of an export. What each piece begins anew with (a statement, some names) is small
 * beside it, and a slow client holds no more. One line may go beyond. */
#define LIMIT_HTTP_EXPORT_BYTES ((size_t)256 * 1024)

/* A reader's statements for one answer, or for one piece; panels give up after 30 s.
 * Beyond: 503. */
#define LIMIT_HTTP_QUERY_MS 30000

/* The file that PANEL_PATH names. Beyond: the embedded page. */
#define LIMIT_PAGE_FILE_BYTES ((size_t)32 * 1024 * 1024)

#endif
