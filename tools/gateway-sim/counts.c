/* What the gateway counted: see counts.h. */
#include "tools/gateway-sim/counts.h"

#include <string.h>

#include "tools/gateway-sim/limits.h"

void counts_init(struct counts *counts)
{
    memset(counts, 0, sizeof(*counts));
    bytes_init(&counts->published_ids, LIMIT_IDS_BYTES);
    bytes_init(&counts->lost_ids, LIMIT_IDS_BYTES);
}

void counts_clear(struct counts *counts)
{
    bytes_clear(&counts->published_ids);
    bytes_clear(&counts->lost_ids);
}

void counts_put_id(struct bytes *ids, const char *payload, size_t payload_len)
{
    static const char key[] = "\"request_id\":\"";
    size_t at = bytes_find(payload, payload_len, key);
    const char *end;

    if (at < payload_len) {
        payload += at + sizeof(key) - 1;
        payload_len -= at + sizeof(key) - 1;
        end = memchr(payload, '"', payload_len);
        payload_len = end == NULL ? 0 : (size_t)(end - payload);
        bytes_append(ids, payload, payload_len);
    } else {
        BYTES_LITERAL(ids, "-");
    }
    BYTES_LITERAL(ids, "\n");
}

static void put_member(struct bytes *out, const char *name, int64_t value)
{
    bytes_text(out, out->data[out->len - 1] == '{' ? "\"" : ",\"");
    bytes_text(out, name);
    BYTES_LITERAL(out, "\":");
    bytes_int(out, value);
}

#define PUT(name) put_member(out, #name, counts->name)
#define PUT_NOW(name) put_member(out, #name, now->name)

void counts_put_json(struct bytes *out, const struct counts *counts, const struct counts_now *now)
{
    BYTES_LITERAL(out, "{");
    PUT(published);
    PUT(given);
    PUT(queued);
    PUT(delivered_at_least_once);
    PUT(lost);
    put_member(out, "outstanding",
               counts->published - counts->delivered_at_least_once - counts->lost);
    PUT(to_subscribers);
    PUT(copies_written);
    PUT(dropped_overflow);
    PUT(dropped_unsubscribe);
    PUT(dropped_disconnect);
    PUT(dropped_answer);
    PUT(popped_resp);
    PUT(popped_http);
    PUT(pruned);
    PUT(refused_statistics_off);
    PUT(refused_management_off);
    PUT(refused_queue_full);
    PUT(sent_home);
    PUT(errors_published);
    PUT(control_messages);
    PUT(subscriptions);
    PUT(overflows);
    PUT(connections);
    PUT(auth_failures);
    PUT(auth_bans);
    PUT_NOW(queued_now);
    PUT_NOW(buffered_now);
    PUT_NOW(subscribers_now);
    PUT_NOW(connections_now);
    BYTES_LITERAL(out, "}");
}
