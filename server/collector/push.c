#include "server/collector/push.h"

#include <stdio.h>
#include <string.h>

/* The element of a message that is its payload. */
#define PAYLOAD_INDEX 2

void push_init(struct push *push)
{
    memset(push, 0, sizeof *push);
}

static enum push_event bad(struct push *push, const char *what, struct slice came)
{
    (void)snprintf(push->error, sizeof push->error, "unexpected %s in a subscription: \"%.*s\"",
                   what, (int)slice_first(came, 128).len, came.data);
    return PUSH_BAD;
}

/* A reply that is not an array. */
static enum push_event feed_single(struct push *push, const struct resp_token *token)
{
    if (token->type == RESP_SIMPLE && slice_equal_nocase(token->text, SLICE("PONG")))
        return PUSH_PONG;
    if (token->type == RESP_SIMPLE && slice_equal_nocase(token->text, SLICE("OK")))
        return PUSH_ENDED;
    if (token->type == RESP_ERROR) {
        (void)snprintf(push->error, sizeof push->error, "%.*s",
                       (int)slice_first(token->text, sizeof push->error).len, token->text.data);
        return PUSH_BAD;
    }
    return bad(push, resp_type_name(token->type), token->text);
}

/* The first element names the kind. */
static enum push_event feed_kind(struct push *push, const struct resp_token *token)
{
    static const struct {
        struct slice name;
        enum push_event kind;
    } kinds[] = {
        {{"message", 7}, PUSH_PAYLOAD},
        {{"pong", 4}, PUSH_PONG},
        {{"unsubscribe", 11}, PUSH_ENDED},
        {{"subscribe", 9}, PUSH_NOTHING},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (slice_equal_nocase(token->text, kinds[i].name)) {
            push->kind = kinds[i].kind;
            return PUSH_NOTHING;
        }
    }
    return bad(push, "array", token->text);
}

enum push_event push_feed(struct push *push, const struct resp_token *token,
                          struct slice *out_payload)
{
    const bool is_head = token->depth == 0;
    enum push_event event = PUSH_NOTHING;
    if (is_head) {
        push->index = 0;
        push->kind = PUSH_NOTHING;
        if (token->type != RESP_ARRAY || token->number < 1)
            return feed_single(push, token);
        return PUSH_NOTHING;
    }
    if (token->depth > 1)
        return bad(push, "nested array", slice_empty());
    if (push->index == 0)
        event = feed_kind(push, token);
    if (event == PUSH_BAD)
        return event;
    if (push->kind == PUSH_PAYLOAD && token->ends_reply && push->index < PAYLOAD_INDEX)
        return bad(push, "short message", token->text);
    if (push->kind == PUSH_PAYLOAD && push->index == PAYLOAD_INDEX && token->text.len > 0) {
        *out_payload = token->text;
        event = PUSH_PAYLOAD;
    } else if (push->kind != PUSH_PAYLOAD && token->ends_reply) {
        event = push->kind;
    }
    push->index++;
    return event;
}
