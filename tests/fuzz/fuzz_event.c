/* Fuzz target: event_normalize and what becomes of its events.
 *
 * Checked of every input that becomes an event:
 *   1. the hash is 64 hex digits, or an exported line's own text; the texts that may not be
 *      empty are not; every text is UTF-8;
 *   2. normalised counts are not negative;
 *   3. the failure summary is within its limit and holds nothing that begins with sk- and
 *      goes on for six characters;
 *   4. the response metadata, packed and unpacked, has the same JSON text;
 *   5. stored and exported, the line is an event of the same hash, and stored in another
 *      ledger and exported again it is the same line. Two things change: an endpoint that is
 *      no route is masked when a line is imported, as it may be a client's key; and a quota
 *      that is known without a window is then named an aggregate (section 16 of the ingest
 *      specification). The line after that one is the same.
 * Of every other input: what a dead letter keeps is within its limit, UTF-8, and without
 * such a key. Everything is rolled back, so inputs do not depend on each other. */
#include "tests/fuzz/fuzz.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "ext/alloc.h"
#include "ext/entry.h"
#include "ext/event/event.h"
#include "ext/event/redact.h"
#include "ext/event/response_metadata.h"
#include "ext/jsonl/export_reader.h"
#include "ext/limits.h"
#include "ext/utf8.h"

#define RECEIVED_AT_MS 1767323045000
#define PAYLOAD_BYTES_MAX ((size_t)65536)

/* --- the ledgers --- */

static sqlite3 *new_ledger(void)
{
    sqlite3 *db = NULL;
    FUZZ_CHECK(sqlite3_open(":memory:", &db) == SQLITE_OK);
    FUZZ_CHECK(sqlite3_usage_init(db, NULL, NULL) == SQLITE_OK);
    FUZZ_CHECK(sqlite3_exec(db, "SELECT usage_init()", NULL, NULL, NULL) == SQLITE_OK);
    return db;
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    FUZZ_CHECK(sqlite3_errcode(db) == SQLITE_OK);
}

static void ingest(sqlite3 *db, struct slice payload)
{
    sqlite3_stmt *stmt = NULL;
    FUZZ_CHECK(sqlite3_prepare_v2(db,
                                  "INSERT INTO usage_ingest(payload, received_at_ms)"
                                  " VALUES (?, ?)",
                                  -1, &stmt, NULL) == SQLITE_OK);
    FUZZ_CHECK(sqlite3_bind_blob64(stmt, 1, payload.data, payload.len, SQLITE_STATIC) == SQLITE_OK);
    FUZZ_CHECK(sqlite3_bind_int64(stmt, 2, RECEIVED_AT_MS) == SQLITE_OK);
    int rc = sqlite3_step(stmt);
    if (rc != SQLITE_DONE)
        fprintf(stderr, "usage_ingest: %s\n", sqlite3_errmsg(db));
    FUZZ_CHECK(rc == SQLITE_DONE);
    FUZZ_CHECK(sqlite3_finalize(stmt) == SQLITE_OK);
}

/* What the payload becomes in an empty ledger, exported. */
static void store_and_export(sqlite3 *db, struct slice payload, struct text *out)
{
    static const struct export_options all = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    struct export_reader reader;
    bool is_done = false;
    run(db, "BEGIN");
    ingest(db, payload);
    FUZZ_CHECK(export_reader_open(&reader, db, &all) == SQLITE_OK);
    FUZZ_CHECK(export_reader_fill(&reader, out, LIMIT_PAYLOAD_BYTES, &is_done) == SQLITE_OK);
    FUZZ_CHECK(is_done && !out->failed);
    export_reader_close(&reader);
    run(db, "ROLLBACK");
}

/* --- the checks --- */

static bool is_utf8(struct slice text)
{
    uint32_t rune;
    for (size_t len; text.len > 0; text = slice_from(text, len))
        if ((len = utf8_decode(text, &rune)) == 0)
            return false;
    return true;
}

