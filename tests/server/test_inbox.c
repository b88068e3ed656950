/* server/collector/inbox.c and batch.c, over a writer made of this file: worker_run below
 * stands in for the real one and fails when told to. */
#include "server/collector/inbox.h"

#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "server/clock.h"
#include "server/collector/batch.h"
#include "server/db/statements.h"
#include "server/db/worker.h"
#include "server/memory.h"

/* The writer: one connection with a plain table where usage_ingest would be. A payload
 * "bad..." breaks its constraint. */
struct worker {
    sqlite3 *db;
    struct statements *statements;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int failures;   /* further calls that fail */
    int failure_rc; /* with this code */
    int refusal_rc; /* instead of the code of a payload that is refused; 0: that code */
    bool is_closed; /* calls wait until it opens */
    int waiting;    /* calls that wait or run */
    int commits;
};

int worker_run(struct worker *worker, int (*run)(sqlite3 *db, void *arg), void *arg,
               char **out_message)
{
    int rc = SQLITE_OK;
    pthread_mutex_lock(&worker->mutex);
    worker->waiting++;
    pthread_cond_broadcast(&worker->changed);
    while (worker->is_closed)
        pthread_cond_wait(&worker->changed, &worker->mutex);
    worker->waiting--;
    if (worker->failures > 0) {
        worker->failures--;
        *out_message = memory_copy_cstr("told to fail");
        rc = worker->failure_rc;
        goto done;
    }
    statements_use(worker->statements);
    assert_int_equal(sqlite3_exec(worker->db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    rc = run(worker->db, arg);
    if (rc != SQLITE_OK)
        *out_message = memory_copy_cstr(sqlite3_errmsg(worker->db));
    assert_int_equal(
        sqlite3_exec(worker->db, rc == SQLITE_OK ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL),
        SQLITE_OK);
    worker->commits += rc == SQLITE_OK;
    if (rc != SQLITE_OK && worker->refusal_rc != 0)
        rc = worker->refusal_rc;
done:
    statements_use(NULL);
    pthread_mutex_unlock(&worker->mutex);
    return rc;
}

static const char schema[] =
    "CREATE TABLE stored (id INTEGER PRIMARY KEY, payload TEXT, received_at_ms INTEGER,"
    "                     gateway TEXT, CHECK (payload NOT LIKE 'bad%'));"
    "CREATE VIEW usage_ingest AS SELECT NULL AS payload, NULL AS received_at_ms, NULL AS gateway,"
    "    count(*) AS added, 0 AS skipped, 0 AS dead FROM stored;"
    "CREATE TRIGGER ingest INSTEAD OF INSERT ON usage_ingest BEGIN"
    "    INSERT INTO stored (payload, received_at_ms, gateway)"
    "    VALUES (NEW.payload, NEW.received_at_ms, NEW.gateway); END;";

static int set_up(void **state)
{
    struct worker *worker = memory_zeroed(sizeof *worker);
    assert_int_equal(sqlite3_open(":memory:", &worker->db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(worker->db, schema, NULL, NULL, NULL), SQLITE_OK);
    worker->statements = statements_open(worker->db);
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->changed, NULL);
    *state = worker;
    return 0;
}

static int tear_down(void **state)
{
    struct worker *worker = *state;
    statements_close(worker->statements);
    assert_int_equal(sqlite3_close(worker->db), SQLITE_OK);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->mutex);
    free(worker);
    return 0;
}

static void fail_next(struct worker *worker, int count, int rc)
{
    pthread_mutex_lock(&worker->mutex);
    worker->failures = count;
    worker->failure_rc = rc;
    pthread_mutex_unlock(&worker->mutex);
}

static void set_closed(struct worker *worker, bool is_closed)
{
    pthread_mutex_lock(&worker->mutex);
    worker->is_closed = is_closed;
    pthread_cond_broadcast(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
}

/* Until the inbox has handed a batch over. */
static void wait_for_call(struct worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    while (worker->waiting == 0)
        pthread_cond_wait(&worker->changed, &worker->mutex);
    pthread_mutex_unlock(&worker->mutex);
}

static void put(struct inbox *inbox, const char *payload)
{
    inbox_put(inbox, slice_of_cstr(payload), 1700000000000);
}

static bool flush(struct inbox *inbox, int64_t duration_ms)
{
    return inbox_flush(inbox, clock_mono_ms() + duration_ms);
}

/* All stored payloads in order, as "a,b,". */
static void expect_stored(struct worker *worker, const char *sql, const char *expected)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(worker->db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(stmt, 0), expected);
    sqlite3_finalize(stmt);
}

#define PAYLOADS "SELECT group_concat(payload, ',') FROM stored"

static void payloads_are_stored_in_order_with_their_time(void **state)
{
    struct worker *worker = *state;
    struct inbox *inbox = inbox_new(worker);
    struct inbox_status status;
    put(inbox, "one");
    put(inbox, "");
    put(inbox, "three");
    assert_true(flush(inbox, 10000));
    inbox_status(inbox, &status);
    assert_int_equal(status.counts.added, 3);
    assert_int_equal(status.pending, 0);
    assert_true(status.last_inserted_at_ms > 0);
    inbox_free(inbox);
    expect_stored(worker, PAYLOADS, "one,,three");
    expect_stored(worker, "SELECT DISTINCT received_at_ms || gateway FROM stored",
                  "1700000000000default");
}

static void what_comes_during_a_commit_goes_into_the_next_one(void **state)
{
    struct worker *worker = *state;
    struct inbox *inbox = inbox_new(worker);
    set_closed(worker, true);
    put(inbox, "first");
    wait_for_call(worker);
    for (int i = 0; i < 1000; i++)
        put(inbox, "later");
    set_closed(worker, false);
    assert_true(flush(inbox, 10000));
    inbox_free(inbox);
    assert_int_equal(worker->commits, 2);
    expect_stored(worker, "SELECT count(*) FROM stored", "1001");
}

static void a_batch_holds_no_more_than_its_limit(void **state)
{
    struct worker *worker = *state;
    struct inbox *inbox = inbox_new(worker);
    set_closed(worker, true);
    put(inbox, "first");
    wait_for_call(worker);
    for (int i = 0; i < 2 * LIMIT_BATCH_ITEMS + 1; i++)
        put(inbox, "later");
    set_closed(worker, false);
    assert_true(flush(inbox, 30000));
    inbox_free(inbox);
    assert_int_equal(worker->commits, 4);
}

static void a_failed_batch_is_tried_again_and_counted_once(void **state)
{
    struct worker *worker = *state;
    struct inbox *inbox = inbox_new(worker);
    struct inbox_status status;
    fail_next(worker, 3, SQLITE_FULL);
    put(inbox, "a");
    put(inbox, "b");
    assert_true(flush(inbox, 30000));
    inbox_status(inbox, &status);
    assert_int_equal(status.counts.added, 2);
    assert_string_equal(status.error, "");
    inbox_free(inbox);
    expect_stored(worker, PAYLOADS, "a,b");
}

static void *open_soon(void *worker)
{
    wait_for_call(worker);
    set_closed(worker, false);
    return NULL;
}

static void what_is_pending_at_the_end_is_committed(void **state)
{
    struct worker *worker = *state;
    struct inbox *inbox = inbox_new(worker);
    pthread_t opener;
    set_closed(worker, true);
    for (int i = 0; i < 2 * LIMIT_BATCH_ITEMS; i++)
        put(inbox, "late");
    assert_false(flush(inbox, 1));
    assert_int_equal(pthread_create(&opener, NULL, open_soon, worker), 0);
    inbox_free(inbox);
    pthread_join(opener, NULL);
    expect_stored(worker, "SELECT count(*) FROM stored", "8192");
}

static void a_failure_is_told_while_it_lasts(void **state)
{
    struct worker *worker = *state;
    struct inbox *inbox = inbox_new(worker);
    struct inbox_status status;
    fail_next(worker, 1000, SQLITE_IOERR);
    put(inbox, "a");
    assert_false(flush(inbox, 200));
    inbox_status(inbox, &status);
    assert_string_equal(status.error, "told to fail");
    assert_int_equal(status.pending, 1);
    assert_int_equal(status.counts.added, 0);
    inbox_free(inbox); /* gives it up, and says so */
}

static void expect_others_stored(struct worker *worker)
{
    struct inbox *inbox = inbox_new(worker);
    struct inbox_status status;
    set_closed(worker, true);
    put(inbox, "first");
    wait_for_call(worker);
    for (int i = 0; i < 8; i++)
        put(inbox, i == 5 ? "bad" : "good");
    set_closed(worker, false);
    do /* the pauses between the tries add up to two seconds */
        (void)flush(inbox, 200);
    while (inbox_status(inbox, &status), status.counts.added < 8);
    assert_int_equal(status.counts.added, 8);
    assert_int_equal(status.pending, 1);
    inbox_free(inbox);
    expect_stored(worker, PAYLOADS, "first,good,good,good,good,good,good,good");
}

static void a_payload_that_cannot_be_stored_holds_nothing_up(void **state)
{
    expect_others_stored(*state);
}

/* Once a batch that memory ran out for was tried whole for ever. */
static void a_payload_too_large_for_memory_holds_nothing_up(void **state)
{
    struct worker *worker = *state;
    worker->refusal_rc = SQLITE_NOMEM;
    expect_others_stored(worker);
}

static void a_hold_delays_and_a_release_ends_it(void **state)
{
    struct worker *worker = *state;
    struct inbox *inbox = inbox_new(worker);
    struct inbox_status status;
    inbox_hold(inbox, INT64_MAX);
    put(inbox, "a");
    assert_true(inbox_wait_room(inbox, 0));
    inbox_status(inbox, &status);
    assert_int_equal(status.pending, 1);
    inbox_release(inbox);
    do
        inbox_status(inbox, &status);
    while (status.pending > 0); /* without a flush */
    inbox_hold(inbox, INT64_MAX);
    put(inbox, "b");
    assert_true(flush(inbox, 10000)); /* a flush ends a hold too */
    inbox_free(inbox);
    expect_stored(worker, PAYLOADS, "a,b");
}

static void above_the_ceiling_there_is_no_room(void **state)
{
    struct worker *worker = *state;
    struct inbox *inbox = inbox_new(worker);
    const size_t len = LIMIT_BATCH_BYTES - 4096;
    char *large = memory_zeroed(len + 1);
    size_t count = 0;
    memset(large, 'x', len);
    set_closed(worker, true);
    while (inbox_wait_room(inbox, 0) && count < 200) {
        inbox_put(inbox, (struct slice){large, len}, 1);
        count++;
    }
    assert_in_range(count, 60, 70); /* 256 MiB of batches that hold 4 MiB at most */
    set_closed(worker, false);
    assert_true(inbox_wait_room(inbox, clock_mono_ms() + 60000));
    assert_true(flush(inbox, 60000));
    free(large);
    inbox_free(inbox);
}

static void batches_split_in_halves(void **state)
{
    struct batch *batch = batch_new();
    struct batch *second = NULL;
    (void)state;
    batch_add(batch, SLICE("one"), 1);
    assert_null(batch_split(batch));
    batch_add(batch, SLICE(""), 2);
    batch_add(batch, SLICE("three"), 3);
    second = batch_split(batch);
    assert_int_equal(batch->count, 1);
    assert_int_equal(second->count, 2);
    assert_true(slice_equal(batch_payload(batch, 0), SLICE("one")));
    assert_true(slice_equal(batch_payload(second, 0), SLICE("")));
    assert_true(slice_equal(batch_payload(second, 1), SLICE("three")));
    assert_int_equal(second->items[1].received_at_ms, 3);
    batch_add(batch, SLICE("two"), 4);
    assert_true(slice_equal(batch_payload(batch, 1), SLICE("two")));
    batch_free(second);
    batch_free(batch);
}

static void batch_limits_one_below_at_and_above(void **state)
{
    struct batch *batch = batch_new();
    (void)state;
    assert_true(batch_has_room(batch, LIMIT_BATCH_BYTES + 1)); /* an empty one takes any */
    batch_add(batch, SLICE("x"), 1);
    assert_true(batch_has_room(batch, LIMIT_BATCH_BYTES - 2));
    assert_true(batch_has_room(batch, LIMIT_BATCH_BYTES - 1));
    assert_false(batch_has_room(batch, LIMIT_BATCH_BYTES));
    while (batch->count < LIMIT_BATCH_ITEMS - 1)
        batch_add(batch, SLICE("x"), 1);
    assert_true(batch_has_room(batch, 1));
    batch_add(batch, SLICE("x"), 1);
    assert_false(batch_has_room(batch, 1));
    batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(payloads_are_stored_in_order_with_their_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_comes_during_a_commit_goes_into_the_next_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_batch_holds_no_more_than_its_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_batch_is_tried_again_and_counted_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_pending_at_the_end_is_committed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_is_told_while_it_lasts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_payload_that_cannot_be_stored_holds_nothing_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_payload_too_large_for_memory_holds_nothing_up, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_hold_delays_and_a_release_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(above_the_ceiling_there_is_no_room, set_up, tear_down),
        cmocka_unit_test(batches_split_in_halves),
        cmocka_unit_test(batch_limits_one_below_at_and_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
