/* Database workers: threads that own one SQLite connection each.
 *
 * Everybody else hands them jobs and never touches a connection. The writer is the one
 * worker of the process that may write: it takes every job that is queued, runs them in
 * one BEGIN IMMEDIATE transaction (each inside its own savepoint, so that one failing
 * job does not take the others with it), commits once, and only then calls their done.
 * It waits for writers of other processes (a cron import) instead of failing. A reader
 * runs one job at a time in one read transaction. Statements are prepared once per
 * connection with statement_get (statements.h).
 *
 * When SQLite gives up the whole transaction (disk full, I/O error, out of memory) or the
 * commit fails, every job of the batch fails with that error and nothing of it is stored.
 *
 * A job belongs to the submitter until worker_submit takes it, then to the worker until
 * done is called, which must free whatever needs freeing. done runs on the worker's
 * thread, must not block, and is called exactly once, also at shutdown. */
#ifndef CPA_SERVER_DB_WORKER_H
#define CPA_SERVER_DB_WORKER_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wal_snapshot; /* wal.h */
struct worker;       /* opaque */

enum worker_kind {
    WORKER_WRITER,
    WORKER_READER /* opens read-only; interrupts are possible */
};

struct worker_job {
    /* Steps statements on db. Returns SQLITE_OK, or an error code whose text is taken
     * from sqlite3_errmsg(db). Returning an error rolls back this job alone. */
    int (*run)(sqlite3 *db, void *arg);
    /* After the commit (rc SQLITE_OK), or after the job failed or was refused (rc the
     * error, message its text, borrowed). */
    void (*done)(void *arg, int rc, const char *message);
    void *arg;
    int64_t deadline_ms;        /* monotonic; a reader's statements are interrupted after
                                 * it, a job not yet begun is refused; 0: none */
    struct worker_job *next;    /* the worker's, as everything below */
    atomic_bool is_interrupted; /* set by worker_interrupt */
    int rc;
    char *message; /* owned; NULL: none */
};

/* Start a worker on the database file, which a writer creates (0600) when it is missing
 * and whose schema it makes or upgrades. threads > 1 makes a pool of readers on one queue;
 * a writer has exactly one. queue_limit is the number of waiting jobs beyond which
 * worker_submit refuses. NULL on failure with *out_error a message to free(). */
struct worker *worker_start(enum worker_kind kind, const char *db_path, size_t threads,
                            size_t queue_limit, char **out_error);
/* Hand a job over. false when the queue is full or the worker is stopping: the job is
 * still the caller's. */
bool worker_submit(struct worker *worker, struct worker_job *job);
/* As worker_submit, but waits while the queue is full; false only when stopping. */
bool worker_submit_wait(struct worker *worker, struct worker_job *job);
/* Run one job and wait for its end; never call it on an event loop or a worker. Returns
 * the result code; *out_message (may be NULL) is a text to free() or NULL. */
int worker_run(struct worker *worker, int (*run)(sqlite3 *db, void *arg), void *arg,
               char **out_message);
/* Nobody waits for this job any more: when it has not begun it is refused with
 * SQLITE_INTERRUPT, when a reader runs it its statement ends with that; a job that the
 * writer runs is finished. Any thread; the job's memory must still be there, so call it
 * only before the consequences of done have been seen. */
void worker_interrupt(struct worker *worker, struct worker_job *job);
/* The last WAL maintenance of a writer. */
void worker_wal(struct worker *worker, struct wal_snapshot *out_snapshot);
/* Finish what is queued, then end the threads and close the connections. NULL is
 * allowed. */
void worker_stop(struct worker *worker);

#endif
