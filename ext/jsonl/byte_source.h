/* Bytes of a file or of memory, decompressed when they are gzip; can be read again from
 * the beginning. zlib does the decompression. */
#ifndef USAGE_EXT_JSONL_BYTE_SOURCE_H
#define USAGE_EXT_JSONL_BYTE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/text.h"

struct byte_source; /* opaque */

/* What error says when memory ran out. */
#define BYTE_SOURCE_NOMEM "out of memory"

/* Open the file at path, an open descriptor (which becomes the source's), or memory, which
 * must outlive the source. NULL with error filled. */
struct byte_source *byte_source_open(const char *path, char *error, size_t error_size);
struct byte_source *byte_source_of_fd(int fd, char *error, size_t error_size);
struct byte_source *byte_source_of_bytes(struct slice content, char *error, size_t error_size);
/* Up to size bytes; 0 at the end, -1 on failure with byte_source_error. */
ptrdiff_t byte_source_read(struct byte_source *source, char *buffer, size_t size);
/* Begin again; false when the file cannot (a pipe). */
bool byte_source_rewind(struct byte_source *source);
/* Why the last read failed. Lives as long as the source. */
const char *byte_source_error(const struct byte_source *source);
/* Whether it failed because memory ran out. */
bool byte_source_is_nomem(const struct byte_source *source);
/* Bytes taken from the file (before decompression), and its size or -1. */
int64_t byte_source_taken(const struct byte_source *source);
int64_t byte_source_size(const struct byte_source *source);
/* NULL is allowed. */
void byte_source_close(struct byte_source *source);

#endif
