/* Counters and verdict of an import: see import_result.h. */
#include "server/transfer/import_result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/document.h"

/* The texts of rule 3, by their beginnings. */
static const char *const prescribed[] = {
    "empty usage import payload",
    "usage import ",
    "legacy usage export does not contain request details",
};

/* --- making --- */

/* The text behind "line N, byte M: ", or all of it. */
static const char *behind_position(const char *text)
{
    const char *colon = strncmp(text, "line ", 5) == 0 ? strstr(text, ": ") : NULL;
    return colon != NULL ? colon + 2 : text;
}

static bool is_prescribed(const char *text)
{
    for (size_t i = 0; i < sizeof prescribed / sizeof prescribed[0]; i++) {
        if (strncmp(text, prescribed[i], strlen(prescribed[i])) == 0)
            return true;
    }
    return false;
}

static void set_error(struct import_result *result, const char *text)
{
    const char *bare = behind_position(text);
    (void)snprintf(result->error, sizeof result->error, "%s", is_prescribed(bare) ? bare : text);
}

static void set_first_error(struct import_result *result, const struct import_report *report)
{
    const struct import_error *error = &report->errors[0];
    if (report->error_count > 0)
        (void)snprintf(result->error, sizeof result->error, "line %lld, byte %lld: %s",
                       (long long)error->line, (long long)error->byte_offset, error->text);
}

static bool has_effect(const struct import_result *result)
{
    return result->added > 0 || result->skipped > 0;
}

/* The end was reached, or the content itself ended the import. */
static void judge_content(struct import_result *result, const struct import_report *report,
                          const struct record_reader *reader)
{
    if (!report->is_complete) {
        set_error(result, report->failure);
        result->verdict = has_effect(result) ? IMPORT_DONE : IMPORT_UNUSABLE;
        result->failed += has_effect(result);
    } else if (!has_effect(result) && report->failed > 0 &&
               record_reader_begins_with_object(reader) && !record_reader_walks_snapshot(reader)) {
        result->verdict = IMPORT_UNUSABLE;
        set_first_error(result, report);
    }
}

/* A session looks at the structure of a snapshot before it reads the format from it. */
static bool is_refused_by_session(const struct import_result *result)
{
    return result->verdict == IMPORT_UNUSABLE && result->format != RECORD_FORMAT_JSONL &&
           strncmp(result->error, prescribed[1], strlen(prescribed[1])) == 0;
}

void import_result_make(struct import_result *result, int rc, const struct import_report *report,
                        const struct record_reader *reader, bool is_session)
{
    *result = (struct import_result){.verdict = IMPORT_DONE,
                                     .format = report->format,
                                     .added = report->added,
                                     .skipped = report->skipped,
                                     .failed = report->failed,
                                     .unsupported = report->unsupported,
                                     .has_warnings = record_reader_walks_snapshot(reader)};
    if (rc != SQLITE_OK) {
        result->verdict = IMPORT_NOT_STORED;
        set_error(result, report->failure[0] != '\0' ? report->failure : sqlite3_errstr(rc));
    } else if (report->is_cancelled) {
        result->verdict = IMPORT_CANCELLED;
        set_error(result, "usage import cancelled");
    } else {
        judge_content(result, report, reader);
    }
    if (is_session && is_refused_by_session(result))
        result->format = RECORD_FORMAT_UNKNOWN;
}

void import_result_fail(struct import_result *result, enum import_verdict verdict,
                        const char *message)
{
    *result = (struct import_result){.verdict = verdict};
    (void)snprintf(result->error, sizeof result->error, "%s", message);
}

/* --- writing --- */

static void write_warnings(struct text *out, const struct import_result *result)
{
    text_add_cstr(out, ",\"warnings\":");
    text_add_cstr(out, result->has_warnings ? "[\"legacy_usage_metadata_is_partial\","
                                              "\"legacy_usage_source_matching_may_be_approximate\"]"
                                            : "null");
}

void import_result_write(struct text *out, const char *name, const struct import_result *result)
{
    document_open(out, name, '{');
    document_add_text(out, "format", record_format_name(result->format));
    document_add_int64(out, "added", result->added);
    document_add_int64(out, "skipped", result->skipped);
    document_add_int64(out, "total", result->added + result->skipped);
    document_add_int64(out, "failed", result->failed);
    document_add_int64(out, "unsupported", result->unsupported);
    write_warnings(out, result);
    if (result->verdict == IMPORT_DONE)
        document_add_text_unless_empty(out, "error", result->error);
    document_close(out, '}');
}

void import_result_write_refusal(struct text *out, const struct import_result *result)
{
    document_open(out, NULL, '{');
    document_add_text(out, "error", result->error);
    document_add_int64(out, "failed", result->failed);
    document_add_text(out, "format", record_format_name(result->format));
    document_add_int64(out, "unsupported", result->unsupported);
    write_warnings(out, result);
    document_close(out, '}');
    text_add_char(out, '\n');
}

/* --- reading --- */

static bool format_of_name(const char *name, enum record_format *out_format)
{
    static const enum record_format formats[] = {RECORD_FORMAT_UNKNOWN, RECORD_FORMAT_JSONL,
                                                 RECORD_FORMAT_LEGACY_EXPORT,
                                                 RECORD_FORMAT_LEGACY_PAYLOAD};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        *out_format = formats[i];
        if (strcmp(name, record_format_name(formats[i])) == 0)
            return true;
    }
    return false;
}

bool import_result_read(const cJSON *object, struct import_result *out_result)
{
    char *error = NULL;
    struct import_result result = {.verdict = IMPORT_DONE};
    const char *format = document_text(object, "format", "", &error);
    result.added = document_int64(object, "added", 0, &error);
    result.skipped = document_int64(object, "skipped", 0, &error);
    result.failed = document_int64(object, "failed", 0, &error);
    result.unsupported = document_int64(object, "unsupported", 0, &error);
    result.has_warnings = document_text_array(object, "warnings", &error) != NULL;
    (void)snprintf(result.error, sizeof result.error, "%s",
                   document_text(object, "error", "", &error));
    bool is_good = error == NULL && format_of_name(format, &result.format);
    free(error);
    if (is_good)
        *out_result = result;
    return is_good;
}
