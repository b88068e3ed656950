/* Bytes of a file or of memory; see byte_source.h. A gzip file may hold several members
 * one after the other; it is cut short when the last one does not end. */
#include "ext/jsonl/byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "ext/alloc.h"

#define INPUT_BYTES ((size_t)262144) /* of compressed bytes; one system call each */
#define GZIP_WINDOW (15 + 16)        /* zlib: largest window, gzip header */

struct byte_source {
    int fd;               /* owned; -1: memory */
    struct slice content; /* memory */
    size_t content_at;
    int64_t size;  /* of the file; -1 unknown */
    int64_t taken; /* from the file or memory */
    bool is_started;
    bool is_gzip;
    bool is_member_open; /* a gzip member has begun and not ended */
    bool is_file_ended;
    z_stream inflater;
    char *input; /* owned; compressed bytes, or the first bytes before the kind is known */
    size_t input_len;
    size_t input_at;
    const char *error;
    bool is_nomem; /* memory ran out */
};

static void *zlib_alloc(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return ext_alloc((size_t)count * size);
}

static void zlib_free(void *opaque, void *memory)
{
    (void)opaque;
    ext_free(memory);
}

/* --- life --- */

static struct byte_source *new_source(int fd, struct slice content, char *error, size_t error_size)
{
    struct byte_source *source = ext_alloc(sizeof *source);
    char *input = ext_alloc(INPUT_BYTES);
    if (!source || !input) {
        (void)snprintf(error, error_size, BYTE_SOURCE_NOMEM);
        ext_free(source);
        ext_free(input);
        if (fd >= 0)
            (void)close(fd); /* nothing was written */
        return NULL;
    }
    memset(source, 0, sizeof *source);
    source->fd = fd;
    source->content = content;
    source->size = fd < 0 ? (int64_t)content.len : -1;
    source->input = input;
    source->inflater.zalloc = zlib_alloc;
    source->inflater.zfree = zlib_free;
    return source;
}

struct byte_source *byte_source_of_fd(int fd, char *error, size_t error_size)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || S_ISDIR(status.st_mode)) {
        (void)snprintf(error, error_size, "it is a directory");
        (void)close(fd); /* nothing was written */
        return NULL;
    }
    struct byte_source *source = new_source(fd, slice_empty(), error, error_size);
    if (source && S_ISREG(status.st_mode))
        source->size = status.st_size;
    return source;
}

struct byte_source *byte_source_open(const char *path, char *error, size_t error_size)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        (void)snprintf(error, error_size, "cannot open %.100s: %s", path, strerror(errno));
        return NULL;
    }
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)snprintf(error, error_size, "%.100s is a directory", path);
        (void)close(fd); /* nothing was written */
        return NULL;
    }
    return byte_source_of_fd(fd, error, error_size);
}

struct byte_source *byte_source_of_bytes(struct slice content, char *error, size_t error_size)
{
    return new_source(-1, content, error, error_size);
}

void byte_source_close(struct byte_source *source)
{
    if (!source)
        return;
    if (source->is_gzip)
        (void)inflateEnd(&source->inflater); /* the state is dropped either way */
    if (source->fd >= 0)
        (void)close(source->fd); /* nothing was written */
    ext_free(source->input);
    ext_free(source);
}

bool byte_source_rewind(struct byte_source *source)
{
    if (source->fd >= 0 && lseek(source->fd, 0, SEEK_SET) != 0)
        return false;
    if (source->is_gzip)
        (void)inflateEnd(&source->inflater); /* the state is dropped either way */
    source->content_at = source->input_len = source->input_at = 0;
    source->taken = 0;
    source->is_started = source->is_gzip = false;
    source->is_member_open = source->is_file_ended = false;
    return true;
}

/* --- reading --- */

