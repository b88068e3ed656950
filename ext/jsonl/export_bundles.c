/* What exported lines share; see export_bundles.h. */
#include "ext/jsonl/export_bundles.h"

#include <string.h>

#include "ext/json.h"
#include "ext/jsonl/export_members.h"
#include "ext/limits.h"
#include "ext/store/statements.h"

#include "usage_sql.h"

static const char *const find_sql[EXPORT_KINDS] = {
    [EXPORT_WHAT] = sql_export_what,   [EXPORT_WHO] = sql_export_who,
    [EXPORT_WHERE] = sql_export_where, [EXPORT_OUTCOME] = sql_export_outcome,
    [EXPORT_TERM] = sql_export_term,
};

void export_bundles_init(struct export_bundles *bundles, sqlite3 *db)
{
    memset(bundles, 0, sizeof *bundles);
    bundles->db = db;
    arena_init(&bundles->arena, LIMIT_EVENT_ARENA_BYTES);
    text_init(&bundles->scratch, LIMIT_EVENT_ARENA_BYTES);
}

void export_bundles_clear(struct export_bundles *bundles)
{
    for (int i = 0; i < EXPORT_KINDS; i++) {
        (void)sqlite3_finalize(bundles->find[i]); /* repeats an error already told */
        sqlite3_free(bundles->entries[i]);
    }
    arena_clear(&bundles->arena);
    text_clear(&bundles->scratch);
    memset(bundles, 0, sizeof *bundles);
}

void export_bundles_trim(struct export_bundles *bundles)
{
    if (bundles->arena.total_bytes < LIMIT_EXPORT_BUNDLE_BYTES)
        return;
    for (int i = 0; i < EXPORT_KINDS; i++)
        if (bundles->entries[i])
            memset(bundles->entries[i], 0, bundles->sizes[i] * sizeof *bundles->entries[i]);
    arena_reset(&bundles->arena);
}

/* Remember the entry of an id, which is at most LIMIT_EXPORT_IDS: the array grows to it.
 * False when memory is out. */
static bool remember(struct export_bundles *bundles, enum export_kind kind, size_t id,
                     const void *entry)
{
    if (id >= bundles->sizes[kind]) {
        size_t size = id * 2 + 64;
        const void **grown =
            sqlite3_realloc64(bundles->entries[kind], size * sizeof *bundles->entries[kind]);
        if (!grown)
            return false;
        memset(grown + bundles->sizes[kind], 0,
               (size - bundles->sizes[kind]) * sizeof *bundles->entries[kind]);
        bundles->entries[kind] = grown;
        bundles->sizes[kind] = size;
    }
    bundles->entries[kind][id] = entry;
    return true;
}

/* Column i, copied into the arena. */
static struct slice column(struct export_bundles *bundles, sqlite3_stmt *row, int i)
{
    const void *data = sqlite3_column_type(row, i) == SQLITE_BLOB ? sqlite3_column_blob(row, i)
                                                                  : sqlite3_column_text(row, i);
    size_t len = data ? (size_t)sqlite3_column_bytes(row, i) : 0;
    return len ? arena_copy(&bundles->arena, (struct slice){data, len}) : slice_empty();
}

static struct slice rendered(struct export_bundles *bundles)
{
    struct slice fragment = arena_take_text(&bundles->arena, &bundles->scratch);
    text_empty(&bundles->scratch);
    return fragment;
}

