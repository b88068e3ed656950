/* Import; see import.h. */
#include "ext/jsonl/import.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ext/json.h"
#include "ext/limits.h"
#include "ext/store/ingest.h"

#include "usage_sql.h"

struct import_job {
    sqlite3 *db;
    struct record_reader *reader;
    const struct import_options *options;
    struct import_report *report;
    struct ingest ingest;
    int64_t received_at_ms; /* one time for the whole import */
    int64_t begin_mono_ms;
};

static int64_t mono_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- transactions --- */

/* Run begin or commit, waiting for other writers. The connection's own busy handler may be
 * missing (the shell has none by default), so the wait is here. */
static int run_waiting(sqlite3 *db, const char *sql)
{
    int64_t give_up_mono_ms = mono_ms() + LIMIT_IMPORT_BUSY_MS;
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    while (rc == SQLITE_BUSY && mono_ms() < give_up_mono_ms) {
        (void)sqlite3_sleep(10);
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    return rc;
}

static void roll_back(struct import_job *job)
{
    if (!sqlite3_get_autocommit(job->db))
        (void)sqlite3_exec(job->db, sql_store_rollback, NULL, NULL, NULL); /* an error is told */
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

static int import_payload(struct import_job *job, const struct record_item *item)
{
    struct import_report *report = job->report;
    struct ingest_failure failure;
    enum ingest_outcome outcome;
    char reason[192];
    struct slice gateway = job->options->gateway.len ? job->options->gateway : SLICE("default");
    int rc = ingest_payload(&job->ingest, item->payload, job->received_at_ms, gateway, &outcome,
                            &failure);
    if (rc != SQLITE_OK)
        return rc;
    report->added += outcome == INGEST_ADDED;
    report->skipped += outcome == INGEST_SKIPPED;
    if (outcome == INGEST_DEAD) {
        (void)snprintf(reason, sizeof reason, "%.*s", (int)failure.reason.len, failure.reason.data);
        note_error(report, item, reason);
    }
    return SQLITE_OK;
}

/* The records of one transaction. *out_is_end tells that there are no more. */
static int import_records(struct import_job *job, bool *out_is_end)
{
    int64_t end_mono_ms = mono_ms() + LIMIT_IMPORT_TRANSACTION_MS;
    struct import_report *report = job->report;
    int rc = SQLITE_OK;
    *out_is_end = false;
    while (rc == SQLITE_OK && !*out_is_end && mono_ms() < end_mono_ms) {
        struct record_item item;
        switch (record_reader_next(job->reader, &item)) {
        case RECORD_OK:
            rc = import_payload(job, &item);
            break;
        case RECORD_BAD:
            note_error(report, &item, item.error);
            break;
        case RECORD_UNSUPPORTED:
            report->unsupported++;
            break;
        case RECORD_END:
            report->is_complete = true;
            *out_is_end = true;
            break;
        case RECORD_FAILED:
            note_end(report, &item);
            *out_is_end = true;
            break;
        case RECORD_NOMEM:
            rc = SQLITE_NOMEM;
            break;
        }
    }
    return rc;
}

static int import_transaction(struct import_job *job, bool *out_is_end)
{
    struct import_report before = *job->report; /* what a rollback takes us back to */
    int rc = run_waiting(job->db, sql_store_begin);
    if (rc == SQLITE_OK)
        rc = import_records(job, out_is_end);
    if (rc == SQLITE_OK)
        rc = run_waiting(job->db, sql_store_commit);
    if (rc != SQLITE_OK) {
        before.is_persist_failure = true;
        (void)snprintf(before.failure, sizeof before.failure, "persist usage import batch: %s",
                       sqlite3_errmsg(job->db));
        roll_back(job);
        *job->report = before;
    }
    job->report->format = record_reader_format(job->reader);
    job->report->bytes = record_reader_bytes_read(job->reader);
    job->report->elapsed_ms = mono_ms() - job->begin_mono_ms;
    return rc;
}

static bool is_cancelled(const struct import_job *job)
{
    const struct import_options *options = job->options;
    return options->progress &&
           !options->progress(options->arg, job->report, record_reader_bytes_total(job->reader));
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
    bool is_end = false;
    int rc = SQLITE_OK;
    memset(out_report, 0, sizeof *out_report);
    ingest_init(&job.ingest, db);
    while (rc == SQLITE_OK && !is_end) {
        rc = import_transaction(&job, &is_end);
        if (rc == SQLITE_OK && is_cancelled(&job)) {
            out_report->is_cancelled = !is_end;
            break;
        }
        if (rc == SQLITE_OK && !is_end)
            (void)sqlite3_sleep(LIMIT_IMPORT_PAUSE_MS);
    }
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
