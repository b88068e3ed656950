/* Reads the records of a file of usage data, one at a time, in bounded memory.
 *
 * Called by the usage_jsonl table and by import. It understands, by looking at the
 * content and not at the name:
 *   - JSONL / NDJSON: one object a line; CRLF, blank lines, a byte order mark;
 *   - one JSON array of objects;
 *   - a first object that is written over several lines, and lines behind it;
 *   - legacy snapshots with request-level details ({"usage":{"apis":...}}, {"apis":...});
 *   - our own and the original's exports, raw CPA payloads: they are lines or elements;
 *   - any of these compressed with gzip.
 * A record that cannot be read is returned with its error; the records after it follow
 * wherever they can be found. The payload of a legacy detail is an object that
 * event_normalize understands. */
#ifndef USAGE_EXT_JSONL_RECORD_READER_H
#define USAGE_EXT_JSONL_RECORD_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

enum record_format {
    RECORD_FORMAT_UNKNOWN,       /* nothing was read yet, or nothing can be */
    RECORD_FORMAT_JSONL,         /* "usage_service_jsonl": lines, arrays, single objects */
    RECORD_FORMAT_LEGACY_EXPORT, /* "legacy_usage_export": usage.apis */
    RECORD_FORMAT_LEGACY_PAYLOAD /* "legacy_usage_payload": apis */
};
/* The word of the usage API specification; "" for RECORD_FORMAT_UNKNOWN. */
const char *record_format_name(enum record_format format);

enum record_result {
    RECORD_OK,          /* payload holds one record */
    RECORD_BAD,         /* this record cannot be read: error says why; go on */
    RECORD_UNSUPPORTED, /* a legacy model or snapshot without request details; go on */
    RECORD_END,
    RECORD_FAILED, /* nothing more can be read: error says why */
    RECORD_NOMEM
};

struct record_item {
    int64_t line;         /* where the record begins, from 1 */
    int64_t byte_offset;  /* where it begins, in the uncompressed content */
    struct slice payload; /* RECORD_OK; valid until the next call */
    char error[192];      /* otherwise; without the content's text */
};

struct record_reader; /* opaque */

/* Read the file at path (NUL-terminated), or the bytes of content, which must outlive the
 * reader. On failure *out_reader is NULL and error holds the reason, BYTE_SOURCE_NOMEM when
 * memory ran out. */
bool record_reader_open_file(const char *path, struct record_reader **out_reader, char *error,
                             size_t error_size);
bool record_reader_open_bytes(struct slice content, struct record_reader **out_reader, char *error,
                              size_t error_size);
/* Read from an open file descriptor, which becomes the reader's. */
bool record_reader_open_fd(int fd, struct record_reader **out_reader, char *error,
                           size_t error_size);
enum record_result record_reader_next(struct record_reader *reader, struct record_item *out_item);
/* Before the first record: a structural key of a snapshot that comes twice makes it fail,
 * instead of the last one standing (the rule of import sessions). */
void record_reader_refuse_duplicates(struct record_reader *reader);
/* Before the first record: ask keep_going before each read of some 100 KiB of content, also
 * while a long stretch gives no record. Once it returns false it must do so from then on;
 * the reader fails, with whatever error. */
void record_reader_set_cancel(struct record_reader *reader, bool (*keep_going)(void *arg),
                              void *arg);
/* Known from the first record on: whether the content begins with an object. */
bool record_reader_begins_with_object(const struct record_reader *reader);
/* Whether a legacy snapshot's endpoints are read, rather than the content refused. */
bool record_reader_walks_snapshot(const struct record_reader *reader);
/* Known from the first record on. */
enum record_format record_reader_format(const struct record_reader *reader);
/* Bytes of the file (compressed ones) read so far, and its size or -1: for progress. */
int64_t record_reader_bytes_read(const struct record_reader *reader);
int64_t record_reader_bytes_total(const struct record_reader *reader);
/* NULL is allowed. */
void record_reader_close(struct record_reader *reader);

#endif
