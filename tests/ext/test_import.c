/* usage_import() and usage_export(): whole jobs, what they report, what they refuse, and
 * that a round trip is the identity. */
#include "tests/ext/ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include "ext/jsonl/import.h"
#include "ext/jsonl/record_reader.h"

static char folder[] = "/tmp/usage-import-XXXXXX";

/* The path of a file in the test's own folder; valid until the next call but one. */
static const char *in_folder(const char *name)
{
    static char paths[2][128];
    static int at;
    at = !at;
    (void)snprintf(paths[at], sizeof paths[at], "%s/%s", folder, name);
    return paths[at];
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static char *read_file(const char *name)
{
    FILE *file = fopen(in_folder(name), "rb");
    assert_non_null(file);
    char *text = calloc(1, 8 * 1024 * 1024);
    assert_non_null(text);
    assert_true(fread(text, 1, 8 * 1024 * 1024 - 1, file) > 0);
    fclose(file);
    return text;
}

/* Run a statement whose one parameter is the path of a file; its value, or its error. */
static const char *call(sqlite3 *db, const char *sql, const char *name)
{
    static char result[2048];
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    sqlite3_bind_text(stmt, 1, in_folder(name), -1, SQLITE_TRANSIENT);
    const char *text = sqlite3_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0)
                                                        : sqlite3_errmsg(db);
    (void)snprintf(result, sizeof result, "%s", text);
    sqlite3_finalize(stmt);
    return result;
}

#define IMPORT "SELECT json_remove(usage_import(?), '$.seconds')"
#define EVENT(id) "{\"timestamp\":1767323045,\"model\":\"m\",\"request_id\":\"" id "\"}\n"

static void an_import_tells_what_it_did(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    write_file("in", EVENT("a") "{bad\n" EVENT("a") "\n{\"hello\":1}\n" EVENT("b"));
    assert_string_equal(
        call(db, IMPORT, "in"),
        "{\"format\":\"usage_service_jsonl\",\"added\":2,\"skipped\":1,\"failed\":2,"
        "\"unsupported\":0,\"bytes\":180,\"complete\":true,\"errors\":["
        "{\"line\":2,\"byte_offset\":54,\"error\":\"invalid character 'b' looking for beginning "
        "of object key string\"},"
        "{\"line\":5,\"byte_offset\":114,\"error\":\"no usage event: no event hash, model, "
        "tokens, usage, endpoint, request id or time\"}]}");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "2");
    ledger_expect(db, "SELECT count(*) FROM dead_letter", "0");
    sqlite3_close(db);
}

static void the_gateway_can_be_named(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    write_file("in", EVENT("a"));
    (void)call(db, "SELECT usage_import(?, 'cpa-2')", "in");
    ledger_expect(db, "SELECT gateway FROM usage_events", "cpa-2");
    sqlite3_close(db);
}

static void they_refuse_to_be_part_of_something(void **state)
{
    static const char alone[] =
        "call it alone: it commits by itself, which it cannot do inside a transaction or a "
        "statement that reads or writes tables";
    char expected[256];
    (void)state;
    sqlite3 *db = ledger_new();
    write_file("in", EVENT("a"));
    (void)snprintf(expected, sizeof expected, "usage_import: %s", alone);
    ledger_exec(db, "BEGIN");
    assert_string_equal(call(db, "SELECT usage_import(?)", "in"), expected);
    ledger_exec(db, "COMMIT; CREATE TABLE t(x)");
    assert_string_equal(call(db,
                             "SELECT usage_import(?) FROM dead_letter, settings"
                             " UNION ALL SELECT usage_import(?1) FROM sqlite_schema",
                             "in"),
                        expected);
    assert_string_equal(call(db, "INSERT INTO t SELECT usage_import(?)", "in"), expected);
    (void)snprintf(expected, sizeof expected, "usage_export: %s", alone);
    ledger_exec(db, "BEGIN");
    assert_string_equal(call(db, "SELECT usage_export(?)", "out"), expected);
    ledger_exec(db, "COMMIT");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "0");
    sqlite3_close(db);
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    const char *text = call(db, IMPORT, "missing");
    assert_non_null(strstr(text, "usage_import: cannot open "));
    assert_non_null(strstr(text, "No such file or directory"));
    assert_non_null(strstr(call(db, IMPORT, ""), " is a directory"));
    write_file("in", " \n");
    assert_string_equal(call(db, IMPORT, "in"),
                        "usage_import: line 2, byte 2: empty usage import payload"
                        " (added 0, skipped 0, failed 0)");
    write_file("in", "{\"usage\":{\"total_requests\":5,\"apis\":{\"a\":{\"models\":{\"m\":"
                     "{\"details\":null}}}}}}");
    assert_string_equal(call(db, IMPORT, "in"),
                        "usage_import: line 1, byte 56: legacy usage export does not contain"
                        " request details (added 0, skipped 0, failed 0)");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "0");
    sqlite3_close(db);
}

