/* Export; see export_reader.h. */
#include "ext/jsonl/export_reader.h"

#include <string.h>

#include "ext/event/cache_accounting.h"
#include "ext/event/timestamp.h"
#include "ext/json.h"
#include "ext/jsonl/export_members.h"
#include "ext/limits.h"
#include "ext/store/statements.h"

#include "usage_sql.h"

/* Columns of export/scan.sql. */
enum scan_column {
    SCAN_ID,
    SCAN_TIMESTAMP_MS,
    SCAN_TIMESTAMP_NS,
    SCAN_HASH,
    SCAN_REQUEST_ID,
    SCAN_WHO,
    SCAN_WHAT,
    SCAN_WHERE,
    SCAN_OUTCOME,
    SCAN_INPUT,
    SCAN_OUTPUT,
    SCAN_REASONING,
    SCAN_CACHED,
    SCAN_CACHE,
    SCAN_READ_OVER_CACHED,
    SCAN_CREATION,
    SCAN_TOTAL_OVER_PARTS,
    SCAN_LATENCY,
    SCAN_TTFT,
    SCAN_CREATED_AFTER,
    SCAN_SNAPSHOT_AFTER,
    SCAN_RECOVER_AFTER,
    SCAN_USED_PERCENT,
    SCAN_TRACE_ID,
    SCAN_METADATA_VALUES,
    SCAN_ACCESS_TOKEN,
    SCAN_VERBATIM_ID, /* NULL: there is no row in event_verbatim */
    SCAN_VERBATIM_HASH,
    SCAN_VERBATIM_TIMESTAMP,
    SCAN_VERBATIM_READ,
    SCAN_VERBATIM_TOTAL,
    SCAN_FAIL_SUMMARY,
    SCAN_BREAKDOWN_ID, /* NULL: there is no row in event_breakdown */
    SCAN_BREAKDOWN_TOTAL,
    SCAN_BREAKDOWN_INPUT,
    SCAN_BREAKDOWN_UNCACHED,
    SCAN_BREAKDOWN_READ,
    SCAN_BREAKDOWN_WRITE,
    SCAN_BREAKDOWN_OUTPUT,
    SCAN_BREAKDOWN_NON_REASONING,
    SCAN_BREAKDOWN_REASONING,
    SCAN_BREAKDOWN_UNCLASSIFIED
};

/* --- one line --- */

struct line {
    sqlite3_stmt *row;
    const struct export_what *what;
    const struct export_who *who;
    const struct export_where *where;
    const struct export_outcome *outcome;
    struct event event; /* time, counts and what the cache mode is inferred from */
    bool is_verbatim;   /* there is a row in event_verbatim */
    bool is_exact;      /* which has no numbers */
};

static int64_t number(const struct line *line, enum scan_column column)
{
    return sqlite3_column_int64(line->row, (int)column);
}

static bool is_null(const struct line *line, enum scan_column column)
{
    return sqlite3_column_type(line->row, (int)column) == SQLITE_NULL;
}

static struct slice bytes(const struct line *line, enum scan_column column)
{
    int type = sqlite3_column_type(line->row, (int)column);
    const void *data = type == SQLITE_BLOB ? sqlite3_column_blob(line->row, (int)column)
                                           : sqlite3_column_text(line->row, (int)column);
    return (struct slice){data, data ? (size_t)sqlite3_column_bytes(line->row, (int)column) : 0};
}

static void add_request_id(struct text *out, const struct line *line)
{
    if (sqlite3_column_type(line->row, SCAN_REQUEST_ID) != SQLITE_INTEGER) {
        export_add_text(out, "\"request_id\":", bytes(line, SCAN_REQUEST_ID));
        return;
    }
    uint32_t value = (uint32_t)number(line, SCAN_REQUEST_ID);
    const uint8_t big_endian[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                                   (uint8_t)(value >> 8), (uint8_t)value};
    text_add_cstr(out, "\"request_id\":\"");
    text_add_hex(out, big_endian, sizeof big_endian);
    text_add_cstr(out, "\",");
}

static void add_identity(struct text *out, struct arena *arena, const struct line *line)
{
    struct slice hash = bytes(line, SCAN_HASH);
    add_request_id(out, line);
    if (!line->is_verbatim || is_null(line, SCAN_VERBATIM_HASH)) {
        text_add_cstr(out, "\"event_hash\":\"");
        text_add_hex(out, (const uint8_t *)hash.data, hash.len);
        text_add_cstr(out, "\",");
    } else {
        export_add_text(out, "\"event_hash\":", bytes(line, SCAN_VERBATIM_HASH));
    }
    export_add_int64(out, "\"timestamp_ms\":", line->event.timestamp_ms);
    struct slice timestamp =
        line->is_verbatim ? bytes(line, SCAN_VERBATIM_TIMESTAMP) : slice_empty();
    if (timestamp.len == 0)
        timestamp = timestamp_text(
            arena, (struct timestamp){line->event.timestamp_ms, line->event.timestamp_ns});
    export_add_text(out, "\"timestamp\":", timestamp);
}

