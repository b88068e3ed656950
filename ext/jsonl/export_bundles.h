/* What exported lines share, rendered once: the members that come from a bundle, as JSON
 * text. Called by export_reader. Owns its statements and memory; forgets everything when
 * that grows beyond LIMIT_EXPORT_BUNDLE_BYTES. */
#ifndef USAGE_EXT_JSONL_EXPORT_BUNDLES_H
#define USAGE_EXT_JSONL_EXPORT_BUNDLES_H

#include <stdbool.h>

#include "ext/arena.h"
#include "ext/event/event.h"
#include "ext/event/response_metadata.h"
#include "ext/sqlite.h"
#include "ext/store/trace_id.h"

/* Every fragment is members with a comma behind each: "provider":"codex", */
struct export_what {
    struct slice identity; /* provider ... resolved_model */
    struct slice effort;   /* reasoning_effort, service_tier */
    struct slice tiers;    /* extra: the tiers that import would not find by itself */
    enum cache_mode mode;
    struct event names; /* the texts from which import infers the mode */
};

struct export_who {
    struct slice credential; /* auth_type ... source_hash */
    struct slice account;    /* the five snapshots */
    struct slice provider_snapshot;
};

struct export_where {
    struct slice route; /* endpoint, method, path */
    struct slice key;   /* api_key_hash */
};

struct export_outcome {
    bool is_failed;
    struct slice status;  /* failed, fail_status_code */
    struct slice headers; /* plan type, error kind and code */
    struct slice extra;   /* extra: generate, accounting_version */
    struct slice quality; /* the beginning of token_breakdown, without a comma; or empty */
    struct response_metadata_columns columns; /* plan type, error kind and code */
    enum trace_form trace_form;
    struct slice trace_prefix;
    struct slice shape; /* of the packed metadata */
};

enum export_kind { EXPORT_WHAT, EXPORT_WHO, EXPORT_WHERE, EXPORT_OUTCOME, EXPORT_TERM };
#define EXPORT_KINDS 5

struct export_bundles {
    sqlite3 *db;                        /* borrowed */
    sqlite3_stmt *find[EXPORT_KINDS];   /* owned */
    const void **entries[EXPORT_KINDS]; /* owned arrays, by id */
    size_t sizes[EXPORT_KINDS];
    struct arena arena; /* holds all entries */
    struct text scratch;
};

void export_bundles_init(struct export_bundles *bundles, sqlite3 *db);
void export_bundles_clear(struct export_bundles *bundles);
/* Call between two lines: may forget, so pointers given out before are void. */
void export_bundles_trim(struct export_bundles *bundles);

/* The bundle of that id; NULL with *out_rc when it cannot be read. Valid until trim. */
const struct export_what *export_what(struct export_bundles *bundles, int64_t id, int *out_rc);
const struct export_who *export_who(struct export_bundles *bundles, int64_t id, int *out_rc);
const struct export_where *export_where(struct export_bundles *bundles, int64_t id, int *out_rc);
const struct export_outcome *export_outcome(struct export_bundles *bundles, int64_t id,
                                            int *out_rc);
/* A text of the dictionary. */
const struct slice *export_term(struct export_bundles *bundles, int64_t id, int *out_rc);

#endif
