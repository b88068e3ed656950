#include "server/collector/pop.h"

#include <stdio.h>

#include "server/clock.h"

static enum wire_result send_pop(struct wire *wire, const char *queue, bool from_left, int count)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%d", count);
    const struct slice words[] = {from_left ? SLICE("LPOP") : SLICE("RPOP"), slice_of_cstr(queue),
                                  slice_of_cstr(number)};
    return wire_send(wire, words, 3, clock_mono_ms() + POP_TIMEOUT_MS);
}

static enum failure_kind unexpected(struct failure *out_failure, enum resp_type type)
{
    return failure_set(out_failure, FAILURE_BROKEN, "unexpected RESP pop response %s",
                       resp_type_name(type));
}

enum failure_kind pop_batch(struct wire *wire, const char *queue, bool from_left, int count,
                            const struct payload_sink *sink, size_t *out_taken,
                            struct failure *out_failure)
{
    struct resp_token token = {.type = RESP_NULL};
    enum wire_result result = send_pop(wire, queue, from_left, count);
    *out_taken = 0;
    while (result == WIRE_OK) {
        result = wire_next(wire, &token, NULL, clock_mono_ms() + POP_TIMEOUT_MS);
        if (result != WIRE_OK)
            break;
        if (token.type == RESP_BULK) {
            sink->take(sink->context, token.text);
            ++*out_taken;
        } else if (token.type == RESP_ERROR && token.depth == 0) {
            return failure_of_reply(out_failure, token.text);
        } else if (token.depth == 0 && token.type != RESP_ARRAY && token.type != RESP_NULL) {
            return unexpected(out_failure, token.type);
        } /* other elements of the array are of no use and passed over */
        if (token.ends_reply)
            return failure_set(out_failure, FAILURE_NONE, "%s", "");
    }
    return failure_of_wire(out_failure, result, wire);
}