/* Bytes as they are in the file or memory. */
static ptrdiff_t read_raw(struct byte_source *source, char *buffer, size_t size)
{
    ptrdiff_t got;
    if (source->fd < 0) {
        struct slice piece = slice_first(slice_from(source->content, source->content_at), size);
        if (piece.len > 0)
            memcpy(buffer, piece.data, piece.len);
        source->content_at += piece.len;
        got = (ptrdiff_t)piece.len;
    } else {
        do {
            got = read(source->fd, buffer, size);
        } while (got < 0 && errno == EINTR);
    }
    if (got < 0)
        source->error = strerror(errno);
    else
        source->taken += got;
    return got;
}

/* Read behind the input at hand. */
static bool add_input(struct byte_source *source)
{
    ptrdiff_t got =
        read_raw(source, source->input + source->input_len, INPUT_BYTES - source->input_len);
    if (got < 0)
        return false;
    source->input_len += (size_t)got;
    source->is_file_ended = got == 0;
    return true;
}

static bool fill_input(struct byte_source *source)
{
    source->input_at = source->input_len = 0;
    return add_input(source);
}

/* Look at the first bytes for the mark of gzip; a pipe may give them one by one. */
static bool start(struct byte_source *source)
{
    source->is_started = true;
    while (source->input_len < 2 && !source->is_file_ended)
        if (!add_input(source))
            return false;
    if (source->input_len < 2 || memcmp(source->input, "\x1f\x8b", 2) != 0)
        return true;
    if (inflateInit2(&source->inflater, GZIP_WINDOW) != Z_OK) {
        source->error = BYTE_SOURCE_NOMEM;
        source->is_nomem = true;
        return false;
    }
    source->is_gzip = true;
    return true;
}

static ptrdiff_t take_input(struct byte_source *source, char *buffer, size_t size)
{
    size_t len = source->input_len - source->input_at;
    if (len > size)
        len = size;
    memcpy(buffer, source->input + source->input_at, len);
    source->input_at += len;
    return (ptrdiff_t)len;
}

/* One call of inflate; false with error when the stream is damaged. */
static bool inflate_some(struct byte_source *source)
{
    z_stream *inflater = &source->inflater;
    size_t before = inflater->avail_in;
    int result = inflate(inflater, Z_NO_FLUSH);
    source->input_at += before - inflater->avail_in;
    source->is_member_open = result != Z_STREAM_END;
    if (result == Z_STREAM_END)
        result = inflateReset(inflater);
    if (result == Z_OK || result == Z_BUF_ERROR)
        return true;
    source->is_nomem = result == Z_MEM_ERROR;
    source->error = source->is_nomem ? BYTE_SOURCE_NOMEM : "the gzip data is damaged";
    return false;
}

static ptrdiff_t read_gzip(struct byte_source *source, char *buffer, size_t size)
{
    z_stream *inflater = &source->inflater;
    inflater->next_out = (unsigned char *)buffer;
    inflater->avail_out = size < UINT_MAX ? (unsigned)size : UINT_MAX;
    unsigned room = inflater->avail_out;
    while (inflater->avail_out == room) {
        if (source->input_at == source->input_len && !source->is_file_ended && !fill_input(source))
            return -1;
        if (source->is_file_ended) {
            if (!source->is_member_open)
                return 0;
            source->error = "the gzip data ends in the middle";
            return -1;
        }
        inflater->next_in = (unsigned char *)source->input + source->input_at;
        inflater->avail_in = (unsigned)(source->input_len - source->input_at);
        if (!inflate_some(source) && inflater->avail_out == room)
            return -1; /* else what came before is given; the next call fails again */
    }
    return (ptrdiff_t)(room - inflater->avail_out);
}

ptrdiff_t byte_source_read(struct byte_source *source, char *buffer, size_t size)
{
    if (!source->is_started && !start(source))
        return -1;
    if (source->is_gzip)
        return read_gzip(source, buffer, size);
    if (source->input_at < source->input_len)
        return take_input(source, buffer, size);
    return read_raw(source, buffer, size);
}

const char *byte_source_error(const struct byte_source *source)
{
    return source->error ? source->error : "";
}

bool byte_source_is_nomem(const struct byte_source *source)
{
    return source->is_nomem;
}

int64_t byte_source_taken(const struct byte_source *source)
{
    return source->taken;
}

int64_t byte_source_size(const struct byte_source *source)
{
    return source->size;
}
