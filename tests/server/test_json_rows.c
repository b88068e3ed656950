/* server/http/json_rows.c: rows as JSON by the marks in the column names. */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/http/json_rows.h"

static int set_up(void **state)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open(":memory:", &db);
    *state = db;
    return rc;
}

static int tear_down(void **state)
{
    return sqlite3_close(*state);
}

/* The rows of the statement as an array. */
static void check(sqlite3 *db, const char *sql, const char *expected)
{
    sqlite3_stmt *stmt = NULL;
    struct text text;
    text_init(&text, 4096);
    struct json_out json = {.text = &text};
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(json_rows(&json, NULL, stmt), SQLITE_OK);
    assert_string_equal(text.data, expected);
    text_clear(&text);
    sqlite3_finalize(stmt);
}

static void rule_1_storage_classes(void **state)
{
    check(*state, "SELECT 9007199254740993 AS i, 0.1 AS r, 'a<b' AS t, NULL AS n",
          "[{\"i\":9007199254740993,\"r\":0.1,\"t\":\"a\\u003cb\",\"n\":null}]");
    check(*state, "SELECT 1e21 AS a, 1e-7 AS b, 100.0 AS c, 9e999 AS d",
          "[{\"a\":1e+21,\"b\":1e-7,\"c\":100,\"d\":null}]");
    check(*state, "SELECT 1 AS a WHERE 0", "[]");
    check(*state, "SELECT 1 AS a UNION ALL SELECT 2", "[{\"a\":1},{\"a\":2}]");
}

static void rule_2_marks(void **state)
{
    check(*state, "SELECT 0 AS \"a:bool\", 2 AS \"b:bool\", NULL AS \"c:bool\"",
          "[{\"a\":false,\"b\":true,\"c\":null}]");
    check(*state, "SELECT '{\"x\":[1]}' AS \"a:json\", NULL AS \"b:json:opt\"",
          "[{\"a\":{\"x\":[1]}}]");
    check(*state, "SELECT NULL AS \"a:opt\", 0 AS \"b:opt\", '' AS \"c:opt\"",
          "[{\"b\":0,\"c\":\"\"}]");
    check(*state,
          "SELECT NULL AS \"a:omit\", 0 AS \"b:omit\", '' AS \"c:omit\", 0.0 AS \"d:omit\","
          " 1 AS \"e:omit\", 'x' AS \"f:omit\", -0.5 AS \"g:omit\"",
          "[{\"e\":1,\"f\":\"x\",\"g\":-0.5}]");
}

static void rule_3_objects(void **state)
{
    check(*state, "SELECT 7 AS id, 1 AS \"t.in\", 2 AS \"t.out\", 0 AS \"f:bool\"",
          "[{\"id\":7,\"t\":{\"in\":1,\"out\":2},\"f\":false}]");
    check(*state, "SELECT 1 AS \"t.in\", 2 AS \"u.out\"", "[{\"t\":{\"in\":1},\"u\":{\"out\":2}}]");
    check(*state, "SELECT NULL AS \"t.in:opt\", 2 AS \"t.out\"", "[{\"t\":{\"out\":2}}]");
}

static void rule_4_blobs_are_null(void **state)
{
    check(*state, "SELECT x'00ff' AS b", "[{\"b\":null}]");
}

static void text_is_escaped_by_its_length(void **state)
{
    check(*state, "SELECT 'a' || char(0) || 'b' AS t", "[{\"t\":\"a\\u0000b\"}]");
    check(*state, "SELECT CAST(x'61ff' AS TEXT) AS t", "[{\"t\":\"a\\ufffd\"}]");
}

static void an_error_of_the_statement_is_returned(void **state)
{
    sqlite3_stmt *stmt = NULL;
    struct text text;
    text_init(&text, 4096);
    struct json_out json = {.text = &text};
    assert_int_equal(
        sqlite3_prepare_v2(*state, "SELECT abs(-9223372036854775808) AS a", -1, &stmt, NULL),
        SQLITE_OK);
    assert_int_equal(json_rows(&json, NULL, stmt), SQLITE_ERROR);
    text_clear(&text);
    sqlite3_finalize(stmt);
}

static void members_are_written_in_turn(void **state)
{
    struct text text;
    (void)state;
    text_init(&text, 4096);
    struct json_out json = {.text = &text};
    json_out_open(&json, NULL, '{');
    json_out_bool(&json, "yes", true);
    json_out_null(&json, "nothing");
    json_out_open(&json, "list", '[');
    json_out_int64(&json, NULL, INT64_MIN);
    json_out_double(&json, NULL, 0.5);
    json_out_cstr(&json, NULL, "a\"b");
    json_out_close(&json, ']');
    json_out_raw(&json, "raw", SLICE("[]"));
    json_out_close(&json, '}');
    assert_string_equal(text.data, "{\"yes\":true,\"nothing\":null,\"list\":[-9223372036854775808,"
                                   "0.5,\"a\\\"b\"],\"raw\":[]}");
    text_clear(&text);
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(rule_1_storage_classes),
        FIXTURE_TEST(rule_2_marks),
        FIXTURE_TEST(rule_3_objects),
        FIXTURE_TEST(rule_4_blobs_are_null),
        FIXTURE_TEST(text_is_escaped_by_its_length),
        FIXTURE_TEST(an_error_of_the_statement_is_returned),
        cmocka_unit_test(members_are_written_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
