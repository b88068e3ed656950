/* Walks over JSON in a window; see json_walk.h. */
#include "ext/jsonl/json_walk.h"

#include <string.h>

#include "ext/json.h"
#include "ext/limits.h"

/* How far a value was read. */
struct value_scan {
    size_t depth; /* open brackets */
    bool is_begun;
    bool is_in_string;
    bool is_escaped; /* the byte before was a backslash in a string */
    bool is_scalar;  /* a number or word: ends before the next delimiter */
};

static bool is_delimiter(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ']' || c == '}' ||
           c == ':';
}

/* Bytes within a string, up to the closing quote; *at moves on. */
static void scan_string(struct value_scan *scan, struct slice bytes, size_t *at)
{
    while (*at < bytes.len) {
        char c = bytes.data[(*at)++];
        if (scan->is_escaped) {
            scan->is_escaped = false;
        } else if (c == '\\') {
            scan->is_escaped = true;
        } else if (c == '"') {
            scan->is_in_string = false;
            return;
        }
    }
}

/* Go on in bytes from *at, which moves to the end of the value or of the bytes. Returns
 * whether the value has ended. */
static bool scan_value(struct value_scan *scan, struct slice bytes, size_t *at)
{
    while (*at < bytes.len) {
        if (scan->is_in_string) {
            scan_string(scan, bytes, at);
            if (!scan->is_in_string && scan->depth == 0)
                return true;
            continue;
        }
        char c = bytes.data[*at];
        if (scan->is_scalar && is_delimiter(c))
            return true;
        (*at)++;
        if (c == '"') {
            scan->is_in_string = true;
        } else if (c == '{' || c == '[') {
            scan->depth++;
        } else if (c == '}' || c == ']') {
            if (scan->depth <= 1)
                return true;
            scan->depth--;
        } else if (scan->depth == 0) {
            scan->is_scalar = true;
        }
        scan->is_begun = true;
    }
    return false;
}

enum walk_result json_walk_measure(struct byte_window *window, size_t limit, size_t *out_len)
{
    struct value_scan scan = {0};
    size_t at = 0;
    for (;;) {
        if (scan_value(&scan, byte_window_bytes(window), &at))
            break;
        if (at > limit)
            return WALK_TOO_LONG;
        if (!byte_window_more(window)) {
            if (window->failed)
                return WALK_FAILED;
            if (scan.is_scalar && at > 0)
                break; /* the end of the content ends a number */
            return WALK_END;
        }
    }
    *out_len = at;
    return at > limit ? WALK_TOO_LONG : WALK_OK;
}

enum walk_result json_walk_skip(struct byte_window *window)
{
    struct value_scan scan = {0};
    for (;;) {
        size_t at = 0;
        bool is_end = scan_value(&scan, byte_window_bytes(window), &at);
        byte_window_consume(window, at);
        if (is_end)
            return WALK_OK;
        if (!byte_window_more(window)) {
            if (window->failed)
                return WALK_FAILED;
            return scan.is_scalar ? WALK_OK : WALK_END;
        }
    }
}

/* Drop white space, then the wanted byte. */
static enum walk_result drop(struct byte_window *window, char wanted)
{
    int byte = byte_window_skip_space(window);
    if (byte < 0)
        return window->failed ? WALK_FAILED : WALK_END;
    if (byte != wanted)
        return WALK_SYNTAX;
    byte_window_consume(window, 1);
    return WALK_OK;
}

/* Drop the opening bracket or the comma before the next value, or the closing bracket. */
static enum walk_result next_value(struct json_walk *walk, struct byte_window *window, char open,
                                   char close, bool *out_is_end)
{
    *out_is_end = false;
    if (walk->is_begun && byte_window_skip_space(window) != close) {
        enum walk_result result = drop(window, ',');
        if (result != WALK_OK)
            return result;
    } else if (!walk->is_begun) {
        enum walk_result result = drop(window, open);
        if (result != WALK_OK)
            return result;
    }
    int byte = byte_window_skip_space(window);
    if (byte < 0)
        return window->failed ? WALK_FAILED : WALK_END;
    if (byte == close) {
        *out_is_end = true;
        byte_window_consume(window, 1);
    }
    walk->is_begun = true;
    return WALK_OK;
}

/* Take the string at hand as a key. */
static enum walk_result take_key(struct byte_window *window, struct arena *arena,
                                 struct slice *out_key)
{
    struct json_error error;
    size_t len;
    if (byte_window_at(window, 0) != '"')
        return WALK_SYNTAX;
    enum walk_result result = json_walk_measure(window, LIMIT_LEGACY_KEY_BYTES, &len);
    if (result != WALK_OK)
        return result;
    struct slice text = arena_copy(arena, slice_first(byte_window_bytes(window), len));
    const struct json *key = json_parse(arena, text, &error);
    byte_window_consume(window, len);
    if (!key)
        return arena->failed ? WALK_FAILED : WALK_SYNTAX;
    *out_key = key->text;
    return WALK_OK;
}

enum walk_result json_walk_member(struct json_walk *walk, struct byte_window *window,
                                  struct arena *arena, struct slice *out_key, bool *out_is_end)
{
    enum walk_result result = next_value(walk, window, '{', '}', out_is_end);
    if (result != WALK_OK || *out_is_end)
        return result;
    result = take_key(window, arena, out_key);
    if (result == WALK_OK)
        result = drop(window, ':');
    if (result == WALK_OK && byte_window_skip_space(window) < 0)
        result = window->failed ? WALK_FAILED : WALK_END;
    return result;
}

enum walk_result json_walk_element(struct json_walk *walk, struct byte_window *window,
                                   bool *out_is_end)
{
    return next_value(walk, window, '[', ']', out_is_end);
}
