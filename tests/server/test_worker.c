/* server/db/worker.c: group commit, one failing job among others, refusal, waiting for
 * other processes, interrupts, the end. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/clock.h"
#include "server/db/statements.h"
#include "server/db/wal.h"
#include "server/db/worker.h"
#include "server/memory.h"
#include "temp_folder.h"

#define JOBS 50

struct fixture {
    char *folder;
    char *db_path;
    struct worker *writer;
};

/* A job of these tests: an INSERT of its number, then what the test wants. */
struct probe {
    struct worker_job job;
    int number;
    int (*extra)(sqlite3 *db, struct probe *probe); /* after the INSERT; may be NULL */
    sem_t *gate;                                    /* run waits for it when set */
    sem_t *entered;                                 /* run says that it has begun */
    sem_t ended;
    int rc;
    char message[128];
    int commits_at_end; /* of the connection, when done was called */
};

static int commits; /* counted by the writer's commit hook, read after done */

static int on_commit(void *arg)
{
    (void)arg;
    commits++;
    return 0;
}

static int exec(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int insert_number(sqlite3 *db, int number)
{
    char sql[64];
    (void)snprintf(sql, sizeof sql, "INSERT INTO probe VALUES (%d)", number);
    return exec(db, sql);
}

static int probe_run(sqlite3 *db, void *arg)
{
    struct probe *probe = arg;
    if (probe->entered != NULL)
        sem_post(probe->entered);
    if (probe->gate != NULL)
        sem_wait(probe->gate);
    int rc = insert_number(db, probe->number);
    if (rc == SQLITE_OK && probe->extra != NULL)
        rc = probe->extra(db, probe);
    return rc;
}

static void probe_done(void *arg, int rc, const char *message)
{
    struct probe *probe = arg;
    probe->rc = rc;
    probe->commits_at_end = commits;
    (void)snprintf(probe->message, sizeof probe->message, "%s", message != NULL ? message : "");
    sem_post(&probe->ended);
}

static void probe_init(struct probe *probe, int number)
{
    memset(probe, 0, sizeof *probe);
    probe->number = number;
    probe->rc = -1;
    probe->job.run = probe_run;
    probe->job.done = probe_done;
    probe->job.arg = probe;
    sem_init(&probe->ended, 0, 0);
}

static void probe_wait(struct probe *probe)
{
    sem_wait(&probe->ended);
    sem_destroy(&probe->ended);
}

static int create_table(sqlite3 *db, void *arg)
{
    (void)arg;
    sqlite3_commit_hook(db, on_commit, NULL);
    return exec(db, "CREATE TABLE probe (number INTEGER)");
}

static int query_int(sqlite3 *db, void *arg)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT COUNT(*) FROM probe", -1, &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        *(int *)arg = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return rc;
}

static int count_rows(struct worker *worker)
{
    int count = -1;
    assert_int_equal(worker_run(worker, query_int, &count, NULL), SQLITE_OK);
    return count;
}

static struct worker *start(enum worker_kind kind, const char *db_path, size_t threads,
                            size_t queue_limit)
{
    char *error = NULL;
    struct worker *worker = worker_start(kind, db_path, threads, queue_limit, &error);
    if (worker == NULL)
        fail_msg("%s", error);
    return worker;
}

static int set_up(void **state)
{
    struct fixture *fixture = memory_zeroed(sizeof *fixture);
    fixture->folder = temp_folder_new();
    fixture->db_path = temp_folder_path(fixture->folder, "test.sqlite");
    fixture->writer = start(WORKER_WRITER, fixture->db_path, 1, 2 * JOBS);
    assert_int_equal(worker_run(fixture->writer, create_table, NULL, NULL), SQLITE_OK);
    commits = 0;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    worker_stop(fixture->writer);
    temp_folder_free(fixture->folder);
    free(fixture->db_path);
    free(fixture);
    return 0;
}

/* Keep the writer busy with probe 0 until the gate opens. */
static void block(struct worker *worker, struct probe *first, sem_t *gate)
{
    sem_t entered;
    sem_init(&entered, 0, 0);
    sem_init(gate, 0, 0);
    probe_init(first, 0);
    first->gate = gate;
    first->entered = &entered;
    assert_true(worker_submit(worker, &first->job));
    sem_wait(&entered);
    sem_destroy(&entered);
}

/* --- the writer --- */

static void queued_jobs_share_one_commit_and_are_told_after_it(void **state)
{
    struct fixture *fixture = *state;
    struct probe probes[JOBS];
    sem_t gate;
    block(fixture->writer, &probes[0], &gate);
    for (int i = 1; i < JOBS; i++) {
        probe_init(&probes[i], i);
        assert_true(worker_submit(fixture->writer, &probes[i].job));
    }
    sem_post(&gate);
    for (int i = 0; i < JOBS; i++) {
        probe_wait(&probes[i]);
        assert_int_equal(probes[i].rc, SQLITE_OK);
        assert_int_equal(probes[i].commits_at_end, i == 0 ? 1 : 2);
    }
    assert_int_equal(count_rows(fixture->writer), JOBS);
    sem_destroy(&gate);
}

