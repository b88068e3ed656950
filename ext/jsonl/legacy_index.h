/* What a first object holds, found in one walk over it in bounded memory: whether it is an
 * event or a legacy snapshot, and of a snapshot where the details of each model begin and
 * at which ordinals (usage API specification, 4.2, 4.3 and 4.7). */
#ifndef USAGE_EXT_JSONL_LEGACY_INDEX_H
#define USAGE_EXT_JSONL_LEGACY_INDEX_H

#include "ext/jsonl/json_walk.h"

enum legacy_kind {
    LEGACY_DETAILS,     /* an array with elements, to be read */
    LEGACY_UNSUPPORTED, /* a model without details */
    LEGACY_BROKEN       /* an endpoint or model that is no such object */
};

struct legacy_model {
    enum legacy_kind kind;
    struct slice endpoint; /* map keys */
    struct slice model;
    int64_t endpoint_rank; /* from 1, in byte order of the keys */
    int64_t model_rank;    /* from 1, within the endpoint */
    int64_t offset;        /* of the array of details, or of the broken value */
    struct legacy_model *next;
};

struct legacy_index {
    struct arena arena;          /* holds all below */
    struct legacy_model *models; /* in order of offset, once built */
    size_t count;
    bool is_export;         /* the snapshot stands under "usage" */
    bool has_event_hash;    /* an exported event */
    bool has_usage;         /* a member "usage" */
    bool usage_is_object;   /* and it is an object */
    bool usage_has_apis;    /* with a non-empty object "apis" */
    bool has_apis;          /* a non-empty object "apis" at the top */
    bool has_totals;        /* total_requests, success_count or failure_count */
    bool has_event_members; /* a member that only an event has */
    char duplicate_key[96]; /* a structural key that came twice, or "apis.<2>": the second
                               in byte order; "" when none did */
};

/* Walk over the object at hand, which is dropped. The index must be cleared also after a
 * failure. */
enum walk_result legacy_index_build(struct legacy_index *index, struct byte_window *window);
void legacy_index_clear(struct legacy_index *index);

#endif
