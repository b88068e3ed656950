/* A few threads for work that waits: calls to CPA, settings that read, ask and write,
 * files. Event loops hand it tasks instead of blocking.
 *
 * A task belongs to the pool from task_pool_submit until run is entered; run frees it or
 * passes it on. */
#ifndef CPA_SERVER_TASK_POOL_H
#define CPA_SERVER_TASK_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct task_pool; /* opaque */

struct task {
    void (*run)(struct task *task);
    struct task *next; /* the pool's */
};

/* NULL when no thread could be started. queue_limit: waiting tasks. */
struct task_pool *task_pool_start(size_t threads, size_t queue_limit);
/* false when the queue is full or the pool is stopping: the task is still the caller's. */
bool task_pool_submit(struct task_pool *pool, struct task *task);
/* Run what is queued, end the threads, free the pool. NULL is allowed. */
void task_pool_stop(struct task_pool *pool);

#endif
