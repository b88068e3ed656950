#include "server/collector/payload.h"

#include "ext/json.h"

/* The longer control payload with generous white space; events are far longer, so they
 * are not parsed twice. */
#define CONTROL_PAYLOAD_BYTES 128

enum payload_kind payload_kind_of(struct slice payload)
{
    struct slice trimmed = slice_trim(payload);
    enum payload_kind kind = PAYLOAD_EVENT;
    struct json_error error;
    struct arena arena;
    const struct json *object = NULL;

    if (trimmed.len == 0)
        return PAYLOAD_BLANK;
    if (trimmed.len > CONTROL_PAYLOAD_BYTES)
        return PAYLOAD_EVENT;
    arena_init(&arena, (size_t)64 * 1024);
    object = json_parse(&arena, trimmed, &error);
    if (object != NULL && object->type == JSON_OBJECT && object->count == 1 &&
        object->first->type == JSON_TRUE) {
        if (slice_equal(object->first->key, SLICE("refresh")))
            kind = PAYLOAD_REFRESH;
        else if (slice_equal(object->first->key, SLICE("support_refresh")))
            kind = PAYLOAD_GREETING;
    }
    arena_clear(&arena);
    return kind;
}
