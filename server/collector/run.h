/* One run of the collector: from one set of settings to its ordered end.
 *
 * Called by the collector's reader thread; it walks the states of state.h. Transports:
 *
 * 1. "subscribe" and "auto" connect, log in, subscribe, listen; "resp" connects, logs in
 *    and pops; "http" fetches.
 * 2. Once a subscription stands the drainer empties the queue, after every reconnect too.
 * 3. auto goes down only as far as it must: to popping when the gateway knows no
 *    SUBSCRIBE, to HTTP when there is no RESP or it does not get anywhere. "Nobody there"
 *    is no reason to change the transport.
 * 4. From a lesser transport auto probes upward every PROBE_INTERVAL_MS.
 * 5. A refused key ends all attempts for a long pause, whatever the mode (backoff.h).
 * 6. A silent subscription is asked (PING) after PING_AFTER_MS and given up when there is
 *    no answer within PONG_WITHIN_MS.
 * 7. The end: UNSUBSCRIBE, everything up to the gateway's last byte, the drainer's and
 *    the pops' current answers, then the commit of all that.
 * 8. When new settings end it, its subscription stays open until the next run has a
 *    transport or fails to get one: no event falls between the two, and what both
 *    received is stored once. */
#ifndef CPA_SERVER_COLLECTOR_RUN_H
#define CPA_SERVER_COLLECTOR_RUN_H

#include "server/collector/collector.h"
#include "server/collector/endpoint.h"
#include "server/collector/intake.h"
#include "server/collector/report.h"
#include "server/collector/stop_signal.h"
#include "server/collector/unsubscribe.h"

/* A checked copy of struct collector_settings. */
struct run_settings {
    struct endpoint endpoint;
    char *upstream; /* as configured, for the status */
    char *management_key;
    char *queue;
    enum collector_mode mode;
    bool pops_left;
    int batch_size;
    int poll_interval_ms;
};

/* What a run uses and leaves behind. */
struct run_context {
    struct worker *writer;           /* borrowed */
    struct stop_signal stop;         /* raised by others, lowered between runs */
    struct report report;            /* written by the run */
    struct intake intake;            /* its inbox is the collector's, its files the run's */
    atomic_int_least64_t drained;    /* payloads that drainers popped, over all runs */
    atomic_bool is_replaced;         /* with stop: another run follows at once */
    struct subscription predecessor; /* left by the run before, rule 8 */
    bool has_predecessor;
};

/* End what the last run left open, if anything; when no run follows. */
void run_end_predecessor(struct run_context *context);
/* Returns when stop was raised and the end is complete. */
void run_collector(struct run_context *context, const struct run_settings *settings);

#endif
