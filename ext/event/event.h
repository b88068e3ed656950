/* A usage event: from CPA's payload to the row it becomes.
 *
 * Called by the store (usage_ingest) and by the functions of single rules. Pure: no
 * SQLite, no clock, no files. An event borrows from the payload and from the arena;
 * both must outlive it. Rules are those of the ingest specification, sections 11 to 18
 * and 21; each function names its section. */
#ifndef USAGE_EXT_EVENT_EVENT_H
#define USAGE_EXT_EVENT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/arena.h"
#include "ext/text.h"

struct response_metadata; /* ext/event/response_metadata.h */
struct json;

enum cache_mode { CACHE_INCLUDED_IN_INPUT, CACHE_SEPARATE_FROM_INPUT };

/* CPA's own accounting (its token_breakdown, version 2): kept as numbers for strict
 * accounting; 0 where a member is absent. */
enum breakdown_quality {
    BREAKDOWN_ABSENT, /* no token_breakdown object: the numbers below are 0 */
    BREAKDOWN_COMPLETE,
    BREAKDOWN_INCONSISTENT,
    BREAKDOWN_UNCLASSIFIED,
    BREAKDOWN_OTHER /* a quality this version does not know */
};

struct token_breakdown {
    enum breakdown_quality quality;
    int64_t schema_version;
    int64_t total_tokens;
    int64_t input_total_tokens;
    int64_t input_uncached_tokens;
    int64_t input_cache_read_tokens;
    int64_t input_cache_write_tokens;
    int64_t output_total_tokens;
    int64_t output_non_reasoning_tokens;
    int64_t output_reasoning_tokens;
    int64_t unclassified_tokens;
};

struct optional_int64 {
    bool present;
    int64_t value;
};

/* Text members: the empty slice is NULL in the row, except where noted. Those without a
 * limit of their own have at most LIMIT_EVENT_TEXT_BYTES, hash_text aside. */
struct event {
    /* identity */
    struct slice hash_text; /* event_hash: 64 lower-case hex digits when made here; an
                               exported line's own text otherwise. Never empty */
    int64_t timestamp_ms;   /* UTC, floored */
    int32_t timestamp_ns;   /* 0..999999: nanoseconds within that millisecond */
    struct slice timestamp; /* normalised UTC text, or an exported line's own text */
    struct slice request_id;

    /* who */
    struct slice provider;
    struct slice executor_type;
    struct slice auth_type;
    struct slice auth_index;
    struct slice source;       /* masked */
    struct slice source_hash;  /* 64 hex digits of the unmasked source, or empty */
    struct slice api_key_hash; /* 64 hex digits of the client's key, or empty */
    struct slice account_snapshot;
    struct slice auth_label_snapshot;
    struct slice auth_file_snapshot;
    struct slice auth_provider_snapshot;
    struct slice auth_project_id_snapshot;
    int64_t auth_snapshot_at_ms;      /* <= 0: NULL */
    struct slice access_token_sha256; /* 64 hex digits, or empty */

    /* what */
    struct slice model; /* display name; never empty, "-" when unknown */
    struct slice requested_model;
    struct slice resolved_model;
    struct slice analytics_model; /* section 13, of requested_model, else model */
    struct slice reasoning_effort;
    struct slice service_tier; /* effective */
    struct slice request_service_tier;
    struct slice response_service_tier;
    enum cache_mode cache_input_mode;

    /* where */
    struct slice endpoint; /* never empty: "-" when unknown */
    struct slice method;
    struct slice path;
    struct slice client_ip;
    struct slice x_forwarded_for;
    struct slice user_agent;

    /* how much */
    int64_t input_tokens; /* raw values as given, negative ones too */
    int64_t output_tokens;
    int64_t reasoning_tokens;
    int64_t cached_tokens;
    int64_t cache_tokens;
    int64_t cache_read_tokens;
    int64_t cache_creation_tokens;
    int64_t normalized_uncached_input_tokens; /* section 14 */
    int64_t normalized_total_input_tokens;
    int64_t normalized_cache_read_tokens;
    int64_t normalized_cache_creation_tokens;
    int64_t total_tokens;
    struct optional_int64 latency_ms;
    struct optional_int64 ttft_ms;
    struct token_breakdown breakdown;
    int64_t accounting_version; /* 0: absent */
    bool generate;              /* true unless the payload says false */

    /* how it ended */
    bool failed;
    int64_t fail_status_code;                          /* <= 0: NULL */
    struct slice fail_summary;                         /* redacted; failed events only */
    const struct response_metadata *response_metadata; /* NULL: nothing found */

    int64_t created_at_ms;
    bool is_exported; /* read from an exported line: complete as it is */
};

enum event_result {
    EVENT_OK,
    EVENT_CONTROL, /* {"refresh":true}, {"support_refresh":true}: not an event */
    EVENT_DEAD,    /* cannot be an event; the reason is in out_reason */
    EVENT_NOMEM    /* memory ran out: the same payload may do better later */
};

/* Normalise one payload: a raw CPA event, or an exported line (one that carries its own
 * event_hash). received_at_ms stands for a missing or unreadable time and for
 * created_at_ms. On EVENT_DEAD *out_reason is the reason, valid as long as the arena's
 * content, and *out_json the parsed value, or NULL when the payload was not JSON or needs
 * more than the arena's ceiling ("payload too complex": the arena is reset then). Other
 * results leave both unset. *out_event is written only on EVENT_OK. The arena is the
 * event's own: empty at the call. */
enum event_result event_normalize(struct arena *arena, struct slice payload, int64_t received_at_ms,
                                  struct event *out_event, struct slice *out_reason,
                                  const struct json **out_json);

/* The account snapshot of the event's credential was found after normalisation: fill
 * the empty snapshot members from it and recompute what depends on them (section 8:
 * the effective service tier; neither the cache mode nor the hash). */
struct account_snapshot {
    struct slice account;
    struct slice label;
    struct slice file;
    struct slice provider;
    struct slice project_id;
    int64_t read_at_ms; /* when the gateway's list was read */
};
void event_fill_snapshot(struct arena *arena, struct event *event,
                         const struct account_snapshot *snapshot);

/* Single rules, for the SQL functions. */
/* Section 18: the text that is hashed into event_hash, in the arena. */
struct slice event_hash_preimage(struct arena *arena, const struct event *event);
/* Section 13: the model name without a known thinking suffix; a part of model. */
struct slice event_analytics_model(struct slice model);
/* Section 21: the account key, in the arena; empty when nothing identifies one. */
struct slice event_account_key(struct arena *arena, const struct event *event);

#endif
