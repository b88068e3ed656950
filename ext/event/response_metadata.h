/* Response metadata: what an upstream's response headers say about quotas, errors,
 * traces and limits (ingest specification, sections 16 and 17).
 *
 * Made by event_normalize, stored packed, and given back byte for byte by
 * usage_response_metadata(). Pure: no SQLite. All text lives in the arena. */
#ifndef USAGE_EXT_EVENT_RESPONSE_METADATA_H
#define USAGE_EXT_EVENT_RESPONSE_METADATA_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/arena.h"
#include "ext/text.h"

struct json;
struct response_metadata; /* its members are known to ext/event/ only */

/* What of the payload the metadata is computed from. Members may be NULL or empty. */
struct response_metadata_input {
    const struct json *headers; /* object at response_headers responseHeaders headers */
    const struct json *stored;  /* object at response_metadata responseMetadata */
    struct slice raw_json;      /* text at raw_json rawJson of an exported line */
    const struct json *fail;    /* object at fail, for provider_usage */
    const struct json *payload; /* the whole event, for provider_usage's status and body */
    struct slice provider;      /* for provider_usage (section 17) */
    struct slice provider_snapshot;
    struct slice executor_type;
    int64_t timestamp_ms; /* base of every relative time */
};

/* Compute it. NULL when nothing was found, or with arena->failed. */
const struct response_metadata *response_metadata_make(struct arena *arena,
                                                       const struct response_metadata_input *input);

/* The columns computed from it. */
struct response_metadata_columns {
    int64_t quota_recover_at_ms; /* <= 0: NULL */
    bool has_quota_used_percent;
    double quota_used_percent;
    struct slice quota_plan_type;
    struct slice error_kind;
    struct slice error_code;
    struct slice trace_id;
};
void response_metadata_columns(const struct response_metadata *metadata,
                               struct response_metadata_columns *out_columns);

/* The JSON text of the specification, members in its order. */
void response_metadata_json(struct text *out, const struct response_metadata *metadata);

/* Packed form. It is cut in two, because most of it repeats: shape (which members are
 * there, and the values that many events share: plan, window lengths, server names),
 * which the store keeps once for all events that have the same, and values (numbers
 * and identifiers of this one event). What can be computed from the rest, from
 * timestamp_ms or from the columns is left out. */
void response_metadata_pack(const struct response_metadata *metadata, int64_t timestamp_ms,
                            const struct response_metadata_columns *columns, struct text *out_shape,
                            struct text *out_values);
/* The inverse. NULL when the bytes are damaged, or with arena->failed. */
const struct response_metadata *
response_metadata_unpack(struct arena *arena, struct slice shape, struct slice values,
                         int64_t timestamp_ms, const struct response_metadata_columns *columns);

#endif
