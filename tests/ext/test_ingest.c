/* usage_ingest: what an INSERT stores, skips, sends to the dead letters, and counts. */
#include "tests/ext/ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include "ext/jsonl/import.h"
#include "ext/limits.h"

#define G1                                                                                         \
    "{\"timestamp\":\"2026-04-26T09:15:30.250Z\",\"latency_ms\":1840,"                             \
    "\"source\":\"dana@example.org\",\"auth_index\":\"5f2c9a7710b3e4d1\",\"tokens\":"              \
    "{\"input_tokens\":812,\"output_tokens\":144,\"reasoning_tokens\":64,\"cached_tokens\":512,"   \
    "\"total_tokens\":956},\"failed\":false,\"provider\":\"codex\",\"model\":\"gpt-5.4\","         \
    "\"endpoint\":\"POST /v1/responses\",\"auth_type\":\"oauth\",\"api_key\":\"client-key-01\","   \
    "\"request_id\":\"9c1f04ab\"}"
#define INSERT_G1 "INSERT INTO usage_ingest(payload) VALUES ('" G1 "')"
#define COUNTERS "SELECT added, skipped, dead FROM usage_ingest"

static void ingest(sqlite3 *db, const char *payload)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(
        sqlite3_prepare_v2(db, "INSERT INTO usage_ingest(payload, received_at_ms) VALUES (?, 77)",
                           -1, &stmt, NULL),
        SQLITE_OK);
    sqlite3_bind_text(stmt, 1, payload, -1, SQLITE_STATIC);
    if (sqlite3_step(stmt) != SQLITE_DONE)
        fail_msg("%s: %s", payload, sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
}

static void one_payload_becomes_one_row(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, INSERT_G1);
    ledger_expect(db, COUNTERS, "1|0|0");
    ledger_expect(db,
                  "SELECT request_id, event_hash, timestamp, model, source, api_key_hash,"
                  " normalized_uncached_input_tokens, total_tokens, latency_ms, ttft_ms, failed,"
                  " fail_status_code, gateway, cache_input_mode FROM usage_events",
                  "9c1f04ab|df264de2f71401b0333da4299742c4edea03388dc5e48420845e471a7d722eea|"
                  "2026-04-26T09:15:30.25Z|gpt-5.4|dan***@example.org|"
                  "de1a76e4b6252b8a90bc673387a0578590b830742a676a35b4fb800e96d9a29c|300|956|1840|"
                  "NULL|0|NULL|default|included_in_input");
    ledger_expect(db, "SELECT abs(created_at_ms - unixepoch() * 1000) < 60000 FROM usage_events",
                  "1");
    sqlite3_close(db);
}

static void a_known_event_is_skipped(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "INSERT INTO usage_ingest(payload) VALUES ('" G1 "'), ('" G1 "')");
    ledger_exec(db, "INSERT OR REPLACE INTO usage_ingest(payload) VALUES ('" G1 "')");
    ledger_expect(db, COUNTERS, "1|2|0");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "1");
    sqlite3_close(db);
}

static void the_same_time_with_another_hash_is_another_event(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ingest(db, "{\"timestamp\":1767323045,\"request_id\":\"a\",\"model\":\"m\"}");
    ingest(db, "{\"timestamp\":1767323045,\"request_id\":\"b\",\"model\":\"m\"}");
    ledger_expect(db, "SELECT request_id, timestamp_ms FROM usage_events ORDER BY id",
                  "a|1767323045000\nb|1767323045000");
    sqlite3_close(db);
}

static void received_at_and_gateway_are_arguments(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "INSERT INTO usage_ingest(payload, received_at_ms, gateway)"
                    " VALUES ('{\"model\":\"m\",\"request_id\":\"r\"}', 1500, 'cpa-2')");
    ledger_expect(db, "SELECT timestamp, timestamp_ms, created_at_ms, gateway FROM usage_events",
                  "1970-01-01T00:00:01.5Z|1500|1500|cpa-2");
    sqlite3_close(db);
}

