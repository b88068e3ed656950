/* Bad files: cut anywhere, nested too deep, broken text, shrinking, a line of 200 MB. Each
 * gives what stands before the damage and a clear error; the whole file, imported after it,
 * adds the rest and doubles nothing. (Other bad files: test_jsonl.c and test_import.c.)
 *
 * With the argument "long" only the line of 200 MB, which takes its time. */
#include "tests/ext/ledger.h"

#include <stdlib.h>
#include <unistd.h>
#define ZLIB_CONST /* its input pointer is to const then */
#include <zlib.h>

#include "ext/limits.h"

static char path[] = "/tmp/usage-bad-XXXXXX";

#define EVENT(id) "{\"timestamp\":1767323045,\"model\":\"m\",\"request_id\":\"" id "\"}"
#define DETAIL(second)                                                                             \
    "{\"timestamp\":\"2026-01-02T03:04:0" second "Z\",\"tokens\":{\"total_tokens\":3}}"
#define INGEST "INSERT INTO usage_ingest(payload) SELECT payload FROM usage_jsonl(?1)"

/* Run a statement with the bytes as ?1; the first column of its first row, or 0. */
static int64_t run_with(sqlite3 *db, const char *sql, const char *bytes, size_t len)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    if (sqlite3_bind_parameter_count(stmt) > 0)
        assert_int_equal(sqlite3_bind_blob64(stmt, 1, bytes, len, SQLITE_STATIC), SQLITE_OK);
    int rc = sqlite3_step(stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        fail_msg("the first %zu bytes: %s", len, sqlite3_errmsg(db));
    int64_t value = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return value;
}

static int64_t count_events(sqlite3 *db)
{
    return run_with(db, "SELECT count(*) FROM event", "", 0);
}

static size_t compress_whole(const char *text, char *out, size_t size)
{
    z_stream stream = {.next_in = (const unsigned char *)text, .avail_in = (unsigned)strlen(text)};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = (unsigned char *)out;
    stream.avail_out = (unsigned)size;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return size - stream.avail_out;
}

/* Import the first len bytes and then all. Whether each step adds what it must is for the
 * caller to know: *out_first is what the cut file gave. */
static void import_cut(sqlite3 *db, const char *bytes, size_t len, size_t cut, int64_t events,
                       int64_t *out_first)
{
    ledger_exec(db, "BEGIN");
    (void)run_with(db, INGEST, bytes, cut);
    *out_first = count_events(db);
    (void)run_with(db, INGEST, bytes, len);
    if (count_events(db) != events)
        fail_msg("cut at %zu of %zu and then whole: %lld events for %lld", cut, len,
                 (long long)count_events(db), (long long)events);
    ledger_exec(db, "ROLLBACK");
}

/* How many of the events' last bytes lie before the cut: each ends with "}". */
static int64_t whole_before(const char *bytes, size_t cut)
{
    int64_t count = 0;
    for (size_t i = 0; i < cut; i++)
        count += bytes[i] == '}';
    return count;
}

static void a_cut_at_every_byte_keeps_what_stands_before_it(void **state)
{
    static const char *const files[] = {
        EVENT("a") "\n" EVENT("b") "\r\n\n" EVENT("c") "\n",
        "[" EVENT("a") " ,\n" EVENT("b") "," EVENT("c") "]\n",
        "{\n\"timestamp\":1767323045,\n\"model\":\"m\"}\n" EVENT("b") "\n" EVENT("c"),
    };
    (void)state;
    sqlite3 *db = ledger_new();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t len = strlen(files[i]);
        for (size_t cut = 0; cut <= len; cut++) {
            int64_t first;
            import_cut(db, files[i], len, cut, 3, &first);
            if (first != whole_before(files[i], cut))
                fail_msg("file %zu cut at %zu: %lld events", i, cut, (long long)first);
        }
    }
    sqlite3_close(db);
}

/* A snapshot is refused as a whole: which of its keys count is known only at its end. */
static void a_snapshot_cut_at_any_byte_is_refused(void **state)
{
    static const char snapshot[] = "{\"usage\":{\"apis\":{\"POST /x\":{\"models\":{\"m\":{"
                                   "\"details\":[" DETAIL("1") "," DETAIL("2") "]}}}}}}";
    (void)state;
    sqlite3 *db = ledger_new();
    for (size_t cut = 0; cut <= sizeof snapshot - 1; cut++) {
        int64_t first;
        import_cut(db, snapshot, sizeof snapshot - 1, cut, 2, &first);
        assert_int_equal(first, cut == sizeof snapshot - 1 ? 2 : 0);
        assert_int_equal(run_with(db,
                                  "SELECT count(*) FROM usage_jsonl(?1)"
                                  " WHERE error NOTNULL OR NOT json_valid(payload)",
                                  snapshot, cut),
                         cut < sizeof snapshot - 1);
    }
    sqlite3_close(db);
}

static void gzip_cut_at_any_byte_is_told(void **state)
{
    char bytes[512];
    (void)state;
    sqlite3 *db = ledger_new();
    size_t len =
        compress_whole(EVENT("a") "\n" EVENT("b") "\n" EVENT("c") "\n", bytes, sizeof bytes);
    int64_t before = 0;
    for (size_t cut = 2; cut <= len; cut++) { /* from two bytes on it is known as gzip */
        int64_t first;
        import_cut(db, bytes, len, cut, 3, &first);
        assert_true(first >= before && first <= 3); /* more bytes give no fewer events */
        before = first;
        int64_t told = run_with(db,
                                "SELECT count(*) FROM usage_jsonl(?1)"
                                " WHERE error = 'the gzip data ends in the middle'",
                                bytes, cut);
        if (told != (cut < len))
            fail_msg("cut at %zu of %zu: told %lld times", cut, len, (long long)told);
    }
    assert_int_equal(before, 3);
    sqlite3_close(db);
}

