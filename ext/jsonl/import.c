/* Import; see import.h. */
#include "ext/jsonl/import.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ext/json.h"
#include "ext/limits.h"
#include "ext/store/ingest.h"
#include "ext/store/transaction.h"

#include "usage_sql.h"

/* Rows that wait for their transaction, and their texts in an arena of their own: what an event
 * was parsed from is a tenfold of it, and would not stay in the processor's cache. */
struct import_batch {
    struct arena arena;
    struct event_row *rows; /* owned; room for LIMIT_IMPORT_BATCH_EVENTS */
    size_t count;
    bool is_last; /* the reader has no more */
};

struct import_job {
    sqlite3 *db;
    struct record_reader *reader;
    const struct import_options *options;
    struct import_report *report;
    struct ingest ingest;
    sqlite3_stmt *rollback; /* owned; ready at any time: after SQLite itself ran out of memory
                             * nothing can be prepared until the caller's statement ends */
    struct import_batch batch;
    struct arena scratch;   /* of the record at hand */
    int64_t received_at_ms; /* one time for the whole import */
    int64_t begin_mono_ms;
    int64_t unlocked_mono_ms; /* when the last transaction ended */
    int64_t asked_mono_ms;    /* when progress was last told, or is about to be */
    bool is_cancelled;        /* it said so */
};

static int64_t mono_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- transactions --- */

static void roll_back(struct import_job *job)
{
    if (!sqlite3_get_autocommit(job->db))
        (void)statements_step(job->rollback, NULL); /* an error is told */
    ingest_forget(&job->ingest);
}

/* --- records --- */

static void note_error(struct import_report *report, const struct record_item *item,
                       const char *text)
{
    report->failed++;
    if (report->error_count == IMPORT_ERRORS_KEPT)
        return;
    struct import_error *error = &report->errors[report->error_count++];
    error->line = item->line;
    error->byte_offset = item->byte_offset;
    (void)snprintf(error->text, sizeof error->text, "%s", text);
}

static void note_end(struct import_report *report, const struct record_item *item)
{
    (void)snprintf(report->failure, sizeof report->failure, "line %lld, byte %lld: %s",
                   (long long)item->line, (long long)item->byte_offset, item->error);
}

/* Normalise one record into the batch. */
static int batch_payload(struct import_job *job, const struct record_item *item)
{
    struct import_batch *batch = &job->batch;
    struct event_row *row = &batch->rows[batch->count];
    struct event event;
    struct slice reason;
    const struct json *json;
    char text[192];
    arena_reset(&job->scratch);
    switch (event_normalize(&job->scratch, item->payload, job->received_at_ms, &event, &reason,
                            &json)) {
    case EVENT_OK:
        event_row_prepare(&job->scratch, &event, row);
        event_row_keep(&batch->arena, row);
        batch->count++;
        return job->scratch.failed || batch->arena.failed ? SQLITE_NOMEM : SQLITE_OK;
    case EVENT_CONTROL:
        return SQLITE_OK;
    case EVENT_DEAD:
        (void)snprintf(text, sizeof text, "%.*s", (int)reason.len, reason.data);
        note_error(job->report, item, text);
        return SQLITE_OK;
    case EVENT_NOMEM:
        break;
    }
    return SQLITE_NOMEM;
}

/* Take one record from the reader. */
static int batch_record(struct import_job *job)
{
    struct record_item item;
    switch (record_reader_next(job->reader, &item)) {
    case RECORD_OK:
        return batch_payload(job, &item);
    case RECORD_BAD:
        note_error(job->report, &item, item.error);
        return SQLITE_OK;
    case RECORD_UNSUPPORTED:
        job->report->unsupported++;
        return SQLITE_OK;
    case RECORD_END:
        job->report->is_complete = true;
        job->batch.is_last = true;
        return SQLITE_OK;
    case RECORD_FAILED:
        note_end(job->report, &item);
        job->batch.is_last = true;
        return SQLITE_OK;
    case RECORD_NOMEM:
        break;
    }
    return SQLITE_NOMEM;
}

/* Fill the batch, which takes longer than the pause between two transactions must be. */
static int fill_batch(struct import_job *job)
{
    struct import_batch *batch = &job->batch;
    int rc = SQLITE_OK;
    arena_reset(&batch->arena);
    batch->count = 0;
    int64_t end_mono_ms = mono_ms() + LIMIT_IMPORT_FILL_MS;
    while (rc == SQLITE_OK && !batch->is_last && batch->count < LIMIT_IMPORT_BATCH_EVENTS &&
           batch->arena.total_bytes < LIMIT_IMPORT_BATCH_BYTES && mono_ms() < end_mono_ms)
        rc = batch_record(job);
    return rc;
}

/* Store the batch from *at on, as far as one transaction may last. */
static int store_events(struct import_job *job, size_t *at)
{
    struct import_report *report = job->report;
    struct slice gateway = job->options->gateway.len ? job->options->gateway : SLICE("default");
    int64_t end_mono_ms = mono_ms() + LIMIT_IMPORT_TRANSACTION_MS;
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *at < job->batch.count) {
        enum ingest_outcome outcome = INGEST_IGNORED;
        rc = ingest_row(&job->ingest, &job->batch.rows[*at], gateway, &outcome);
        report->added += outcome == INGEST_ADDED;
        report->skipped += outcome == INGEST_SKIPPED;
        (*at)++;
        if (*at % 64 == 0 && mono_ms() >= end_mono_ms)
            break;
    }
    return rc;
}

