#include "server/collector/collector.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/text.h"
#include "server/clock.h"
#include "server/collector/condition.h"
#include "server/collector/run.h"
#include "server/collector/thread.h"
#include "server/log.h"
#include "server/memory.h"

struct collector {
    struct run_context context;
    pthread_t thread;      /* reads; runs one run after the other */
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    struct run_settings *next; /* of the run that is to come; owned; NULL none */
    bool is_idle;              /* no run, and none to come */
    bool is_ending;
};

static const char *const mode_names[] = {
    [COLLECTOR_AUTO] = "auto",
    [COLLECTOR_SUBSCRIBE] = "subscribe",
    [COLLECTOR_HTTP] = "http",
    [COLLECTOR_RESP] = "resp",
};

enum collector_mode collector_mode_of(const char *text)
{
    struct slice trimmed = slice_trim(slice_of_cstr(text));
    for (enum collector_mode mode = COLLECTOR_SUBSCRIBE; mode <= COLLECTOR_RESP; mode++)
        if (slice_equal_nocase(trimmed, slice_of_cstr(mode_names[mode])))
            return mode;
    return COLLECTOR_AUTO;
}

const char *collector_mode_name(enum collector_mode mode)
{
    return mode_names[mode];
}

static bool is_left(const char *pop_side)
{
    struct slice side = slice_trim(slice_of_cstr(pop_side));
    return slice_equal_nocase(side, SLICE("left")) || slice_equal_nocase(side, SLICE("lpop"));
}

static void settings_free(struct run_settings *settings)
{
    if (settings == NULL)
        return;
    memory_wipe_cstr(settings->management_key);
    free(settings->queue);
    free(settings->upstream);
    free(settings);
}

/* A copy with the defaults filled in; its endpoint is parsed when it is used. */
static struct run_settings *settings_copy(const struct collector_settings *from)
{
    struct run_settings *settings = memory_zeroed(sizeof *settings);
    struct slice queue = slice_trim(slice_of_cstr(from->queue));
    settings->upstream = memory_copy_slice(slice_trim(slice_of_cstr(from->upstream_url)));
    settings->management_key = memory_copy_cstr(from->management_key ? from->management_key : "");
    settings->queue = memory_copy_slice(queue.len > 0 ? queue : SLICE("usage"));
    settings->mode = from->mode;
    settings->pops_left = is_left(from->pop_side);
    settings->batch_size = from->batch_size > 0 ? from->batch_size : 100;
    if (settings->batch_size > LIMIT_ARRAY_ITEMS)
        settings->batch_size = LIMIT_ARRAY_ITEMS;
    settings->poll_interval_ms = from->poll_interval_ms > 0 ? from->poll_interval_ms : 500;
    settings->endpoint.skips_tls_verify = from->tls_skip_verify;
    return settings;
}

static void run_once(struct collector *collector, struct run_settings *settings)
{
    char error[LIMIT_MESSAGE_BYTES];
    struct report *report = &collector->context.report;
    report_starting(report, settings->upstream, settings->mode, settings->queue);
    if (endpoint_parse(settings->upstream, settings->endpoint.skips_tls_verify, &settings->endpoint,
                       error, sizeof error)) {
        run_collector(&collector->context, settings);
        report_stopped(report);
    } else { /* until somebody sets another one */
        run_end_predecessor(&collector->context);
        report_error(report, "connect", error);
        log_line("collector: connect: %s", error);
    }
    settings_free(settings);
}

/* Wait for a change. Called and left locked. */
static void be_idle(struct collector *collector)
{
    struct run_context *context = &collector->context;
    if (context->has_predecessor) { /* the run that was to follow was called off */
        pthread_mutex_unlock(&collector->mutex);
        run_end_predecessor(context);
        (void)inbox_flush(context->intake.inbox,
                          stop_signal_deadline(&context->stop)); /* else when it is freed */
        pthread_mutex_lock(&collector->mutex);
        return;
    }
    collector->is_idle = true;
    pthread_cond_broadcast(&collector->changed);
    (void)condition_wait_until(&collector->changed, &collector->mutex, INT64_MAX);
}

