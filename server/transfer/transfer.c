/* Threads and sessions of imports: see transfer.h. */
#include "server/transfer/transfer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/clock.h"
#include "server/file_path.h"
#include "server/memory.h"
#include "server/transfer/import_work.h"
#include "server/transfer/limits.h"
#include "server/transfer/session_store.h"

struct transfer {
    char *db_path;
    atomic_bool is_stopping;
    struct task_pool *pool;
    struct session_store *sessions;
    pthread_mutex_t lock; /* with ending, to wake the sweeper */
    pthread_cond_t ending;
    pthread_t sweeper; /* looks for expired sessions */
    bool has_sweeper;
    int64_t sweep_ms;
};

/* --- importing --- */

void transfer_import(struct transfer *transfer, struct slice bytes, bool (*is_wanted)(void *arg),
                     void *arg, struct import_result *out_result)
{
    const struct import_work work = {.db_path = transfer->db_path,
                                     .is_stopping = &transfer->is_stopping,
                                     .is_wanted = is_wanted,
                                     .arg = arg};
    struct record_reader *reader = NULL;
    char reason[256] = "";
    (void)record_reader_open_bytes(bytes, &reader, reason, sizeof reason); /* reader tells */
    import_work_run(&work, reader, reason, out_result);
}

static void import_session(void *arg, const char *path, bool (*is_wanted)(void *session),
                           void *session, struct import_result *out_result)
{
    const struct transfer *transfer = arg;
    const struct import_work work = {.db_path = transfer->db_path,
                                     .is_stopping = &transfer->is_stopping,
                                     .is_session = true,
                                     .is_wanted = is_wanted,
                                     .arg = session};
    struct record_reader *reader = NULL;
    char reason[256] = "";
    (void)record_reader_open_file(path, &reader, reason, sizeof reason); /* reader tells */
    import_work_run(&work, reader, reason, out_result);
}

static bool start_task(void *arg, struct task *task)
{
    struct transfer *transfer = arg;
    return task_pool_submit(transfer->pool, task);
}

static int64_t wall_ms(void *arg)
{
    (void)arg;
    return clock_wall_ms();
}

/* --- the sweeper --- */

static void *sweep(void *arg)
{
    struct transfer *transfer = arg;
    pthread_mutex_lock(&transfer->lock);
    while (!atomic_load(&transfer->is_stopping)) {
        int64_t until_ms = clock_mono_ms() + transfer->sweep_ms;
        struct timespec until = {.tv_sec = until_ms / 1000,
                                 .tv_nsec = (long)(until_ms % 1000) * 1000000};
        if (pthread_cond_timedwait(&transfer->ending, &transfer->lock, &until) != ETIMEDOUT)
            continue;
        pthread_mutex_unlock(&transfer->lock);
        session_store_purge(transfer->sessions);
        pthread_mutex_lock(&transfer->lock);
    }
    pthread_mutex_unlock(&transfer->lock);
    return NULL;
}

static int64_t sweep_ms_of(int64_t ttl_ms)
{
    int64_t quarter_ms = ttl_ms / 4;
    if (quarter_ms < LIMIT_SESSION_SWEEP_LEAST_MS)
        return LIMIT_SESSION_SWEEP_LEAST_MS;
    return quarter_ms < LIMIT_SESSION_SWEEP_MOST_MS ? quarter_ms : LIMIT_SESSION_SWEEP_MOST_MS;
}

static void init_waiting(struct transfer *transfer)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&transfer->ending, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&transfer->lock, NULL);
}

/* --- life --- */

static bool open_sessions(struct transfer *transfer, const struct config *config, char **out_error)
{
    char *folder = file_path_join(config->data_dir, "usage-imports");
    int64_t ttl_ms = (int64_t)config->import_session_ttl_minutes * 60 * 1000;
    const struct session_store_options options = {.folder = folder,
                                                  .chunk_bytes = config->import_chunk_bytes,
                                                  .quota_bytes = config->import_disk_quota_bytes,
                                                  .max_sessions = config->import_max_sessions,
                                                  .ttl_ms = ttl_ms,
                                                  .now_ms = wall_ms,
                                                  .start = start_task,
                                                  .import = import_session,
                                                  .arg = transfer};
    transfer->sweep_ms = sweep_ms_of(ttl_ms);
    transfer->sessions = session_store_open(&options, out_error);
    free(folder);
    return transfer->sessions != NULL;
}

static bool start_threads(struct transfer *transfer, char **out_error)
{
    transfer->pool = task_pool_start(LIMIT_IMPORT_THREADS, LIMIT_IMPORT_QUEUE);
    transfer->has_sweeper = pthread_create(&transfer->sweeper, NULL, sweep, transfer) == 0;
    if (transfer->pool == NULL || !transfer->has_sweeper)
        *out_error = memory_copy_cstr("the system refuses to start threads");
    return transfer->pool != NULL && transfer->has_sweeper;
}

struct transfer *transfer_start(const struct config *config, const char *db_path, char **out_error)
{
    struct transfer *transfer = memory_zeroed(sizeof *transfer);
    transfer->db_path = memory_copy_cstr(db_path);
    init_waiting(transfer);
    if (!open_sessions(transfer, config, out_error) || !start_threads(transfer, out_error)) {
        transfer_stop(transfer);
        transfer = NULL;
    }
    return transfer;
}

struct task_pool *transfer_pool(struct transfer *transfer)
{
    return transfer->pool;
}

struct session_store *transfer_sessions(struct transfer *transfer)
{
    return transfer->sessions;
}

void transfer_stop(struct transfer *transfer)
{
    if (transfer == NULL)
        return;
    pthread_mutex_lock(&transfer->lock);
    atomic_store(&transfer->is_stopping, true);
    pthread_cond_signal(&transfer->ending);
    pthread_mutex_unlock(&transfer->lock);
    task_pool_stop(transfer->pool);
    if (transfer->has_sweeper)
        pthread_join(transfer->sweeper, NULL);
    session_store_close(transfer->sessions);
    pthread_cond_destroy(&transfer->ending);
    pthread_mutex_destroy(&transfer->lock);
    free(transfer->db_path);
    free(transfer);
}
