/* Threads of the collector: deaf to signals, which are the main thread's. name is for the
 * message when it cannot start. */
#ifndef CPA_SERVER_COLLECTOR_THREAD_H
#define CPA_SERVER_COLLECTOR_THREAD_H

#include <pthread.h>

/* Stops the program with one line when the system has no thread left, as memory.h does. */
void thread_start(pthread_t *out_thread, const char *name, void *(*run)(void *), void *arg);

#endif
