/* usage_init(): making the tables, upgrading, first uses at the same time, and what it
 * refuses. */
#include "tests/ext/ledger.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void makes_the_tables_and_is_idempotent(void **state)
{
    (void)state;
    sqlite3 *db = ledger_connect(":memory:");
    ledger_expect(db, "SELECT usage_init()", "1");
    ledger_expect(db, "PRAGMA user_version", "1");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "0");
    ledger_expect(db, "SELECT count(*) FROM usage_breakdowns", "0");
    ledger_exec(db, "CREATE TEMP TABLE seen AS SELECT schema_version FROM pragma_schema_version");
    ledger_expect(db, "SELECT usage_init()", "1");
    ledger_expect(db,
                  "SELECT seen.schema_version = now.schema_version"
                  " FROM seen, pragma_schema_version AS now",
                  "1"); /* nothing was made anew */
    sqlite3_close(db);
}

static void every_table_is_strict(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_expect(db,
                  "SELECT count(*), sum(strict) FROM pragma_table_list"
                  " WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
                  "14|14");
    sqlite3_close(db);
}

static void an_old_view_is_made_anew(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "DROP VIEW usage_events; CREATE VIEW usage_events AS SELECT 1 AS one");
    ledger_expect(db, "SELECT usage_init()", "1");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "0");
    sqlite3_close(db);
}

static void a_callers_rollback_undoes_it(void **state)
{
    (void)state;
    sqlite3 *db = ledger_connect(":memory:");
    ledger_exec(db, "BEGIN; SELECT usage_init(); ROLLBACK");
    ledger_expect(db, "SELECT count(*) FROM sqlite_schema", "0");
    ledger_expect(db, "SELECT usage_init()", "1");
    sqlite3_close(db);
}

static void a_newer_schema_is_refused_untouched(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "PRAGMA user_version = 999");
    assert_string_equal(ledger_error(db, "SELECT usage_init()"),
                        "the database has schema version 999, newer than this program's 1");
    ledger_expect(db, "PRAGMA user_version", "999");
    sqlite3_close(db);
}

static void another_programs_database_is_refused_untouched(void **state)
{
    (void)state;
    sqlite3 *db = ledger_connect(":memory:");
    ledger_exec(db, "CREATE TABLE theirs(x); PRAGMA user_version = 7");
    assert_string_equal(ledger_error(db, "SELECT usage_init()"),
                        "the database is another program's (its version is 7)");
    ledger_expect(db, "SELECT count(*) FROM sqlite_schema", "1");
    sqlite3_close(db);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    char path[] = "/tmp/usage-schema-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd,
                           "this is no database, only text that is long enough to be one "
                           "page header of a hundred bytes ...........................",
                           110),
                     110);
    close(fd);
    sqlite3 *db = ledger_connect(path);
    assert_string_equal(ledger_error(db, "SELECT usage_init()"), "file is not a database");
    sqlite3_close(db);
    unlink(path);
}

/* --- first uses at the same time: the loser's undo emptied the winner's file --- */

#define EVENT(id) "{\"timestamp\":1767323045,\"model\":\"m\",\"request_id\":\"" id "\"}"
#define INSERT_EVENT(id) "INSERT INTO usage_ingest(payload) VALUES ('" EVENT(id) "')"

/* A new empty file; its path is in path. */
static void make_file(char *path)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
}

/* What the second first use does, and when it had to wait. */
struct second_use {
    const char *path;
    sem_t waits;
    int retries; /* what its busy handler allows before it gives up */
    int rc;
    char error[128];
};

static int on_busy(void *arg, int count)
{
    struct second_use *use = arg;
    if (count == 0)
        (void)sem_post(&use->waits);
    (void)sqlite3_sleep(1);
    return count < use->retries;
}

static void *use_second(void *arg)
{
    struct second_use *use = arg;
    sqlite3 *db = NULL;
    use->rc = sqlite3_open(use->path, &db);
    if (use->rc == SQLITE_OK)
        use->rc = sqlite3_usage_init(db, NULL, NULL);
    (void)sqlite3_busy_handler(db, on_busy, use);
    if (use->rc == SQLITE_OK)
        use->rc = sqlite3_exec(db, "SELECT usage_init()", NULL, NULL, NULL);
    (void)snprintf(use->error, sizeof use->error, "%s", sqlite3_errmsg(db));
    (void)sem_post(&use->waits); /* also when it never waited */
    sqlite3_close(db);
    return NULL;
}

static void second_use_waits(const char *end_of_first, int retries, const char *events)
{
    char path[] = "/tmp/usage-schema-XXXXXX";
    struct second_use use = {.path = path, .retries = retries};
    pthread_t thread;
    make_file(path);
    sqlite3 *db = ledger_connect(path);
    ledger_exec(db, "BEGIN IMMEDIATE; SELECT usage_init()");
    ledger_exec(db, INSERT_EVENT("first"));
    assert_int_equal(sem_init(&use.waits, 0, 0), 0);
    assert_int_equal(pthread_create(&thread, NULL, use_second, &use), 0);
    assert_int_equal(sem_wait(&use.waits), 0);
    ledger_exec(db, end_of_first);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (use.rc != SQLITE_OK)
        fail_msg("the second use: %s", use.error);
    ledger_expect(db, "SELECT count(*) FROM usage_events", events);
    ledger_expect(db, "PRAGMA integrity_check", "ok");
    sqlite3_close(db);
    sem_destroy(&use.waits);
    unlink(path);
}