static int violate(sqlite3 *db, struct probe *probe)
{
    (void)probe;
    return exec(db, "INSERT INTO no_such_table VALUES (1)");
}

static void failing_job_is_rolled_back_alone(void **state)
{
    struct fixture *fixture = *state;
    struct probe probes[4];
    sem_t gate;
    block(fixture->writer, &probes[0], &gate);
    for (int i = 1; i < 4; i++) {
        probe_init(&probes[i], i);
        probes[i].extra = i == 2 ? violate : NULL;
        assert_true(worker_submit(fixture->writer, &probes[i].job));
    }
    sem_post(&gate);
    for (int i = 0; i < 4; i++)
        probe_wait(&probes[i]);
    assert_int_equal(probes[1].rc, SQLITE_OK);
    assert_int_equal(probes[2].rc, SQLITE_ERROR);
    assert_string_equal(probes[2].message, "no such table: no_such_table");
    assert_int_equal(probes[3].rc, SQLITE_OK);
    assert_int_equal(count_rows(fixture->writer), 3);
    sem_destroy(&gate);
}

static int lose_transaction(sqlite3 *db, struct probe *probe)
{
    (void)probe;
    (void)exec(db, "ROLLBACK"); /* as SQLite does by itself when the disk is full */
    return SQLITE_FULL;
}

static void lost_transaction_fails_the_whole_batch(void **state)
{
    struct fixture *fixture = *state;
    struct probe probes[4];
    sem_t gate;
    block(fixture->writer, &probes[0], &gate);
    for (int i = 1; i < 4; i++) {
        probe_init(&probes[i], i);
        probes[i].extra = i == 2 ? lose_transaction : NULL;
        assert_true(worker_submit(fixture->writer, &probes[i].job));
    }
    sem_post(&gate);
    for (int i = 0; i < 4; i++)
        probe_wait(&probes[i]);
    assert_int_equal(probes[0].rc, SQLITE_OK);
    for (int i = 1; i < 4; i++)
        assert_int_equal(probes[i].rc, SQLITE_FULL);
    assert_int_equal(count_rows(fixture->writer), 1);
    probe_init(&probes[1], 9); /* and the writer goes on */
    assert_true(worker_submit(fixture->writer, &probes[1].job));
    probe_wait(&probes[1]);
    assert_int_equal(probes[1].rc, SQLITE_OK);
    sem_destroy(&gate);
}

static void waits_for_the_writer_of_another_process(void **state)
{
    struct fixture *fixture = *state;
    struct probe probe;
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(fixture->db_path, &other), SQLITE_OK);
    assert_int_equal(exec(other, "BEGIN IMMEDIATE; INSERT INTO probe VALUES (100)"), SQLITE_OK);
    probe_init(&probe, 1);
    assert_true(worker_submit(fixture->writer, &probe.job));
    assert_int_equal(sem_trywait(&probe.ended), -1);
    assert_int_equal(exec(other, "COMMIT"), SQLITE_OK);
    probe_wait(&probe);
    assert_int_equal(probe.rc, SQLITE_OK);
    assert_int_equal(count_rows(fixture->writer), 2);
    sqlite3_close(other);
}

/* --- the queue --- */

static void *submit_waiting(void *arg)
{
    struct probe *probe = arg;
    struct worker *worker = probe->job.arg; /* lent for the way here */
    probe->job.arg = probe;
    return worker_submit_wait(worker, &probe->job) ? probe : NULL;
}

static void full_queue_refuses_or_makes_wait(void **state)
{
    struct fixture *fixture = *state;
    char *path = temp_folder_path(fixture->folder, "small.sqlite");
    struct worker *worker = start(WORKER_WRITER, path, 1, 2);
    struct probe probes[4];
    sem_t gate;
    pthread_t thread;
    void *taken = NULL;
    assert_int_equal(worker_run(worker, create_table, NULL, NULL), SQLITE_OK);
    block(worker, &probes[0], &gate);
    for (int i = 1; i < 4; i++)
        probe_init(&probes[i], i);
    assert_true(worker_submit(worker, &probes[1].job));
    assert_true(worker_submit(worker, &probes[2].job));
    assert_false(worker_submit(worker, &probes[3].job));
    probes[3].job.arg = worker;
    assert_int_equal(pthread_create(&thread, NULL, submit_waiting, &probes[3]), 0);
    sem_post(&gate);
    pthread_join(thread, &taken);
    assert_ptr_equal(taken, &probes[3]);
    for (int i = 0; i < 4; i++) {
        probe_wait(&probes[i]);
        assert_int_equal(probes[i].rc, SQLITE_OK);
    }
    worker_stop(worker);
    sem_destroy(&gate);
    free(path);
}

