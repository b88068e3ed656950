/* String literals of JSON: finding their end and decoding them. Internal to json.c. */
#ifndef USAGE_EXT_JSON_STRING_H
#define USAGE_EXT_JSON_STRING_H

#include <stddef.h>

#include "ext/arena.h"
#include "ext/text.h"

/* How many bytes from text on are plain: printable ASCII that stands for itself. */
size_t json_string_plain(const char *text, const char *end);
/* The same, and without < > &: bytes that are written as they are. */
size_t json_string_raw(const char *text, const char *end);

struct json_string_scan {
    size_t len;            /* bytes before the closing quote, or before the stop */
    size_t escapes;        /* backslashes seen */
    size_t invalid_bytes;  /* bytes that are not UTF-8 */
    const char *complaint; /* NULL: the closing quote was reached; else what is wrong,
                              e.g. "in string escape code"; "" at the end of text */
};

/* Scan from the byte after the opening quote. */
struct json_string_scan json_string_scan(struct slice text);

/* The decoded literal: a part of text when nothing needs decoding, otherwise in the
 * arena. The empty slice, never with a NULL data, for "". With arena->failed when
 * memory ran out. */
struct slice json_string_decode(struct arena *arena, struct slice text,
                                const struct json_string_scan *scan);

#endif
