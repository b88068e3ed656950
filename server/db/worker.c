#include "server/db/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "server/clock.h"
#include "server/db/connection.h"
#include "server/db/wal.h"
#include "server/db/limits.h"
#include "server/log.h"
#include "server/memory.h"
#include "server_db_sql.h"

/* Virtual machine steps between two looks at a reader's deadline; about 50 us. */
#define LOOK_EVERY_STEPS 2000

struct worker_thread {
    struct worker *worker;
    pthread_t thread;
    bool is_started;
    struct connection connection; /* the thread's, but for sqlite3_interrupt */
    struct worker_job *current;   /* under the worker's lock; what a reader runs */
};

struct worker {
    enum worker_kind kind;
    char *db_path;
    atomic_bool is_stopping;
    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t work;  /* a job came, or the worker stops */
    pthread_cond_t room;  /* the queue has got shorter, or the worker stops */
    struct worker_job *first;
    struct worker_job **last; /* where the next job is linked */
    size_t queued;
    size_t queue_limit;
    struct wal_snapshot wal;
    size_t thread_count;
    struct worker_thread threads[];
};

/* --- jobs --- */

/* The text for a result code: SQLite's own when it is about this code. */
static const char *reason_of(sqlite3 *db, int rc)
{
    return (sqlite3_errcode(db) & 0xff) == (rc & 0xff) ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
}

static void job_fail(struct worker_job *job, int rc, const char *message)
{
    if (job->rc != SQLITE_OK)
        return; /* the first error is the one to tell */
    job->rc = rc;
    job->message = memory_copy_cstr(message);
}

/* Tell the submitter. The job is gone afterwards. */
static void job_finish(struct worker_job *job)
{
    char *message = job->message;
    job->message = NULL;
    job->done(job->arg, job->rc, message);
    free(message);
}

/* Whether the job may begin; else it has failed. */
static bool job_is_wanted(struct worker_job *job)
{
    if (atomic_load(&job->is_interrupted))
        job_fail(job, SQLITE_INTERRUPT, "interrupted");
    else if (job->deadline_ms > 0 && clock_mono_ms() > job->deadline_ms)
        job_fail(job, SQLITE_INTERRUPT, "waited too long");
    return job->rc == SQLITE_OK;
}

/* --- the writer --- */

/* Run one job of the batch in its savepoint. false when the whole transaction is lost,
 * because SQLite rolled it back. */
static bool run_in_savepoint(sqlite3 *db, struct worker_job *job)
{
    if (!job_is_wanted(job))
        return true;
    int rc = statement_run(db, sql_db_job_begin);
    if (rc == SQLITE_OK)
        rc = job->run(db, job->arg);
    if (rc != SQLITE_OK)
        job_fail(job, rc, reason_of(db, rc));
    if (sqlite3_get_autocommit(db))
        return false;
    if (rc != SQLITE_OK)
        rc = statement_run(db, sql_db_job_rollback);
    if (rc == SQLITE_OK)
        rc = statement_run(db, sql_db_job_end);
    if (rc != SQLITE_OK)
        job_fail(job, rc, reason_of(db, rc));
    return rc == SQLITE_OK;
}

static void fail_all(struct worker_job *batch, int rc, const char *message)
{
    for (struct worker_job *job = batch; job != NULL; job = job->next)
        job_fail(job, rc, message);
}

/* Run the batch in one transaction. */
static void run_batch(sqlite3 *db, struct worker_job *batch)
{
    int rc = statement_run(db, sql_db_write_begin);
    bool is_whole = rc == SQLITE_OK;
    for (struct worker_job *job = batch; is_whole && job != NULL; job = job->next) {
        is_whole = run_in_savepoint(db, job);
        if (!is_whole)
            rc = job->rc;
    }
    if (is_whole)
        rc = statement_run(db, sql_db_write_commit);
    if (rc != SQLITE_OK) {
        char *message = memory_format("transaction failed: %s", reason_of(db, rc));
        fail_all(batch, rc, message);
        log_line("database: %s", message);
        free(message);
    }
    if (!sqlite3_get_autocommit(db) && statement_run(db, sql_db_rollback) != SQLITE_OK)
        log_line("database: rollback: %s", sqlite3_errmsg(db));
}

