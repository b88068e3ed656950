/* The extension under failing memory: every allocation of a call fails once, and then all
 * from that one on. Each run says "out of memory" or gives the same result as without a
 * fault; afterwards the database is whole, the same call succeeds on the same connection
 * with the same content, and nothing stays allocated.
 *
 * A call makes some hundreds of allocations, making the schema 9,000: normally about
 * RUNS_A_CASE of them are tried, evenly spread; with the argument "every" all of them, which
 * takes minutes.
 *
 * Lookaside is off, so that every allocation of SQLite and of ours comes through the hook. */
#include "tests/ext/ledger.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* --- the allocator that fails --- */

static sqlite3_mem_methods real;
static long until_failure; /* allocations until one fails; 0: none does */
static bool is_lasting;    /* all later ones fail too */
static long outstanding;   /* allocations not freed */

static bool is_refused(void)
{
    if (until_failure == 0 || until_failure-- > 1)
        return false;
    if (is_lasting)
        until_failure = 1;
    return true;
}

static void *counted_malloc(int size)
{
    void *memory = is_refused() ? NULL : real.xMalloc(size);
    outstanding += memory != NULL;
    return memory;
}

static void counted_free(void *memory)
{
    outstanding--;
    real.xFree(memory);
}

static void *counted_realloc(void *memory, int size)
{
    return is_refused() ? NULL : real.xRealloc(memory, size);
}

/* --- the calls --- */

struct fault_case {
    const char *name;
    const char *sql;        /* one statement; the text ?1 is argument */
    const char *argument;   /* NULL: input_path; "" none */
    size_t argument_len;    /* not 0: argument is a blob of this length */
    const char *file;       /* content of the file at input_path; NULL: none */
    bool is_empty_database; /* otherwise the ledger of set_up */
};

#define RICH_EVENT                                                                                 \
    "{\"timestamp\":\"2026-01-02T03:04:05.123456789Z\",\"failed\":true,\"fail\":"                  \
    "{\"status_code\":429,\"body\":\"mail a@example.com sk-12345678\"},\"response_headers\":"      \
    "{\"Retry-After\":[\"30\"],\"X-Codex-Plan-Type\":[\"plus\"],\"X-Request-Id\":[\"req_0a\"],"    \
    "\"X-Codex-Primary-Used-Percent\":[\"37.5\"],\"Server\":[\"nginx\"]},\"model\":\"gpt-5\","     \
    "\"alias\":\"gpt-5(high)\",\"provider\":\"codex\",\"auth_index\":\"i1\",\"api_key\":\"k\","    \
    "\"source\":\"sk-12345678\",\"request_id\":\"0a0b0c0d\",\"client_ip\":\"192.0.2.1\","          \
    "\"endpoint\":\"POST /v1/responses\",\"latency_ms\":57,\"access_token_sha256\":\"t\","         \
    "\"tokens\":{\"input_tokens\":180,\"output_tokens\":294,\"cached_tokens\":49,"                 \
    "\"total_tokens\":474},\"accounting_version\":2,\"token_breakdown\":{\"schema_version\":2,"    \
    "\"quality\":\"complete\",\"total_tokens\":475,\"input\":{\"total_tokens\":180}}}\n"
#define OWN_EVENT                                                                                  \
    "{\"event_hash\":\"own\",\"timestamp\":\"then\",\"timestamp_ms\":1767323045000,\"model\":"     \
    "\"m\",\"fail_summary\":\"f\",\"failed\":true,\"total_tokens\":9223372036854775807}\n"
#define EVENTS RICH_EVENT OWN_EVENT
#define DEAD "{\"hello\":\"sk-12345678\"}\n"
#define LEGACY                                                                                     \
    "{\"usage\":{\"apis\":{\"POST /v1/x\":{\"models\":{\"m\":{\"details\":[{\"timestamp\":"        \
    "\"2026-01-02T03:04:05Z\",\"tokens\":{\"total_tokens\":3}},5]},\"n\":{}}}}}}"

#define LINES_OF_BLOB "SELECT line, payload, error FROM usage_jsonl(?1)"
#define BLOB(text) (text), sizeof(text) - 1

static const char *const files = "{\"files\":[{\"auth_index\":\"i1\",\"name\":\"a.json\","
                                 "\"email\":\"a@example.com\",\"label\":\"l\"}]}";
