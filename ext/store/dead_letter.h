/* Dead letters: payloads that cannot be events, kept by what may be kept of them. */
#ifndef USAGE_EXT_STORE_DEAD_LETTER_H
#define USAGE_EXT_STORE_DEAD_LETTER_H

#include "ext/arena.h"
#include "ext/store/statements.h"

struct json;

/* Store the reason, length and SHA-256 of payload, and of JSON (json not NULL) at most
 * LIMIT_DEAD_LETTER_BYTES of the redacted text. Of what is not JSON no text is kept: it
 * could be a credential. */
int dead_letter_add(struct statements *statements, struct arena *arena, struct slice payload,
                    struct slice reason, const struct json *json, int64_t gateway_id,
                    int64_t received_at_ms);

#endif