static void finish_batch(struct worker_job *batch)
{
    while (batch != NULL) {
        struct worker_job *job = batch;
        batch = job->next; /* done may free the job */
        job_finish(job);
    }
}

/* --- taking work --- */

/* Up to limit jobs from the queue. Under the lock. */
static struct worker_job *take(struct worker *worker, size_t limit)
{
    struct worker_job *batch = worker->first;
    struct worker_job *tail = NULL;
    size_t count = 0;
    for (struct worker_job *job = batch; job != NULL && count < limit; job = job->next) {
        tail = job;
        count++;
    }
    if (tail == NULL)
        return NULL;
    worker->first = tail->next;
    if (worker->first == NULL)
        worker->last = &worker->first;
    tail->next = NULL;
    worker->queued -= count;
    pthread_cond_broadcast(&worker->room);
    return batch;
}

/* Wait for work until the monotonic time (0: without end). Under the lock. false when
 * the time is over or the worker stops with an empty queue. */
static bool wait_for_work(struct worker *worker, int64_t until_ms)
{
    while (worker->first == NULL && !atomic_load(&worker->is_stopping)) {
        if (until_ms == 0) {
            pthread_cond_wait(&worker->work, &worker->lock);
            continue;
        }
        struct timespec until = {.tv_sec = until_ms / 1000,
                                 .tv_nsec = (long)(until_ms % 1000) * 1000000};
        if (pthread_cond_timedwait(&worker->work, &worker->lock, &until) == ETIMEDOUT)
            break;
    }
    return worker->first != NULL;
}

static void maintain_wal(struct worker_thread *thread)
{
    struct worker *worker = thread->worker;
    struct wal_snapshot snapshot = worker->wal; /* only this thread writes it */
    thread->connection.busy_limit_ms = WAL_BUSY_MS;
    wal_maintain(thread->connection.db, worker->db_path, &snapshot);
    thread->connection.busy_limit_ms = 0;
    pthread_mutex_lock(&worker->lock);
    worker->wal = snapshot;
    pthread_mutex_unlock(&worker->lock);
}

static void *writer_main(void *arg)
{
    struct worker_thread *thread = arg;
    struct worker *worker = thread->worker;
    sqlite3 *db = thread->connection.db;
    int64_t wal_due_ms = clock_mono_ms(); /* 0: nothing was written since the last run */
    statements_use(thread->connection.statements);
    for (;;) {
        pthread_mutex_lock(&worker->lock);
        bool has_work = wait_for_work(worker, wal_due_ms);
        bool is_over = !has_work && atomic_load(&worker->is_stopping);
        struct worker_job *batch = has_work ? take(worker, LIMIT_DB_BATCH_JOBS) : NULL;
        pthread_mutex_unlock(&worker->lock);
        if (is_over)
            break;
        if (batch != NULL) {
            run_batch(db, batch);
            finish_batch(batch);
            if (wal_due_ms == 0)
                wal_due_ms = clock_mono_ms() + WAL_INTERVAL_MS;
        } else {
            maintain_wal(thread);
            wal_due_ms = 0;
        }
    }
    return NULL;
}

/* --- readers --- */

/* Called by SQLite while a reader's statement runs; not 0 interrupts it. */
static int on_progress(void *arg)
{
    const struct worker_thread *thread = arg;
    struct worker_job *job = thread->current; /* this thread set it */
    return job != NULL && (atomic_load(&job->is_interrupted) ||
                           (job->deadline_ms > 0 && clock_mono_ms() > job->deadline_ms));
}

