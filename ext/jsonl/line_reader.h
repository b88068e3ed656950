/* Reads a file line by line in bounded memory.
 *
 * Called by the usage_jsonl table. Owns the file and one buffer, which holds the line at
 * hand and what was read ahead; a line is valid until the next call. */
#ifndef USAGE_EXT_JSONL_LINE_READER_H
#define USAGE_EXT_JSONL_LINE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

enum line_result {
    LINE_OK,
    LINE_TOO_LONG, /* the line is skipped; its text is empty */
    LINE_END,
    LINE_READ_ERROR, /* error is set; nothing more can be read */
    LINE_NOMEM
};

struct line_reader {
    int fd; /* owned; -1 when closed */
    char *buffer;
    size_t size;  /* of buffer */
    size_t start; /* the unread part of the buffer */
    size_t end;
    bool is_at_end; /* the file has no more bytes than those in the buffer */
    int64_t offset; /* of buffer[start] in the file */
    int64_t number; /* of the last line, from 1 */
    size_t limit;   /* longest line in bytes, without its line end */
};

/* Open the file at path (NUL-terminated). false with *out_error (>= 160 bytes) filled. */
bool line_reader_open(struct line_reader *reader, const char *path, size_t limit, char *out_error,
                      size_t error_size);
/* The next line that is not blank, without its line end, a byte order mark at the start
 * of the file, and white space at both ends. *out_offset is where it begins in the file. */
enum line_result line_reader_next(struct line_reader *reader, struct slice *out_line,
                                  int64_t *out_offset);
/* Also of a reader that failed to open. */
void line_reader_close(struct line_reader *reader);

#endif
