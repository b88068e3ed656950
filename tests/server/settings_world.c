/* The world of the configuration API's tests: see settings_world.h. */
#include "settings_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/memory.h"

static const uint8_t world_key[SECRET_KEY_BYTES] = {7};

static int64_t world_now_ms(void)
{
    return WORLD_NOW_MS;
}

int settings_world_set_up(void **state)
{
    struct settings_world *world = memory_zeroed(sizeof(*world));

    world->db = ledger_open(":memory:");
    world->config = (struct config){.cpa_upstream_url = memory_copy_cstr(""),
                                    .management_key = memory_copy_cstr(""),
                                    .admin_key = memory_copy_cstr(""),
                                    .data_key = memory_copy_cstr(""),
                                    .data_key_path = memory_copy_cstr(""),
                                    .collector_mode = memory_copy_cstr("auto"),
                                    .queue = memory_copy_cstr("usage"),
                                    .pop_side = memory_copy_cstr("right"),
                                    .batch_size = 100,
                                    .poll_interval_ms = 500,
                                    .query_limit = 50000};
    world->stub = stub_upstream_start();
    stub_upstream_json(world->stub, "GET /v0/management/config", "200 OK",
                       "{\"usage-statistics-enabled\":false,"
                       "\"redis-usage-queue-retention-seconds\":60}");
    stub_upstream_json(world->stub, "PUT /v0/management/usage-statistics-enabled", "200 OK",
                       "{\"status\":\"ok\"}");
    world->context = (struct settings_context){.config = &world->config,
                                               .data_key = world_key,
                                               .read = ledger_transaction,
                                               .read_worker = world->db,
                                               .write = ledger_transaction,
                                               .write_worker = world->db,
                                               .now_ms = world_now_ms};
    settings_answer_init(&world->answer);
    *state = world;
    return 0;
}

int settings_world_tear_down(void **state)
{
    struct settings_world *world = *state;

    settings_answer_clear(&world->answer);
    stub_upstream_stop(world->stub);
    config_clear(&world->config);
    sqlite3_close(world->db);
    free(world);
    return 0;
}

void settings_world_manage(struct settings_world *world, const char *url, const char *key)
{
    memory_replace(&world->config.cpa_upstream_url, memory_copy_cstr(url));
    memory_replace(&world->config.management_key, memory_copy_cstr(key));
}

char *settings_world_text(const struct settings_world *world, const char *text)
{
    struct text made;
    char *copy = NULL;

    text_init(&made, 1024 * 1024);
    while (*text != '\0') {
        const char *hole = strstr(text, "%s");
        size_t len = hole != NULL ? (size_t)(hole - text) : strlen(text);
        text_add(&made, (struct slice){text, len});
        text += len;
        if (hole != NULL) {
            text_add_cstr(&made, stub_upstream_url(world->stub));
            text += 2;
        }
    }
    copy = memory_copy_slice(text_slice(&made));
    text_clear(&made);
    return copy;
}

void settings_world_expect(const struct settings_world *world, int status, const char *body)
{
    char *expected = settings_world_text(world, body);

    assert_string_equal(world->answer.body.data, expected);
    assert_int_equal(world->answer.status, status);
    free(expected);
}

void settings_world_expect_error(const struct settings_world *world, int status, const char *code,
                                 const char *message)
{
    char *body = memory_format("{\"code\":\"%s\",\"error\":\"%s\"}\n", code, message);

    settings_world_expect(world, status, body);
    assert_int_equal(world->answer.collector, SETTINGS_COLLECTOR_KEEP);
    assert_false(world->answer.has_config);
    free(body);
}

void settings_world_expect_asked(const struct settings_world *world, const char *expected)
{
    char *log = stub_upstream_log(world->stub);

    assert_string_equal(log, expected);
    free(log);
}