static void *make_what(struct export_bundles *bundles, sqlite3_stmt *row)
{
    struct export_what *what = arena_alloc(&bundles->arena, sizeof *what);
    struct text *out = &bundles->scratch;
    if (!what)
        return NULL;
    struct slice tier = column(bundles, row, 7);
    struct slice request_tier = column(bundles, row, 8);
    what->names.provider = column(bundles, row, 0);
    what->names.executor_type = column(bundles, row, 1);
    what->names.model = column(bundles, row, 2);
    what->names.requested_model = column(bundles, row, 4);
    what->names.resolved_model = column(bundles, row, 5);
    what->mode = sqlite3_column_int(row, 10) ? CACHE_SEPARATE_FROM_INPUT : CACHE_INCLUDED_IN_INPUT;
    export_add_text(out, "\"provider\":", what->names.provider);
    export_add_text(out, "\"executor_type\":", what->names.executor_type);
    export_add_text_always(out, "\"model\":", what->names.model);
    export_add_text(out, "\"analytics_model\":", column(bundles, row, 3));
    export_add_text(out, "\"requested_model\":", what->names.requested_model);
    export_add_text(out, "\"resolved_model\":", what->names.resolved_model);
    what->identity = rendered(bundles);
    export_add_text(out, "\"reasoning_effort\":", column(bundles, row, 6));
    export_add_text(out, "\"service_tier\":", tier);
    what->effort = rendered(bundles);
    if (!slice_equal(request_tier, tier)) /* import fills an absent one with the tier */
        export_add_text_always(out, "\"request_service_tier\":", request_tier);
    export_add_text(out, "\"response_service_tier\":", column(bundles, row, 9));
    what->tiers = rendered(bundles);
    return what;
}

static void *make_who(struct export_bundles *bundles, sqlite3_stmt *row)
{
    struct export_who *who = arena_alloc(&bundles->arena, sizeof *who);
    struct text *out = &bundles->scratch;
    if (!who)
        return NULL;
    who->provider_snapshot = column(bundles, row, 7);
    export_add_text(out, "\"auth_type\":", column(bundles, row, 0));
    export_add_text(out, "\"auth_index\":", column(bundles, row, 1));
    export_add_text(out, "\"source\":", column(bundles, row, 2));
    export_add_text(out, "\"source_hash\":", column(bundles, row, 3));
    who->credential = rendered(bundles);
    export_add_text(out, "\"account_snapshot\":", column(bundles, row, 4));
    export_add_text(out, "\"auth_label_snapshot\":", column(bundles, row, 5));
    export_add_text(out, "\"auth_file_snapshot\":", column(bundles, row, 6));
    export_add_text(out, "\"auth_provider_snapshot\":", who->provider_snapshot);
    export_add_text(out, "\"auth_project_id_snapshot\":", column(bundles, row, 8));
    who->account = rendered(bundles);
    return who;
}

static void *make_where(struct export_bundles *bundles, sqlite3_stmt *row)
{
    struct export_where *where = arena_alloc(&bundles->arena, sizeof *where);
    struct text *out = &bundles->scratch;
    if (!where)
        return NULL;
    export_add_text(out, "\"endpoint\":", column(bundles, row, 0));
    export_add_text(out, "\"method\":", column(bundles, row, 1));
    export_add_text(out, "\"path\":", column(bundles, row, 2));
    where->route = rendered(bundles);
    export_add_text(out, "\"api_key_hash\":", column(bundles, row, 3));
    where->key = rendered(bundles);
    return where;
}

static void add_quality(struct text *out, int quality, int64_t schema_version)
{
    static const char *const names[] = {
        [BREAKDOWN_COMPLETE] = "complete",
        [BREAKDOWN_INCONSISTENT] = "inconsistent",
        [BREAKDOWN_UNCLASSIFIED] = "unclassified",
        [BREAKDOWN_OTHER] = "other",
    };
    if (quality <= BREAKDOWN_ABSENT || quality > BREAKDOWN_OTHER)
        return;
    text_add_cstr(out, "\"token_breakdown\":{");
    export_add_int64(out, "\"schema_version\":", schema_version);
    text_add_cstr(out, "\"quality\":");
    json_write_string(out, slice_of_cstr(names[quality]));
}

