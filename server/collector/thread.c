#include "server/collector/thread.h"

#include <signal.h>
#include <stdlib.h>

#include "server/log.h"

void thread_start(pthread_t *out_thread, const char *name, void *(*run)(void *), void *arg)
{
    sigset_t all;
    sigset_t before;
    int rc = 0;
    sigfillset(&all);
    /* Inherited by the thread. SIGPIPE too: a write to a closed TLS connection then fails
     * with an error instead of ending the program. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(out_thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        log_line("collector: could not start its thread %s", name);
        exit(1);
    }
}
