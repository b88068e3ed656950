/* Reads a file line by line; see line_reader.h. */
#include "ext/jsonl/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ext/alloc.h"

#define READ_BYTES ((size_t)262144) /* a read of a few 100 lines costs one system call */

bool line_reader_open(struct line_reader *reader, const char *path, size_t limit, char *out_error,
                      size_t error_size)
{
    struct stat status;
    memset(reader, 0, sizeof *reader);
    reader->limit = limit;
    reader->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0 || fstat(reader->fd, &status) != 0) {
        (void)snprintf(out_error, error_size, "cannot open %.100s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISDIR(status.st_mode)) {
        (void)snprintf(out_error, error_size, "%.100s is a directory", path);
        return false;
    }
    return true;
}

void line_reader_close(struct line_reader *reader)
{
    if (reader->fd >= 0)
        (void)close(reader->fd); /* nothing was written */
    reader->fd = -1;
    ext_free(reader->buffer);
    reader->buffer = NULL;
}

/* Bytes are dropped from the front of the buffer. */
static void consume(struct line_reader *reader, size_t len)
{
    reader->start += len;
    reader->offset += (int64_t)len;
}

/* Room for one more read at the end of the buffer. */
static bool make_room(struct line_reader *reader)
{
    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
        reader->end -= reader->start;
        reader->start = 0;
    }
    if (reader->size - reader->end >= READ_BYTES)
        return true;
    size_t size = reader->size ? reader->size * 2 : READ_BYTES * 2;
    char *buffer = ext_realloc(reader->buffer, size);
    if (!buffer)
        return false;
    reader->buffer = buffer;
    reader->size = size;
    return true;
}

static enum line_result read_more(struct line_reader *reader)
{
    ssize_t got;
    if (!make_room(reader))
        return LINE_NOMEM;
    do {
        got = read(reader->fd, reader->buffer + reader->end, reader->size - reader->end);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return LINE_READ_ERROR;
    reader->end += (size_t)got;
    reader->is_at_end = got == 0;
    return LINE_OK;
}

/* Bytes of a raw line without its LF or CRLF. */
static size_t content_len(struct slice raw)
{
    if (raw.len > 0 && raw.data[raw.len - 1] == '\n')
        raw.len--;
    if (raw.len > 0 && raw.data[raw.len - 1] == '\r')
        raw.len--;
    return raw.len;
}

/* The raw line at the front of the buffer, line end included, read to its end. Beyond the
 * limit its bytes are dropped as they come. */
static enum line_result raw_line(struct line_reader *reader, struct slice *out_raw)
{
    size_t searched = 0; /* bytes of the line known to hold no line end */
    bool is_long = false;
    for (;;) {
        size_t held = reader->end - reader->start;
        char *line = held ? reader->buffer + reader->start : NULL;
        char *line_end = held > searched ? memchr(line + searched, '\n', held - searched) : NULL;
        if (line_end || reader->is_at_end) {
            size_t len = line_end ? (size_t)(line_end - line) + 1 : held;
            if (len == 0 && !is_long)
                return LINE_END;
            *out_raw = (struct slice){line, len};
            return is_long || content_len(*out_raw) > reader->limit ? LINE_TOO_LONG : LINE_OK;
        }
        searched = held;
        if (held > reader->limit + 2) {
            is_long = true;
            consume(reader, held);
            searched = 0;
        }
        enum line_result result = read_more(reader);
        if (result != LINE_OK)
            return result;
    }
}

enum line_result line_reader_next(struct line_reader *reader, struct slice *out_line,
                                  int64_t *out_offset)
{
    const struct slice byte_order_mark = SLICE("\xef\xbb\xbf");
    for (;;) {
        struct slice raw = slice_empty();
        int64_t begin = reader->offset;
        enum line_result result = raw_line(reader, &raw);
        if (result != LINE_OK && result != LINE_TOO_LONG)
            return result;
        consume(reader, raw.len);
        reader->number++;
        *out_offset = begin;
        *out_line = slice_empty();
        if (result == LINE_TOO_LONG)
            return result;
        if (begin == 0 && slice_starts_with(raw, byte_order_mark))
            raw = slice_from(raw, byte_order_mark.len);
        struct slice line = slice_trim(raw);
        if (line.len == 0)
            continue;
        *out_line = line;
        *out_offset = begin + (int64_t)(line.data - (reader->buffer + reader->start)) +
                      (int64_t)(reader->offset - begin);
        return LINE_OK;
    }
}
