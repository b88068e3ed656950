/* A window on a source of bytes: the bytes at hand in one piece, more loaded on demand,
 * dropped when they are consumed. It knows where it is, in bytes and lines. */
#ifndef USAGE_EXT_JSONL_BYTE_WINDOW_H
#define USAGE_EXT_JSONL_BYTE_WINDOW_H

#include "ext/jsonl/byte_source.h"

struct byte_window {
    struct byte_source *source; /* borrowed */
    char *buffer;               /* owned */
    size_t size;
    size_t start; /* the bytes at hand are buffer[start..end) */
    size_t end;
    bool is_at_end; /* the source has no more */
    bool failed;    /* sticky: a read failed, was not wanted, or memory ran out (is_nomem) */
    bool is_nomem;
    bool (*keep_going)(void *arg); /* asked before each read; false fails it. May be NULL */
    void *keep_going_arg;
    int64_t offset; /* of buffer[start] */
    int64_t line;   /* of buffer[start], from 1 */
};

void byte_window_init(struct byte_window *window, struct byte_source *source);
void byte_window_clear(struct byte_window *window);
/* Begin again from the first byte; false when the source cannot. */
bool byte_window_rewind(struct byte_window *window);
/* The bytes at hand. Valid until the next call. */
struct slice byte_window_bytes(const struct byte_window *window);
/* Load more; false when there is no more, or on failure. */
bool byte_window_more(struct byte_window *window);
/* The byte at position (from the first at hand), loaded if need be; -1 beyond the end. */
int byte_window_at(struct byte_window *window, size_t position);
/* Drop len bytes, which are at hand. */
void byte_window_consume(struct byte_window *window, size_t len);
/* Drop space, tab, CR and LF; then the next byte, not dropped, or -1. */
int byte_window_skip_space(struct byte_window *window);

#endif
