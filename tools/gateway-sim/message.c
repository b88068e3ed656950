/* One published payload and its fate: see message.h. */
#include "tools/gateway-sim/message.h"

#include <stdlib.h>
#include <string.h>

struct message *message_new(struct counts *counts, enum message_kind kind, const char *payload,
                            size_t payload_len)
{
    struct message *message = bytes_must_alloc(sizeof(*message) + payload_len);

    message->counts = counts;
    message->refs = 1;
    message->kind = kind;
    message->is_delivered = false;
    message->len = payload_len;
    memcpy(message->payload, payload, payload_len);
    return message;
}

struct message *message_ref(struct message *message)
{
    message->refs++;
    return message;
}

void message_unref(struct message *message)
{
    if (--message->refs > 0)
        return;
    if (message->kind == MESSAGE_EVENT && !message->is_delivered) {
        message->counts->lost++;
        counts_put_id(&message->counts->lost_ids, message->payload, message->len);
    }
    free(message);
}

void message_delivered(struct message *message)
{
    if (message->kind == MESSAGE_EVENT && !message->is_delivered)
        message->counts->delivered_at_least_once++;
    message->is_delivered = true;
}

void message_list_add(struct message_list *list, struct message *message)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->items = bytes_must_realloc(list->items, list->capacity * sizeof(struct message *));
    }
    list->items[list->count++] = message;
}

void message_list_empty(struct message_list *list)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        message_unref(list->items[i]);
    list->count = 0;
}

void message_list_clear(struct message_list *list)
{
    message_list_empty(list);
    free(list->items);
    memset(list, 0, sizeof(*list));
}