static void add_counts(struct text *out, const struct line *line)
{
    const struct event *event = &line->event;
    export_add_int64(out, "\"input_tokens\":", event->input_tokens);
    export_add_int64(out, "\"output_tokens\":", event->output_tokens);
    export_add_int64(out, "\"reasoning_tokens\":", event->reasoning_tokens);
    export_add_int64(out, "\"cached_tokens\":", event->cached_tokens);
    export_add_int64(out, "\"cache_tokens\":", event->cache_tokens);
    export_add_int64(out, "\"cache_read_tokens\":", event->cache_read_tokens);
    export_add_int64(out, "\"cache_creation_tokens\":", event->cache_creation_tokens);
    export_add_int64(out, "\"total_tokens\":", event->total_tokens);
    if (!is_null(line, SCAN_LATENCY))
        export_add_int64(out, "\"latency_ms\":", number(line, SCAN_LATENCY));
    if (!is_null(line, SCAN_TTFT))
        export_add_int64(out, "\"ttft_ms\":", number(line, SCAN_TTFT));
}

/* The columns computed from the metadata, as the row has them. */
static struct response_metadata_columns columns_of(struct arena *arena, const struct line *line)
{
    struct response_metadata_columns columns = line->outcome->columns;
    struct slice trace = bytes(line, SCAN_TRACE_ID);
    if (!is_null(line, SCAN_RECOVER_AFTER))
        columns.quota_recover_at_ms = line->event.timestamp_ms + number(line, SCAN_RECOVER_AFTER);
    columns.has_quota_used_percent = !is_null(line, SCAN_USED_PERCENT);
    columns.quota_used_percent = sqlite3_column_double(line->row, SCAN_USED_PERCENT);
    columns.trace_id =
        trace_id_text(arena, line->outcome->trace_form, line->outcome->trace_prefix, trace);
    return columns;
}

static void add_headers(struct text *out, const struct line *line,
                        const struct response_metadata_columns *columns)
{
    if (columns->quota_recover_at_ms > 0)
        export_add_int64(out, "\"header_quota_recover_at_ms\":", columns->quota_recover_at_ms);
    if (columns->has_quota_used_percent) {
        text_add_cstr(out, "\"header_quota_used_percent\":");
        json_write_double(out, columns->quota_used_percent);
        text_add_char(out, ',');
    }
    text_add(out, line->outcome->headers);
    export_add_text(out, "\"header_trace_id\":", columns->trace_id);
}

/* token_breakdown: its beginning is the outcome's; the nine numbers stand behind it where
 * they are not those that follow from the event. */
static void add_breakdown(struct text *out, const struct line *line)
{
    static const char *const names[] = {
        ",\"total_tokens\":",         ",\"input\":{\"total_tokens\":",
        ",\"uncached_tokens\":",      ",\"cache_read_tokens\":",
        ",\"cache_write_tokens\":",   "},\"output\":{\"total_tokens\":",
        ",\"non_reasoning_tokens\":", ",\"reasoning_tokens\":",
        "},\"unclassified_tokens\":",
    };
    if (line->outcome->quality.len == 0)
        return;
    text_add(out, line->outcome->quality);
    for (size_t i = 0; !is_null(line, SCAN_BREAKDOWN_ID) && i < sizeof names / sizeof *names; i++) {
        text_add_cstr(out, names[i]);
        text_add_int64(out, number(line, (enum scan_column)(SCAN_BREAKDOWN_TOTAL + i)));
    }
    text_add_cstr(out, "},");
}

/* Members of ours, behind response_metadata. */
static int add_extra(struct text *out, struct export_bundles *bundles, const struct line *line)
{
    int rc = SQLITE_OK;
    text_add(out, line->what->tiers);
    if (cache_accounting_infer(&line->event) != line->what->mode)
        text_add_cstr(out, line->what->mode == CACHE_SEPARATE_FROM_INPUT
                               ? "\"cache_input_mode\":\"separate_from_input\","
                               : "\"cache_input_mode\":\"included_in_input\",");
    if (!is_null(line, SCAN_ACCESS_TOKEN)) {
        const struct slice *token = export_term(bundles, number(line, SCAN_ACCESS_TOKEN), &rc);
        if (!token)
            return rc;
        export_add_text(out, "\"access_token_sha256\":", *token);
    }
    text_add(out, line->outcome->extra);
    add_breakdown(out, line);
    return rc;
}

