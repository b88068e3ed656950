/* Condition variables that time out by the monotonic clock. */
#ifndef CPA_SERVER_COLLECTOR_CONDITION_H
#define CPA_SERVER_COLLECTOR_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Stops the program with one line when the system refuses, as memory.h does. */
void condition_init(pthread_cond_t *condition);
/* Wait until signalled or until mono_ms (INT64_MAX: for ever). false after the time. As
 * with any condition, look at what was waited for again afterwards. */
bool condition_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t mono_ms);

#endif