static void what_stands_before_a_cut_is_kept_and_the_rest_comes_later(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    write_file("in", "[" EVENT("a") "," EVENT("b") ",{\"mod");
    assert_string_equal(call(db, IMPORT, "in"),
                        "usage_import: line 3, byte 111: the array ends in the middle"
                        " (added 2, skipped 0, failed 0)");
    write_file("in", "[" EVENT("a") "," EVENT("b") "," EVENT("c") "]");
    assert_non_null(strstr(call(db, IMPORT, "in"), "\"added\":1,\"skipped\":2"));
    sqlite3_close(db);
}

static void a_full_disk_is_told_and_nothing_is_half_written(void **state)
{
    (void)state;
    char *lines = malloc(4 * 1024 * 1024);
    size_t len = 0;
    assert_non_null(lines);
    for (int i = 0; i < 20000; i++)
        len += (size_t)sprintf(lines + len,
                               "{\"timestamp\":%d,\"model\":\"m%d\",\"request_id\":"
                               "\"r%d\"}\n",
                               1767323045 + i, i, i);
    write_file("in", lines);
    free(lines);
    sqlite3 *db = ledger_connect(in_folder("full.db"));
    ledger_exec(db, "SELECT usage_init(); PRAGMA max_page_count = 200");
    assert_non_null(strstr(call(db, IMPORT, "in"),
                           "usage_import: persist usage import batch: database or disk is full"));
    ledger_expect(db, "PRAGMA integrity_check", "ok");
    ledger_expect(
        db, "SELECT count(*) FROM event WHERE what_id NOT IN (SELECT id FROM bundle_what)", "0");
    ledger_exec(db, "PRAGMA max_page_count = 100000");
    (void)call(db, IMPORT, "in");
    ledger_expect(db,
                  "SELECT count(*), count(DISTINCT request_id), count(DISTINCT model)"
                  " FROM usage_events",
                  "20000|20000|20000");
    sqlite3_close(db);
}

