#include "server/collector/run.h"

#include <string.h>

#include "server/clock.h"
#include "server/collector/backoff.h"
#include "server/collector/drain.h"
#include "server/collector/handshake.h"
#include "server/collector/http_queue.h"
#include "server/collector/pop.h"
#include "server/collector/state.h"
#include "server/collector/unsubscribe.h"
#include "server/log.h"
#include "server/upstream/http_call.h"

/* A subscription that lived this long, or brought more than the greeting, worked: the next
 * attempt is fast again. One that ends at once does not count, or we would log in in a
 * tight loop. */
#define PROOF_MS 1000
#define PROOF_PAYLOADS 2
/* Failures in a row after which auto tries HTTP although a subscription worked before. */
#define PATIENCE 3

struct run {
    struct run_context *context;         /* borrowed */
    const struct run_settings *settings; /* borrowed */
    struct stop_signal *stop;            /* the context's */
    struct inbox *inbox;                 /* the intake's */
    struct payload_sink sink;
    struct auth_files *files;
    struct drain *drain;
    struct http_caller *caller;
    struct subscription subscription; /* its wire also serves to log in and to pop */
    struct backoff backoff;
    enum collector_state state;
    int64_t wait_ms;          /* of WAITING */
    int64_t probe_at_mono_ms; /* the next upward probe of a lesser transport */
    bool is_probing;          /* HTTP works, RESP is being tried */
    bool is_listening;        /* a subscription is to be ended */
    bool has_subscribed;      /* in this run */
    bool was_up;              /* some transport, in this run */
    const char *transport;    /* that is up; NULL when none is */
};

static bool is_auto(const struct run *run)
{
    return run->settings->mode == COLLECTOR_AUTO;
}

static enum collector_state first_state(const struct run *run)
{
    return run->settings->mode == COLLECTOR_HTTP ? COLLECTOR_FETCHING : COLLECTOR_CONNECTING;
}

static int64_t step_timeout_ms(const struct run *run, int64_t normal_ms)
{
    return run->is_probing ? PROBE_TIMEOUT_MS : normal_ms;
}

/* The transport delivers, or could. */
static void transport_up(struct run *run, const char *transport)
{
    const bool is_reconnect = run->transport == NULL && run->was_up;
    run->is_probing = false;
    if (run->transport == transport)
        return;
    if (!run->was_up) /* the first events wait a moment for the accounts they belong to */
        inbox_hold(run->inbox, clock_mono_ms() + AUTH_FILES_FIRST_WAIT_MS);
    auth_files_allow(run->files);
    report_running(&run->context->report, transport, is_reconnect);
    log_line("collector: collecting by %s", transport);
    run->transport = transport;
    run->was_up = true;
}

/* Where auto goes on after a failure, rule 3; WAITING when there is no other transport. */
static enum collector_state lesser_transport(const struct run *run, enum failure_kind kind)
{
    const bool is_given_up = !run->has_subscribed || run->backoff.failures >= PATIENCE;
    if (!is_auto(run) || kind == FAILURE_DOWN || kind == FAILURE_REFUSED)
        return COLLECTOR_WAITING;
    switch (run->state) {
    case COLLECTOR_SUBSCRIBING:
        if (kind == FAILURE_UNSUPPORTED && run->subscription.wire.reader.error[0] == '\0')
            return COLLECTOR_POPPING; /* RESP it is */
        return kind == FAILURE_UNSUPPORTED || is_given_up ? COLLECTOR_FETCHING : COLLECTOR_WAITING;
    case COLLECTOR_CONNECTING:
    case COLLECTOR_AUTHENTICATING:
        return kind == FAILURE_UNSUPPORTED || is_given_up ? COLLECTOR_FETCHING : COLLECTOR_WAITING;
    case COLLECTOR_POPPING:
        return kind == FAILURE_UNSUPPORTED ? COLLECTOR_FETCHING : COLLECTOR_WAITING;
    default:
        return COLLECTOR_WAITING;
    }
}

