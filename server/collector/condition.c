#include "server/collector/condition.h"

#include <stdlib.h>
#include <time.h>

#include "server/log.h"

void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0 ||
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
        pthread_cond_init(condition, &attributes) != 0) {
        log_line("collector: the system has no condition variable left");
        exit(1);
    }
    (void)pthread_condattr_destroy(&attributes); /* never fails on Linux */
}

bool condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t mono_ms)
{
    struct timespec until = {.tv_sec = (time_t)(mono_ms / 1000),
                             .tv_nsec = (long)(mono_ms % 1000) * 1000000};
    if (mono_ms == INT64_MAX)
        return pthread_cond_wait(condition, mutex) == 0;
    return pthread_cond_timedwait(condition, mutex, &until) == 0;
}
