/* usage_init(): making the tables, upgrading, and what it refuses. */
#include "tests/ext/ledger.h"

#include <stdlib.h>
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
        cmocka_unit_test(missing_tables_are_named_with_the_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