static int add_metadata(struct export_reader *reader, struct text *out, const struct line *line,
                        const struct response_metadata_columns *columns)
{
    struct slice shape = line->outcome->shape;
    if (shape.len == 0)
        return SQLITE_OK;
    const struct response_metadata *metadata =
        response_metadata_unpack(&reader->arena, shape, bytes(line, SCAN_METADATA_VALUES),
                                 line->event.timestamp_ms, columns);
    if (!metadata)
        return reader->arena.failed ? SQLITE_NOMEM : SQLITE_CORRUPT;
    text_add_cstr(out, "\"response_metadata\":");
    response_metadata_json(out, metadata);
    text_add_char(out, ',');
    return SQLITE_OK;
}

static int add_line(struct export_reader *reader, struct text *out, const struct line *line)
{
    int64_t snapshot_at_ms = line->event.timestamp_ms + number(line, SCAN_SNAPSHOT_AFTER);
    struct response_metadata_columns columns = columns_of(&reader->arena, line);
    text_add_char(out, '{');
    add_identity(out, &reader->arena, line);
    text_add(out, line->what->identity);
    text_add(out, line->where->route);
    text_add(out, line->who->credential);
    text_add(out, line->where->key);
    text_add(out, line->who->account);
    if (!is_null(line, SCAN_SNAPSHOT_AFTER))
        export_add_int64(out, "\"auth_snapshot_at_ms\":", snapshot_at_ms);
    text_add(out, line->what->effort);
    add_counts(out, line);
    text_add(out, line->outcome->status);
    if (line->outcome->is_failed)
        export_add_text(out, "\"fail_summary\":", bytes(line, SCAN_FAIL_SUMMARY));
    add_headers(out, line, &columns);
    export_add_int64(
        out, "\"created_at_ms\":", line->event.timestamp_ms + number(line, SCAN_CREATED_AFTER));
    int rc = add_metadata(reader, out, line, &columns);
    if (rc == SQLITE_OK)
        rc = add_extra(out, &reader->bundles, line);
    if (rc != SQLITE_OK)
        return rc;
    if (out->failed || reader->arena.failed)
        return SQLITE_NOMEM;
    out->data[out->len - 1] = '}'; /* the comma behind the last member */
    text_add_char(out, '\n');
    return out->failed ? SQLITE_NOMEM : SQLITE_OK;
}

/* --- from the row to the line --- */

/* The counts of the event, and the normalised ones again from them. */
static void read_counts(struct line *line)
{
    struct event *event = &line->event;
    line->is_verbatim = !is_null(line, SCAN_VERBATIM_ID);
    line->is_exact = !line->is_verbatim || is_null(line, SCAN_VERBATIM_TOTAL);
    event->input_tokens = number(line, SCAN_INPUT);
    event->output_tokens = number(line, SCAN_OUTPUT);
    event->reasoning_tokens = number(line, SCAN_REASONING);
    event->cached_tokens = number(line, SCAN_CACHED);
    event->cache_tokens = number(line, SCAN_CACHE);
    event->cache_creation_tokens = number(line, SCAN_CREATION);
    event->cache_read_tokens = line->is_exact
                                   ? event->cached_tokens + number(line, SCAN_READ_OVER_CACHED)
                                   : number(line, SCAN_VERBATIM_READ);
    event->cache_input_mode = line->what->mode;
    event->total_tokens = 1; /* positive: it is not to be computed */
    cache_accounting_apply(event);
    event->total_tokens = line->is_exact ? number(line, SCAN_TOTAL_OVER_PARTS) +
                                               event->normalized_total_input_tokens +
                                               (event->output_tokens > 0 ? event->output_tokens : 0)
                                         : number(line, SCAN_VERBATIM_TOTAL);
}

static int add_row(struct export_reader *reader, struct text *out)
{
    struct export_bundles *bundles = &reader->bundles;
    struct line line = {.row = reader->scan};
    int rc = SQLITE_OK;
    export_bundles_trim(bundles);
    if (!(line.what = export_what(bundles, number(&line, SCAN_WHAT), &rc)) ||
        !(line.who = export_who(bundles, number(&line, SCAN_WHO), &rc)) ||
        !(line.where = export_where(bundles, number(&line, SCAN_WHERE), &rc)) ||
        !(line.outcome = export_outcome(bundles, number(&line, SCAN_OUTCOME), &rc)))
        return rc;
    line.event = line.what->names;
    line.event.auth_provider_snapshot = line.who->provider_snapshot;
    line.event.timestamp_ms = number(&line, SCAN_TIMESTAMP_MS);
    line.event.timestamp_ns = (int32_t)number(&line, SCAN_TIMESTAMP_NS);
    read_counts(&line);
    arena_reset(&reader->arena);
    rc = add_line(reader, out, &line);
    reader->place.after_ms = line.event.timestamp_ms;
    reader->place.after_id = number(&line, SCAN_ID);
    reader->events++;
    return rc;
}