static char input_path[] = "/tmp/usage-fault-XXXXXX";
static char output_path[64];

/* "a\nb\n", compressed. */
#define GZIP                                                                                       \
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xe4\x4a\xe2\x02\x00\x97\x2a\x57\x18\x04\x00\x00" \
    "\x00"

#define RUNS_A_CASE 60
static bool is_every; /* allocation is tried, not only some */

static const struct fault_case cases[] = {
    {"usage_init", "SELECT usage_init()", "", 0, NULL, true},
    {"usage_init again", "SELECT usage_init()", "", 0, NULL, false},
    {"an event", "INSERT INTO usage_ingest(payload, gateway) VALUES (?1, 'cpa-2')", RICH_EVENT, 0,
     NULL, false},
    {"several events", "INSERT INTO usage_ingest(payload) SELECT payload FROM usage_jsonl(?1)",
     BLOB(EVENTS EVENTS), NULL, false},
    {"a dead letter", "INSERT INTO usage_ingest(payload, received_at_ms) VALUES (?1, 5)", DEAD, 0,
     NULL, false},
    {"usage_events", "SELECT * FROM usage_events", "", 0, NULL, false},
    {"usage_breakdowns", "SELECT * FROM usage_breakdowns", "", 0, NULL, false},
    {"usage_response_metadata", "SELECT usage_response_metadata(id) FROM event", "", 0, NULL,
     false},
    {"lines", LINES_OF_BLOB, BLOB(EVENTS), NULL, false},
    {"an array", LINES_OF_BLOB, BLOB("[{\"a\":1},\n{\"b\":\"\\u0041\"}, 5]"), NULL, false},
    {"an object over lines", LINES_OF_BLOB, BLOB("{\"model\":\n\"m\"}\n{}"), NULL, false},
    {"a snapshot", LINES_OF_BLOB, BLOB(LEGACY), NULL, false},
    {"gzip", LINES_OF_BLOB, BLOB(GZIP), NULL, false},
    {"a file", LINES_OF_BLOB, NULL, 0, EVENTS DEAD, false},
    {"usage_import", "SELECT json_remove(usage_import(?1), '$.seconds')", NULL, 0, EVENTS DEAD,
     false},
    {"usage_import of a snapshot", "SELECT json_remove(usage_import(?1, 'g'), '$.seconds')", NULL,
     0, LEGACY, false},
    {"usage_export", "SELECT json_remove(usage_export(?1), '$.seconds')", output_path, 0, NULL,
     false},
    {"usage_export of a part",
     "SELECT json_remove(usage_export(?1, 0, 1767323045124, 5), '$.seconds')", output_path, 0, NULL,
     false},
    {"usage_auth_files", "SELECT * FROM usage_auth_files(?1)",
     "{\"files\":[{\"auth_index\":\"i\"}]}", 0, NULL, false},
    {"usage_event_hash", "SELECT usage_event_hash(?1)", RICH_EVENT, 0, NULL, false},
    {"usage_model", "SELECT usage_model(?1)", "gpt-5(high)", 0, NULL, false},
    {"usage_account_key", "SELECT usage_account_key(?1, 'i', 's', 'a', 'l', 'p', 'q', 'r')",
     "a.json", 0, NULL, false},
    {"usage_secret_seal",
     "SELECT usage_secret_open(usage_secret_seal(?1, zeroblob(32)),"
     " zeroblob(32))",
     "secret", 0, NULL, false},
};

/* --- one run --- */

static unsigned char *ledger_image; /* a ledger with EVENTS in it, as a file */
static sqlite3_int64 ledger_bytes;
static char result[65536]; /* the rows of the last run */

static sqlite3 *open_case(const struct fault_case *fault)
{
    sqlite3 *db = ledger_connect(":memory:");
    if (fault->is_empty_database)
        return db;
    unsigned char *copy = sqlite3_malloc64((sqlite3_uint64)ledger_bytes);
    assert_non_null(copy);
    memcpy(copy, ledger_image, (size_t)ledger_bytes);
    assert_int_equal(
        sqlite3_deserialize(db, "main", copy, ledger_bytes, ledger_bytes,
                            SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE),
        SQLITE_OK);
    ledger_exec(db, "SELECT * FROM sqlite_schema"); /* read the schema */
    return db;
}

