/* Export: the events of a snapshot as JSONL, a piece at a time.
 *
 *     struct export_reader reader;
 *     export_reader_open(&reader, db, &options);
 *     do { export_reader_fill(&reader, &out, 65536, &is_done); write(out); } while (!is_done);
 *     export_reader_close(&reader);
 *
 * Called by usage_export() and by the server's export. Between two calls of fill no
 * statement is open, so a slow consumer holds no read transaction: the snapshot is the
 * highest id at the start, and event rows never change. A consumer that gets a connection
 * only for a while keeps the place and goes on with export_reader_resume. Lines come in order of
 * timestamp_ms and id, in the form of the usage API specification, section 3.1; behind
 * response_metadata stand members of ours that import needs to restore an event exactly,
 * each written only where import would not find the value by itself. */
#ifndef USAGE_EXT_JSONL_EXPORT_READER_H
#define USAGE_EXT_JSONL_EXPORT_READER_H

#include "ext/jsonl/export_bundles.h"
#include "ext/jsonl/export_keys.h"

struct export_options {
    int64_t from_ms; /* events from this time on; INT64_MIN: all */
    int64_t to_ms;   /* and before this one; INT64_MAX: all */
    int64_t limit;   /* the newest so many; <= 0: all */
};

struct export_reader {
    sqlite3 *db;        /* borrowed */
    sqlite3_stmt *scan; /* owned; some events by their ids */
    struct export_keys keys;
    struct export_bundles bundles;
    struct arena arena; /* of the line at hand */
    struct export_place place;
    int64_t events; /* written so far by this reader */
};

/* Take the snapshot. On failure the reader is closed. */
int export_reader_open(struct export_reader *reader, sqlite3 *db,
                       const struct export_options *options);
/* Go on where another reader, now closed, stood. On failure the reader is closed. */
int export_reader_resume(struct export_reader *reader, sqlite3 *db,
                         const struct export_place *place);
/* Append whole lines to out until it holds at least bytes more, or the snapshot ends.
 * SQLITE_OK, or an error; out may then hold a part of a line. */
int export_reader_fill(struct export_reader *reader, struct text *out, size_t bytes,
                       bool *out_is_done);
void export_reader_close(struct export_reader *reader);

#endif
