/* Response headers read into response metadata (ingest specification, section 16).
 * Internal to ext/event/. Pure. */
#ifndef USAGE_EXT_EVENT_RESPONSE_HEADERS_H
#define USAGE_EXT_EVENT_RESPONSE_HEADERS_H

#include <stdint.h>

#include "ext/arena.h"
#include "ext/json.h"

struct response_metadata;

/* Fill metadata, which holds nothing yet, from headers (NULL or any value; an object of
 * names with a text or a list of texts counts). base_ms is what relative times are
 * counted from. Texts are in the arena or parts of headers. */
void response_headers_read(struct arena *arena, struct response_metadata *metadata,
                           const struct json *headers, int64_t base_ms);

#endif