static void add_result(const char *text)
{
    size_t len = strlen(result);
    (void)snprintf(result + len, sizeof result - len, "%s|", text ? text : "NULL");
}

/* Run sql. SQLITE_OK with its rows in result, or the extended code with the message there. */
static int run_sql(sqlite3 *db, const char *sql, const struct fault_case *fault)
{
    sqlite3_stmt *stmt = NULL;
    const char *argument = fault->argument ? fault->argument : input_path;
    bool is_lost = false; /* a column could not be read */
    result[0] = '\0';
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK && sqlite3_bind_parameter_count(stmt) == 1)
        rc = fault->argument_len
                 ? sqlite3_bind_blob64(stmt, 1, argument, fault->argument_len, SQLITE_STATIC)
                 : sqlite3_bind_text(stmt, 1, argument, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            bool is_null = sqlite3_column_type(stmt, i) == SQLITE_NULL;
            const char *text = (const char *)sqlite3_column_text(stmt, i);
            is_lost |= !text && !is_null;
            add_result(text);
        }
    if (rc == SQLITE_OK)
        rc = sqlite3_reset(stmt);
    if (rc != SQLITE_OK) {
        rc = sqlite3_extended_errcode(db);
        (void)snprintf(result, sizeof result, "%s", sqlite3_errmsg(db));
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_OK && is_lost ? SQLITE_NOMEM : rc;
}

/* All that the ledger holds, apart from ids and the time of storing. */
static const char *content_of(sqlite3 *db)
{
    static const struct fault_case none = {.argument = ""};
    ledger_exec(db, "SELECT usage_init()");
    ledger_expect(db, "PRAGMA integrity_check", "ok");
    assert_int_equal(
        run_sql(db,
                "SELECT event_hash, timestamp, model, requested_model, fail_summary,"
                " account_snapshot, source, endpoint, client_ip, e.total_tokens, gateway,"
                " usage_response_metadata(e.id), b.total_tokens FROM usage_events AS e"
                " LEFT JOIN usage_breakdowns AS b ON b.event_id = e.id ORDER BY event_hash",
                &none),
        SQLITE_OK);
    char *events = strdup(result);
    assert_non_null(events);
    assert_int_equal(run_sql(db, "SELECT reason, payload_json FROM dead_letter", &none), SQLITE_OK);
    size_t len = strlen(result);
    (void)snprintf(result + len, sizeof result - len, "%s", events);
    free(events);
    return result;
}

static void next_insert_works(sqlite3 *db)
{
    ledger_exec(db, "INSERT INTO usage_ingest(payload) VALUES"
                    " ('{\"timestamp\":7,\"model\":\"after\",\"request_id\":\"after\"}')");
    ledger_expect(db, "SELECT model FROM usage_events WHERE request_id = 'after'", "after");
}

struct reference {
    char *rows;
    char *content;
};

/* Run the case with the failing-th allocation refused. Whether none was. */
static bool run(const struct fault_case *fault, long failing, const struct reference *expected)
{
    long before = outstanding;
    sqlite3 *db = open_case(fault);
    until_failure = failing;
    int rc = run_sql(db, fault->sql, fault);
    bool is_untouched = until_failure > 0 && !(is_lasting && until_failure == 1);
    until_failure = 0;
    if (rc == SQLITE_OK) {
        assert_string_equal(result, expected->rows);
    } else {
        if (rc != SQLITE_NOMEM && rc != SQLITE_IOERR_NOMEM)
            fail_msg("%s, allocation %ld%s: code %d, %s", fault->name, failing,
                     is_lasting ? " and all after" : "", rc, result);
        int again = run_sql(db, fault->sql, fault);
        if (again != SQLITE_OK)
            fail_msg("%s after allocation %ld%s: code %d, %s", fault->name, failing,
                     is_lasting ? " and all after" : "", again, result);
    }
    assert_string_equal(content_of(db), expected->content);
    next_insert_works(db);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    if (outstanding != before)
        fail_msg("%s, allocation %ld%s: %ld allocations stay", fault->name, failing,
                 is_lasting ? " and all after" : "", outstanding - before);
    return is_untouched;
}

