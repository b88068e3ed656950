#include "server/collector/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "server/clock.h"

bool stop_signal_init(struct stop_signal *signal)
{
    signal->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    atomic_init(&signal->is_raised, false);
    atomic_init(&signal->is_overdue, false);
    atomic_init(&signal->deadline_mono_ms, INT64_MAX);
    return signal->fd >= 0;
}

void stop_signal_clear(struct stop_signal *signal)
{
    if (signal->fd >= 0)
        (void)close(signal->fd); /* nothing was written that could be lost */
    signal->fd = -1;
}

void stop_signal_raise(struct stop_signal *signal, int64_t deadline_mono_ms)
{
    const uint64_t one = 1;
    if (deadline_mono_ms < atomic_load(&signal->deadline_mono_ms))
        atomic_store(&signal->deadline_mono_ms, deadline_mono_ms);
    if (!atomic_exchange(&signal->is_raised, true))
        (void)!write(signal->fd, &one, sizeof one); /* fails only at 2^64 raises */
}

void stop_signal_lower(struct stop_signal *signal)
{
    uint64_t count = 0;
    atomic_store(&signal->is_raised, false);
    atomic_store(&signal->is_overdue, false);
    atomic_store(&signal->deadline_mono_ms, INT64_MAX);
    (void)!read(signal->fd, &count, sizeof count); /* EAGAIN when it was not raised */
}

bool stop_signal_wait(struct stop_signal *signal, int64_t duration_ms)
{
    const int64_t until = clock_mono_ms() + duration_ms;
    int64_t left_ms = duration_ms;
    while (!atomic_load(&signal->is_raised) && left_ms > 0) {
        struct pollfd wait = {.fd = signal->fd, .events = POLLIN};
        (void)poll(&wait, 1, left_ms > 60000 ? 60000 : (int)left_ms);
        left_ms = until - clock_mono_ms();
    }
    return atomic_load(&signal->is_raised);
}

bool stop_signal_is_raised(const struct stop_signal *signal)
{
    return atomic_load(&signal->is_raised);
}

int64_t stop_signal_deadline(const struct stop_signal *signal)
{
    return atomic_load(&signal->deadline_mono_ms);
}