static void *serve(void *arg)
{
    struct collector *collector = arg;
    pthread_mutex_lock(&collector->mutex);
    for (;;) {
        struct run_settings *settings = NULL;
        while (collector->next == NULL && !collector->is_ending)
            be_idle(collector);
        if (collector->next == NULL)
            break;
        settings = collector->next;
        collector->next = NULL;
        stop_signal_lower(&collector->context.stop);
        atomic_store(&collector->context.is_replaced, false);
        pthread_mutex_unlock(&collector->mutex);
        run_once(collector, settings);
        pthread_mutex_lock(&collector->mutex);
    }
    pthread_mutex_unlock(&collector->mutex);
    return NULL;
}

struct collector *collector_new(struct worker *writer)
{
    struct collector *collector = memory_zeroed(sizeof *collector);
    collector->context.writer = writer;
    collector->context.intake.inbox = inbox_new(writer);
    if (!stop_signal_init(&collector->context.stop)) {
        log_line("collector: the system has no descriptor left");
        exit(1);
    }
    report_init(&collector->context.report);
    pthread_mutex_init(&collector->mutex, NULL);
    condition_init(&collector->changed);
    collector->is_idle = true;
    thread_start(&collector->thread, "collector", serve, collector);
    return collector;
}

void collector_start(struct collector *collector, const struct collector_settings *settings)
{
    struct run_settings *copy = settings_copy(settings);
    pthread_mutex_lock(&collector->mutex);
    settings_free(collector->next);
    collector->next = copy;
    if (collector->is_idle) { /* so that the status says so from now on */
        report_starting(&collector->context.report, copy->upstream, copy->mode, copy->queue);
    } else {
        atomic_store(&collector->context.is_replaced, true);
        stop_signal_raise(&collector->context.stop, clock_mono_ms() + STOP_TIMEOUT_MS);
    }
    collector->is_idle = false;
    pthread_cond_broadcast(&collector->changed);
    pthread_mutex_unlock(&collector->mutex);
}

void collector_stop(struct collector *collector)
{
    const int64_t deadline_mono_ms = clock_mono_ms() + STOP_TIMEOUT_MS;
    pthread_mutex_lock(&collector->mutex);
    settings_free(collector->next);
    collector->next = NULL;
    atomic_store(&collector->context.is_replaced, false);
    if (!collector->is_idle)
        stop_signal_raise(&collector->context.stop, deadline_mono_ms);
    else
        report_stopped(&collector->context.report);
    pthread_cond_broadcast(&collector->changed);
    while (!collector->is_idle &&
           condition_wait_until(&collector->changed, &collector->mutex, deadline_mono_ms))
        ;
    if (!collector->is_idle)
        atomic_store(&collector->context.stop.is_overdue, true);
    pthread_mutex_unlock(&collector->mutex);
}

void collector_status(struct collector *collector, struct collector_status *out_status)
{
    struct run_context *context = &collector->context;
    struct inbox_status inbox;
    memset(out_status, 0, sizeof *out_status);
    report_read(&context->report, out_status);
    inbox_status(context->intake.inbox, &inbox);
    if (inbox.error[0] != '\0' && out_status->last_error[0] == '\0')
        (void)snprintf(out_status->last_error, sizeof out_status->last_error, "consume: %.480s",
                       inbox.error);
    out_status->last_consumed_at_ms = atomic_load(&context->intake.last_consumed_at_ms);
    out_status->last_inserted_at_ms = inbox.last_inserted_at_ms;
    out_status->total_inserted = inbox.counts.added;
    out_status->total_skipped = inbox.counts.skipped;
    out_status->total_dead = inbox.counts.dead;
    out_status->drained = atomic_load(&context->drained);
    out_status->pending = inbox.pending;
}

void collector_free(struct collector *collector)
{
    if (collector == NULL)
        return;
    collector_stop(collector);
    pthread_mutex_lock(&collector->mutex);
    collector->is_ending = true;
    pthread_cond_broadcast(&collector->changed);
    pthread_mutex_unlock(&collector->mutex);
    pthread_join(collector->thread, NULL);
    inbox_free(collector->context.intake.inbox);
    stop_signal_clear(&collector->context.stop);
    report_clear(&collector->context.report);
    pthread_cond_destroy(&collector->changed);
    pthread_mutex_destroy(&collector->mutex);
    free(collector);
}