static bool holds_key(struct slice text)
{
    for (ptrdiff_t at; (at = slice_find(text, SLICE("sk-"))) >= 0;) {
        size_t len = 0;
        text = slice_from(text, (size_t)at + 3);
        while (len < text.len && (text.data[len] == '-' || text.data[len] == '_' ||
                                  (text.data[len] >= '0' && text.data[len] <= '9') ||
                                  (text.data[len] >= 'A' && text.data[len] <= 'Z') ||
                                  (text.data[len] >= 'a' && text.data[len] <= 'z')))
            len++;
        if (len >= 6)
            return true;
    }
    return false;
}

static void check_texts(const struct event *event)
{
    const struct slice texts[] = {
        event->hash_text,
        event->timestamp,
        event->request_id,
        event->provider,
        event->executor_type,
        event->auth_type,
        event->auth_index,
        event->source,
        event->source_hash,
        event->api_key_hash,
        event->account_snapshot,
        event->auth_label_snapshot,
        event->auth_file_snapshot,
        event->auth_provider_snapshot,
        event->auth_project_id_snapshot,
        event->access_token_sha256,
        event->model,
        event->requested_model,
        event->resolved_model,
        event->analytics_model,
        event->reasoning_effort,
        event->service_tier,
        event->request_service_tier,
        event->response_service_tier,
        event->endpoint,
        event->method,
        event->path,
        event->client_ip,
        event->x_forwarded_for,
        event->user_agent,
        event->fail_summary,
    };
    uint8_t hash[32];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        FUZZ_CHECK(is_utf8(texts[i]));
    FUZZ_CHECK(event->hash_text.len > 0 && event->model.len > 0 && event->endpoint.len > 0);
    FUZZ_CHECK(event->timestamp.len > 0);
    FUZZ_CHECK(event->is_exported || slice_from_hex(event->hash_text, hash, sizeof hash));
    FUZZ_CHECK(event->fail_summary.len <= LIMIT_FAIL_SUMMARY_BYTES + 3);
    FUZZ_CHECK(!holds_key(event->fail_summary));
}

static void check_numbers(const struct event *event)
{
    FUZZ_CHECK(event->timestamp_ns >= 0 && event->timestamp_ns < 1000000);
    FUZZ_CHECK(event->normalized_uncached_input_tokens >= 0);
    FUZZ_CHECK(event->normalized_total_input_tokens >= 0);
    FUZZ_CHECK(event->normalized_cache_read_tokens >= 0);
    FUZZ_CHECK(event->normalized_cache_creation_tokens >= 0);
}

static void check_metadata(struct arena *arena, const struct event *event)
{
    struct response_metadata_columns columns;
    struct text shape;
    struct text values;
    struct text before;
    struct text after;
    if (!event->response_metadata)
        return;
    text_init(&shape, LIMIT_PAYLOAD_BYTES);
    text_init(&values, LIMIT_PAYLOAD_BYTES);
    text_init(&before, LIMIT_PAYLOAD_BYTES);
    text_init(&after, LIMIT_PAYLOAD_BYTES);
    response_metadata_columns(event->response_metadata, &columns);
    response_metadata_json(&before, event->response_metadata);
    response_metadata_pack(event->response_metadata, event->timestamp_ms, &columns, &shape,
                           &values);
    FUZZ_CHECK(!shape.failed && !values.failed && !before.failed);
    const struct response_metadata *unpacked = response_metadata_unpack(
        arena, text_slice(&shape), text_slice(&values), event->timestamp_ms, &columns);
    FUZZ_CHECK(unpacked);
    response_metadata_json(&after, unpacked);
    if (!slice_equal(text_slice(&before), text_slice(&after)))
        fprintf(stderr, "before %s\nafter  %s\n", before.data, after.data);
    FUZZ_CHECK(slice_equal(text_slice(&before), text_slice(&after)));
    FUZZ_CHECK(is_utf8(text_slice(&before)));
    text_clear(&shape);
    text_clear(&values);
    text_clear(&before);
    text_clear(&after);
}