static void set_current(struct worker_thread *thread, struct worker_job *job)
{
    pthread_mutex_lock(&thread->worker->lock);
    thread->current = job;
    pthread_mutex_unlock(&thread->worker->lock);
}

static void run_read(struct worker_thread *thread, struct worker_job *job)
{
    sqlite3 *db = thread->connection.db;
    if (!job_is_wanted(job))
        return;
    int rc = statement_run(db, sql_db_read_begin);
    if (rc == SQLITE_OK) {
        set_current(thread, job);
        rc = job->run(db, job->arg);
        if (rc != SQLITE_OK)
            job_fail(job, rc, reason_of(db, rc));
        set_current(thread, NULL);
        rc = statement_run(db, sql_db_read_end);
    }
    if (rc != SQLITE_OK)
        job_fail(job, rc, reason_of(db, rc));
    if (!sqlite3_get_autocommit(db) && statement_run(db, sql_db_rollback) != SQLITE_OK)
        log_line("database: rollback: %s", sqlite3_errmsg(db));
}

static void *reader_main(void *arg)
{
    struct worker_thread *thread = arg;
    struct worker *worker = thread->worker;
    statements_use(thread->connection.statements);
    sqlite3_progress_handler(thread->connection.db, LOOK_EVERY_STEPS, on_progress, thread);
    for (;;) {
        pthread_mutex_lock(&worker->lock);
        struct worker_job *job = wait_for_work(worker, 0) ? take(worker, 1) : NULL;
        pthread_mutex_unlock(&worker->lock);
        if (job == NULL)
            break;
        run_read(thread, job);
        job_finish(job);
    }
    return NULL;
}

/* --- life --- */

/* Open the connections, then start the threads. */
static bool start_threads(struct worker *worker, size_t threads, char **out_error)
{
    for (size_t i = 0; i < threads; i++) {
        struct worker_thread *thread = &worker->threads[i];
        thread->worker = worker;
        if (connection_open(&thread->connection, worker->kind, worker->db_path,
                            &worker->is_stopping, out_error) != SQLITE_OK)
            return false;
        worker->thread_count++;
        if (worker->kind == WORKER_WRITER)
            thread->connection.busy_limit_ms = 0;
    }
    void *(*thread_main)(void *) = worker->kind == WORKER_WRITER ? writer_main : reader_main;
    for (size_t i = 0; i < threads; i++) {
        struct worker_thread *thread = &worker->threads[i];
        thread->is_started = pthread_create(&thread->thread, NULL, thread_main, thread) == 0;
        if (!thread->is_started) {
            *out_error = memory_format("%s: no thread could be started", worker->db_path);
            return false;
        }
    }
    return true;
}

struct worker *worker_start(enum worker_kind kind, const char *db_path, size_t threads,
                            size_t queue_limit, char **out_error)
{
    struct worker *worker = memory_zeroed(sizeof *worker + threads * sizeof worker->threads[0]);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&worker->work, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&worker->room, NULL);
    pthread_mutex_init(&worker->lock, NULL);
    worker->kind = kind;
    worker->db_path = memory_copy_cstr(db_path);
    worker->last = &worker->first;
    worker->queue_limit = queue_limit;
    worker->wal.mode = "pending";
    if (!start_threads(worker, threads, out_error)) {
        worker_stop(worker);
        worker = NULL;
    }
    return worker;
}

/* Link the job. Under the lock. */
static void enqueue(struct worker *worker, struct worker_job *job)
{
    job->next = NULL;
    job->rc = SQLITE_OK;
    job->message = NULL;
    *worker->last = job;
    worker->last = &job->next;
    worker->queued++;
    pthread_cond_signal(&worker->work);
}

bool worker_submit(struct worker *worker, struct worker_job *job)
{
    pthread_mutex_lock(&worker->lock);
    bool is_taken = !atomic_load(&worker->is_stopping) && worker->queued < worker->queue_limit;
    if (is_taken)
        enqueue(worker, job);
    pthread_mutex_unlock(&worker->lock);
    return is_taken;
}