/* The recorded events out, into an empty ledger, and out again. */
static void a_round_trip_is_the_identity(void **state)
{
    static const char rows[] =
        "SELECT count(*), count(DISTINCT event_hash), sum(total_tokens), sum(latency_ms),"
        " group_concat(DISTINCT cache_input_mode), count(request_service_tier),"
        " count(response_service_tier), sum(normalized_uncached_input_tokens),"
        " count(access_token_sha256), sum(generate), group_concat(DISTINCT accounting_version),"
        " sum(created_at_ms), sum(length(usage_response_metadata(id)))"
        " FROM (SELECT * FROM usage_events ORDER BY timestamp_ms, event_hash)";
    static const char breakdowns[] =
        "SELECT count(*), sum(total_tokens), sum(input_uncached_tokens),"
        " sum(output_non_reasoning_tokens) FROM usage_breakdowns";
    char expected[1024];
    (void)state;
    sqlite3 *first = ledger_new();
    sqlite3 *second = ledger_new();
    char *sql = sqlite3_mprintf("SELECT usage_import('%s/events/events.jsonl')", USAGE_TEST_DATA);
    ledger_exec(first, sql);
    sqlite3_free(sql);
    /* what a plain export would lose: explicit mode, tiers, odd sums, own hash and time */
    ledger_exec(
        first,
        "INSERT INTO usage_ingest(payload) VALUES"
        "('{\"event_hash\":\"c\",\"timestamp\":\"2026-01-02 03:04:05\",\"model\":\"\",\"requested_"
        "model\":\"grok-4\",\"tokens\":{\"cache_input_mode\":\"separate_from_input\",\"cacheRead"
        "Tokens\":3}}'),"
        "('{\"timestamp\":\"2026-01-02T03:04:05Z\",\"model\":\"m\",\"generate\":false,\"service_"
        "tier\":\"priority\",\"response_service_tier\":\"flex\",\"tokens\":{\"input_tokens\":"
        "9223372036854775807,\"output_tokens\":9223372036854775807},\"token_breakdown\":{\"schema"
        "_version\":3,\"quality\":\"inconsistent\",\"total_tokens\":5,\"unclassified_tokens\":5}}'"
        ")");
    assert_non_null(strstr(call(first, "SELECT usage_export(?)", "one"), "{\"events\":1459,"));
    assert_non_null(strstr(call(second, IMPORT, "one"), "\"added\":1459,\"skipped\":0,"));
    (void)call(second, "SELECT usage_export(?)", "two");
    char *one = read_file("one");
    char *two = read_file("two");
    assert_string_equal(one, two);
    assert_null(strstr(one, "127.0.0.1")); /* never the clients' addresses */
    assert_null(strstr(one, "OpenAI/Python"));
    free(one);
    free(two);
    (void)snprintf(expected, sizeof expected, "%s", call(first, rows, ""));
    assert_string_equal(call(second, rows, ""), expected);
    (void)snprintf(expected, sizeof expected, "%s", call(first, breakdowns, ""));
    assert_string_equal(call(second, breakdowns, ""), expected);
    ledger_expect(second,
                  "SELECT cache_input_mode, normalized_total_input_tokens, timestamp"
                  " FROM usage_events WHERE event_hash = 'c'",
                  "separate_from_input|3|2026-01-02 03:04:05");
    assert_non_null(strstr(call(second, IMPORT, "one"), "\"added\":0,\"skipped\":1459,"));
    sqlite3_close(first);
    sqlite3_close(second);
}

/* Stops at the second question. */
static bool ask_once(void *arg, const struct import_report *report, int64_t bytes_total)
{
    int *questions = arg;
    assert_int_equal(report->added, 0);
    assert_true(bytes_total < 0);
    return ++*questions < 2;
}

/* White space without end from a pipe: once nothing could stop such an import. */
static void an_import_that_finds_nothing_can_be_cancelled(void **state)
{
    struct import_report report;
    struct record_reader *reader;
    char error[192];
    int questions = 0;
    const struct import_options options = {.progress = ask_once, .arg = &questions};
    (void)state;
    sqlite3 *db = ledger_new();
    FILE *spaces = popen("exec tr '\\0' ' ' </dev/zero", "r");
    assert_non_null(spaces);
    assert_true(record_reader_open_fd(dup(fileno(spaces)), &reader, error, sizeof error));
    assert_int_equal(import_run(db, reader, &options, &report), SQLITE_OK);
    assert_int_equal(questions, 2);
    assert_true(report.is_cancelled);
    assert_false(report.is_complete);
    assert_string_equal(report.failure, "");
    assert_true(report.bytes > 0);
    record_reader_close(reader);
    (void)pclose(spaces);
    sqlite3_close(db);
}

static void a_range_and_a_limit_choose_the_events(void **state)
{
    static const char ids[] =
        "SELECT group_concat(json_extract(payload, '$.request_id'), '') FROM usage_jsonl(?)";
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "INSERT INTO usage_ingest(payload)"
                    " SELECT json_object('timestamp', 1767323040000 + column2, 'model', 'm',"
                    " 'request_id', column1)"
                    " FROM (VALUES ('a', 1), ('b', 5), ('c', 3), ('d', 3), ('e', 2))");
    (void)call(db, "SELECT usage_export(?)", "out");
    assert_string_equal(call(db, ids, "out"), "aecdb");
    (void)call(db, "SELECT usage_export(?, 1767323040002, 1767323040005)", "out");
    assert_string_equal(call(db, ids, "out"), "ecd");
    (void)call(db, "SELECT usage_export(?, NULL, NULL, 3)", "out");
    assert_string_equal(call(db, ids, "out"), "cdb");
    (void)call(db, "SELECT usage_export(?, NULL, 1767323040004, 2)", "out");
    assert_string_equal(call(db, ids, "out"), "cd");
    assert_non_null(strstr(call(db, "SELECT usage_export(?, 9e15)", "out"), "\"events\":0,"));
    sqlite3_close(db);
}

