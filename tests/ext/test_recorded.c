/* The events recorded from a real CPA, put in through usage_ingest, give the recorded
 * rows: every value under its name in usage_events, the response metadata byte for byte
 * through usage_response_metadata, the accounts through the gateway's own list. */
#include "tests/ext/ledger.h"

#include <stdlib.h>

#include "ext/json.h"
#include "ext/limits.h"

struct lines {
    char *text; /* the file; lines end in NUL */
    char **line;
    size_t count;
};

static char *read_file(const char *name, size_t *out_len)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/events/%s", USAGE_TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t len = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(len + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, len, file), len);
    text[len] = '\0';
    fclose(file);
    *out_len = len;
    return text;
}

static struct lines read_lines(const char *name)
{
    size_t len;
    struct lines lines = {read_file(name, &len), NULL, 0};
    lines.line = malloc((len + 1) * sizeof *lines.line);
    assert_non_null(lines.line);
    for (char *at = strtok(lines.text, "\n"); at; at = strtok(NULL, "\n"))
        lines.line[lines.count++] = at;
    return lines;
}

static void free_lines(struct lines *lines)
{
    free(lines->text);
    free(lines->line);
}

static void bind_and_run(sqlite3 *db, const char *sql, const char *text)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_bind_text(stmt, 1, text, -1, SQLITE_STATIC), SQLITE_OK);
    if (sqlite3_step(stmt) != SQLITE_DONE)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
}

/* Whether column i of the row holds the JSON value. */
static bool is_equal(sqlite3_stmt *stmt, int i, const struct json *want)
{
    struct slice text = {(const char *)sqlite3_column_text(stmt, i),
                         (size_t)sqlite3_column_bytes(stmt, i)};
    if (!want)
        return sqlite3_column_type(stmt, i) == SQLITE_NULL;
    if (want->type == JSON_STRING)
        return sqlite3_column_type(stmt, i) == SQLITE_TEXT && slice_equal(text, want->text);
    if (want->type != JSON_NUMBER)
        return false;
    if (sqlite3_column_type(stmt, i) == SQLITE_FLOAT)
        return sqlite3_column_double(stmt, i) == json_number_double(want);
    return sqlite3_column_type(stmt, i) == SQLITE_INTEGER && slice_equal(text, want->text);
}

/* Columns that the recorded rows leave out, and those that the recording did not have. */
static bool is_compared(const char *name)
{
    static const char *const others[] = {"id",
                                         "auth_snapshot_at_ms",
                                         "created_at_ms",
                                         "analytics_model",
                                         "access_token_sha256",
                                         "accounting_version",
                                         "generate",
                                         "gateway"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return true;
}

static size_t compare_row(sqlite3_stmt *stmt, const struct json *want, size_t number)
{
    size_t compared = 0;
    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        const char *name = sqlite3_column_name(stmt, i);
        if (!is_compared(name))
            continue;
        const struct json *value = json_get(want, slice_of_cstr(name));
        compared += value != NULL;
        if (!is_equal(stmt, i, value))
            fail_msg("line %zu, %s: expected %.*s, got %s", number, name,
                     value ? (int)value->text.len : 4, value ? value->text.data : "NULL",
                     (const char *)sqlite3_column_text(stmt, i));
    }
    return compared;
}

static void recorded_events_give_the_recorded_rows(void **state)
{
    struct lines events = read_lines("events.jsonl");
    struct lines rows = read_lines("rows.jsonl");
    size_t len;
    char *auth_files = read_file("auth-files.json", &len);
    sqlite3 *db = ledger_new();
    sqlite3_stmt *stmt = NULL;
    struct arena arena;
    (void)state;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    ledger_exec(db, "INSERT INTO gateway(name) VALUES ('default')");
    bind_and_run(db,
                 "INSERT OR REPLACE INTO gateway_auth_file SELECT 1, auth_index, account, label,"
                 " file, provider, project_id, 1 FROM usage_auth_files(?)",
                 auth_files);
    ledger_exec(db, "BEGIN");
    for (size_t i = 0; i < events.count; i++)
        bind_and_run(db, "INSERT INTO usage_ingest(payload) VALUES (?)", events.line[i]);
    ledger_exec(db, "COMMIT");
    ledger_expect(db, "SELECT added, skipped, dead FROM usage_ingest", "1457|0|0");
    assert_int_equal(
        sqlite3_prepare_v2(db,
                           "SELECT *, usage_response_metadata(id) AS response_metadata_json"
                           " FROM usage_events ORDER BY id",
                           -1, &stmt, NULL),
        SQLITE_OK);
    for (size_t i = 0; i < rows.count; i++) {
        struct json_error error;
        arena_reset(&arena);
        const struct json *want = json_parse(&arena, slice_of_cstr(rows.line[i]), &error);
        assert_non_null(want);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        assert_int_equal(compare_row(stmt, want, i + 1), want->count);
    }
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
    /* CPA's own accounting: the sums over the payloads. */
    ledger_expect(db,
                  "SELECT quality, count(*), sum(total_tokens), sum(input_total_tokens),"
                  " sum(input_uncached_tokens), sum(input_cache_read_tokens),"
                  " sum(input_cache_write_tokens), sum(output_total_tokens),"
                  " sum(output_non_reasoning_tokens), sum(output_reasoning_tokens),"
                  " sum(unclassified_tokens) FROM usage_breakdowns GROUP BY quality",
                  "complete|1457|755108|432774|320260|97576|14938|322334|237031|85303|0");
    ledger_expect(db,
                  "SELECT sum(generate), min(accounting_version), count(access_token_sha256)"
                  " FROM usage_events",
                  "1457|2|906");
    sqlite3_close(db);
    arena_clear(&arena);
    free(auth_files);
    free_lines(&events);
    free_lines(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_events_give_the_recorded_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