bool worker_submit_wait(struct worker *worker, struct worker_job *job)
{
    pthread_mutex_lock(&worker->lock);
    while (!atomic_load(&worker->is_stopping) && worker->queued >= worker->queue_limit)
        pthread_cond_wait(&worker->room, &worker->lock);
    bool is_taken = !atomic_load(&worker->is_stopping);
    if (is_taken)
        enqueue(worker, job);
    pthread_mutex_unlock(&worker->lock);
    return is_taken;
}

void worker_interrupt(struct worker *worker, struct worker_job *job)
{
    atomic_store(&job->is_interrupted, true);
    if (worker->kind != WORKER_READER)
        return;
    pthread_mutex_lock(&worker->lock);
    for (size_t i = 0; i < worker->thread_count; i++) {
        if (worker->threads[i].current == job)
            sqlite3_interrupt(worker->threads[i].connection.db);
    }
    pthread_mutex_unlock(&worker->lock);
}

void worker_wal(struct worker *worker, struct wal_snapshot *out_snapshot)
{
    pthread_mutex_lock(&worker->lock);
    *out_snapshot = worker->wal;
    pthread_mutex_unlock(&worker->lock);
}

void worker_stop(struct worker *worker)
{
    if (worker == NULL)
        return;
    pthread_mutex_lock(&worker->lock);
    atomic_store(&worker->is_stopping, true);
    pthread_cond_broadcast(&worker->work);
    pthread_cond_broadcast(&worker->room);
    pthread_mutex_unlock(&worker->lock);
    for (size_t i = 0; i < worker->thread_count; i++) {
        if (worker->threads[i].is_started)
            pthread_join(worker->threads[i].thread, NULL);
        connection_close(&worker->threads[i].connection);
    }
    pthread_cond_destroy(&worker->work);
    pthread_cond_destroy(&worker->room);
    pthread_mutex_destroy(&worker->lock);
    free(worker->db_path);
    free(worker);
}

/* --- waiting for one job --- */

struct waiting {
    struct worker_job job;
    int (*run)(sqlite3 *db, void *arg);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_ended; /* this and the following under the lock */
    int rc;
    char *message;
};

static int waiting_run(sqlite3 *db, void *arg)
{
    struct waiting *waiting = arg;
    return waiting->run(db, waiting->arg);
}

static void waiting_done(void *arg, int rc, const char *message)
{
    struct waiting *waiting = arg;
    pthread_mutex_lock(&waiting->lock);
    waiting->rc = rc;
    waiting->message = memory_copy_cstr(message);
    waiting->is_ended = true;
    pthread_cond_signal(&waiting->ended);
    pthread_mutex_unlock(&waiting->lock);
}

int worker_run(struct worker *worker, int (*run)(sqlite3 *db, void *arg), void *arg,
               char **out_message)
{
    struct waiting waiting = {.run = run, .arg = arg, .rc = SQLITE_ABORT};
    waiting.job = (struct worker_job){.run = waiting_run, .done = waiting_done, .arg = &waiting};
    pthread_mutex_init(&waiting.lock, NULL);
    pthread_cond_init(&waiting.ended, NULL);
    if (worker_submit_wait(worker, &waiting.job)) {
        pthread_mutex_lock(&waiting.lock);
        while (!waiting.is_ended)
            pthread_cond_wait(&waiting.ended, &waiting.lock);
        pthread_mutex_unlock(&waiting.lock);
    } else {
        waiting.message = memory_copy_cstr("the server is stopping");
    }
    pthread_cond_destroy(&waiting.ended);
    pthread_mutex_destroy(&waiting.lock);
    if (out_message != NULL)
        *out_message = waiting.message;
    else
        free(waiting.message);
    return waiting.rc;
}
