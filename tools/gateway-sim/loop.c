/* The loop: see loop.h. */
#include "tools/gateway-sim/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tools/gateway-sim/clock.h"
#include "tools/gateway-sim/connection.h"
#include "tools/gateway-sim/listener.h"

enum { EVENTS_PER_TURN = 64 };

/* Deadlines of connections are looked at this often. */
static const int64_t sweep_us = 100000;

/* What the command line planned; INT64_MAX: never. */
struct plan {
    int64_t burst_us;
    int64_t stall_us;
    int64_t disconnect_us;
};

static int64_t after(int64_t now_us, double seconds)
{
    return now_us + (int64_t)(seconds * 1e6);
}

static void plan_init(struct plan *plan, const struct options *options, int64_t now_us)
{
    plan->burst_us = options->burst > 0 ? now_us : INT64_MAX;
    plan->stall_us =
        options->stall_ms > 0 ? after(now_us, options->stall_every_seconds) : INT64_MAX;
    plan->disconnect_us = options->disconnect_every_seconds > 0
                              ? after(now_us, options->disconnect_every_seconds)
                              : INT64_MAX;
}

static void plan_run(struct plan *plan, struct gateway *gateway, int64_t now_us)
{
    const struct options *options = gateway->options;

    if (plan->burst_us <= now_us) {
        (void)traffic_add_burst(&gateway->traffic, options->burst, options->burst_seconds,
                                now_us); /* too many at once: this one is left out */
        plan->burst_us = options->burst_every_seconds > 0
                             ? after(now_us, options->burst_every_seconds)
                             : INT64_MAX;
    }
    if (plan->stall_us <= now_us) {
        gateway->frozen_until_us = now_us + options->stall_ms * 1000;
        plan->stall_us = after(now_us, options->stall_every_seconds);
    }
    if (plan->disconnect_us <= now_us) {
        (void)connection_close_subscribers(gateway); /* how many does not matter here */
        plan->disconnect_us = after(now_us, options->disconnect_every_seconds);
    }
}

static void publish_due(struct gateway *gateway, int64_t now_us)
{
    int64_t due = traffic_take_due(&gateway->traffic, now_us);

    while (due-- > 0)
        if (!gateway_publish_next(gateway)) {
            gateway->traffic.left = 0;
            return;
        }
}

static void release_hold(struct gateway *gateway, int64_t now_us)
{
    if (gateway->held_until_us == 0 || gateway->held_until_us > now_us)
        return;
    gateway->held_until_us = 0;
    connection_wake_subscribers(gateway);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Milliseconds to wait, at least one when something is due later; -1: until an event. */
static int wait_ms(const struct plan *plan, const struct gateway *gateway, int64_t now_us)
{
    int64_t traffic_us = traffic_wait_us(&gateway->traffic, now_us);
    int64_t until_us = earlier(plan->burst_us, earlier(plan->stall_us, plan->disconnect_us));

    if (traffic_us >= 0)
        until_us = earlier(until_us, now_us + traffic_us);
    if (gateway->held_until_us != 0)
        until_us = earlier(until_us, gateway->held_until_us);
    if (gateway->first != NULL)
        until_us = earlier(until_us, now_us + sweep_us);
    if (until_us == INT64_MAX)
        return -1;
    return until_us <= now_us ? 0 : (int)earlier((until_us - now_us + 999) / 1000, 1000);
}

static void accept_all(struct gateway *gateway, int listen_fd)
{
    char ip[AUTH_IP_SIZE];
    int fd;

    while ((fd = listener_accept(listen_fd, ip, sizeof(ip))) >= 0)
        connection_open(gateway, fd, ip);
}

/* Standard input carries nothing but its end. */
static void check_stdin(struct gateway *gateway)
{
    char ignored[256];

    if (read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)
        gateway->is_stopping = true;
}

/* What is watched beside the connections; epoll knows each by its field's address. */
struct sources {
    int listen_fd;
    int signal_fd;
    int stdin_fd; /* -1: not watched */
};

/* A freeze: nothing moves, but signals and the end of standard input still count. */
static void sit_out_freeze(struct gateway *gateway, const struct sources *sources)
{
    struct pollfd watched[2] = {{.fd = sources->signal_fd, .events = POLLIN},
                                {.fd = sources->stdin_fd, .events = POLLIN}};
    int64_t left_us = gateway->frozen_until_us - clock_mono_us();

    if (poll(watched, 2, (int)(left_us / 1000) + 1) <= 0)
        return;
    if (watched[0].revents != 0)
        gateway->is_stopping = true;
    if (watched[1].revents != 0)
        check_stdin(gateway);
}

static int watch(int epoll_fd, int *fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = fd}};

    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, *fd, &event);
}

static void handle(struct gateway *gateway, struct sources *sources,
                   const struct epoll_event *event)
{
    if (event->data.ptr == &sources->listen_fd)
        accept_all(gateway, sources->listen_fd);
    else if (event->data.ptr == &sources->signal_fd)
        gateway->is_stopping = true;
    else if (event->data.ptr == &sources->stdin_fd)
        check_stdin(gateway);
    else
        connection_ready(event->data.ptr, event->events);
}

static int turn(struct gateway *gateway, struct sources *sources, struct plan *plan)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int64_t now_us = clock_mono_us();
    int count;
    int i;

    plan_run(plan, gateway, now_us);
    publish_due(gateway, now_us);
    release_hold(gateway, now_us);
    connection_close_expired(gateway, now_us);
    connection_bury(gateway);
    count = epoll_wait(gateway->epoll_fd, events, EVENTS_PER_TURN,
                       wait_ms(plan, gateway, clock_mono_us()));
    if (count < 0 && errno != EINTR)
        return -1;
    for (i = 0; i < count; i++)
        handle(gateway, sources, &events[i]);
    connection_bury(gateway);
    return 0;
}

static int open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int loop_run(struct gateway *gateway, int listen_fd)
{
    struct sources sources = {.listen_fd = listen_fd,
                              .signal_fd = open_signals(),
                              .stdin_fd = gateway->options->ends_with_stdin ? STDIN_FILENO : -1};
    struct plan plan;
    int status = -1;

    gateway->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (sources.signal_fd < 0 || gateway->epoll_fd < 0 ||
        watch(gateway->epoll_fd, &sources.listen_fd) != 0 ||
        watch(gateway->epoll_fd, &sources.signal_fd) != 0 ||
        (sources.stdin_fd >= 0 && watch(gateway->epoll_fd, &sources.stdin_fd) != 0))
        goto done;
    plan_init(&plan, gateway->options, clock_mono_us());
    traffic_set_rate(&gateway->traffic, gateway->options->rate, clock_mono_us());
    status = 0;
    while (!gateway->is_stopping && status == 0) {
        if (clock_mono_us() < gateway->frozen_until_us)
            sit_out_freeze(gateway, &sources);
        else
            status = turn(gateway, &sources, &plan);
    }
done:
    if (status != 0)
        fprintf(stderr, "gateway-sim: the event loop failed: %s\n", strerror(errno));
    connection_close_all(gateway);
    connection_bury(gateway);
    if (gateway->epoll_fd >= 0)
        close(gateway->epoll_fd);
    if (sources.signal_fd >= 0)
        close(sources.signal_fd);
    return status;
}
