/* The members of the response metadata (ingest specification, sections 16 and 17), for
 * the files of ext/event/ that fill, merge, write and pack them.
 *
 * All members stand in one array in the order of the JSON text, and one table tells
 * their names and types: so writing, merging, checking and packing are loops. The flat
 * array can say all that the JSON can, because empty objects are never written. */
#ifndef USAGE_EXT_EVENT_RESPONSE_METADATA_PRIVATE_H
#define USAGE_EXT_EVENT_RESPONSE_METADATA_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/event/response_metadata.h"
#include "ext/text.h"

/* In the order of the JSON text. */
enum response_member {
    /* quota */
    QUOTA_PLAN_TYPE,
    QUOTA_ACTIVE_LIMIT,
    QUOTA_REACHED_TYPE,
    QUOTA_SUMMARY_KIND,
    QUOTA_SUMMARY_SOURCE,
    QUOTA_REACHED_KIND,
    QUOTA_REACHED_SOURCE,
    QUOTA_CREDITS_BALANCE,
    QUOTA_CREDITS_HAS,
    QUOTA_CREDITS_UNLIMITED,
    QUOTA_PRIMARY_OVER_SECONDARY,
    QUOTA_PRIMARY_USED, /* the four of a window stand in this order, see struct below */
    QUOTA_PRIMARY_RESET_AT,
    QUOTA_PRIMARY_RESET_AFTER,
    QUOTA_PRIMARY_MINUTES,
    QUOTA_SECONDARY_USED,
    QUOTA_SECONDARY_RESET_AT,
    QUOTA_SECONDARY_RESET_AFTER,
    QUOTA_SECONDARY_MINUTES,
    QUOTA_RECOVER_AT,
    QUOTA_USED_PERCENT,
    /* errors */
    ERROR_KIND,
    ERROR_CODE,
    ERROR_AUTHORIZATION,
    ERROR_IDE_CODE,
    ERROR_IDE_ROOT_CODE,
    ERROR_SHOULD_RETRY,
    ERROR_RETRY_AFTER,
    ERROR_RETRY_RECOVER_AT,
    ERROR_RATE_LIMIT_BYPASS,
    /* trace */
    TRACE_PRIMARY,
    TRACE_OPENAI,
    TRACE_REQUEST,
    TRACE_ONEAPI,
    TRACE_CF_RAY,
    TRACE_EAGLE,
    TRACE_COMPANION,
    TRACE_CLIENT,
    TRACE_ZEABUR,
    TRACE_PARENT,
    /* routing */
    ROUTING_PROXY_WASM,
    ROUTING_MODELS_ETAG,
    ROUTING_NEW_API_VERSION,
    ROUTING_SERVER,
    ROUTING_VIA,
    ROUTING_CF_CACHE_STATUS,
    ROUTING_SITE_CACHE_STATUS,
    ROUTING_SERVED_BY,
    ROUTING_MIFE_STATUS,
    /* response */
    RESPONSE_CONTENT_TYPE,
    RESPONSE_CONTENT_LENGTH,
    RESPONSE_CONTENT_DISPOSITION,
    RESPONSE_SERVER_TIMING,
    /* providers */
    PROVIDERS_ANTIGRAVITY_TRACE,
    PROVIDERS_ANTIGRAVITY_TIMING,
    PROVIDERS_MIFE_STATUS,
    PROVIDERS_ONEAPI_REQUEST,
    PROVIDERS_CLOUDFLARE_RAY,
    PROVIDERS_CLOUDFLARE_CACHE,
    /* rate_limit */
    RATE_REQUESTS_LIMIT,
    RATE_REQUESTS_REMAINING,
    RATE_TOKENS_LIMIT,
    RATE_TOKENS_REMAINING,
    /* data_policy */
    POLICY_RETENTION_MODE,
    POLICY_ZERO_RETENTION,
    /* provider_usage */
    USAGE_PROVIDER,
    USAGE_KIND,
    USAGE_STATE,
    USAGE_CODE,
    USAGE_MODEL,
    USAGE_UNIT,
    USAGE_ACTUAL,
    USAGE_LIMIT,
    USAGE_REMAINING,
    USAGE_OVERAGE,
    USAGE_WINDOW_KIND,
    USAGE_OBSERVED_AT,
    USAGE_RECOVER_AT,
    USAGE_RECOVER_ESTIMATED,
    USAGE_SOURCE,
    RESPONSE_MEMBER_COUNT
};

enum response_type {
    RESPONSE_TEXT,  /* never empty */
    RESPONSE_BOOL,  /* true or false */
    RESPONSE_TRUE,  /* true, or not there */
    RESPONSE_INT,   /* int64, 0 too */
    RESPONSE_TIME,  /* int64 ms, never 0 */
    RESPONSE_NUMBER /* finite double, 0 too */
};

struct response_value {
    bool present; /* when false the rest is zero */
    union {
        struct slice text;
        bool is_true;
        int64_t integer; /* RESPONSE_INT, RESPONSE_TIME */
        double number;
    };
};

struct response_metadata {
    struct response_value value[RESPONSE_MEMBER_COUNT];
};

struct response_member_row {
    struct slice section; /* name of the outer object */
    struct slice object;  /* name of the object within, or empty */
    struct slice name;
    enum response_type type;
};

/* One row per member. */
extern const struct response_member_row response_members[RESPONSE_MEMBER_COUNT];

/* Setting a member. An empty text and a time of 0 mean that it is absent. */
void response_set_text(struct response_metadata *metadata, enum response_member member,
                       struct slice text);
void response_set_bool(struct response_metadata *metadata, enum response_member member, bool value);
void response_set_int(struct response_metadata *metadata, enum response_member member,
                      int64_t value);
void response_set_number(struct response_metadata *metadata, enum response_member member,
                         double value);
void response_clear(struct response_metadata *metadata, enum response_member member);

/* Reading one: empty or 0 when it is absent. */
struct slice response_text(const struct response_metadata *metadata, enum response_member member);
int64_t response_int(const struct response_metadata *metadata, enum response_member member);

/* Whether both are absent, or both present with the same value (numbers by bits). */
bool response_value_equal(struct response_value a, struct response_value b,
                          enum response_type type);

/* Whether any member is present. */
bool response_is_empty(const struct response_metadata *metadata);

/* T(x) of the specification: Summary, cut at LIMIT_METADATA_TEXT_BYTES. */
struct slice response_clean_text(struct arena *arena, struct slice text);
/* T(x) in lower case (ASCII). */
struct slice response_clean_lower(struct arena *arena, struct slice text);
/* The text when it is a valid traceparent (lower case), otherwise empty. */
struct slice response_check_traceparent(struct slice text);
/* Fill TRACE_PRIMARY, where it is absent, from the other identifiers. */
void response_fill_primary_trace(struct response_metadata *metadata);

#endif