/* Lines of the events with these ids, until out holds enough. */
static int add_chunk(struct export_reader *reader, struct slice ids, struct text *out, size_t end)
{
    bool is_past = false;
    int rc = sqlite3_bind_text64(reader->scan, 1, ids.data, ids.len, SQLITE_STATIC, SQLITE_UTF8);
    while (rc == SQLITE_OK && !is_past && out->len < end) {
        is_past = sqlite3_step(reader->scan) != SQLITE_ROW; /* the reset tells an error */
        if (is_past)
            break;
        rc = add_row(reader, out);
        export_keys_pass(&reader->keys, reader->place.after_id);
    }
    int reset_rc = sqlite3_reset(reader->scan);
    if (rc == SQLITE_OK)
        rc = reset_rc;
    if (rc == SQLITE_OK && is_past)
        export_keys_pass_all(&reader->keys);
    return rc;
}

int export_reader_fill(struct export_reader *reader, struct text *out, size_t at_least,
                       bool *out_is_done)
{
    size_t end = out->len + at_least;
    int rc = SQLITE_OK;
    *out_is_done = false;
    while (rc == SQLITE_OK && !*out_is_done && out->len < end) {
        struct slice ids;
        rc = export_keys_next(&reader->keys, &reader->place, &ids);
        if (rc == SQLITE_OK && ids.len == 0)
            *out_is_done = true;
        else if (rc == SQLITE_OK)
            rc = add_chunk(reader, ids, out, end);
    }
    return rc;
}

/* --- life --- */

static int read_max_id(struct export_reader *reader)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(reader->db, sql_export_max_id, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = statements_step(stmt, &reader->place.max_id);
    sqlite3_finalize(stmt);
    return rc;
}

/* Of a limited export, begin just before the oldest event that belongs to it. */
static int find_cutoff(struct export_reader *reader, const struct export_options *options)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(reader->db, sql_export_cutoff, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 1, reader->place.max_id);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 2, options->from_ms);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 3, options->to_ms);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 4, options->limit);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        reader->place.after_ms = sqlite3_column_int64(stmt, 0);
        reader->place.after_id = sqlite3_column_int64(stmt, 1) - 1;
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_reset(stmt);
    sqlite3_finalize(stmt);
    return rc;
}

/* Everything but the place. */
static void init(struct export_reader *reader, sqlite3 *db)
{
    memset(reader, 0, sizeof *reader);
    reader->db = db;
    export_bundles_init(&reader->bundles, db);
    arena_init(&reader->arena, LIMIT_EVENT_ARENA_BYTES);
}

/* The statements that read on from the place. On failure the reader is closed. */
static int prepare(struct export_reader *reader)
{
    int rc = sqlite3_prepare_v3(reader->db, sql_export_scan, -1, SQLITE_PREPARE_PERSISTENT,
                                &reader->scan, NULL);
    if (rc == SQLITE_OK)
        rc = export_keys_init(&reader->keys, reader->db);
    if (rc != SQLITE_OK)
        export_reader_close(reader);
    return rc;
}

int export_reader_open(struct export_reader *reader, sqlite3 *db,
                       const struct export_options *options)
{
    init(reader, db);
    reader->place.to_ms = options->to_ms;
    reader->place.after_ms = options->from_ms; /* ids begin at 1: (from_ms, 0) is before all */
    int rc = read_max_id(reader);
    if (rc == SQLITE_OK && options->limit > 0)
        rc = find_cutoff(reader, options);
    if (rc == SQLITE_OK)
        return prepare(reader);
    export_reader_close(reader);
    return rc;
}

int export_reader_resume(struct export_reader *reader, sqlite3 *db,
                         const struct export_place *place)
{
    init(reader, db);
    reader->place = *place;
    return prepare(reader);
}

void export_reader_close(struct export_reader *reader)
{
    (void)sqlite3_finalize(reader->scan); /* repeats an error already told */
    export_keys_clear(&reader->keys);
    export_bundles_clear(&reader->bundles);
    arena_clear(&reader->arena);
    memset(reader, 0, sizeof *reader);
}