static void *make_outcome(struct export_bundles *bundles, sqlite3_stmt *row)
{
    struct export_outcome *outcome = arena_alloc(&bundles->arena, sizeof *outcome);
    struct text *out = &bundles->scratch;
    if (!outcome)
        return NULL;
    int64_t status = sqlite3_column_int64(row, 1);
    int64_t accounting_version = sqlite3_column_int64(row, 8);
    outcome->columns.quota_plan_type = column(bundles, row, 2);
    outcome->columns.error_kind = column(bundles, row, 3);
    outcome->columns.error_code = column(bundles, row, 4);
    outcome->trace_form = (enum trace_form)sqlite3_column_int(row, 5);
    outcome->trace_prefix = column(bundles, row, 6);
    outcome->shape = column(bundles, row, 11);
    outcome->is_failed = sqlite3_column_int(row, 0) != 0;
    text_add_cstr(out, outcome->is_failed ? "\"failed\":true," : "\"failed\":false,");
    if (status != 0)
        export_add_int64(out, "\"fail_status_code\":", status);
    outcome->status = rendered(bundles);
    export_add_text(out, "\"header_quota_plan_type\":", outcome->columns.quota_plan_type);
    export_add_text(out, "\"header_error_kind\":", outcome->columns.error_kind);
    export_add_text(out, "\"header_error_code\":", outcome->columns.error_code);
    outcome->headers = rendered(bundles);
    if (sqlite3_column_int(row, 7) == 0)
        text_add_cstr(out, "\"generate\":false,");
    if (accounting_version != 0)
        export_add_int64(out, "\"accounting_version\":", accounting_version);
    outcome->extra = rendered(bundles);
    add_quality(out, sqlite3_column_int(row, 9), sqlite3_column_int64(row, 10));
    outcome->quality = rendered(bundles);
    return outcome;
}

static void *make_term(struct export_bundles *bundles, sqlite3_stmt *row)
{
    struct slice *term = arena_alloc(&bundles->arena, sizeof *term);
    if (term)
        *term = column(bundles, row, 0);
    return term;
}

static void *(*const makers[EXPORT_KINDS])(struct export_bundles *, sqlite3_stmt *) = {
    [EXPORT_WHAT] = make_what,       [EXPORT_WHO] = make_who,   [EXPORT_WHERE] = make_where,
    [EXPORT_OUTCOME] = make_outcome, [EXPORT_TERM] = make_term,
};

/* Read the bundle from its table. */
static const void *read_entry(struct export_bundles *bundles, enum export_kind kind, int64_t id,
                              int *out_rc)
{
    const void *entry = NULL;
    sqlite3_stmt **find = &bundles->find[kind];
    int rc = SQLITE_OK;
    if (!*find)
        rc = sqlite3_prepare_v3(bundles->db, find_sql[kind], -1, SQLITE_PREPARE_PERSISTENT, find,
                                NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(*find, 1, id);
    if (rc == SQLITE_OK && sqlite3_step(*find) == SQLITE_ROW)
        entry = makers[kind](bundles, *find);
    if (rc == SQLITE_OK)
        rc = sqlite3_reset(*find);
    if (rc == SQLITE_OK && bundles->arena.failed)
        rc = SQLITE_NOMEM;
    if (rc == SQLITE_OK && !entry)
        rc = SQLITE_CORRUPT; /* an event names a bundle that is not there */
    *out_rc = rc;
    return rc == SQLITE_OK ? entry : NULL;
}

static const void *find_entry(struct export_bundles *bundles, enum export_kind kind, int64_t id,
                              int *out_rc)
{
    if (id <= 0 || id > LIMIT_EXPORT_IDS) { /* the ledger is damaged */
        *out_rc = SQLITE_CORRUPT;
        return NULL;
    }
    const size_t at = (size_t)id;
    if (at < bundles->sizes[kind] && bundles->entries[kind][at])
        return bundles->entries[kind][at];
    const void *entry = read_entry(bundles, kind, id, out_rc);
    if (!entry || remember(bundles, kind, at, entry))
        return entry;
    *out_rc = SQLITE_NOMEM;
    return NULL;
}

const struct export_what *export_what(struct export_bundles *bundles, int64_t id, int *out_rc)
{
    return find_entry(bundles, EXPORT_WHAT, id, out_rc);
}

const struct export_who *export_who(struct export_bundles *bundles, int64_t id, int *out_rc)
{
    return find_entry(bundles, EXPORT_WHO, id, out_rc);
}

const struct export_where *export_where(struct export_bundles *bundles, int64_t id, int *out_rc)
{
    return find_entry(bundles, EXPORT_WHERE, id, out_rc);
}

const struct export_outcome *export_outcome(struct export_bundles *bundles, int64_t id, int *out_rc)
{
    return find_entry(bundles, EXPORT_OUTCOME, id, out_rc);
}

const struct slice *export_term(struct export_bundles *bundles, int64_t id, int *out_rc)
{
    return find_entry(bundles, EXPORT_TERM, id, out_rc);
}
