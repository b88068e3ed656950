/* usage_jsonl(path_or_blob): lines, arrays, snapshots, gzip, and what is broken. */
#include "tests/ext/ledger.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "ext/jsonl/record_reader.h"
#include "ext/limits.h"

static char path[] = "/tmp/usage-jsonl-XXXXXX";

static void write_file(const char *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static sqlite3 *with_file(const char *text)
{
    write_file(text, strlen(text));
    sqlite3 *db = ledger_new();
    char *sql = sqlite3_mprintf("CREATE TEMP TABLE f AS SELECT %Q AS path", path);
    ledger_exec(db, sql);
    sqlite3_free(sql);
    return db;
}

#define LINES "SELECT line, byte_offset, payload, error FROM f, usage_jsonl(f.path)"

static void lines_have_numbers_and_offsets(void **state)
{
    (void)state;
    sqlite3 *db = with_file("\xef\xbb\xbf{\"a\":1}\r\n\n  \r\n {\"b\":2} \nlast");
    ledger_expect(db, LINES, "1|3|{\"a\":1}|NULL\n4|18|{\"b\":2}|NULL\n5|27|last|NULL");
    sqlite3_close(db);
}

static void an_empty_file_says_so(void **state)
{
    (void)state;
    sqlite3 *db = with_file("");
    ledger_expect(db, LINES, "1|0|NULL|empty usage import payload");
    sqlite3_close(db);
}

static void a_scan_can_stop_early_and_start_again(void **state)
{
    (void)state;
    sqlite3 *db = with_file("a\nb\nc\n");
    ledger_expect(db, LINES " LIMIT 1", "1|0|a|NULL");
    ledger_expect(db,
                  "SELECT x.payload || y.payload FROM f, usage_jsonl(f.path) AS x,"
                  " usage_jsonl(f.path) AS y WHERE x.line < y.line",
                  "ab\nac\nbc");
    sqlite3_close(db);
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    assert_string_equal(ledger_error(db, "SELECT * FROM usage_jsonl('/nowhere/x')"),
                        "usage_jsonl: cannot open /nowhere/x: No such file or directory");
    assert_string_equal(ledger_error(db, "SELECT * FROM usage_jsonl('/tmp')"),
                        "usage_jsonl: /tmp is a directory");
    assert_string_equal(ledger_error(db, "SELECT * FROM usage_jsonl"),
                        "usage_jsonl: give the path: usage_jsonl('events.jsonl')");
    assert_string_equal(ledger_error(db, "SELECT * FROM usage_jsonl(NULL)"),
                        "usage_jsonl: the path is NULL");
    sqlite3_close(db);
}

static void no_view_can_read_files(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_exec(db, "CREATE VIEW v AS SELECT * FROM usage_jsonl('/etc/passwd')");
    assert_string_equal(ledger_error(db, "SELECT * FROM v"),
                        "unsafe use of virtual table \"usage_jsonl\"");
    sqlite3_close(db);
}

/* Lines at the limit of 16 MiB: one below, at, one above, and a very long one. */
static void a_line_beyond_the_limit_is_an_error_and_not_the_end(void **state)
{
    static const size_t lengths[] = {LIMIT_PAYLOAD_BYTES - 1, LIMIT_PAYLOAD_BYTES,
                                     LIMIT_PAYLOAD_BYTES + 1, 5 * LIMIT_PAYLOAD_BYTES};
    char *bytes = malloc(5 * LIMIT_PAYLOAD_BYTES + 3);
    (void)state;
    assert_non_null(bytes);
    sqlite3 *db = with_file("");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char expected[200];
        memset(bytes, 'x', lengths[i]);
        memcpy(bytes + lengths[i], "\nyy", 3);
        write_file(bytes, lengths[i] + 3);
        bool is_long = lengths[i] > LIMIT_PAYLOAD_BYTES;
        (void)snprintf(expected, sizeof expected, "1|0|%s|%s\n2|%zu|2|NULL",
                       is_long  ? "NULL"
                       : i == 0 ? "16777215"
                                : "16777216",
                       is_long ? "the record is longer than 16 MiB" : "NULL", lengths[i] + 1);
        ledger_expect(db,
                      "SELECT line, byte_offset, length(payload), error"
                      " FROM f, usage_jsonl(f.path)",
                      expected);
    }
    sqlite3_close(db);
    free(bytes);
}

#define BLOB(text)                                                                                 \
    "SELECT line, byte_offset, payload, format, error FROM usage_jsonl(CAST('" text "' AS BLOB))"

static void arrays_are_read_element_by_element(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_expect(db, BLOB(" [ {\"a\":[1,\"]\"]} ,\n5,\"x\", null] "),
                  "1|3|{\"a\":[1,\"]\"]}|usage_service_jsonl|NULL\n"
                  "2|19|5|usage_service_jsonl|NULL\n"
                  "2|21|\"x\"|usage_service_jsonl|NULL\n"
                  "2|26|null|usage_service_jsonl|NULL");
    ledger_expect(db, BLOB("[]"), "");
    ledger_expect(db, BLOB("[1,2"),
                  "1|1|1|usage_service_jsonl|NULL\n1|3|2|usage_service_jsonl|NULL\n"
                  "1|4|NULL|usage_service_jsonl|the array ends in the middle");
    ledger_expect(db, BLOB("[1] 2"),
                  "1|4|NULL|usage_service_jsonl|"
                  "usage import payload contains multiple JSON values");
    ledger_expect(db, BLOB("[1 2]"),
                  "1|1|1|usage_service_jsonl|NULL\n"
                  "1|3|NULL|usage_service_jsonl|the array is not JSON");
    sqlite3_close(db);
}