/* A line {"model":"m","x":[[...]]} that is depth levels deep, and a good one. */
static void import_nested(sqlite3 *db, size_t depth)
{
    char *bytes = malloc(2 * depth + 200);
    assert_non_null(bytes);
    size_t len = (size_t)sprintf(bytes, "{\"model\":\"deep\",\"x\":");
    memset(bytes + len, '[', depth - 1);
    memset(bytes + len + depth - 1, ']', depth - 1);
    len += 2 * (depth - 1);
    len += (size_t)sprintf(bytes + len, "}\n" EVENT("a") "\n");
    (void)run_with(db, INGEST, bytes, len);
    free(bytes);
}

static void nesting_beyond_the_limit_is_one_dead_letter(void **state)
{
    (void)state;
    sqlite3 *db = ledger_new();
    import_nested(db, LIMIT_JSON_DEPTH);
    ledger_expect(db, "SELECT added, skipped, dead FROM usage_ingest", "2|0|0");
    import_nested(db, LIMIT_JSON_DEPTH + 1);
    ledger_expect(db, "SELECT added, skipped, dead FROM usage_ingest", "2|1|1");
    ledger_expect(db, "SELECT reason FROM dead_letter", "invalid character '[' exceeded max depth");
    import_nested(db, 100 * LIMIT_JSON_DEPTH);
    ledger_expect(db, "SELECT added, skipped, dead FROM usage_ingest", "2|2|2");
    sqlite3_close(db);
}

static void broken_text_and_repeated_keys_are_read_as_cpa_reads_them(void **state)
{
    static const char bytes[] =
        "{\"timestamp\":1,\"model\":\"a\xff\xc3(\",\"request_id\":\"\xed\xa0\x80\"}\n"
        "{\"timestamp\":2,\"model\":\"a\",\"model\":\"b\"}\n";
    (void)state;
    sqlite3 *db = ledger_new();
    (void)run_with(db, INGEST, bytes, sizeof bytes - 1);
    ledger_expect(db, "SELECT model, request_id FROM usage_events ORDER BY timestamp_ms",
                  "a\xef\xbf\xbd\xef\xbf\xbd(|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\nb|NULL");
    sqlite3_close(db);
}

/* The file loses its second half while its first is read. */
static void a_file_that_shrinks_ends_where_it_ends_now(void **state)
{
    const int lines = 40000; /* more than is read at once */
    int64_t whole = 0;
    int64_t broken = 0;
    sqlite3_stmt *stmt = NULL;
    (void)state;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < lines; i++)
        assert_true(fprintf(file, "{\"model\":\"m\",\"request_id\":\"%08d\"}\n", i) > 0);
    long len = ftell(file);
    assert_int_equal(fclose(file), 0);
    sqlite3 *db = ledger_new();
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT json_valid(payload) FROM usage_jsonl(?1)", -1, &stmt, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_int_equal(truncate(path, len / 2 + 7), 0); /* in the middle of a line */
    do {
        whole += sqlite3_column_int(stmt, 0) == 1;
        broken += sqlite3_column_int(stmt, 0) == 0;
    } while (sqlite3_step(stmt) == SQLITE_ROW);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(whole, lines / 2);
    assert_int_equal(broken, 1);
    sqlite3_close(db);
}

static void a_line_of_200_mb_is_one_error(void **state)
{
    char sql[200];
    (void)state;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 200L * 1000 * 1000, SEEK_SET), 0); /* the file has a hole */
    assert_true(fprintf(file, "\n" EVENT("a") "\n") > 0);
    assert_int_equal(fclose(file), 0);
    sqlite3 *db = ledger_new();
    (void)sqlite3_memory_highwater(1);
    (void)snprintf(sql, sizeof sql,
                   "SELECT json_extract(usage_import('%s'), '$.added', '$.failed', '$.errors')",
                   path);
    ledger_expect(db, sql,
                  "[1,1,[{\"line\":1,\"byte_offset\":0,\"error\":\"the record is longer than"
                  " 16 MiB\"}]]");
    assert_true(sqlite3_memory_highwater(0) < 64 * 1024 * 1024);
    sqlite3_close(db);
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd >= 0 ? close(fd) : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_at_every_byte_keeps_what_stands_before_it),
        cmocka_unit_test(a_snapshot_cut_at_any_byte_is_refused),
        cmocka_unit_test(gzip_cut_at_any_byte_is_told),
        cmocka_unit_test(nesting_beyond_the_limit_is_one_dead_letter),
        cmocka_unit_test(broken_text_and_repeated_keys_are_read_as_cpa_reads_them),
        cmocka_unit_test(a_file_that_shrinks_ends_where_it_ends_now),
    };
    const struct CMUnitTest long_tests[] = {
        cmocka_unit_test(a_line_of_200_mb_is_one_error),
    };
    if (argc > 1 && strcmp(argv[1], "long") == 0)
        return cmocka_run_group_tests(long_tests, make_file, remove_file);
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