static void write_input(const char *text)
{
    FILE *file = fopen(input_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void run_case(const struct fault_case *fault)
{
    struct reference expected;
    if (fault->file)
        write_input(fault->file);
    sqlite3 *db = open_case(fault);
    until_failure = LONG_MAX; /* none fails, but they are counted */
    int rc = run_sql(db, fault->sql, fault);
    long allocations = LONG_MAX - until_failure;
    until_failure = 0;
    if (rc != SQLITE_OK)
        fail_msg("%s without a fault: %s", fault->name, result);
    expected.rows = strdup(result);
    expected.content = strdup(content_of(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_true(allocations > 2); /* the statement itself takes more */
    long stride = is_every ? 1 : allocations / RUNS_A_CASE + 1;
    for (int lasting = 0; lasting < 2; lasting++) {
        long failing = is_every ? 1 : 1 + lasting * (stride / 2);
        is_lasting = lasting;
        while (!run(fault, failing, &expected))
            failing += stride;
    }
    free(expected.rows);
    free(expected.content);
}

static void every_allocation_of_every_call_may_fail(void **state)
{
    const char *only = getenv("USAGE_FAULT_CASE"); /* to look at one */
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!only || strcmp(only, cases[i].name) == 0)
            run_case(&cases[i]);
}

/* Registering on a connection: a failure leaves nothing behind, a later try succeeds. */
static void every_allocation_of_the_entry_point_may_fail(void **state)
{
    (void)state;
    for (int lasting = 0; lasting < 2; lasting++) {
        bool is_untouched = false;
        is_lasting = lasting;
        for (long failing = 1; !is_untouched; failing++) {
            long before = outstanding;
            sqlite3 *db = NULL;
            char *error = NULL;
            assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
            until_failure = failing;
            int rc = sqlite3_usage_init(db, &error, NULL);
            is_untouched = until_failure > 0 && !(is_lasting && until_failure == 1);
            until_failure = 0;
            sqlite3_free(error);
            assert_true(rc == SQLITE_OK || rc == SQLITE_NOMEM);
            if (rc != SQLITE_OK)
                assert_int_equal(sqlite3_usage_init(db, NULL, NULL), SQLITE_OK);
            ledger_exec(db, "SELECT usage_init()");
            next_insert_works(db);
            assert_int_equal(sqlite3_close(db), SQLITE_OK);
            assert_int_equal(outstanding, before);
        }
    }
}

/* --- the world --- */

static int set_up(void **state)
{
    (void)state;
    sqlite3_mem_methods counted;
    if (sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
        return -1;
    counted = real;
    counted.xMalloc = counted_malloc;
    counted.xFree = counted_free;
    counted.xRealloc = counted_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &counted) != SQLITE_OK)
        return -1;
    int fd = mkstemp(input_path);
    if (fd < 0 || close(fd) != 0)
        return -1;
    (void)snprintf(output_path, sizeof output_path, "%s.out", input_path);
    sqlite3 *db = ledger_new();
    char *sql = sqlite3_mprintf(
        "INSERT INTO usage_ingest(payload) VALUES"
        " ('{\"timestamp\":3,\"model\":\"old\",\"request_id\":\"old\",\"response_headers\":"
        "{\"Retry-After\":[\"30\"],\"X-Request-Id\":[\"trace\"]}}'),"
        " ('{\"timestamp\":1767323046,\"failed\":true,\"fail\":{\"body\":\"b\"},\"model\":\"x\"}'),"
        " ('{\"event_hash\":\"h\",\"timestamp\":\"t\",\"timestamp_ms\":5,\"model\":\"y\"}');"
        "INSERT INTO gateway_auth_file SELECT 1, auth_index, account, label, file, provider,"
        " project_id, 5 FROM usage_auth_files(%Q)",
        files);
    ledger_exec(db, sql);
    sqlite3_free(sql);
    ledger_image = sqlite3_serialize(db, "main", &ledger_bytes, 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return ledger_image ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite3_free(ledger_image);
    (void)unlink(output_path);
    return unlink(input_path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_the_entry_point_may_fail),
        cmocka_unit_test(every_allocation_of_every_call_may_fail),
    };
    is_every = argc > 1 && strcmp(argv[1], "every") == 0;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
