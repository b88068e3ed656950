#include "server/collector/handshake.h"

#include "server/clock.h"

/* Send one command and take the first token of its answer. */
static enum failure_kind ask(struct wire *wire, const struct slice *words, size_t count,
                             struct stop_signal *stop, int64_t deadline_mono_ms,
                             struct resp_token *out_token, struct failure *out_failure)
{
    enum wire_result result = wire_send(wire, words, count, deadline_mono_ms);
    if (result == WIRE_OK)
        result = wire_next(wire, out_token, stop, deadline_mono_ms);
    if (result != WIRE_OK)
        return failure_of_wire(out_failure, result, wire);
    return failure_set(out_failure, FAILURE_NONE, "%s", "");
}

enum failure_kind handshake_auth(struct wire *wire, const char *management_key,
                                 struct stop_signal *stop, int64_t timeout_ms,
                                 struct failure *out_failure)
{
    const struct slice words[] = {SLICE("AUTH"), slice_of_cstr(management_key)};
    struct resp_token token = {.type = RESP_NULL};
    if (ask(wire, words, 2, stop, clock_mono_ms() + timeout_ms, &token, out_failure) !=
        FAILURE_NONE)
        return out_failure->kind;
    if (token.type == RESP_SIMPLE)
        return FAILURE_NONE;
    if (token.type == RESP_ERROR)
        return failure_of_reply(out_failure, token.text);
    return failure_set(out_failure, FAILURE_BROKEN, "unexpected AUTH response: %s",
                       resp_type_name(token.type));
}

/* The two tokens after the array's head: "subscribe" is already checked, the channel is
 * echoed as it was sent or in the server's spelling, the count is at least one. */
static enum failure_kind finish_ack(struct wire *wire, struct stop_signal *stop,
                                    int64_t deadline_mono_ms, struct failure *out_failure)
{
    struct resp_token token = {.type = RESP_NULL};
    do {
        enum wire_result result = wire_next(wire, &token, stop, deadline_mono_ms);
        if (result != WIRE_OK)
            return failure_of_wire(out_failure, result, wire);
    } while (!token.ends_reply);
    if (token.type != RESP_INTEGER || token.number < 1)
        return failure_set(out_failure, FAILURE_BROKEN, "unexpected SUBSCRIBE response: no count");
    return FAILURE_NONE;
}

enum failure_kind handshake_subscribe(struct wire *wire, const char *channel,
                                      struct stop_signal *stop, int64_t timeout_ms,
                                      struct failure *out_failure)
{
    const struct slice words[] = {SLICE("SUBSCRIBE"), slice_of_cstr(channel)};
    const int64_t deadline_mono_ms = clock_mono_ms() + timeout_ms;
    struct resp_token token = {.type = RESP_NULL};
    enum wire_result result = WIRE_OK;

    if (ask(wire, words, 2, stop, deadline_mono_ms, &token, out_failure) != FAILURE_NONE)
        return out_failure->kind;
    if (token.type == RESP_ERROR) {
        if (failure_of_reply(out_failure, token.text) == FAILURE_UNSUPPORTED)
            (void)failure_set(out_failure, FAILURE_UNSUPPORTED,
                              "RESP server does not support SUBSCRIBE");
        return out_failure->kind;
    }
    if (token.type != RESP_ARRAY || token.number != 3)
        return failure_set(out_failure, FAILURE_BROKEN, "unexpected SUBSCRIBE response: %s",
                           resp_type_name(token.type));
    result = wire_next(wire, &token, stop, deadline_mono_ms);
    if (result != WIRE_OK)
        return failure_of_wire(out_failure, result, wire);
    if (!slice_equal_nocase(token.text, SLICE("subscribe")))
        return failure_set(out_failure, FAILURE_BROKEN, "unexpected SUBSCRIBE response: \"%.*s\"",
                           (int)slice_first(token.text, 64).len, token.text.data);
    return finish_ack(wire, stop, deadline_mono_ms, out_failure);
}
