#include "server/collector/unsubscribe.h"

void unsubscribe(struct subscription *subscription, const struct payload_sink *sink,
                 int64_t deadline_mono_ms)
{
    const struct slice words[] = {SLICE("UNSUBSCRIBE")};
    struct wire *wire = &subscription->wire;
    struct resp_token token = {.type = RESP_NULL};
    enum wire_result result = wire_send(wire, words, 1, deadline_mono_ms);
    while (result == WIRE_OK) {
        struct slice payload = slice_empty();
        result = wire_next(wire, &token, NULL, deadline_mono_ms);
        /* The acknowledgement is passed over: nothing but the end follows it. */
        if (result == WIRE_OK && push_feed(&subscription->push, &token, &payload) == PUSH_PAYLOAD)
            sink->take(sink->context, payload);
    }
    wire_close(wire);
}
