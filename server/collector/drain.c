#include "server/collector/drain.h"

#include <pthread.h>
#include <stdlib.h>

#include "server/clock.h"
#include "server/collector/backoff.h"
#include "server/collector/condition.h"
#include "server/collector/handshake.h"
#include "server/collector/http_queue.h"
#include "server/collector/inbox.h"
#include "server/collector/pop.h"
#include "server/collector/thread.h"
#include "server/log.h"
#include "server/memory.h"
#include "server/upstream/http_call.h"

struct drain {
    struct endpoint endpoint;
    char *management_key;
    char *queue;
    struct payload_sink sink;
    struct inbox *inbox;      /* borrowed; has room before a pop */
    struct stop_signal *stop; /* borrowed */
    pthread_t thread;
    pthread_mutex_t mutex; /* guards is_wanted and is_ending */
    pthread_cond_t changed;
    bool is_wanted;
    bool is_ending;
    atomic_int_least64_t *count; /* borrowed */
};

/* Leave the queue at the gateway while there is no room for it here. */
static bool wait_room(struct drain *drain)
{
    while (!stop_signal_is_raised(drain->stop))
        if (inbox_wait_room(drain->inbox, clock_mono_ms() + 200))
            return true;
    return false;
}

static enum failure_kind pop_until_empty(struct drain *drain, struct wire *wire,
                                         struct failure *failure)
{
    size_t taken = 1;
    while (taken > 0 && wait_room(drain)) {
        enum failure_kind kind =
            pop_batch(wire, drain->queue, true, DRAIN_ITEMS, &drain->sink, &taken, failure);
        atomic_fetch_add(drain->count, (int64_t)taken);
        if (kind != FAILURE_NONE)
            return kind;
    }
    return FAILURE_NONE;
}

static enum failure_kind drain_resp(struct drain *drain, struct failure *failure)
{
    struct wire wire;
    enum wire_result result = WIRE_OK;
    wire_init(&wire);
    result = wire_dial(&wire, &drain->endpoint, drain->stop, clock_mono_ms() + DIAL_TIMEOUT_MS);
    (void)failure_of_wire(failure, result, &wire);
    if (result == WIRE_OK && handshake_auth(&wire, drain->management_key, drain->stop,
                                            REPLY_TIMEOUT_MS, failure) == FAILURE_NONE)
        (void)pop_until_empty(drain, &wire, failure);
    wire_close(&wire);
    return failure->kind;
}

static enum failure_kind drain_http(struct drain *drain, struct failure *failure)
{
    struct http_caller *caller = http_caller_new();
    size_t taken = 1;
    if (caller == NULL)
        return failure_set(failure, FAILURE_BROKEN, "libcurl could not be set up");
    (void)failure_set(failure, FAILURE_NONE, "%s", "");
    while (taken > 0 && failure->kind == FAILURE_NONE && wait_room(drain)) {
        (void)http_queue_pop(caller, &drain->endpoint, drain->management_key, DRAIN_ITEMS,
                             drain->stop, &drain->sink, &taken, failure);
        atomic_fetch_add(drain->count, (int64_t)taken);
    }
    http_caller_free(caller);
    return failure->kind;
}

/* Wait before the next try; false when there is to be none, or a newer request starts
 * over. */
static bool wait_again(struct drain *drain, int64_t pause_ms)
{
    const int64_t until_mono_ms = clock_mono_ms() + pause_ms;
    bool goes_on = false;
    pthread_mutex_lock(&drain->mutex);
    while (!drain->is_wanted && !drain->is_ending &&
           condition_wait_until(&drain->changed, &drain->mutex, until_mono_ms))
        ;
    goes_on = !drain->is_wanted && !drain->is_ending;
    pthread_mutex_unlock(&drain->mutex);
    return goes_on;
}

/* One request: until the queue was seen empty, or there is no hope. */
static void drain_queue(struct drain *drain)
{
    const int64_t before = atomic_load(drain->count);
    struct backoff backoff = {0};
    struct failure failure = {.kind = FAILURE_NONE};
    for (int i = 0; i < DRAIN_TRIES; i++) {
        enum failure_kind kind = drain_resp(drain, &failure);
        if (kind == FAILURE_UNSUPPORTED)
            kind = drain_http(drain, &failure);
        if (kind == FAILURE_NONE || kind == FAILURE_STOPPED || kind == FAILURE_REFUSED ||
            kind == FAILURE_UNSUPPORTED || !wait_again(drain, backoff_next_ms(&backoff)))
            break;
    }
    if (failure.kind != FAILURE_NONE && failure.kind != FAILURE_STOPPED)
        log_line("collector: could not empty the gateway's queue: %s", failure.text);
    if (atomic_load(drain->count) > before)
        log_line("collector: took %lld events from the gateway's queue",
                 (long long)(atomic_load(drain->count) - before));
}

static void *serve(void *arg)
{
    struct drain *drain = arg;
    pthread_mutex_lock(&drain->mutex);
    for (;;) {
        while (!drain->is_wanted && !drain->is_ending)
            (void)condition_wait_until(&drain->changed, &drain->mutex, INT64_MAX);
        if (drain->is_ending)
            break;
        drain->is_wanted = false;
        pthread_mutex_unlock(&drain->mutex);
        drain_queue(drain);
        pthread_mutex_lock(&drain->mutex);
    }
    pthread_mutex_unlock(&drain->mutex);
    return NULL;
}

struct drain *drain_start(const struct endpoint *endpoint, const char *management_key,
                          const char *queue, const struct payload_sink *sink, struct inbox *inbox,
                          struct stop_signal *stop, atomic_int_least64_t *count)
{
    struct drain *drain = memory_zeroed(sizeof *drain);
    drain->endpoint = *endpoint;
    drain->management_key = memory_copy_cstr(management_key);
    drain->queue = memory_copy_cstr(queue);
    drain->sink = *sink;
    drain->inbox = inbox;
    drain->stop = stop;
    drain->count = count;
    pthread_mutex_init(&drain->mutex, NULL);
    condition_init(&drain->changed);
    thread_start(&drain->thread, "drain", serve, drain);
    return drain;
}

void drain_request(struct drain *drain)
{
    pthread_mutex_lock(&drain->mutex);
    drain->is_wanted = true;
    pthread_cond_signal(&drain->changed);
    pthread_mutex_unlock(&drain->mutex);
}

void drain_stop(struct drain *drain)
{
    if (drain == NULL)
        return;
    pthread_mutex_lock(&drain->mutex);
    drain->is_ending = true;
    pthread_cond_signal(&drain->changed);
    pthread_mutex_unlock(&drain->mutex);
    pthread_join(drain->thread, NULL);
    pthread_cond_destroy(&drain->changed);
    pthread_mutex_destroy(&drain->mutex);
    memory_wipe_cstr(drain->management_key);
    free(drain->queue);
    free(drain);
}
