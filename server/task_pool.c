#include "server/task_pool.h"

#include <pthread.h>
#include <stdlib.h>

#include "server/memory.h"

struct task_pool {
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t changed;
    struct task *first;
    struct task **last; /* where the next task is linked */
    size_t queued;
    size_t queue_limit;
    bool is_stopping;
    size_t thread_count;
    pthread_t threads[];
};

/* The next task, or NULL when the pool has stopped and nothing is queued. */
static struct task *take(struct task_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->first == NULL && !pool->is_stopping)
        pthread_cond_wait(&pool->changed, &pool->lock);
    struct task *task = pool->first;
    if (task != NULL) {
        pool->first = task->next;
        if (pool->first == NULL)
            pool->last = &pool->first;
        pool->queued--;
    }
    pthread_mutex_unlock(&pool->lock);
    return task;
}

static void *thread_main(void *arg)
{
    struct task_pool *pool = arg;
    struct task *task;
    while ((task = take(pool)) != NULL)
        task->run(task);
    return NULL;
}

struct task_pool *task_pool_start(size_t threads, size_t queue_limit)
{
    struct task_pool *pool = memory_zeroed(sizeof *pool + threads * sizeof pool->threads[0]);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    pool->last = &pool->first;
    pool->queue_limit = queue_limit;
    while (pool->thread_count < threads &&
           pthread_create(&pool->threads[pool->thread_count], NULL, thread_main, pool) == 0)
        pool->thread_count++;
    if (pool->thread_count == 0) {
        task_pool_stop(pool);
        pool = NULL;
    }
    return pool;
}

bool task_pool_submit(struct task_pool *pool, struct task *task)
{
    pthread_mutex_lock(&pool->lock);
    bool is_taken = !pool->is_stopping && pool->queued < pool->queue_limit;
    if (is_taken) {
        task->next = NULL;
        *pool->last = task;
        pool->last = &task->next;
        pool->queued++;
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    return is_taken;
}

void task_pool_stop(struct task_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