/* What follows a failure at this stage ("connect", "auth", ...). */
static enum collector_state fail(struct run *run, const char *stage, const struct failure *failure)
{
    enum collector_state next = COLLECTOR_ENDING;
    if (failure->kind == FAILURE_STOPPED || stop_signal_is_raised(run->stop))
        return COLLECTOR_ENDING;
    next = lesser_transport(run, failure->kind);
    if (run->is_probing && next != COLLECTOR_POPPING && failure->kind != FAILURE_REFUSED)
        next = COLLECTOR_FETCHING; /* as before the probe */
    run->is_probing = false;
    if (next != COLLECTOR_POPPING)
        wire_close(&run->subscription.wire);
    if (next != COLLECTOR_WAITING) {
        if (next == COLLECTOR_FETCHING && run->transport == NULL)
            log_line("collector: %s: %s", stage, failure->text);
        return next;
    }
    run->wait_ms = failure->kind == FAILURE_REFUSED
                       ? backoff_refused_ms(&run->backoff, slice_of_cstr(failure->text))
                       : backoff_next_ms(&run->backoff);
    run->transport = NULL;
    run_end_predecessor(run->context);
    inbox_release(run->inbox); /* what came before the failure waits for nothing */
    report_error(&run->context->report, stage, failure->text);
    log_line("collector: %s: %s; next attempt in %lld ms", stage, failure->text,
             (long long)run->wait_ms);
    return COLLECTOR_WAITING;
}

static enum collector_state connecting(struct run *run)
{
    struct failure failure = {.kind = FAILURE_NONE};
    const int64_t deadline = clock_mono_ms() + step_timeout_ms(run, DIAL_TIMEOUT_MS);
    enum wire_result result =
        wire_dial(&run->subscription.wire, &run->settings->endpoint, run->stop, deadline);
    if (failure_of_wire(&failure, result, &run->subscription.wire) != FAILURE_NONE)
        return fail(run, "connect", &failure);
    return COLLECTOR_AUTHENTICATING;
}

static enum collector_state authenticating(struct run *run)
{
    struct failure failure = {.kind = FAILURE_NONE};
    if (handshake_auth(&run->subscription.wire, run->settings->management_key, run->stop,
                       step_timeout_ms(run, REPLY_TIMEOUT_MS), &failure) != FAILURE_NONE)
        return fail(run, "auth", &failure);
    backoff_reset_refusals(&run->backoff);
    return run->settings->mode == COLLECTOR_RESP ? COLLECTOR_POPPING : COLLECTOR_SUBSCRIBING;
}

static enum collector_state subscribing(struct run *run)
{
    struct failure failure = {.kind = FAILURE_NONE};
    if (handshake_subscribe(&run->subscription.wire, run->settings->queue, run->stop,
                            step_timeout_ms(run, REPLY_TIMEOUT_MS), &failure) != FAILURE_NONE)
        return fail(run, "subscribe", &failure);
    return COLLECTOR_LISTENING;
}

/* Wait until what we read has a place; false when a stop came first. */
static bool wait_room(struct run *run)
{
    while (!stop_signal_is_raised(run->stop))
        if (inbox_wait_room(run->inbox, clock_mono_ms() + 200))
            return true;
    return false;
}

static enum wire_result ping(struct run *run)
{
    const struct slice words[] = {SLICE("PING")};
    return wire_send(&run->subscription.wire, words, 1, clock_mono_ms() + PONG_WITHIN_MS);
}

/* Rule 6. ping_mono_ms is 0 when no PING waits for its answer. */
static enum wire_result heartbeat(struct run *run, int64_t *ping_mono_ms)
{
    if (*ping_mono_ms != 0)
        return WIRE_TIMEOUT;
    *ping_mono_ms = clock_mono_ms();
    return ping(run);
}

/* One token of the subscription. */
static enum failure_kind take_push(struct run *run, const struct resp_token *token,
                                   struct failure *failure)
{
    struct slice payload = slice_empty();
    switch (push_feed(&run->subscription.push, token, &payload)) {
    case PUSH_PAYLOAD:
        run->subscription.payloads++;
        run->sink.take(run->sink.context, payload);
        return FAILURE_NONE;
    case PUSH_ENDED:
        return failure_set(failure, FAILURE_BROKEN, "the gateway ended the subscription");
    case PUSH_BAD:
        return failure_set(failure, FAILURE_BROKEN, "%s", run->subscription.push.error);
    default:
        return FAILURE_NONE;
    }
}