static void *stop(void *arg)
{
    worker_stop(arg);
    return NULL;
}

static void stopping_finishes_what_is_queued(void **state)
{
    struct fixture *fixture = *state;
    struct probe probes[JOBS];
    sem_t gate;
    pthread_t thread;
    block(fixture->writer, &probes[0], &gate);
    for (int i = 1; i < JOBS; i++) {
        probe_init(&probes[i], i);
        assert_true(worker_submit(fixture->writer, &probes[i].job));
    }
    assert_int_equal(pthread_create(&thread, NULL, stop, fixture->writer), 0);
    sem_post(&gate);
    for (int i = 0; i < JOBS; i++) {
        probe_wait(&probes[i]);
        assert_int_equal(probes[i].rc, SQLITE_OK);
    }
    pthread_join(thread, NULL);
    fixture->writer = start(WORKER_WRITER, fixture->db_path, 1, 1);
    assert_int_equal(count_rows(fixture->writer), JOBS);
    sem_destroy(&gate);
}

static void interrupted_job_is_not_begun(void **state)
{
    struct fixture *fixture = *state;
    struct probe first;
    struct probe second;
    sem_t gate;
    block(fixture->writer, &first, &gate);
    probe_init(&second, 1);
    assert_true(worker_submit(fixture->writer, &second.job));
    worker_interrupt(fixture->writer, &second.job);
    sem_post(&gate);
    probe_wait(&first);
    probe_wait(&second);
    assert_int_equal(first.rc, SQLITE_OK);
    assert_int_equal(second.rc, SQLITE_INTERRUPT);
    assert_int_equal(count_rows(fixture->writer), 1);
    sem_destroy(&gate);
}

/* --- readers --- */

static int insert_one(sqlite3 *db, void *arg)
{
    (void)arg;
    return insert_number(db, 1);
}

static void readers_cannot_write(void **state)
{
    struct fixture *fixture = *state;
    struct worker *reader = start(WORKER_READER, fixture->db_path, 2, 4);
    char *message = NULL;
    assert_int_equal(worker_run(reader, insert_one, NULL, &message) & 0xff, SQLITE_READONLY);
    assert_non_null(strstr(message, "readonly"));
    free(message);
    worker_stop(reader);
}

struct two_looks {
    struct worker *writer;
    int first;
    int second;
};

static int look_twice(sqlite3 *db, void *arg)
{
    struct two_looks *looks = arg;
    int rc = query_int(db, &looks->first);
    if (rc == SQLITE_OK)
        rc = worker_run(looks->writer, insert_one, NULL, NULL);
    return rc == SQLITE_OK ? query_int(db, &looks->second) : rc;
}

static void reader_sees_one_state_per_job(void **state)
{
    struct fixture *fixture = *state;
    struct worker *reader = start(WORKER_READER, fixture->db_path, 1, 4);
    struct two_looks looks = {.writer = fixture->writer, .first = -1, .second = -1};
    assert_int_equal(worker_run(reader, look_twice, &looks, NULL), SQLITE_OK);
    assert_int_equal(looks.first, 0);
    assert_int_equal(looks.second, 0);
    assert_int_equal(count_rows(reader), 1);
    worker_stop(reader);
}

static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                              "SELECT COUNT(*) FROM n";

static int run_endless(sqlite3 *db, void *arg)
{
    struct probe *probe = arg;
    if (probe->entered != NULL)
        sem_post(probe->entered);
    return exec(db, endless);
}

static void running_statement_is_interrupted(void **state)
{
    struct fixture *fixture = *state;
    struct worker *reader = start(WORKER_READER, fixture->db_path, 1, 4);
    struct probe probe;
    sem_t entered;
    sem_init(&entered, 0, 0);
    probe_init(&probe, 0);
    probe.job.run = run_endless;
    probe.entered = &entered;
    assert_true(worker_submit(reader, &probe.job));
    sem_wait(&entered);
    worker_interrupt(reader, &probe.job);
    probe_wait(&probe);
    assert_int_equal(probe.rc, SQLITE_INTERRUPT);
    assert_int_equal(count_rows(reader), 0); /* the reader goes on */
    worker_stop(reader);
    sem_destroy(&entered);
}

static void deadline_ends_a_statement(void **state)
{
    struct fixture *fixture = *state;
    struct worker *reader = start(WORKER_READER, fixture->db_path, 1, 4);
    struct probe probe;
    probe_init(&probe, 0);
    probe.job.run = run_endless;
    probe.job.deadline_ms = clock_mono_ms() + 20;
    assert_true(worker_submit(reader, &probe.job));
    probe_wait(&probe);
    assert_int_equal(probe.rc, SQLITE_INTERRUPT);
    assert_int_equal(count_rows(reader), 0);
    worker_stop(reader);
}