static void unusable_payloads_go_to_the_dead_letters_and_the_rest_is_stored(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "INSERT INTO usage_ingest(payload, received_at_ms) VALUES"
                    " ('not json', 77), ('[1]', 77), ('\"x\"', 77), ('{}', 77), ('" G1 "', 77),"
                    " ('{\"hello\":1,\"api_key\":\"sk-secret-1234567\"}', 77),"
                    " ('{\"a\":1} {\"b\":2}', 77)");
    ledger_expect(db, COUNTERS, "1|0|6");
    ledger_expect(db,
                  "SELECT received_at_ms, reason, payload_bytes, length(payload_sha256),"
                  " payload_json FROM dead_letter WHERE id <> 4 AND id <> 5",
                  "77|invalid character 'o' in literal null (expecting 'u')|8|32|NULL\n"
                  "77|usage payload is not a JSON object|3|32|[1]\n"
                  "77|usage payload is not a JSON object|3|32|\"x\"\n"
                  "77|invalid character '{' after top-level value|15|32|NULL");
    ledger_expect(db, "SELECT count(*) FROM dead_letter WHERE payload_json LIKE '%secret%'", "0");
    ledger_expect(db, "SELECT lower(hex(payload_sha256)) FROM dead_letter WHERE id = 2",
                  "080a9ed428559ef602668b4c00f114f1a11c3f6b02a435f0bdc154578e4d7f22");
    sqlite3_close(db);
}

static void a_dead_letter_keeps_at_most_4096_bytes(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "INSERT INTO usage_ingest(payload)"
                    " VALUES ('{\"hello\":\"' || replace(hex(zeroblob(5000)), '0', 'é') || '\"}')");
    ledger_expect(db,
                  "SELECT payload_bytes, length(CAST(payload_json AS BLOB)) <= 4096,"
                  " length(CAST(payload_json AS BLOB)) > 4080 FROM dead_letter",
                  "20012|1|1");
    sqlite3_close(db);
}

static void control_messages_and_blank_payloads_leave_nothing(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ingest(db, "{\"support_refresh\":true}");
    ingest(db, " {\"refresh\":true} ");
    ingest(db, "");
    ingest(db, " \r\n");
    ledger_exec(db, "INSERT INTO usage_ingest(payload) VALUES (NULL)");
    ledger_expect(db, COUNTERS, "0|0|0");
    ledger_expect(db, "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM dead_letter)",
                  "0|0");
    sqlite3_close(db);
}

static void header_values_that_hold_credentials_are_not_stored(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ingest(db,
           "{\"request_id\":\"r\",\"failed\":true,\"fail\":{\"status_code\":500,\"body\":\"no\"},"
           "\"response_headers\":{\"Set-Cookie\":[\"sid=hush; Path=/\"],\"X-Api-Key\":[\"hush\"],"
           "\"Server\":[\"s\"]}}");
    ledger_expect(db, "SELECT fail_summary FROM usage_events",
                  "no\n{\"Server\":[\"s\"],\"Set-Cookie\":\"[redacted]\","
                  "\"X-Api-Key\":\"[redacted]\"}");
    sqlite3_close(db);
}

static void only_insert_is_possible(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    assert_string_equal(ledger_error(db, "DELETE FROM usage_ingest"),
                        "usage_ingest: only INSERT is possible");
    assert_string_equal(ledger_error(db, "UPDATE usage_ingest SET payload = 'x'"),
                        "usage_ingest: only INSERT is possible");
    assert_string_equal(ledger_error(db, "INSERT INTO usage_ingest(payload, gateway)"
                                         " VALUES ('{}', hex(zeroblob(101)))"),
                        "usage_ingest: the name of the gateway is longer than 200 bytes");
    sqlite3_close(db);
}

static void counters_are_right_after_a_rollback(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ingest(db, "{\"request_id\":\"first\",\"model\":\"m\"}");
    ledger_exec(db, "BEGIN; " INSERT_G1 "; INSERT INTO usage_ingest(payload) VALUES ('x')");
    ledger_expect(db, COUNTERS, "2|0|1");
    ledger_exec(db, "ROLLBACK");
    ledger_expect(db, COUNTERS, "1|0|0");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "1");
    ledger_exec(db, INSERT_G1); /* the dictionary forgot what was rolled back */
    ledger_expect(db, "SELECT model, source FROM usage_events WHERE request_id = '9c1f04ab'",
                  "gpt-5.4|dan***@example.org");
    sqlite3_close(db);
}

static void counters_are_right_after_a_savepoint_is_rolled_back(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "SAVEPOINT a; SAVEPOINT b");
    ledger_exec(db, INSERT_G1);
    ledger_exec(db, "SAVEPOINT c; INSERT INTO usage_ingest(payload) VALUES ('x')");
    ledger_expect(db, COUNTERS, "1|0|1");
    ledger_exec(db, "ROLLBACK TO c");
    ledger_expect(db, COUNTERS, "1|0|0");
    ledger_exec(db, "ROLLBACK TO a"); /* opened before the table was used */
    ledger_expect(db, COUNTERS, "0|0|0");
    ledger_exec(db, INSERT_G1 "; RELEASE a");
    ledger_expect(db, COUNTERS, "1|0|0");
    ledger_exec(db, "BEGIN; SAVEPOINT d; " INSERT_G1 "; ROLLBACK TO d; COMMIT");
    ledger_expect(db, COUNTERS, "1|0|0");
    sqlite3_close(db);
}