/* Wait until others had their chance since the last transaction. */
static void pause_between(const struct import_job *job)
{
    int64_t left_ms = job->unlocked_mono_ms + LIMIT_IMPORT_PAUSE_MS - mono_ms();
    if (job->unlocked_mono_ms > 0 && left_ms > 0)
        (void)sqlite3_sleep((int)left_ms);
}

static int store_once(struct import_job *job, size_t *at)
{
    struct import_report before = *job->report; /* what a rollback takes us back to */
    pause_between(job);
    int rc = transaction_run(job->db, sql_store_begin);
    if (rc == SQLITE_OK)
        rc = ingest_check(&job->ingest);
    if (rc == SQLITE_OK)
        rc = store_events(job, at);
    if (rc == SQLITE_OK)
        rc = transaction_run(job->db, sql_store_commit);
    job->unlocked_mono_ms = mono_ms();
    if (rc == SQLITE_OK)
        return SQLITE_OK;
    before.is_complete = false;
    before.is_persist_failure = true;
    char *text = statements_error(job->db);
    (void)snprintf(before.failure, sizeof before.failure, "persist usage import batch: %s",
                   text ? text : "out of memory");
    sqlite3_free(text);
    roll_back(job);
    *job->report = before;
    return rc;
}

static void note_reading(struct import_job *job)
{
    job->report->format = record_reader_format(job->reader);
    job->report->bytes = record_reader_bytes_read(job->reader);
    job->report->elapsed_ms = mono_ms() - job->begin_mono_ms;
}

/* One batch, from the reader into the database. */
static int import_batch(struct import_job *job)
{
    size_t at = 0;
    int rc = fill_batch(job);
    while (rc == SQLITE_OK && at < job->batch.count)
        rc = store_once(job, &at);
    note_reading(job);
    return rc;
}

/* Tell the progress; whether to go on. */
static bool tell_progress(struct import_job *job)
{
    const struct import_options *options = job->options;
    job->asked_mono_ms = mono_ms();
    if (!job->is_cancelled && options->progress)
        job->is_cancelled =
            !options->progress(options->arg, job->report, record_reader_bytes_total(job->reader));
    return !job->is_cancelled;
}

/* For the reader: a few bytes of gzip can stand for hours of white space. */
static bool keep_going(void *arg)
{
    struct import_job *job = arg;
    if (job->is_cancelled || mono_ms() - job->asked_mono_ms < LIMIT_IMPORT_ASK_MS)
        return !job->is_cancelled;
    note_reading(job);
    return tell_progress(job);
}

int import_run(sqlite3 *db, struct record_reader *reader, const struct import_options *options,
               struct import_report *out_report)
{
    struct import_job job = {.db = db,
                             .reader = reader,
                             .options = options,
                             .report = out_report,
                             .received_at_ms = ingest_now_ms(),
                             .begin_mono_ms = mono_ms()};
    memset(out_report, 0, sizeof *out_report);
    ingest_init(&job.ingest, db);
    job.batch.rows = sqlite3_malloc64(LIMIT_IMPORT_BATCH_EVENTS * sizeof *job.batch.rows);
    int rc = job.batch.rows ? SQLITE_OK : SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, sql_store_rollback, -1, &job.rollback, NULL);
    job.asked_mono_ms = job.begin_mono_ms;
    record_reader_set_cancel(reader, keep_going, &job);
    arena_init(&job.batch.arena, LIMIT_EVENT_ARENA_BYTES);
    arena_init(&job.scratch, LIMIT_EVENT_ARENA_BYTES);
    while (rc == SQLITE_OK && !job.batch.is_last) {
        rc = import_batch(&job);
        bool is_read_out = job.batch.is_last && !job.is_cancelled;
        if (rc == SQLITE_OK && !tell_progress(&job)) {
            out_report->is_cancelled = !is_read_out;
            break;
        }
    }
    if (out_report->is_cancelled)
        out_report->failure[0] = '\0'; /* the reader's, which was only stopped */
    record_reader_set_cancel(reader, NULL, NULL);
    arena_clear(&job.batch.arena);
    arena_clear(&job.scratch);
    sqlite3_free(job.batch.rows);
    sqlite3_finalize(job.rollback);
    ingest_clear(&job.ingest);
    return rc;
}

/* --- report --- */

static void add_number(struct text *out, const char *name, int64_t value)
{
    text_add_cstr(out, name);
    text_add_int64(out, value);
}

static void add_errors(struct text *out, const struct import_report *report)
{
    text_add_cstr(out, ",\"errors\":[");
    for (int i = 0; i < report->error_count; i++) {
        const struct import_error *error = &report->errors[i];
        add_number(out, i ? ",{\"line\":" : "{\"line\":", error->line);
        add_number(out, ",\"byte_offset\":", error->byte_offset);
        text_add_cstr(out, ",\"error\":");
        json_write_string(out, slice_of_cstr(error->text));
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

void import_report_json(struct text *out, const struct import_report *report)
{
    text_add_cstr(out, "{\"format\":");
    json_write_string(out, slice_of_cstr(record_format_name(report->format)));
    add_number(out, ",\"added\":", report->added);
    add_number(out, ",\"skipped\":", report->skipped);
    add_number(out, ",\"failed\":", report->failed);
    add_number(out, ",\"unsupported\":", report->unsupported);
    add_number(out, ",\"bytes\":", report->bytes);
    text_add_cstr(out, ",\"seconds\":");
    json_write_double(out, (double)report->elapsed_ms / 1000);
    text_add_cstr(out, report->is_complete ? ",\"complete\":true" : ",\"complete\":false");
    add_errors(out, report);
    if (report->failure[0]) {
        text_add_cstr(out, ",\"error\":");
        json_write_string(out, slice_of_cstr(report->failure));
    }
    text_add_char(out, '}');
}
