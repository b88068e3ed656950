/* A window on a source of bytes; see byte_window.h. */
#include "ext/jsonl/byte_window.h"

#include <string.h>

#include "ext/alloc.h"

#define READ_BYTES ((size_t)262144)

void byte_window_init(struct byte_window *window, struct byte_source *source)
{
    memset(window, 0, sizeof *window);
    window->source = source;
    window->line = 1;
}

void byte_window_clear(struct byte_window *window)
{
    ext_free(window->buffer);
    memset(window, 0, sizeof *window);
}

bool byte_window_rewind(struct byte_window *window)
{
    window->start = window->end = 0;
    window->offset = 0;
    window->line = 1;
    window->is_at_end = false;
    return byte_source_rewind(window->source);
}

struct slice byte_window_bytes(const struct byte_window *window)
{
    if (window->start == window->end)
        return slice_empty();
    return (struct slice){window->buffer + window->start, window->end - window->start};
}

/* Room for one more read behind the bytes at hand. */
static bool make_room(struct byte_window *window)
{
    size_t held = window->end - window->start;
    if (window->start > 0 && held > 0)
        memmove(window->buffer, window->buffer + window->start, held);
    window->start = 0;
    window->end = held;
    if (window->size - held >= READ_BYTES)
        return true;
    size_t size = window->size ? window->size * 2 : 2 * READ_BYTES;
    char *buffer = ext_realloc(window->buffer, size);
    if (!buffer)
        return false;
    window->buffer = buffer;
    window->size = size;
    return true;
}

bool byte_window_more(struct byte_window *window)
{
    if (window->failed || window->is_at_end)
        return false;
    if (window->keep_going && !window->keep_going(window->keep_going_arg)) {
        window->failed = true;
        return false;
    }
    if (!make_room(window)) {
        window->failed = window->is_nomem = true;
        return false;
    }
    ptrdiff_t got =
        byte_source_read(window->source, window->buffer + window->end, window->size - window->end);
    window->failed = got < 0;
    window->is_nomem = window->failed && byte_source_is_nomem(window->source);
    window->is_at_end = got == 0;
    window->end += got > 0 ? (size_t)got : 0;
    return got > 0;
}

int byte_window_at(struct byte_window *window, size_t position)
{
    while (position >= window->end - window->start)
        if (!byte_window_more(window))
            return -1;
    return (unsigned char)window->buffer[window->start + position];
}

void byte_window_consume(struct byte_window *window, size_t len)
{
    if (len == 0)
        return; /* the buffer may be NULL */
    const char *at = window->buffer + window->start;
    const char *end = at + len;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        window->line++;
        at++;
    }
    window->start += len;
    window->offset += (int64_t)len;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int byte_window_skip_space(struct byte_window *window)
{
    do {
        struct slice bytes = byte_window_bytes(window);
        size_t len = 0;
        while (len < bytes.len && is_space(bytes.data[len]))
            len++;
        byte_window_consume(window, len);
        if (len < bytes.len)
            return (unsigned char)bytes.data[len];
    } while (byte_window_more(window));
    return -1;
}
