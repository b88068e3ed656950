/* Export to a file: written beside it under another name, made durable, then renamed, so
 * that the file is either the old one or the whole new one. Called by usage_export() and
 * the command line. */
#ifndef USAGE_EXT_JSONL_EXPORT_FILE_H
#define USAGE_EXT_JSONL_EXPORT_FILE_H

#include "ext/jsonl/export_reader.h"

struct export_report {
    int64_t events;
    int64_t bytes;
    int64_t elapsed_ms;
    char failure[256]; /* of the file; empty when the database failed, or nothing did */
};

/* Called after every piece; false ends the export with SQLITE_INTERRUPT. */
struct export_progress {
    bool (*piece)(void *arg, const struct export_report *report);
    void *arg;
};

/* Export the snapshot to path (NUL-terminated), created with mode 0600. SQLITE_OK;
 * SQLITE_IOERR with failure filled; or the database's error. Nothing is left on failure.
 * progress may be NULL. */
int export_file(sqlite3 *db, const char *path, const struct export_options *options,
                const struct export_progress *progress, struct export_report *out_report);

/* Write the snapshot to an open file descriptor, which stays the caller's. progress may
 * be NULL. */
int export_fd(sqlite3 *db, int fd, const struct export_options *options,
              const struct export_progress *progress, struct export_report *out_report);

/* The report as one JSON object. */
void export_report_json(struct text *out, const struct export_report *report);

#endif
