/* ext/event: every allocation fails once. Each run says so or succeeds, and leaves nothing
 * allocated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ext/event/event.h"
#include "ext/limits.h"
#include "ext/sqlite.h"

static sqlite3_mem_methods real;
static long until_failure; /* allocations until one fails; 0: none does */
static long outstanding;

static int is_refused(void)
{
    return until_failure > 0 && --until_failure == 0;
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

static int set_up(void **state)
{
    (void)state;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
        return -1;
    sqlite3_mem_methods counted = real;
    counted.xMalloc = counted_malloc;
    counted.xFree = counted_free;
    counted.xRealloc = counted_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &counted) == SQLITE_OK &&
                   sqlite3_initialize() == SQLITE_OK
               ? 0
               : -1;
}

static enum event_result run(struct slice payload, long failing)
{
    static const struct account_snapshot snapshot = {{"a", 1}, {"b", 1}, {"c", 1},
                                                     {"d", 1}, {"e", 1}, 1};
    struct arena arena;
    struct event event;
    struct slice reason;
    const struct json *json;
    long before = outstanding;
    until_failure = failing;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    enum event_result result = event_normalize(&arena, payload, 0, &event, &reason, &json);
    if (result == EVENT_OK) {
        event_fill_snapshot(&arena, &event, &snapshot);
        if (event_hash_preimage(&arena, &event).len == 0 ||
            event_account_key(&arena, &event).len == 0) {
            assert_true(arena.failed);
            result = EVENT_NOMEM;
        }
    }
    arena_clear(&arena);
    until_failure = 0;
    assert_int_equal(outstanding, before);
    return result;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const struct slice payloads[] = {
        SLICE("{\"timestamp\":1,\"failed\":true,\"fail\":{\"status_code\":429,\"body\":"
              "\"mail a@example.com\"},\"response_headers\":{\"Retry-After\":[\"30\"]},\"model\":"
              "[1.5,{\"a\":null}],\"source\":\"sk-12345678\",\"auth_index\":\"i\",\"id\":1.25}"),
        SLICE("{\"event_hash\":\"h\",\"failed\":true,\"fail_body\":\"b\",\"auth_index\":\"i\","
              "\"headers\":{\"A\":\"b\"},\"raw_json\":\"{\\\"total\\\":1}\"}"),
    };
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        long failing = 1;
        while (run(payloads[i], failing) == EVENT_NOMEM)
            failing++;
        assert_true(failing > 3); /* at least the arena, the failure text and the hash */
        assert_int_equal(run(payloads[i], 0), EVENT_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
