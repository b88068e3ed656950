/* The collector: takes usage events from one CPA and hands them to the writer.
 *
 * The program starts one and (re)configures it; a thread of its own reads the
 * connection as fast as the socket gives and never waits for the database while it
 * could read. Events are acknowledged only by what is committed: totals count commits. */
#ifndef CPA_SERVER_COLLECTOR_COLLECTOR_H
#define CPA_SERVER_COLLECTOR_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

struct worker; /* server/db/worker.h */
struct collector;

enum collector_mode { COLLECTOR_AUTO, COLLECTOR_SUBSCRIBE, COLLECTOR_HTTP, COLLECTOR_RESP };

/* "subscribe", "http", "resp" (trimmed, any case), anything else auto. */
enum collector_mode collector_mode_of(const char *text);
const char *collector_mode_name(enum collector_mode mode);

/* Where and how to collect. Texts are copied by collector_start. */
struct collector_settings {
    const char *upstream_url;   /* http:// or https://; the port serves RESP too */
    const char *management_key; /* secret: never logged, wiped after use */
    enum collector_mode mode;
    const char *queue;    /* channel and pop key, "usage" */
    const char *pop_side; /* "left" or "right" */
    int batch_size;       /* events per pop */
    int poll_interval_ms; /* pause between empty pops */
    bool tls_skip_verify; /* for RESP over TLS and for HTTP */
};

/* A snapshot of its state; texts are the caller's, in the struct. */
struct collector_status {
    const char *collector; /* "stopped" "starting" "running" "error"; static text */
    const char *mode;      /* static text */
    const char *transport; /* "" until known, "subscribe" "http" "resp"; static text */
    char upstream[512];
    char queue[128];
    char last_error[512];        /* "<stage>: <text>"; "" when none */
    int64_t last_consumed_at_ms; /* 0: never */
    int64_t last_inserted_at_ms;
    int64_t total_inserted; /* since process start, over reconfigurations */
    int64_t total_skipped;  /* duplicates */
    int64_t total_dead;     /* went to the dead letters */
    int64_t reconnects;
    int64_t drained; /* events popped from the queue after a (re)connection */
    int64_t pending; /* read but not yet committed */
};

/* Make a stopped collector that writes through writer (borrowed; outlives it). */
struct collector *collector_new(struct worker *writer);
/* Start, or replace the running configuration: the old subscription is ended in order
 * once the new one stands or has failed, so no event falls between them; everything read
 * is committed. Returns at once. */
void collector_start(struct collector *collector, const struct collector_settings *settings);
/* End in order: stop the subscription, commit what was read. Blocks at most 10 s. */
void collector_stop(struct collector *collector);
void collector_status(struct collector *collector, struct collector_status *out_status);
/* Stops it if it runs. NULL is allowed. */
void collector_free(struct collector *collector);

#endif
