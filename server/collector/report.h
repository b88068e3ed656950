/* What the collector says about itself: the part of its status that the reader thread
 * knows. Written by that thread, read by any. */
#ifndef CPA_SERVER_COLLECTOR_REPORT_H
#define CPA_SERVER_COLLECTOR_REPORT_H

#include <pthread.h>
#include <stdint.h>

#include "server/collector/collector.h"

struct report {
    pthread_mutex_t mutex; /* guards all below */
    const char *collector; /* static text, as in struct collector_status */
    const char *mode;
    const char *transport;
    char upstream[512];
    char queue[128];
    char last_error[512];
    int64_t reconnects;
};

void report_init(struct report *report);
void report_clear(struct report *report);

/* A run begins: "starting", no transport, no error. Texts are copied. */
void report_starting(struct report *report, const char *upstream, enum collector_mode mode,
                     const char *queue);
/* A transport came up: "running", the error is cleared. */
void report_running(struct report *report, const char *transport, bool is_reconnect);
/* "error", last_error = "stage: text". */
void report_error(struct report *report, const char *stage, const char *text);
/* "stopped"; the last error stays readable. */
void report_stopped(struct report *report);
/* Fill the fields above. */
void report_read(struct report *report, struct collector_status *out_status);

#endif
