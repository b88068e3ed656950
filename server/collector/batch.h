/* Raw payloads on their way to one transaction. */
#ifndef CPA_SERVER_COLLECTOR_BATCH_H
#define CPA_SERVER_COLLECTOR_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/text.h"

struct batch_item {
    size_t offset; /* into batch.bytes */
    size_t len;
    int64_t received_at_ms;
};

struct batch {
    struct batch *next; /* the inbox's */
    char *bytes;        /* owned: the payloads, one after the other */
    size_t bytes_len;
    size_t bytes_size;
    struct batch_item *items; /* owned */
    size_t count;
    size_t size;
};

struct batch *batch_new(void);
void batch_free(struct batch *batch); /* NULL is allowed */
/* Whether the payload belongs into this batch: an empty one takes any. */
bool batch_has_room(const struct batch *batch, size_t payload_len);
void batch_add(struct batch *batch, struct slice payload, int64_t received_at_ms);
struct slice batch_payload(const struct batch *batch, size_t index);
/* Memory that it takes, for the ceiling. */
size_t batch_weight(const struct batch *batch);
/* Move the second half into a new batch; NULL when there is only one item. */
struct batch *batch_split(struct batch *batch);

#endif