static void a_failing_statement_leaves_no_counts(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "CREATE TABLE once(x UNIQUE); INSERT INTO once VALUES (1)");
    ledger_exec(db, "CREATE TEMP TRIGGER both AFTER INSERT ON once BEGIN"
                    " INSERT INTO usage_ingest(payload) VALUES (new.x); END");
    (void)ledger_error(db, "INSERT INTO once VALUES ('" G1 "'), (1)");
    ledger_expect(db, COUNTERS, "0|0|0");
    ledger_expect(db, "SELECT count(*) FROM usage_events", "0");
    sqlite3_close(db);
}

static void numbers_are_exact_at_the_64_bit_limits(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ingest(db, "{\"request_id\":\"big\",\"model\":\"m\",\"tokens\":{\"input_tokens\":"
               "9007199254740993,\"output_tokens\":5,\"total_tokens\":9007199254740999}}");
    ingest(db, "{\"request_id\":\"most\",\"provider\":\"claude\",\"tokens\":{\"input_tokens\":"
               "9223372036854775807,\"output_tokens\":9223372036854775807,\"cached_tokens\":"
               "9223372036854775807,\"cache_read_tokens\":-9223372036854775808,"
               "\"cache_creation_tokens\":9223372036854775807}}");
    ledger_expect(db,
                  "SELECT request_id, input_tokens, total_tokens, cache_read_tokens,"
                  " typeof(normalized_total_input_tokens), typeof(total_tokens)"
                  " FROM usage_events ORDER BY id",
                  "big|9007199254740993|9007199254740999|0|integer|integer\n"
                  "most|9223372036854775807|9223372036854775807|-9223372036854775808|"
                  "integer|integer");
    sqlite3_close(db);
}

static void the_account_comes_from_the_gateways_list(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "INSERT INTO gateway(name) VALUES ('default')");
    ledger_exec(db,
                "INSERT INTO gateway_auth_file SELECT 1, auth_index, account, label, file,"
                " provider, project_id, 5000 FROM usage_auth_files('{\"files\":[{\"auth_index\":"
                "\"5f2c9a7710b3e4d1\",\"name\":\"d.json\",\"email\":\"dana@example.org\","
                "\"type\":\"codex\"}]}')");
    ledger_exec(db, INSERT_G1);
    ledger_expect(db,
                  "SELECT account_snapshot, auth_label_snapshot, auth_file_snapshot,"
                  " auth_provider_snapshot, auth_project_id_snapshot, auth_snapshot_at_ms"
                  " FROM usage_events",
                  "dana@example.org|d.json|d.json|codex|NULL|5000");
    sqlite3_close(db);
}

static void it_works_under_an_untrusted_schema(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "PRAGMA trusted_schema = OFF");
    ledger_exec(db, INSERT_G1);
    ledger_expect(db, "SELECT count(*) FROM usage_events", "1");
    ledger_exec(db, "CREATE VIEW v AS SELECT usage_model(model) AS m FROM usage_events");
    ledger_expect(db, "SELECT m FROM v", "gpt-5.4");
    sqlite3_close(db);
}

static void two_connections_share_one_dictionary(void **state)
{
    char path[] = "/tmp/usage-ingest-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    sqlite3 *one = ledger_connect(path);
    ledger_exec(one, "SELECT usage_init()");
    sqlite3 *two = ledger_connect(path);
    ledger_exec(one, INSERT_G1);
    ingest(two, "{\"request_id\":\"r2\",\"model\":\"gpt-5.4\",\"provider\":\"codex\"}");
    ledger_exec(one, INSERT_G1);
    ledger_expect(one, COUNTERS, "1|1|0");
    ledger_expect(two, COUNTERS, "1|0|0");
    ledger_expect(one, "SELECT count(*) FROM term WHERE text = 'gpt-5.4'", "1");
    sqlite3_close(one);
    sqlite3_close(two);
    unlink(path);
}

