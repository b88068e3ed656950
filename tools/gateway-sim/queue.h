/*
 * The queue that holds events while nobody is subscribed.
 *
 * Rules: first in, first out; not persistent; an item lives for the retention window,
 * and expired items leave only at the head and only when the next one is put in or
 * taken out; taking is destructive and not acknowledged.
 */
#ifndef TOOLS_GATEWAY_SIM_QUEUE_H
#define TOOLS_GATEWAY_SIM_QUEUE_H

#include <stdint.h>

#include "tools/gateway-sim/message.h"

struct queue_item {
    struct message *message; /* owned reference */
    int64_t since_ms;        /* when it was put in */
};

struct queue {
    struct queue_item *items; /* a ring of `capacity` items */
    size_t capacity;          /* a power of two, or 0 */
    size_t head;              /* index of the oldest */
    size_t count;
    size_t payload_bytes;  /* of all items */
    int64_t retention_ms;  /* how long an item lives */
    struct counts *counts; /* borrowed */
};

void queue_init(struct queue *queue, struct counts *counts);
void queue_clear(struct queue *queue);

/* Applies the gateway's limits: 0 and below means 60 seconds, above 3,600 means 3,600. */
void queue_set_retention(struct queue *queue, int64_t seconds);

/* Prunes, then adds a reference of its own. False when the ceiling is reached. */
bool queue_put(struct queue *queue, struct message *message, int64_t now_ms);

/* Prunes, then hands over the oldest item's reference; NULL when there is none. */
struct message *queue_take(struct queue *queue, int64_t now_ms);

#endif
