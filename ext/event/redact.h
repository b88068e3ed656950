/* Redaction: what may be kept of texts that can hold credentials (ingest
 * specification, section 15). Pure. */
#ifndef USAGE_EXT_EVENT_REDACT_H
#define USAGE_EXT_EVENT_REDACT_H

#include "ext/arena.h"
#include "ext/text.h"

struct json;

/* Summary(text): the eight replacements in order, trimmed, cut at 4096 bytes. In the
 * arena (or a part of text). The empty slice, and arena->failed, when memory ran out. */
struct slice redact_summary(struct arena *arena, struct slice text);

/* The longest prefix of whole characters of at most limit bytes, trimmed, and "..."
 * when text is longer than limit; text itself otherwise. */
struct slice redact_truncate(struct arena *arena, struct slice text, size_t limit);

/* The stored form of a source: masked when it is, or may be, a credential. auth_type,
 * provider and client_key are the event's own (unmasked); see "Ours masks more". */
struct slice redact_source(struct arena *arena, struct slice source, struct slice auth_type,
                           struct slice provider, struct slice client_key);

/* Compact JSON of a payload with every secret member, source and free text redacted,
 * for dead letters: stricter than the original's raw_json. Members stay in the order
 * of the payload. Appends to out at most LIMIT_DEAD_LETTER_BYTES, which is all that a
 * dead letter keeps: a longer text ends there, after a whole character, and is then no
 * longer JSON. out->failed when memory ran out. */
void redact_json(struct arena *arena, struct text *out, const struct json *value);

#endif
