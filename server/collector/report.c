#include "server/collector/report.h"

#include <stdio.h>
#include <string.h>

void report_init(struct report *report)
{
    memset(report, 0, sizeof *report);
    pthread_mutex_init(&report->mutex, NULL);
    report->collector = "stopped";
    report->mode = collector_mode_name(COLLECTOR_AUTO);
    report->transport = "";
}

void report_clear(struct report *report)
{
    pthread_mutex_destroy(&report->mutex);
}

void report_starting(struct report *report, const char *upstream, enum collector_mode mode,
                     const char *queue)
{
    pthread_mutex_lock(&report->mutex);
    report->collector = "starting";
    report->mode = collector_mode_name(mode);
    report->transport = "";
    report->last_error[0] = '\0';
    (void)snprintf(report->upstream, sizeof report->upstream, "%s", upstream);
    (void)snprintf(report->queue, sizeof report->queue, "%s", queue);
    pthread_mutex_unlock(&report->mutex);
}

void report_running(struct report *report, const char *transport, bool is_reconnect)
{
    pthread_mutex_lock(&report->mutex);
    report->collector = "running";
    report->transport = transport;
    report->last_error[0] = '\0';
    report->reconnects += is_reconnect;
    pthread_mutex_unlock(&report->mutex);
}

void report_error(struct report *report, const char *stage, const char *text)
{
    pthread_mutex_lock(&report->mutex);
    report->collector = "error";
    (void)snprintf(report->last_error, sizeof report->last_error, "%s: %s", stage, text);
    pthread_mutex_unlock(&report->mutex);
}

void report_stopped(struct report *report)
{
    pthread_mutex_lock(&report->mutex);
    report->collector = "stopped";
    report->transport = "";
    pthread_mutex_unlock(&report->mutex);
}

void report_read(struct report *report, struct collector_status *out_status)
{
    pthread_mutex_lock(&report->mutex);
    out_status->collector = report->collector;
    out_status->mode = report->mode;
    out_status->transport = report->transport;
    memcpy(out_status->upstream, report->upstream, sizeof out_status->upstream);
    memcpy(out_status->queue, report->queue, sizeof out_status->queue);
    memcpy(out_status->last_error, report->last_error, sizeof out_status->last_error);
    out_status->reconnects = report->reconnects;
    pthread_mutex_unlock(&report->mutex);
}
