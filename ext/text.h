/* Text: borrowed slices and one growing builder.
 *
 * struct slice borrows bytes that someone else owns; it may hold NUL and need not be
 * NUL-terminated. struct text owns its bytes. Invariants of struct text: len <= size
 * <= limit; when data is not NULL it is NUL-terminated at data[len]. Failure (out of
 * memory, or the ceiling reached) is sticky: appends after it do nothing, so a run of
 * appends needs one check of failed at its end. */
#ifndef USAGE_EXT_TEXT_H
#define USAGE_EXT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *data; /* may be NULL when len is 0 */
    size_t len;       /* bytes */
};

/* A slice of a string literal. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

/* Slices */
struct slice slice_empty(void);
struct slice slice_of_cstr(const char *cstr); /* NULL gives the empty slice */
bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b); /* ASCII case folded */
int slice_compare(struct slice a, struct slice b);       /* by bytes, as memcmp; shorter first */
bool slice_starts_with(struct slice text, struct slice prefix);
bool slice_ends_with(struct slice text, struct slice suffix);
/* Position of the first occurrence, or -1. An empty needle is found at 0. */
ptrdiff_t slice_find(struct slice text, struct slice needle);
/* The slice from position on (clamped to its end). */
struct slice slice_from(struct slice text, size_t position);
/* The first len bytes (clamped). */
struct slice slice_first(struct slice text, size_t len);
/* Without Unicode White_Space at both ends: HT LF VT FF CR space, U+0085, U+00A0,
 * U+1680, U+2000..200A, U+2028, U+2029, U+202F, U+205F, U+3000. */
struct slice slice_trim(struct slice text);
/* Without HT LF FF CR and space at both ends (the white space of the redaction rules). */
struct slice slice_trim_ascii(struct slice text);
/* Optional sign and decimal digits filling the whole slice, within int64. Writes
 * *out_value and returns true; otherwise false, and *out_saturated (may be NULL) tells
 * whether it was well formed but out of range, *out_value then being the limit. */
bool slice_to_int64(struct slice text, int64_t *out_value, bool *out_saturated);

/* The value of a lower-case hex digit, or -1. */
int hex_digit_value(char c);
/* Exactly out_len bytes from 2 * out_len lower-case hex digits; false, with out_bytes
 * unspecified, when text is anything else. */
bool slice_from_hex(struct slice text, uint8_t *out_bytes, size_t out_len);

/* Builder: life */
struct text {
    char *data;   /* owned; NULL until the first append */
    size_t len;   /* bytes used */
    size_t size;  /* bytes allocated, without the NUL */
    size_t limit; /* ceiling of len */
    bool failed;  /* sticky */
};

void text_init(struct text *text, size_t limit);
void text_clear(struct text *text); /* frees; the builder is then as after text_init */
void text_empty(struct text *text); /* len 0, failed cleared, memory kept */
/* Hand the NUL-terminated bytes over (free with ext_free); NULL if failed or nothing
 * was ever appended. The builder is then empty. */
char *text_take(struct text *text);
struct slice text_slice(const struct text *text);

/* Builder: appending */
void text_add(struct text *text, struct slice bytes);
void text_add_cstr(struct text *text, const char *cstr);
void text_add_char(struct text *text, char c);
void text_add_int64(struct text *text, int64_t value);                  /* decimal */
void text_add_hex(struct text *text, const uint8_t *bytes, size_t len); /* lower case */
/* len writable bytes at the end, counted as appended; NULL on failure. */
char *text_reserve(struct text *text, size_t len);

#endif