static bool is_same_metadata(const struct event *a, const struct event *b)
{
    struct text of_a;
    struct text of_b;
    text_init(&of_a, LIMIT_PAYLOAD_BYTES);
    text_init(&of_b, LIMIT_PAYLOAD_BYTES);
    if (a->response_metadata)
        response_metadata_json(&of_a, a->response_metadata);
    if (b->response_metadata)
        response_metadata_json(&of_b, b->response_metadata);
    bool is_same = slice_equal(text_slice(&of_a), text_slice(&of_b));
    text_clear(&of_a);
    text_clear(&of_b);
    return is_same;
}

/* The exported line is the event again. */
static void check_round_trip(struct arena *arena, struct slice payload, const struct event *event)
{
    static sqlite3 *first;
    static sqlite3 *second;
    struct text line;
    struct text again;
    struct event read;
    struct slice reason;
    const struct json *json;
    if (!first) {
        first = new_ledger();
        second = new_ledger();
    }
    text_init(&line, LIMIT_EVENT_ARENA_BYTES);
    text_init(&again, LIMIT_EVENT_ARENA_BYTES);
    store_and_export(first, payload, &line);
    FUZZ_CHECK(line.len > 0 && is_utf8(text_slice(&line)));
    FUZZ_CHECK(event_normalize(arena, text_slice(&line), RECEIVED_AT_MS, &read, &reason, &json) ==
               EVENT_OK);
    FUZZ_CHECK(slice_equal(read.hash_text, event->hash_text));
    FUZZ_CHECK(read.timestamp_ms == event->timestamp_ms);
    FUZZ_CHECK(read.cache_input_mode == event->cache_input_mode);
    FUZZ_CHECK(read.total_tokens == event->total_tokens);
    store_and_export(second, text_slice(&line), &again);
    if (!slice_equal(read.endpoint, event->endpoint) || !is_same_metadata(event, &read)) {
        text_empty(&line);
        store_and_export(first, text_slice(&again), &line);
    }
    if (!slice_equal(text_slice(&line), text_slice(&again)))
        fprintf(stderr, "first  %ssecond %s", line.data, again.data);
    FUZZ_CHECK(slice_equal(text_slice(&line), text_slice(&again)));
    text_clear(&line);
    text_clear(&again);
}

static void check_dead(struct arena *arena, const struct json *json)
{
    struct text kept;
    text_init(&kept, LIMIT_PAYLOAD_BYTES);
    if (json)
        redact_json(arena, &kept, json);
    FUZZ_CHECK(!kept.failed && kept.len <= LIMIT_DEAD_LETTER_BYTES);
    FUZZ_CHECK(is_utf8(text_slice(&kept)) && !holds_key(text_slice(&kept)));
    text_clear(&kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice payload = {(const char *)data, size};
    struct arena arena;
    struct event event;
    struct slice reason;
    const struct json *json;
    if (size > PAYLOAD_BYTES_MAX)
        return 0;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    enum event_result result =
        event_normalize(&arena, payload, RECEIVED_AT_MS, &event, &reason, &json);
    switch (result) {
    case EVENT_OK:
        check_texts(&event);
        check_numbers(&event);
        check_metadata(&arena, &event);
        check_round_trip(&arena, payload, &event);
        break;
    case EVENT_DEAD:
        FUZZ_CHECK(reason.len > 0);
        check_dead(&arena, json);
        break;
    case EVENT_CONTROL:
        break;
    case EVENT_NOMEM:
        FUZZ_CHECK(result != EVENT_NOMEM);
    }
    FUZZ_CHECK(!arena.failed);
    arena_clear(&arena);
    return 0;
}