/* --- opening --- */

static void start_fails(const char *path, const char *expected)
{
    char *error = NULL;
    assert_null(worker_start(WORKER_WRITER, path, 1, 1, &error));
    assert_non_null(error);
    if (strstr(error, expected) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error, expected);
    assert_null(strchr(error, '\n'));
    free(error);
}

static void what_is_no_database_is_refused_in_one_line(void **state)
{
    struct fixture *fixture = *state;
    char text[4096];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    temp_folder_write(fixture->folder, "notes.txt", text);
    char *path = temp_folder_path(fixture->folder, "notes.txt");
    start_fails(path, "file is not a database");
    free(path);
    path = temp_folder_path(fixture->folder, "notes.txt/usage.sqlite");
    start_fails(path, "notes.txt/usage.sqlite: ");
    free(path);
}

static void newer_schema_is_refused_in_one_line(void **state)
{
    struct fixture *fixture = *state;
    char *path = temp_folder_path(fixture->folder, "newer.sqlite");
    sqlite3 *db = NULL;
    worker_stop(start(WORKER_WRITER, path, 1, 1));
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(exec(db, "PRAGMA user_version = 9999"), SQLITE_OK);
    sqlite3_close(db);
    start_fails(path, "9999");
    free(path);
}

static void files_are_for_their_owner_alone(void **state)
{
    struct fixture *fixture = *state;
    struct probe probe;
    probe_init(&probe, 1);
    assert_true(worker_submit(fixture->writer, &probe.job));
    probe_wait(&probe);
    assert_int_equal(temp_folder_mode(fixture->folder, "test.sqlite"), 0600);
    assert_int_equal(temp_folder_mode(fixture->folder, "test.sqlite-wal"), 0600);
}

static int read_synchronous(sqlite3 *db, void *arg)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA synchronous", -1, &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        *(int *)arg = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return rc;
}

static void commits_are_durable(void **state)
{
    struct fixture *fixture = *state;
    int synchronous = -1;
    assert_int_equal(worker_run(fixture->writer, read_synchronous, &synchronous, NULL), SQLITE_OK);
    assert_int_equal(synchronous, 2); /* FULL */
}

/* --- the log file --- */

static int checkpoint_now(sqlite3 *db, void *arg)
{
    struct fixture *fixture = arg;
    struct wal_snapshot snapshot = {.mode = "pending"};
    assert_int_equal(exec(db, "COMMIT"), SQLITE_OK); /* a checkpoint needs no transaction */
    wal_maintain(db, fixture->db_path, &snapshot);
    assert_string_equal(snapshot.mode, "passive");
    assert_string_equal(snapshot.error, "");
    assert_true(snapshot.log_frames > 0);
    assert_int_equal(snapshot.checkpointed_frames, snapshot.log_frames);
    assert_true(snapshot.executed_at_ms > 0);
    return SQLITE_ABORT; /* the transaction is gone, and the worker copes with that */
}

static void maintenance_moves_the_log_into_the_database(void **state)
{
    struct fixture *fixture = *state;
    struct wal_sizes sizes;
    struct probe probe;
    probe_init(&probe, 1);
    assert_true(worker_submit(fixture->writer, &probe.job));
    probe_wait(&probe);
    assert_int_equal(worker_run(fixture->writer, checkpoint_now, fixture, NULL), SQLITE_ABORT);
    wal_sizes(fixture->db_path, &sizes);
    assert_true(sizes.database_bytes > 0);
    assert_true(sizes.wal_bytes > 0);
    assert_true(sizes.shm_bytes > 0);
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(queued_jobs_share_one_commit_and_are_told_after_it),
        FIXTURE_TEST(failing_job_is_rolled_back_alone),
        FIXTURE_TEST(lost_transaction_fails_the_whole_batch),
        FIXTURE_TEST(waits_for_the_writer_of_another_process),
        FIXTURE_TEST(full_queue_refuses_or_makes_wait),
        FIXTURE_TEST(stopping_finishes_what_is_queued),
        FIXTURE_TEST(interrupted_job_is_not_begun),
        FIXTURE_TEST(readers_cannot_write),
        FIXTURE_TEST(reader_sees_one_state_per_job),
        FIXTURE_TEST(running_statement_is_interrupted),
        FIXTURE_TEST(deadline_ends_a_statement),
        FIXTURE_TEST(what_is_no_database_is_refused_in_one_line),
        FIXTURE_TEST(newer_schema_is_refused_in_one_line),
        FIXTURE_TEST(files_are_for_their_owner_alone),
        FIXTURE_TEST(commits_are_durable),
        FIXTURE_TEST(maintenance_moves_the_log_into_the_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