/* Read until something ends it; the reason is in failure. */
static void listen_on(struct run *run, struct failure *failure)
{
    int64_t heard_mono_ms = clock_mono_ms();
    int64_t ping_mono_ms = 0;
    while (failure->kind == FAILURE_NONE && wait_room(run)) {
        struct resp_token token = {.type = RESP_NULL};
        int64_t deadline =
            ping_mono_ms != 0 ? ping_mono_ms + PONG_WITHIN_MS : heard_mono_ms + PING_AFTER_MS;
        enum wire_result result = wire_next(&run->subscription.wire, &token, run->stop, deadline);
        if (result == WIRE_OK) {
            heard_mono_ms = clock_mono_ms();
            ping_mono_ms = 0;
            (void)take_push(run, &token, failure);
        } else if (result == WIRE_TIMEOUT) {
            result = heartbeat(run, &ping_mono_ms);
            if (result == WIRE_TIMEOUT)
                (void)failure_set(failure, FAILURE_BROKEN, "no answer to PING");
            else if (result != WIRE_OK)
                (void)failure_of_wire(failure, result, &run->subscription.wire);
        } else {
            (void)failure_of_wire(failure, result, &run->subscription.wire);
        }
    }
}

static enum collector_state listening(struct run *run)
{
    struct failure failure = {.kind = FAILURE_NONE};
    const int64_t begun_mono_ms = clock_mono_ms();
    push_init(&run->subscription.push);
    run->subscription.payloads = 0;
    run->is_listening = true;
    run->has_subscribed = true;
    transport_up(run, "subscribe");
    run_end_predecessor(run->context);
    drain_request(run->drain);
    listen_on(run, &failure);
    if (clock_mono_ms() - begun_mono_ms >= PROOF_MS || run->subscription.payloads >= PROOF_PAYLOADS)
        backoff_reset(&run->backoff);
    if (failure.kind == FAILURE_NONE || failure.kind == FAILURE_STOPPED)
        return COLLECTOR_ENDING;
    run->is_listening = false;
    return fail(run, "subscribe", &failure);
}

/* After a pop that worked: whether to go on popping. An empty queue is left alone for the
 * poll interval. */
static bool pause_after_pop(struct run *run, size_t taken)
{
    backoff_reset(&run->backoff);
    return taken > 0 || !stop_signal_wait(run->stop, run->settings->poll_interval_ms);
}

static bool is_probe_due(const struct run *run)
{
    return is_auto(run) && clock_mono_ms() >= run->probe_at_mono_ms;
}

static enum collector_state popping(struct run *run)
{
    const struct run_settings *settings = run->settings;
    struct failure failure = {.kind = FAILURE_NONE};
    size_t taken = 0;
    run->probe_at_mono_ms = clock_mono_ms() + PROBE_INTERVAL_MS;
    while (wait_room(run)) {
        if (pop_batch(&run->subscription.wire, settings->queue, settings->pops_left,
                      settings->batch_size, &run->sink, &taken, &failure) != FAILURE_NONE)
            return fail(run, "consume", &failure);
        transport_up(run, "resp");
        run_end_predecessor(run->context);
        if (!pause_after_pop(run, taken))
            break;
        if (is_probe_due(run))
            return COLLECTOR_SUBSCRIBING; /* on the same connection */
    }
    return COLLECTOR_ENDING;
}