static void a_first_object_may_have_many_lines(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_expect(db, BLOB("{\n\"model\":\n\"m\"}\n{\"b\":1}\n"),
                  "1|0|{\n\"model\":\n\"m\"}|usage_service_jsonl|NULL\n"
                  "4|16|{\"b\":1}|usage_service_jsonl|NULL");
    ledger_expect(db, BLOB("{\"a\":1} {\"b\":1}"),
                  "1|0|{\"a\":1}|usage_service_jsonl|NULL\n"
                  "1|8|{\"b\":1}|usage_service_jsonl|NULL");
    ledger_expect(db, BLOB("{bad\n{\"b\":1}"),
                  "1|0|{bad|usage_service_jsonl|NULL\n2|5|{\"b\":1}|usage_service_jsonl|NULL");
    ledger_expect(db, BLOB(" \n\t"), "2|3|NULL||empty usage import payload");
    sqlite3_close(db);
}

static void snapshots_give_a_payload_for_each_detail(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_expect(
        db,
        BLOB("{\"usage\":{\"apis\":{\"b\":{\"models\":{\"m\":{\"details\":[{\"t\":1},\n5]},"
             "\"e\":{\"details\":[]}}},\"a\":{\"models\":{\"x\":3}},\"c\":1}}}"),
        "1|49|{\"format\":\"legacy_usage_export\",\"endpoint\":\"b\",\"model\":\"m\","
        "\"ordinals\":[2,2,0],\"detail\":{\"t\":1}}|legacy_usage_export|NULL\n"
        "2|58|NULL|legacy_usage_export|a detail is not an object\n"
        "2|77|NULL|legacy_usage_export|a model without request details\n"
        "2|102|NULL|legacy_usage_export|an endpoint or model of the snapshot is not an object\n"
        "2|110|NULL|legacy_usage_export|an endpoint or model of the snapshot is not an object");
    sqlite3_close(db);
}

static void of_a_repeated_key_the_last_counts(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    ledger_expect(db,
                  BLOB("{\"apis\":{\"old\":{\"models\":{\"m\":{\"details\":[{\"t\":1}]}}}},"
                       "\"apis\":{\"a\":1,\"a\":{\"models\":{\"m\":{\"details\":[{\"t\":2}]},"
                       "\"m\":{\"details\":[{\"t\":0}],\"details\":[{\"t\":3}]}}}}}"),
                  "1|146|{\"format\":\"legacy_usage_export\",\"endpoint\":\"a\",\"model\":\"m\","
                  "\"ordinals\":[1,1,0],\"detail\":{\"t\":3}}|legacy_usage_payload|NULL");
    sqlite3_close(db);
}

static void expect_refused_duplicate(const char *content, const char *key)
{
    char error[192];
    char expected[192];
    struct record_reader *reader;
    struct record_item item;
    (void)snprintf(expected, sizeof expected,
                   "usage import legacy object contains duplicate structural key \"%s\"", key);
    assert_true(record_reader_open_bytes(slice_of_cstr(content), &reader, error, sizeof error));
    record_reader_refuse_duplicates(reader);
    assert_int_equal(record_reader_next(reader, &item), RECORD_FAILED);
    assert_string_equal(item.error, expected);
    record_reader_close(reader);
}

/* The keys of "apis" can be clients' own keys, and once stood in the error as they are. */
static void a_repeated_key_is_told_without_the_text_of_a_map(void **state)
{
    (void)state;
#define MODEL "{\"details\":[{\"t\":1}]}"
    expect_refused_duplicate("{\"apis\":{},\"apis\":{\"a\":{\"models\":{\"m\":" MODEL "}}}}",
                             "apis");
    expect_refused_duplicate(
        "{\"apis\":{\"sk-secret\":1,\"a\":1,\"sk-secret\":{\"models\":{\"m\":" MODEL "}}}}",
        "apis.<2>");
    expect_refused_duplicate("{\"usage\":{\"apis\":{\"b\":{\"models\":{\"m\":" MODEL ",\"m\":" MODEL
                             "}},\"a\":1}}}",
                             "apis.<2>.models.<1>");
    expect_refused_duplicate("{\"apis\":{\"a\":{\"models\":1,\"models\":{\"m\":" MODEL "}}}}",
                             "models");
#undef MODEL
}

