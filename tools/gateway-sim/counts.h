/*
 * What the gateway counted: every event that it published and what became of it. Loss
 * tests rest on these numbers, so each has one meaning, and they add up:
 *
 *   published      = delivered_at_least_once + lost + outstanding
 *   published      = queued + given
 *   queued         = popped_resp + popped_http + pruned + queued_now
 *   to_subscribers = copies_written + dropped_unsubscribe + dropped_disconnect
 *                    + buffered_now + copies being written
 *
 * "Delivered" means that the kernel has taken the last byte; what a dying peer left in
 * its socket is beyond the gateway's knowledge, there as here.
 */
#ifndef TOOLS_GATEWAY_SIM_COUNTS_H
#define TOOLS_GATEWAY_SIM_COUNTS_H

#include <stdint.h>

#include "tools/gateway-sim/bytes.h"

struct counts {
    int64_t published;               /* events that passed the gates */
    int64_t given;                   /* of these, offered to subscribers */
    int64_t queued;                  /* of these, put into the queue */
    int64_t delivered_at_least_once; /* events written whole to some socket */
    int64_t lost;                    /* events that nobody got or can get any more */
    int64_t to_subscribers;          /* copies placed into subscriber buffers */
    int64_t copies_written;          /* of these, written whole to a socket */
    int64_t dropped_overflow;        /* copies refused because the buffer was full */
    int64_t dropped_unsubscribe;     /* copies dropped by UNSUBSCRIBE or QUIT */
    int64_t dropped_disconnect;      /* copies dropped because the connection ended */
    int64_t dropped_answer;          /* popped events whose answer was not written whole */
    int64_t popped_resp;             /* events taken by LPOP or RPOP */
    int64_t popped_http;             /* events taken by GET usage-queue */
    int64_t pruned;                  /* queued events that outlived the retention */
    int64_t refused_statistics_off;  /* events while usage statistics were off */
    int64_t refused_management_off;  /* events while no management key was set */
    int64_t refused_queue_full;      /* events beyond the queue's ceiling */
    int64_t sent_home;               /* events of home mode */
    int64_t errors_published;        /* payloads on the channel "errors" */
    int64_t control_messages;        /* support_refresh and refresh copies */
    int64_t subscriptions;           /* SUBSCRIBE commands that succeeded */
    int64_t overflows;               /* subscribers closed because of a full buffer */
    int64_t connections;             /* accepted */
    int64_t auth_failures;           /* counted failures */
    int64_t auth_bans;               /* bans that began */
    struct bytes published_ids;      /* request ids in order of publication, one a line */
    struct bytes lost_ids;           /* request ids in order of loss, one a line */
};

/* What is true now rather than counted; the gateway fills it in. */
struct counts_now {
    int64_t queued_now;
    int64_t buffered_now;
    int64_t subscribers_now;
    int64_t connections_now;
};

void counts_init(struct counts *counts);
void counts_clear(struct counts *counts);

/* Appends the request_id of a payload ("-" if it has none) and a newline. */
void counts_put_id(struct bytes *ids, const char *payload, size_t payload_len);

/* Appends all of it as one JSON object. */
void counts_put_json(struct bytes *out, const struct counts *counts, const struct counts_now *now);

#endif