/* Many pieces of events that share a millisecond, whose hashes are in another order than
 * their ids: once the pieces skipped most of them. */
static void events_of_one_millisecond_are_all_exported_in_order(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)"
                    " INSERT INTO usage_ingest(payload)"
                    " SELECT json_object('timestamp', 1767323040000 + (i > 8000) + (i > 8500),"
                    " 'model', 'a model with a name of some length', 'request_id', 'r' || i)"
                    " FROM n");
    assert_non_null(strstr(call(db, "SELECT usage_export(?)", "out"), "{\"events\":9000,"));
    assert_string_equal(call(db,
                             "SELECT count(*) || ' ' || sum(json_extract(payload, '$.request_id')"
                             " = 'r' || line) FROM usage_jsonl(?)",
                             "out"),
                        "9000 9000");
    sqlite3_close(db);
}

/* Ids that no row has: once the largest ended the process, and others took memory for
 * every id below them. */
static void an_export_of_a_damaged_ledger_ends_with_an_error(void **state)
{
    static const char *const ids[] = {
        "9223372036854775807", "4611686018427387872", "67108865", "67108864", "2", "0", "-1"};
    static const char *const columns[] = {"who_id", "what_id", "where_id", "outcome_id",
                                          "access_token"};
    (void)state;
    sqlite3 *db = ledger_new();
    write_file("in", EVENT("a"));
    (void)call(db, IMPORT, "in");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
            char sql[160];
            if (k == 4 && i >= 4)
                break; /* 2 is the id of some text, and below 1 there is none */
            (void)snprintf(sql, sizeof sql, "UPDATE event SET %s = %s", columns[k], ids[i]);
            ledger_exec(db, sql);
            (void)sqlite3_memory_highwater(1);
            const char *said = call(db, "SELECT usage_export(?)", "out");
            if (!strstr(said, "usage_export: the ledger is damaged"))
                fail_msg("%s: %s", sql, said);
            assert_true(sqlite3_memory_highwater(0) < (sqlite3_int64)64 * 1024 * 1024);
            (void)snprintf(sql, sizeof sql, "UPDATE event SET %s = %s", columns[k],
                           k == 4 ? "NULL" : "1");
            ledger_exec(db, sql);
        }
    sqlite3_close(db);
}

static void an_export_replaces_the_file_only_when_it_is_whole(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    assert_non_null(strstr(call(db, "SELECT usage_export(?)", "no/such/folder"),
                           "usage_export: cannot create "));
    write_file("out", "old");
    ledger_exec(db, "DROP TABLE event_failure");
    assert_non_null(strstr(call(db, "SELECT usage_export(?)", "out"),
                           "usage_export: the ledger's tables are missing"));
    char *text = read_file("out");
    assert_string_equal(text, "old");
    free(text);
    assert_int_not_equal(access(in_folder("out.part"), F_OK), 0);
    sqlite3_close(db);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"in", "out", "one", "two", "full.db"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)unlink(in_folder(names[i]));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_tells_what_it_did),
        cmocka_unit_test(the_gateway_can_be_named),
        cmocka_unit_test(they_refuse_to_be_part_of_something),
        cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
        cmocka_unit_test(what_stands_before_a_cut_is_kept_and_the_rest_comes_later),
        cmocka_unit_test(a_full_disk_is_told_and_nothing_is_half_written),
        cmocka_unit_test(a_round_trip_is_the_identity),
        cmocka_unit_test(an_import_that_finds_nothing_can_be_cancelled),
        cmocka_unit_test(a_range_and_a_limit_choose_the_events),
        cmocka_unit_test(events_of_one_millisecond_are_all_exported_in_order),
        cmocka_unit_test(an_export_of_a_damaged_ledger_ends_with_an_error),
        cmocka_unit_test(an_export_replaces_the_file_only_when_it_is_whole),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