/* An event that needs a row in each of the side tables. */
#define ODD                                                                                        \
    "{\"event_hash\":\"own\",\"timestamp\":\"then\",\"timestamp_ms\":1767323045000,\"model\":"     \
    "\"m\",\"request_id\":\"odd\",\"failed\":true,\"fail_summary\":\"broken\",\"total_tokens\":"   \
    "9223372036854775807,\"token_breakdown\":{\"schema_version\":2,\"quality\":\"complete\","      \
    "\"total_tokens\":475,\"input\":{\"total_tokens\":180}}}"
#define INSERT_ODD "INSERT INTO usage_ingest(payload) VALUES ('" ODD "')"
#define SIDE_ROWS                                                                                  \
    "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM event_verbatim),"                  \
    " (SELECT count(*) FROM event_failure), (SELECT count(*) FROM event_breakdown)"

/* The event stayed without its side rows. */
static void an_event_is_stored_whole_or_not_at_all(void **state)
{
    static const char *const tables[] = {"event_verbatim", "event_failure", "event_breakdown"};
    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        sqlite3 *db = ledger_new();
        char *trigger = sqlite3_mprintf("CREATE TRIGGER refuse BEFORE INSERT ON %s"
                                        " BEGIN SELECT RAISE(ABORT, 'no room'); END",
                                        tables[i]);
        ledger_exec(db, trigger);
        ledger_exec(db, "BEGIN; " INSERT_G1);
        assert_string_equal(ledger_error(db, INSERT_ODD), "no room");
        ledger_exec(db, "COMMIT");
        ledger_expect(db, SIDE_ROWS, "1|0|0|0");
        ledger_exec(db, "DROP TRIGGER refuse; " INSERT_ODD);
        ledger_expect(db, SIDE_ROWS, "2|1|1|1");
        ledger_expect(db, COUNTERS, "2|0|0");
        sqlite3_free(trigger);
        sqlite3_close(db);
    }
}

/* SQLite gives the id of a deleted last row again; the next event took its side rows. */
static void the_side_rows_of_an_event_go_with_it(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, INSERT_ODD);
    ledger_expect(db, SIDE_ROWS, "1|1|1|1");
    ledger_exec(db, "DELETE FROM event");
    ledger_expect(db, SIDE_ROWS, "0|0|0|0");
    ledger_exec(db, INSERT_G1);
    ledger_expect(db, "SELECT id, timestamp, total_tokens, fail_summary FROM usage_events",
                  "1|2026-04-26T09:15:30.25Z|956|NULL");
    sqlite3_close(db);
}

static void side_rows_without_an_event_are_replaced(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "INSERT INTO event_failure VALUES (1, 'old');"
                    " INSERT INTO event_verbatim(event_id, timestamp) VALUES (1, 'old');"
                    " INSERT INTO event_breakdown VALUES (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
    ledger_exec(db, INSERT_ODD);
    ledger_expect(db, "SELECT timestamp, fail_summary FROM usage_events", "then|broken");
    ledger_expect(db, "SELECT total_tokens FROM usage_breakdowns", "475");
    sqlite3_close(db);
}

/* --- another file under the connection: the ids that were remembered were used on --- */

#define EVENT_OF(model) "{\"timestamp\":1767323045,\"request_id\":\"r\",\"model\":\"" model "\"}"

/* A ledger whose ids stand for other texts than those of another one. */
static sqlite3 *other_ledger(void)
{
    sqlite3 *db = ledger_new();
    ingest(db, EVENT_OF("theirs"));
    ledger_exec(db, "DELETE FROM event");
    return db;
}

static void copy_over(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    assert_non_null(backup);
    assert_int_equal(sqlite3_backup_step(backup, -1), SQLITE_DONE);
    assert_int_equal(sqlite3_backup_finish(backup), SQLITE_OK);
}

static void ids_are_not_remembered_across_a_restore(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    sqlite3 *other = other_ledger();
    ingest(db, EVENT_OF("ours"));
    for (int i = 0; i < 2; i++) {
        copy_over(db, other);
        ingest(db, EVENT_OF("ours"));
        ledger_expect(db, "SELECT model, gateway FROM usage_events", "ours|default");
    }
    sqlite3_close(db);
    sqlite3_close(other);
}

static void ids_are_not_remembered_across_anothers_restore(void **state)
{
    char path[] = "/tmp/usage-ingest-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    sqlite3 *db = ledger_connect(path);
    sqlite3 *beside = ledger_connect(path);
    sqlite3 *other = other_ledger();
    ledger_exec(db, "SELECT usage_init()");
    ingest(db, EVENT_OF("ours"));
    copy_over(beside, other);
    ingest(db, EVENT_OF("ours"));
    ledger_expect(db, "SELECT model FROM usage_events", "ours");
    sqlite3_close(db);
    sqlite3_close(beside);
    sqlite3_close(other);
    unlink(path);
}

