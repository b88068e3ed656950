/* The request to end, seen by every thread of the collector.
 *
 * Raised once per run by whoever asks for an end; stays raised, so that a thread may
 * look or poll for it as often as it likes; lowered before the next run, when no thread
 * of the old one is left. */
#ifndef CPA_SERVER_COLLECTOR_STOP_SIGNAL_H
#define CPA_SERVER_COLLECTOR_STOP_SIGNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct stop_signal {
    int fd; /* an eventfd, readable while raised */
    atomic_bool is_raised;
    atomic_bool
        is_overdue; /* the deadline has passed: give up what cannot be cut short otherwise */
    atomic_int_least64_t deadline_mono_ms; /* by when the end must be complete */
};

/* false when the system has no more descriptors. */
bool stop_signal_init(struct stop_signal *signal);
void stop_signal_clear(struct stop_signal *signal);
/* An earlier deadline stands when it is raised already. */
void stop_signal_raise(struct stop_signal *signal, int64_t deadline_mono_ms);
void stop_signal_lower(struct stop_signal *signal);
/* Wait for the duration, or until raised; true when raised. */
bool stop_signal_wait(struct stop_signal *signal, int64_t duration_ms);
/* Whether it is raised, and its deadline, or INT64_MAX when it is not. */
bool stop_signal_is_raised(const struct stop_signal *signal);
int64_t stop_signal_deadline(const struct stop_signal *signal);

#endif