static enum collector_state fetching(struct run *run)
{
    const struct run_settings *settings = run->settings;
    struct failure failure = {.kind = FAILURE_NONE};
    size_t taken = 0;
    run->probe_at_mono_ms = clock_mono_ms() + PROBE_INTERVAL_MS;
    while (wait_room(run)) {
        if (http_queue_pop(run->caller, &settings->endpoint, settings->management_key,
                           settings->batch_size, run->stop, &run->sink, &taken,
                           &failure) != FAILURE_NONE)
            return fail(run, "http", &failure);
        backoff_reset_refusals(&run->backoff);
        transport_up(run, "http");
        run_end_predecessor(run->context);
        if (!pause_after_pop(run, taken))
            break;
        if (is_probe_due(run)) {
            run->is_probing = true;
            return COLLECTOR_CONNECTING;
        }
    }
    return COLLECTOR_ENDING;
}

static enum collector_state waiting(struct run *run)
{
    if (stop_signal_wait(run->stop, run->wait_ms))
        return COLLECTOR_ENDING;
    return first_state(run);
}

/* Rule 8: leave the subscription to the next run, which ends it when its own stands. */
static void hand_over(struct run *run)
{
    run->context->predecessor = run->subscription;
    wire_init(&run->subscription.wire);
    run->context->has_predecessor = true;
}

/* Rule 7. */
static enum collector_state ending(struct run *run)
{
    struct run_context *context = run->context;
    const bool is_replaced = run->is_listening && atomic_load(&context->is_replaced);
    run_end_predecessor(context);
    if (is_replaced)
        hand_over(run);
    else if (run->is_listening)
        unsubscribe(&run->subscription, &run->sink, clock_mono_ms() + STOP_READ_MS);
    wire_close(&run->subscription.wire);
    drain_stop(run->drain);
    if (!is_replaced && !inbox_flush(run->inbox, stop_signal_deadline(run->stop)))
        log_line("collector: the database did not store everything in time");
    return COLLECTOR_STOPPED;
}

static enum collector_state (*const steps[COLLECTOR_STATE_COUNT])(struct run *run) = {
    [COLLECTOR_CONNECTING] = connecting,   [COLLECTOR_AUTHENTICATING] = authenticating,
    [COLLECTOR_SUBSCRIBING] = subscribing, [COLLECTOR_LISTENING] = listening,
    [COLLECTOR_POPPING] = popping,         [COLLECTOR_FETCHING] = fetching,
    [COLLECTOR_WAITING] = waiting,         [COLLECTOR_ENDING] = ending,
};

static void move(struct run *run, enum collector_state to)
{
    if (!collector_state_allows(run->state, to)) { /* a mistake of ours; end in order */
        log_line("collector: a move from %s to %s is not allowed", collector_state_name(run->state),
                 collector_state_name(to));
        to = run->state == COLLECTOR_ENDING ? COLLECTOR_STOPPED : COLLECTOR_ENDING;
    }
    log_line("collector: %s -> %s", collector_state_name(run->state), collector_state_name(to));
    run->state = to;
}

void run_collector(struct run_context *context, const struct run_settings *settings)
{
    struct run run = {
        .context = context,
        .settings = settings,
        .stop = &context->stop,
        .inbox = context->intake.inbox,
        .sink = {intake_take, &context->intake},
        .caller = http_caller_new(),
        .state = COLLECTOR_STOPPED,
    };
    wire_init(&run.subscription.wire);
    if (run.caller == NULL) {
        report_error(&context->report, "connect", "libcurl could not be set up");
        return;
    }
    inbox_hold(run.inbox, INT64_MAX); /* until the first transport is up, or fails */
    run.files =
        auth_files_start(context->writer, run.inbox, &settings->endpoint, settings->management_key);
    context->intake.files = run.files;
    run.drain = drain_start(&settings->endpoint, settings->management_key, settings->queue,
                            &run.sink, run.inbox, run.stop, &context->drained);
    move(&run, first_state(&run));
    while (run.state != COLLECTOR_STOPPED)
        move(&run, steps[run.state](&run));
    context->intake.files = NULL;
    auth_files_stop(run.files);
    http_caller_free(run.caller);
}

void run_end_predecessor(struct run_context *context)
{
    const struct payload_sink sink = {intake_take, &context->intake};
    if (!context->has_predecessor)
        return;
    unsubscribe(&context->predecessor, &sink, clock_mono_ms() + STOP_READ_MS);
    context->has_predecessor = false;
}