static void ids_are_not_remembered_across_anothers_commit(void **state)
{
    char path[] = "/tmp/usage-ingest-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    sqlite3 *db = ledger_connect(path);
    sqlite3 *beside = ledger_connect(path);
    ledger_exec(db, "SELECT usage_init()");
    ingest(db, EVENT_OF("ours"));
    ledger_exec(beside, "DELETE FROM event; DELETE FROM bundle_what; DELETE FROM term");
    ingest(beside, EVENT_OF("theirs"));
    ingest(db, EVENT_OF("ours"));
    ledger_expect(db, "SELECT model FROM usage_events ORDER BY model", "ours\ntheirs");
    sqlite3_close(db);
    sqlite3_close(beside);
    unlink(path);
}

struct restore {
    sqlite3 *to;
    sqlite3 *from;
    int batches;
};

static bool restore_after_the_first_batch(void *arg, const struct import_report *report,
                                          int64_t bytes_total)
{
    struct restore *restore = arg;
    (void)report;
    (void)bytes_total;
    if (restore->batches++ == 0)
        copy_over(restore->to, restore->from);
    return true;
}

/* The ids were remembered from one transaction of an import to the next. */
static void an_import_goes_on_after_a_restore(void **state)
{
    sqlite3 *db = ledger_new();
    sqlite3 *other = other_ledger();
    struct restore restore = {.to = db, .from = other};
    const struct import_options options = {.progress = restore_after_the_first_batch,
                                           .arg = &restore};
    struct record_reader *reader = NULL;
    struct import_report report;
    char error[256];
    sqlite3_str *lines = sqlite3_str_new(NULL);
    (void)state;
    for (size_t i = 0; i < LIMIT_IMPORT_BATCH_EVENTS + 10; i++)
        sqlite3_str_appendf(
            lines, "{\"timestamp\":1767323045,\"request_id\":\"r%d\",\"model\":\"ours\"}\n",
            (int)i);
    size_t len = (size_t)sqlite3_str_length(lines);
    char *content = sqlite3_str_finish(lines);
    assert_non_null(content);
    assert_true(
        record_reader_open_bytes((struct slice){content, len}, &reader, error, sizeof error));
    assert_int_equal(import_run(db, reader, &options, &report), SQLITE_OK);
    assert_true(report.is_complete && restore.batches > 1);
    ledger_expect(db, "SELECT DISTINCT model FROM usage_events", "ours");
    record_reader_close(reader);
    sqlite3_free(content);
    sqlite3_close(db);
    sqlite3_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_payload_becomes_one_row),
        cmocka_unit_test(a_known_event_is_skipped),
        cmocka_unit_test(the_same_time_with_another_hash_is_another_event),
        cmocka_unit_test(received_at_and_gateway_are_arguments),
        cmocka_unit_test(unusable_payloads_go_to_the_dead_letters_and_the_rest_is_stored),
        cmocka_unit_test(a_dead_letter_keeps_at_most_4096_bytes),
        cmocka_unit_test(control_messages_and_blank_payloads_leave_nothing),
        cmocka_unit_test(header_values_that_hold_credentials_are_not_stored),
        cmocka_unit_test(only_insert_is_possible),
        cmocka_unit_test(counters_are_right_after_a_rollback),
        cmocka_unit_test(counters_are_right_after_a_savepoint_is_rolled_back),
        cmocka_unit_test(a_failing_statement_leaves_no_counts),
        cmocka_unit_test(numbers_are_exact_at_the_64_bit_limits),
        cmocka_unit_test(the_account_comes_from_the_gateways_list),
        cmocka_unit_test(it_works_under_an_untrusted_schema),
        cmocka_unit_test(two_connections_share_one_dictionary),
        cmocka_unit_test(an_event_is_stored_whole_or_not_at_all),
        cmocka_unit_test(the_side_rows_of_an_event_go_with_it),
        cmocka_unit_test(side_rows_without_an_event_are_replaced),
        cmocka_unit_test(ids_are_not_remembered_across_a_restore),
        cmocka_unit_test(ids_are_not_remembered_across_anothers_restore),
        cmocka_unit_test(ids_are_not_remembered_across_anothers_commit),
        cmocka_unit_test(an_import_goes_on_after_a_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
