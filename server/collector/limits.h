/* The limits of the collector: each number, why it is that number, and what happens
 * beyond it. Times are durations in milliseconds. */
#ifndef CPA_SERVER_COLLECTOR_LIMITS_H
#define CPA_SERVER_COLLECTOR_LIMITS_H

#include <stddef.h>

/* What one peer may make us hold. Beyond: the connection ends with a message. */
#define LIMIT_BULK_BYTES ((size_t)16 * 1024 * 1024) /* the largest payload usage_ingest takes */
#define LIMIT_LINE_BYTES ((size_t)64 * 1024)        /* error lines and counts, never events */
#define LIMIT_ARRAY_ITEMS 4096                      /* four times the largest pop we ask for */
#define LIMIT_REPLY_DEPTH 4                         /* CPA nests one level */
#define LIMIT_AUTH_FILES_BYTES ((size_t)64 * 1024 * 1024) /* prescribed, section 8 */
#define LIMIT_HTTP_ERROR_BYTES 1024                       /* prescribed, section 7.3; cut there */

/* Texts of ours. A longer URL is refused; a longer message is cut. */
#define LIMIT_URL_BYTES 2048
#define LIMIT_MESSAGE_BYTES 512

/* One transaction: large enough that the commit costs little per event, small enough
 * that other jobs of the writer wait milliseconds. Beyond: the next batch. */
#define LIMIT_BATCH_ITEMS 4096
#define LIMIT_BATCH_BYTES ((size_t)4 * 1024 * 1024)
/* Read but not committed. At 2,000 events a second this is more than a minute of a
 * database that does not answer. Beyond: the socket is left unread until there is room. */
#define LIMIT_PENDING_BYTES ((size_t)256 * 1024 * 1024)

/* Commits under load start this far apart, unless this many events wait: fewer
 * fsyncs, and still durable within milliseconds. */
#define COMMIT_GAP_MS 20
#define COMMIT_GAP_ITEMS 256
/* A failed commit is tried again after the first pause, doubling up to the last. */
#define COMMIT_RETRY_FIRST_MS 50
#define COMMIT_RETRY_LAST_MS 5000
/* At the very end a slow database gets this long for what is left, and this long for one
 * batch. Beyond: given up, and a log line says how many. */
#define COMMIT_REST_MS 60000
#define COMMIT_STALL_MS 5000

#define DIAL_TIMEOUT_MS 10000
#define REPLY_TIMEOUT_MS 30000 /* AUTH and SUBSCRIBE, prescribed, section 7.3 */
#define POP_TIMEOUT_MS 5000    /* of silence within the answer to a pop */
#define HTTP_TIMEOUT_MS 30000  /* a whole usage-queue request, prescribed, section 7.3 */
/* Steps of an upward probe while a lesser transport works: all three together must
 * stay far below the 60 s after which CPA forgets what nobody pops. */
#define PROBE_TIMEOUT_MS 3000
#define PROBE_INTERVAL_MS 30000

#define PING_AFTER_MS 30000  /* of silence */
#define PONG_WITHIN_MS 10000 /* else the connection counts as dead */
#define TCP_USER_TIMEOUT_MS 45000
#define TCP_KEEPALIVE_IDLE_S 30
#define TCP_KEEPALIVE_INTERVAL_S 10

#define DRAIN_ITEMS 1000 /* one pop of the backlog */
#define DRAIN_TRIES 6    /* within the minute that the gateway remembers */

#define AUTH_FILES_TIMEOUT_MS 5000
#define AUTH_FILES_TTL_MS 30000
#define AUTH_FILES_GAP_MS 1000        /* between two reads, however often CPA says refresh */
#define AUTH_FILES_FIRST_WAIT_MS 2000 /* that the first events wait for the first read */

#define STOP_TIMEOUT_MS 10000 /* an ordered end, all of it */
#define STOP_READ_MS 3000     /* of it, for the last bytes of a connection */

#endif
