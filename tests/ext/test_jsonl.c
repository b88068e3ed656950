/* usage_jsonl(path) and the line reader below it. */
#include "tests/ext/ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include "ext/jsonl/line_reader.h"

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

static void an_empty_file_has_no_rows(void **state)
{
    (void)state;
    sqlite3 *db = with_file("");
    ledger_expect(db, LINES, "");
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

/* Lines of every length around the limit, and around the size of one read. */
static void a_line_beyond_the_limit_is_an_error_and_not_the_end(void **state)
{
    enum { LIMIT = 1000 };
    char bytes[3 * LIMIT];
    (void)state;
    for (size_t len = LIMIT - 1; len <= 2 * LIMIT; len += len < LIMIT + 4 ? 1 : 97) {
        struct line_reader reader;
        struct slice line;
        int64_t offset;
        char error[160];
        memset(bytes, 'x', sizeof bytes);
        bytes[len] = '\n';
        write_file(bytes, len + 3); /* then "xx" */
        assert_true(line_reader_open(&reader, path, LIMIT, error, sizeof error));
        enum line_result result = line_reader_next(&reader, &line, &offset);
        assert_int_equal(result, len <= LIMIT ? LINE_OK : LINE_TOO_LONG);
        assert_int_equal(line.len, len <= LIMIT ? len : 0);
        assert_int_equal(line_reader_next(&reader, &line, &offset), LINE_OK);
        assert_int_equal(line.len, 2);
        assert_int_equal(offset, len + 1);
        assert_int_equal(reader.number, 2);
        assert_int_equal(line_reader_next(&reader, &line, &offset), LINE_END);
        line_reader_close(&reader);
    }
}

static void a_very_long_line_needs_no_memory(void **state)
{
    struct line_reader reader;
    struct slice line;
    int64_t offset;
    char error[160];
    (void)state;
    size_t len = (size_t)20 * 1024 * 1024;
    char *bytes = malloc(len);
    assert_non_null(bytes);
    memset(bytes, 'x', len);
    bytes[len - 2] = '\n';
    write_file(bytes, len);
    free(bytes);
    assert_true(line_reader_open(&reader, path, 1024, error, sizeof error));
    assert_int_equal(line_reader_next(&reader, &line, &offset), LINE_TOO_LONG);
    assert_int_equal(line_reader_next(&reader, &line, &offset), LINE_OK);
    assert_int_equal(offset, len - 1);
    assert_true(reader.size <= 1024 * 1024);
    line_reader_close(&reader);
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
        cmocka_unit_test(an_empty_file_has_no_rows),
        cmocka_unit_test(a_scan_can_stop_early_and_start_again),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(no_view_can_read_files),
        cmocka_unit_test(a_line_beyond_the_limit_is_an_error_and_not_the_end),
        cmocka_unit_test(a_very_long_line_needs_no_memory),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