static void a_second_first_use_waits_and_finds_the_schema_made(void **state)
{
    (void)state;
    second_use_waits("COMMIT", 10000, "1"); /* its busy handler waits */
    second_use_waits("COMMIT", 0, "1");     /* it has none to speak of */
}

static void a_second_first_use_makes_the_schema_when_the_first_gives_up(void **state)
{
    (void)state;
    second_use_waits("ROLLBACK", 10000, "0");
    second_use_waits("ROLLBACK", 0, "0");
}

#define USERS 4

/* One process: connects, waits for the start, uses the file. The exit code. */
static int use_in_process(const char *path, int start, int number)
{
    sqlite3 *db = NULL;
    char byte;
    char *insert = sqlite3_mprintf(INSERT_EVENT("%d"), number);
    int rc = sqlite3_open(path, &db);
    if (rc == SQLITE_OK)
        rc = sqlite3_usage_init(db, NULL, NULL);
    (void)read(start, &byte, 1); /* ends when the parent closes its end */
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "SELECT usage_init()", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "PRAGMA busy_timeout = 30000", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, insert, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        (void)fprintf(stderr, "process %d: %s\n", number, sqlite3_errmsg(db));
    sqlite3_free(insert);
    sqlite3_close(db);
    return rc;
}

static void use_at_once(void)
{
    char path[] = "/tmp/usage-schema-XXXXXX";
    pid_t users[USERS];
    int ends[2];
    make_file(path);
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < USERS; i++) {
        users[i] = fork();
        assert_true(users[i] >= 0);
        if (users[i] == 0) {
            close(ends[1]);
            _exit(use_in_process(path, ends[0], i));
        }
    }
    close(ends[0]);
    close(ends[1]);
    for (int i = 0; i < USERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(users[i], &status, 0), users[i]);
        assert_int_equal(status, 0);
    }
    sqlite3 *db = ledger_connect(path);
    ledger_expect(db, "SELECT count(*) FROM usage_events", "4");
    ledger_expect(db, "PRAGMA integrity_check", "ok");
    sqlite3_close(db);
    unlink(path);
}

static void processes_that_begin_at_once_lose_no_event(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        use_at_once();
}

static void a_locked_ledger_that_is_current_is_not_waited_for(void **state)
{
    char path[] = "/tmp/usage-schema-XXXXXX";
    (void)state;
    make_file(path);
    sqlite3 *one = ledger_connect(path);
    ledger_exec(one, "SELECT usage_init(); BEGIN IMMEDIATE");
    sqlite3 *two = ledger_connect(path);
    ledger_expect(two, "SELECT usage_init()", "1");
    sqlite3_close(two);
    sqlite3_close(one);
    unlink(path);
}

/* A call that reads beside it cannot begin a transaction of its own. */
static void it_works_within_a_statement_that_reads(void **state)
{
    (void)state;
    sqlite3 *db = ledger_connect(":memory:");
    ledger_exec(db, "CREATE TABLE theirs(x); INSERT INTO theirs VALUES (5)");
    ledger_expect(db, "SELECT x, usage_init() FROM theirs", "5|1");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "0");
    sqlite3_close(db);
}

static void missing_tables_are_named_with_the_remedy(void **state)
{
    (void)state;
    sqlite3 *db = ledger_connect(":memory:");
    assert_string_equal(
        ledger_error(db, "INSERT INTO usage_ingest(payload) VALUES ('{\"model\":\"m\"}')"),
        "the ledger's tables are missing (no such table: gateway): run SELECT usage_init()");
    assert_string_equal(
        ledger_error(db, "SELECT usage_response_metadata(1)"),
        "the ledger's tables are missing (no such table: event): run SELECT usage_init()");
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_tables_and_is_idempotent),
        cmocka_unit_test(every_table_is_strict),
        cmocka_unit_test(an_old_view_is_made_anew),
        cmocka_unit_test(a_callers_rollback_undoes_it),
        cmocka_unit_test(a_newer_schema_is_refused_untouched),
        cmocka_unit_test(another_programs_database_is_refused_untouched),
        cmocka_unit_test(a_file_that_is_no_database_is_refused),
        cmocka_unit_test(a_second_first_use_waits_and_finds_the_schema_made),
        cmocka_unit_test(a_second_first_use_makes_the_schema_when_the_first_gives_up),
        cmocka_unit_test(processes_that_begin_at_once_lose_no_event),
        cmocka_unit_test(a_locked_ledger_that_is_current_is_not_waited_for),
        cmocka_unit_test(it_works_within_a_statement_that_reads),
        cmocka_unit_test(missing_tables_are_named_with_the_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
