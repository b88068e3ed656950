#include "server/collector/batch.h"

#include <stdlib.h>
#include <string.h>

#include "server/collector/limits.h"
#include "server/memory.h"

struct batch *batch_new(void)
{
    return memory_zeroed(sizeof(struct batch));
}

void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    free(batch->bytes);
    free(batch->items);
    free(batch);
}

bool batch_has_room(const struct batch *batch, size_t payload_len)
{
    return batch->count == 0 || (batch->count < LIMIT_BATCH_ITEMS &&
                                 batch->bytes_len + payload_len <= LIMIT_BATCH_BYTES);
}

/* At least doubled, so that adding stays cheap. */
static size_t grown(size_t size, size_t needed, size_t first)
{
    size_t doubled = size == 0 ? first : 2 * size;
    return doubled > needed ? doubled : needed;
}

void batch_add(struct batch *batch, struct slice payload, int64_t received_at_ms)
{
    if (batch->bytes_size - batch->bytes_len < payload.len) {
        batch->bytes_size = grown(batch->bytes_size, batch->bytes_len + payload.len, 2048);
        batch->bytes = memory_resize(batch->bytes, batch->bytes_size);
    }
    if (batch->count == batch->size) {
        batch->size = grown(batch->size, batch->count + 1, 8);
        batch->items = memory_resize(batch->items, batch->size * sizeof *batch->items);
    }
    if (payload.len > 0)
        memcpy(batch->bytes + batch->bytes_len, payload.data, payload.len);
    batch->items[batch->count++] =
        (struct batch_item){batch->bytes_len, payload.len, received_at_ms};
    batch->bytes_len += payload.len;
}

struct slice batch_payload(const struct batch *batch, size_t index)
{
    return (struct slice){batch->bytes + batch->items[index].offset, batch->items[index].len};
}

size_t batch_weight(const struct batch *batch)
{
    return sizeof *batch + batch->bytes_size + batch->size * sizeof *batch->items;
}

struct batch *batch_split(struct batch *batch)
{
    const size_t kept = batch->count / 2;
    struct batch *second = NULL;
    if (batch->count < 2)
        return NULL;
    second = batch_new();
    for (size_t i = kept; i < batch->count; i++)
        batch_add(second, batch_payload(batch, i), batch->items[i].received_at_ms);
    batch->count = kept;
    batch->bytes_len = batch->items[kept].offset;
    return second;
}
