/* The queue: order, growth, pruning, and what is lost with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "tools/gateway-sim/limits.h"
#include "tools/gateway-sim/queue.h"

static struct counts counts;

static int setup(void **state)
{
    (void)state;
    counts_init(&counts);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    counts_clear(&counts);
    return 0;
}

static struct message *event(const char *id)
{
    char payload[64];

    snprintf(payload, sizeof(payload), "{\"request_id\":\"%s\"}", id);
    return message_new(&counts, MESSAGE_EVENT, payload, strlen(payload));
}

static void assert_ids(const struct bytes *ids, const char *expected)
{
    assert_int_equal(ids->len, strlen(expected));
    if (ids->len > 0)
        assert_memory_equal(ids->data, expected, ids->len);
}

static void put(struct queue *queue, const char *id, int64_t now_ms)
{
    struct message *message = event(id);

    assert_true(queue_put(queue, message, now_ms));
    message_unref(message);
}

static void queue_keeps_order_while_it_grows_and_wraps(void **state)
{
    struct queue queue;
    int64_t put_count = 0;
    int64_t taken = 0;
    char id[32];
    int i;

    (void)state;
    queue_init(&queue, &counts);
    for (i = 0; i < 5000; i++) {
        struct message *message;

        snprintf(id, sizeof(id), "%lld", (long long)put_count++);
        put(&queue, id, 0);
        if (i % 3 == 0) {
            snprintf(id, sizeof(id), "\"%lld\"}", (long long)taken++);
            message = queue_take(&queue, 0);
            assert_memory_equal(message->payload + message->len - strlen(id), id, strlen(id));
            message_delivered(message);
            message_unref(message);
        }
    }
    assert_int_equal(queue.count, put_count - taken);
    assert_int_equal(counts.lost, 0);
    queue_clear(&queue);
    assert_int_equal(counts.lost, put_count - taken);
}

static void queue_prunes_only_what_is_older_than_the_retention(void **state)
{
    struct queue queue;

    (void)state;
    queue_init(&queue, &counts);
    queue_set_retention(&queue, 10);
    put(&queue, "a", 0);
    put(&queue, "b", 1);
    put(&queue, "c", 10000);
    assert_int_equal(counts.pruned, 0);
    put(&queue, "d", 10001);
    assert_int_equal(counts.pruned, 1);
    assert_ids(&counts.lost_ids, "a\n");
    assert_null(queue_take(&queue, 30000));
    assert_int_equal(counts.pruned, 4);
    queue_clear(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(queue_keeps_order_while_it_grows_and_wraps, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(queue_prunes_only_what_is_older_than_the_retention, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
