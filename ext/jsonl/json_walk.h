/* Walks over JSON in a window without holding it: values are measured, skipped or taken
 * one at a time. What is taken is checked by json_parse later; what is skipped is checked
 * only as far as finding its end needs. */
#ifndef USAGE_EXT_JSONL_JSON_WALK_H
#define USAGE_EXT_JSONL_JSON_WALK_H

#include "ext/arena.h"
#include "ext/jsonl/byte_window.h"

enum walk_result {
    WALK_OK,
    WALK_END,      /* the content ends before the value does */
    WALK_SYNTAX,   /* this is no JSON */
    WALK_TOO_LONG, /* more bytes than the caller wants to hold */
    WALK_FAILED    /* the window failed, or the arena */
};

/* The value that begins at the first byte at hand: load it whole, *out_len its bytes.
 * Nothing is dropped. WALK_TOO_LONG: it has more than limit bytes. */
enum walk_result json_walk_measure(struct byte_window *window, size_t limit, size_t *out_len);
/* Drop the value that begins at the first byte at hand, whatever its size. */
enum walk_result json_walk_skip(struct byte_window *window);

/* Members of an object, elements of an array. Begin with the window on the opening
 * bracket. Each call drops white space and punctuation, and with an object the key, and
 * leaves the window on the value, which the caller must drop before the next call.
 * *out_is_end: the closing bracket was dropped; there was no further value. */
struct json_walk {
    bool is_begun;
};
enum walk_result json_walk_member(struct json_walk *walk, struct byte_window *window,
                                  struct arena *arena, struct slice *out_key, bool *out_is_end);
enum walk_result json_walk_element(struct json_walk *walk, struct byte_window *window,
                                   bool *out_is_end);

#endif
