/* The golden payloads of the specification and the events recorded from a running CPA,
 * against the rows they give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "ext/event/auth_files.h"
#include "ext/event/event.h"
#include "ext/limits.h"
#include "tests/ext/event_check.h"

#define RECEIVED_AT_MS INT64_C(1790000000000)

static struct event normalize(struct arena *arena, const char *label, struct slice payload)
{
    struct event event = {.timestamp_ms = 0};
    struct slice reason = slice_empty();
    const struct json *json = NULL;
    enum event_result result =
        event_normalize(arena, payload, RECEIVED_AT_MS, &event, &reason, &json);
    if (result != EVENT_OK)
        fail_msg("%s: result %d, %.*s", label, (int)result, (int)reason.len, reason.data);
    return event;
}

static const struct json *member(const struct json *object, const char *key)
{
    const struct json *found = json_get(object, slice_of_cstr(key));
    assert_non_null(found);
    return found;
}

static void every_golden_gives_its_row(void **state)
{
    (void)state;
    struct slice file = event_check_file("events/goldens.jsonl");
    struct slice rest = file;
    struct slice line;
    struct arena arena;
    int count = 0;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    for (; event_check_line(&rest, &line); count++) {
        struct json_error error;
        char label[16];
        arena_reset(&arena);
        const struct json *golden = json_parse(&arena, line, &error);
        assert_non_null(golden);
        struct slice name = member(golden, "name")->text;
        snprintf(label, sizeof label, "%.*s", (int)name.len, name.data);
        struct event event = normalize(&arena, label, member(golden, "payload")->text);
        struct slice preimage = event_hash_preimage(&arena, &event);
        struct slice expected = member(golden, "preimage")->text;
        if (!slice_equal(preimage, expected))
            fail_msg("%s: preimage %.*s, expected %.*s", label, (int)preimage.len, preimage.data,
                     (int)expected.len, expected.data);
        event_check_row(&arena, label, &event, member(golden, "row"), true);
        assert_int_equal(event.created_at_ms, RECEIVED_AT_MS);
    }
    assert_int_equal(count, 23);
    arena_clear(&arena);
    free((void *)(uintptr_t)file.data);
}

/* The gateway's credential files as snapshots. */
static void fill_snapshot(struct arena *arena, struct event *event, const struct auth_file *files,
                          size_t count)
{
    for (size_t i = count; i-- > 0;)
        if (slice_equal(files[i].auth_index, event->auth_index)) {
            struct account_snapshot snapshot = {files[i].account,    files[i].label,
                                                files[i].file,       files[i].provider,
                                                files[i].project_id, RECEIVED_AT_MS};
            event_fill_snapshot(arena, event, &snapshot);
            assert_int_equal(event->auth_snapshot_at_ms, RECEIVED_AT_MS);
            return;
        }
}

static void every_recorded_event_gives_its_row(void **state)
{
    (void)state;
    struct slice events = event_check_file("events/events.jsonl");
    struct slice rows = event_check_file("events/rows.jsonl");
    struct slice list = event_check_file("events/auth-files.json");
    struct slice event_rest = events, row_rest = rows, event_line, row_line;
    struct arena files_arena, arena;
    struct json_error error;
    struct auth_file *files = NULL;
    size_t file_count = 0;
    int line = 0;
    arena_init(&files_arena, LIMIT_EVENT_ARENA_BYTES);
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    assert_true(
        auth_files_read(&files_arena, json_parse(&files_arena, list, &error), &files, &file_count));
    while (event_check_line(&event_rest, &event_line)) {
        char label[32];
        snprintf(label, sizeof label, "line %d", ++line);
        arena_reset(&arena);
        assert_true(event_check_line(&row_rest, &row_line));
        struct event event = normalize(&arena, label, event_line);
        fill_snapshot(&arena, &event, files, file_count);
        const struct json *row = json_parse(&arena, row_line, &error);
        assert_non_null(row);
        event_check_row(&arena, label, &event, row, false);
    }
    assert_int_equal(line, 1457);
    arena_clear(&arena);
    arena_clear(&files_arena);
    free((void *)(uintptr_t)events.data);
    free((void *)(uintptr_t)rows.data);
    free((void *)(uintptr_t)list.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_golden_gives_its_row),
        cmocka_unit_test(every_recorded_event_gives_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
