/* The queue that holds events while nobody is subscribed: see queue.h. */
#include "tools/gateway-sim/queue.h"

#include <stdlib.h>
#include <string.h>

#include "tools/gateway-sim/limits.h"

void queue_init(struct queue *queue, struct counts *counts)
{
    memset(queue, 0, sizeof(*queue));
    queue->counts = counts;
    queue_set_retention(queue, 0);
}

static struct message *take_head(struct queue *queue)
{
    struct message *message = queue->items[queue->head].message;

    queue->head = (queue->head + 1) & (queue->capacity - 1);
    queue->count--;
    queue->payload_bytes -= message->len;
    return message;
}

void queue_clear(struct queue *queue)
{
    while (queue->count > 0)
        message_unref(take_head(queue));
    free(queue->items);
    queue->items = NULL;
    queue->capacity = 0;
}

void queue_set_retention(struct queue *queue, int64_t seconds)
{
    if (seconds <= 0)
        seconds = 60;
    if (seconds > 3600)
        seconds = 3600;
    queue->retention_ms = seconds * 1000;
}

static void prune(struct queue *queue, int64_t now_ms)
{
    while (queue->count > 0 && queue->items[queue->head].since_ms < now_ms - queue->retention_ms) {
        message_unref(take_head(queue));
        queue->counts->pruned++;
    }
}

static void grow(struct queue *queue)
{
    size_t capacity = queue->capacity == 0 ? 1024 : queue->capacity * 2;
    struct queue_item *items = bytes_must_alloc(capacity * sizeof(*items));
    size_t i;

    for (i = 0; i < queue->count; i++)
        items[i] = queue->items[(queue->head + i) & (queue->capacity - 1)];
    free(queue->items);
    queue->items = items;
    queue->capacity = capacity;
    queue->head = 0;
}

bool queue_put(struct queue *queue, struct message *message, int64_t now_ms)
{
    struct queue_item *item;

    prune(queue, now_ms);
    if (queue->payload_bytes + message->len > LIMIT_QUEUE_BYTES)
        return false;
    if (queue->count == queue->capacity)
        grow(queue);
    item = &queue->items[(queue->head + queue->count) & (queue->capacity - 1)];
    item->message = message_ref(message);
    item->since_ms = now_ms;
    queue->count++;
    queue->payload_bytes += message->len;
    return true;
}

struct message *queue_take(struct queue *queue, int64_t now_ms)
{
    prune(queue, now_ms);
    return queue->count == 0 ? NULL : take_head(queue);
}
