/* Subscribers: copies, full buffers, and what is lost with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "tools/gateway-sim/subscribers.h"

static struct counts counts;
static int wakes;

static int setup(void **state)
{
    (void)state;
    counts_init(&counts);
    wakes = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    counts_clear(&counts);
    return 0;
}

static void wake(void *owner)
{
    (void)owner;
    wakes++;
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

static void subscriber_overflows_at_one_more_than_its_slots(void **state)
{
    struct subscriber_set set;
    struct subscriber *subscriber;
    char id[2] = "a";

    (void)state;
    subscriber_set_init(&set, 3, &counts, wake);
    subscriber = subscriber_join(&set, CHANNEL_USAGE, NULL);
    for (; id[0] <= 'e'; id[0]++) {
        struct message *message = event(id);

        subscriber_set_send(&set, CHANNEL_USAGE, message);
        message_unref(message);
        assert_int_equal(subscriber->is_overflowed, id[0] > 'c');
    }
    assert_int_equal(wakes, 4); /* the fifth was not sent to it any more */
    assert_int_equal(set.active[CHANNEL_USAGE], 0);
    assert_int_equal(counts.dropped_overflow, 1);
    assert_ids(&counts.lost_ids, "d\ne\n");
    assert_int_equal(subscriber_set_buffered(&set), 3);
    subscriber_leave(&set, subscriber, SUBSCRIBER_END_DISCONNECT);
    assert_int_equal(counts.dropped_disconnect, 3);
    assert_null(set.first);
}

static void each_subscriber_of_the_channel_gets_a_copy(void **state)
{
    struct subscriber_set set;
    struct subscriber *some[3];
    struct message *message = event("a");
    struct message *taken;

    (void)state;
    subscriber_set_init(&set, 4, &counts, wake);
    some[0] = subscriber_join(&set, CHANNEL_USAGE, NULL);
    some[1] = subscriber_join(&set, CHANNEL_ERRORS, NULL);
    some[2] = subscriber_join(&set, CHANNEL_USAGE, NULL);
    subscriber_set_send(&set, CHANNEL_USAGE, message);
    message_unref(message);
    assert_int_equal(counts.to_subscribers, 2);
    assert_int_equal(some[1]->used, 0);
    taken = subscriber_take(&set, some[0]);
    assert_ptr_equal(taken, message);
    message_delivered(taken);
    message_unref(taken);
    subscriber_leave(&set, some[1], SUBSCRIBER_END_ASKED);
    subscriber_leave(&set, some[2], SUBSCRIBER_END_ASKED);
    subscriber_leave(&set, some[0], SUBSCRIBER_END_ASKED);
    assert_int_equal(counts.dropped_unsubscribe, 1);
    assert_int_equal(counts.delivered_at_least_once, 1);
    assert_int_equal(counts.lost, 0); /* the other subscriber had it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(subscriber_overflows_at_one_more_than_its_slots, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(each_subscriber_of_the_channel_gets_a_copy, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
