/* usage_auth_files(body): what an account snapshot takes from a credential file
 * (ingest specification, section 8). */
#include "tests/ext/ledger.h"

#define ROWS(body)                                                                                 \
    "SELECT auth_index, account, label, file, provider, project_id"                                \
    " FROM usage_auth_files('" body "')"

static void the_shapes_of_a_list(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    const char *const expected = "1|a.json|a.json|a.json|NULL|NULL";
    ledger_expect(db, ROWS("[{\"auth_index\":\"1\",\"name\":\"a.json\"},5]"), expected);
    ledger_expect(db, ROWS("{\"files\":[{\"auth_index\":1,\"name\":\" a.json \"}]}"), expected);
    ledger_expect(db, ROWS("{\"authIndex\":\"1\",\"name\":\"a.json\"}"), expected);
    ledger_expect(db,
                  ROWS("{\"auth_files\":[{\"auth-index\":\"1\",\"name\":\"a\"}],\"data\":"
                       "[{\"auth_index\":\"2\",\"name\":\"b\"}],\"items\":5}"),
                  "1|a|a|a|NULL|NULL\n2|b|b|b|NULL|NULL");
    ledger_expect(db, ROWS("{\"files\":[]}"), "");
    ledger_expect(db, ROWS("[{\"name\":\"without index\"}]"), "");
    sqlite3_close(db);
}

static void each_value_is_the_first_that_is_not_empty(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_expect(
        db,
        ROWS("[{\"auth_index\":\"\",\"authIndex\":\"7\",\"account\":\"\",\"email\":"
             "\"mia@example.com\",\"label\":\" L \",\"name\":\"n.json\",\"provider\":null,"
             "\"type\":\"codex\",\"project_id\":\"\",\"geminiVirtualProject\":\"p1\"}]"),
        "7|mia@example.com|L|n.json|codex|p1");
    ledger_expect(db, ROWS("[{\"auth_index\":\"7\",\"email\":\"e@x.y\"}]"),
                  "7|e@x.y|e@x.y|NULL|NULL|NULL");
    ledger_expect(db, ROWS("[{\"auth_index\":\"7\",\"account\":\"acc\"}]"),
                  "7|acc|acc|NULL|NULL|NULL");
    sqlite3_close(db);
}

static void an_account_is_never_a_key(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_expect(
        db,
        ROWS("[{\"auth_index\":\"1\",\"account\":\"sk-1\",\"label\":\"L\"},"
             "{\"auth_index\":\"2\",\"account\":\"AIzaX\",\"name\":\"N\"},"
             "{\"auth_index\":\"3\",\"account\":"
             "\"12345678901234567890123456789012\",\"email\":\"e@x.y\"},"
             "{\"auth_index\":\"4\",\"account\":\"1234567890123456789012345678901\"},"
             "{\"auth_index\":\"5\",\"account\":\"sk-with space\"},"
             "{\"auth_index\":\"6\",\"account\":\"sk-a/b\"}]"),
        "1|L|L|NULL|NULL|NULL\n"
        "2|N|N|N|NULL|NULL\n"
        "3|e@x.y|e@x.y|NULL|NULL|NULL\n"
        "4|1234567890123456789012345678901|1234567890123456789012345678901|NULL|NULL|NULL\n"
        "5|sk-with space|sk-with space|NULL|NULL|NULL\n"
        "6|sk-a/b|sk-a/b|NULL|NULL|NULL");
    sqlite3_close(db);
}

static void another_body_is_an_error(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    assert_string_equal(ledger_error(db, ROWS("5")),
                        "usage_auth_files: the body is not a list of credential files");
    assert_string_equal(ledger_error(db, ROWS("{\"error\":\"x\"}")),
                        "usage_auth_files: the body is not a list of credential files");
    assert_string_equal(ledger_error(db, ROWS("{")),
                        "usage_auth_files: unexpected end of JSON input");
    assert_string_equal(ledger_error(db, "SELECT * FROM usage_auth_files"),
                        "usage_auth_files: give the body: usage_auth_files(body)");
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shapes_of_a_list),
        cmocka_unit_test(each_value_is_the_first_that_is_not_empty),
        cmocka_unit_test(an_account_is_never_a_key),
        cmocka_unit_test(another_body_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
