/* Subscribers and their buffers: see subscribers.h. */
#include "tools/gateway-sim/subscribers.h"

#include <stdlib.h>
#include <string.h>

void subscriber_set_init(struct subscriber_set *set, size_t slots, struct counts *counts,
                         void (*wake)(void *owner))
{
    memset(set, 0, sizeof(*set));
    set->slots = slots;
    set->counts = counts;
    set->wake = wake;
}

struct subscriber *subscriber_join(struct subscriber_set *set, enum subscriber_channel channel,
                                   void *owner)
{
    struct subscriber *subscriber = bytes_must_alloc(sizeof(*subscriber));

    memset(subscriber, 0, sizeof(*subscriber));
    subscriber->owner = owner;
    subscriber->channel = channel;
    subscriber->ring = bytes_must_alloc(set->slots * sizeof(struct message *));
    subscriber->next = set->first;
    if (set->first != NULL)
        set->first->previous = subscriber;
    set->first = subscriber;
    set->active[channel]++;
    set->counts->subscriptions++;
    return subscriber;
}

static void overflow(struct subscriber_set *set, struct subscriber *subscriber,
                     const struct message *message)
{
    subscriber->is_overflowed = true;
    set->active[subscriber->channel]--;
    set->counts->overflows++;
    if (message->kind == MESSAGE_EVENT)
        set->counts->dropped_overflow++;
}

void subscriber_place(struct subscriber_set *set, struct subscriber *subscriber,
                      struct message *message)
{
    if (subscriber->used == set->slots) {
        overflow(set, subscriber, message);
        return;
    }
    subscriber->ring[(subscriber->head + subscriber->used) % set->slots] = message_ref(message);
    subscriber->used++;
    if (message->kind == MESSAGE_EVENT)
        set->counts->to_subscribers++;
    if (message->kind == MESSAGE_CONTROL)
        set->counts->control_messages++;
}

void subscriber_set_send(struct subscriber_set *set, enum subscriber_channel channel,
                         struct message *message)
{
    struct subscriber *subscriber = set->first;

    while (subscriber != NULL) {
        struct subscriber *next = subscriber->next; /* waking may free this one */

        if (subscriber->channel == channel && !subscriber->is_overflowed) {
            subscriber_place(set, subscriber, message);
            set->wake(subscriber->owner);
        }
        subscriber = next;
    }
}

struct message *subscriber_take(struct subscriber_set *set, struct subscriber *subscriber)
{
    struct message *message;

    if (subscriber->used == 0)
        return NULL;
    message = subscriber->ring[subscriber->head];
    subscriber->head = (subscriber->head + 1) % set->slots;
    subscriber->used--;
    return message;
}

static void drop_buffer(struct subscriber_set *set, struct subscriber *subscriber,
                        enum subscriber_end end)
{
    struct message *message;

    while ((message = subscriber_take(set, subscriber)) != NULL) {
        if (message->kind == MESSAGE_EVENT && end == SUBSCRIBER_END_ASKED)
            set->counts->dropped_unsubscribe++;
        if (message->kind == MESSAGE_EVENT && end == SUBSCRIBER_END_DISCONNECT)
            set->counts->dropped_disconnect++;
        message_unref(message);
    }
}

void subscriber_leave(struct subscriber_set *set, struct subscriber *subscriber,
                      enum subscriber_end end)
{
    drop_buffer(set, subscriber, end);
    if (!subscriber->is_overflowed)
        set->active[subscriber->channel]--;
    if (subscriber->previous != NULL)
        subscriber->previous->next = subscriber->next;
    else
        set->first = subscriber->next;
    if (subscriber->next != NULL)
        subscriber->next->previous = subscriber->previous;
    free(subscriber->ring);
    free(subscriber);
}

int64_t subscriber_set_buffered(const struct subscriber_set *set)
{
    const struct subscriber *subscriber;
    int64_t buffered = 0;
    size_t i;

    for (subscriber = set->first; subscriber != NULL; subscriber = subscriber->next)
        for (i = 0; i < subscriber->used; i++)
            if (subscriber->ring[(subscriber->head + i) % set->slots]->kind == MESSAGE_EVENT)
                buffered++;
    return buffered;
}