/* A key at the limit and one above, with its quotes. */
static void a_key_of_a_snapshot_has_a_limit(void **state)
{
    static const char head[] = "{\"apis\":{\"b\":1,\"";
    static const char tail[] = "\":{\"models\":{\"m\":{\"details\":[{\"t\":1}]}}}}}";
    char content[LIMIT_LEGACY_KEY_BYTES + sizeof head + sizeof tail];
    (void)state;
    for (size_t len = LIMIT_LEGACY_KEY_BYTES - 2; len < LIMIT_LEGACY_KEY_BYTES; len++) {
        char error[192];
        struct record_reader *reader;
        struct record_item item;
        memcpy(content, head, sizeof head - 1);
        memset(content + sizeof head - 1, 'k', len);
        memcpy(content + sizeof head - 1 + len, tail, sizeof tail);
        assert_true(record_reader_open_bytes(slice_of_cstr(content), &reader, error, sizeof error));
        if (len + 2 == LIMIT_LEGACY_KEY_BYTES) {
            assert_int_equal(record_reader_next(reader, &item), RECORD_BAD); /* "b" */
            assert_int_equal(record_reader_next(reader, &item), RECORD_OK);
        } else {
            assert_int_equal(record_reader_next(reader, &item), RECORD_FAILED);
            assert_string_equal(item.error, "the snapshot has a key that is too long");
        }
        record_reader_close(reader);
    }
}

static void snapshots_without_details_are_refused(void **state)
{
    static const char no_details[] = "legacy usage export does not contain request details";
    char expected[400];
    (void)state;
    sqlite3 *db = ledger_new();
#define EXPECT_REFUSED(text, offset, format)                                                       \
    (void)snprintf(expected, sizeof expected,                                                      \
                   "1|" offset "|NULL|" format "|%s\n1|" offset "|NULL|" format "|%s", no_details, \
                   no_details);                                                                    \
    ledger_expect(db, BLOB(text), expected)
    EXPECT_REFUSED("{\"total_requests\":5}", "20", "legacy_usage_payload");
    EXPECT_REFUSED("{\"usage\":{\"apis\":{}}}", "21", "legacy_usage_export");
#undef EXPECT_REFUSED
    (void)snprintf(expected, sizeof expected, "1|11|NULL|usage_service_jsonl|%s", no_details);
    ledger_expect(db, BLOB("{\"usage\":5}"), expected);
    ledger_expect(db, BLOB("{\"apis\":{\"a\":{\"models\":{\"m\":{\"details\":[{}"),
                  "1|42|NULL|legacy_usage_payload|the snapshot ends in the middle");
    ledger_expect(db, BLOB("{\"apis\":{\"a\":{\"models\":{\"m\":{\"details\":[{}]}}}}} {}"),
                  "1|49|NULL|legacy_usage_payload|"
                  "usage import payload contains multiple JSON values");
    sqlite3_close(db);
}

/* Two gzip members, "a\nb\n" and "c\n". */
static const unsigned char gzipped[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0xe4, 0x4a, 0xe2, 0x02, 0x00,
    0x97, 0x2a, 0x57, 0x18, 0x04, 0x00, 0x00, 0x00, 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x02, 0x03, 0x4b, 0xe6, 0x02, 0x00, 0x85, 0xc3, 0xdc, 0xef, 0x02, 0x00, 0x00, 0x00};

static void gzip_is_read_whole_or_told_broken(void **state)
{
    (void)state;
    sqlite3 *db = with_file("");
    write_file((const char *)gzipped, sizeof gzipped);
    ledger_expect(db, LINES, "1|0|a|NULL\n2|2|b|NULL\n3|4|c|NULL");
    write_file((const char *)gzipped, sizeof gzipped - 9);
    ledger_expect(db, "SELECT max(line), max(error) FROM f, usage_jsonl(f.path)",
                  "4|the gzip data ends in the middle");
    unsigned char damaged[sizeof gzipped];
    memcpy(damaged, gzipped, sizeof gzipped);
    damaged[sizeof gzipped - 6] ^= 1; /* the check sum */
    write_file((const char *)damaged, sizeof damaged);
    /* What stood before the damage was once lost with it. */
    ledger_expect(db, LINES,
                  "1|0|a|NULL\n2|2|b|NULL\n3|4|c|NULL\n4|6|NULL|the gzip data is damaged");
    sqlite3_close(db);
}

static int make_file(void **state)
{
    (void)state;
    return mkstemp(path) >= 0 ? 0 : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_numbers_and_offsets),
        cmocka_unit_test(an_empty_file_says_so),
        cmocka_unit_test(a_scan_can_stop_early_and_start_again),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(no_view_can_read_files),
        cmocka_unit_test(a_line_beyond_the_limit_is_an_error_and_not_the_end),
        cmocka_unit_test(arrays_are_read_element_by_element),
        cmocka_unit_test(a_first_object_may_have_many_lines),
        cmocka_unit_test(snapshots_give_a_payload_for_each_detail),
        cmocka_unit_test(of_a_repeated_key_the_last_counts),
        cmocka_unit_test(a_repeated_key_is_told_without_the_text_of_a_map),
        cmocka_unit_test(a_key_of_a_snapshot_has_a_limit),
        cmocka_unit_test(snapshots_without_details_are_refused),
        cmocka_unit_test(gzip_is_read_whole_or_told_broken),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
