/*
 * A growing run of bytes with a ceiling given at birth.
 *
 * Invariants: data[0..len) is valid; capacity >= len; once an append would pass the
 * ceiling has_failed stays true and every later append does nothing, so a long run of
 * appends needs one check at its end. Out of memory ends the program with one line.
 */
#ifndef TOOLS_GATEWAY_SIM_BYTES_H
#define TOOLS_GATEWAY_SIM_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    char *data;      /* owned; NULL while nothing was appended */
    size_t len;      /* bytes in use */
    size_t capacity; /* bytes allocated */
    size_t ceiling;  /* most bytes it may ever hold */
    bool has_failed; /* an append was refused */
};

/* Life: init and clear pair up; reset empties and keeps the memory. */
void bytes_init(struct bytes *bytes, size_t ceiling);
void bytes_clear(struct bytes *bytes);
void bytes_reset(struct bytes *bytes);

/* Makes room for `extra` more bytes; false (and has_failed) beyond the ceiling. */
bool bytes_reserve(struct bytes *bytes, size_t extra);

/* Append. */
void bytes_append(struct bytes *bytes, const char *data, size_t data_len);
void bytes_text(struct bytes *bytes, const char *text_cstr);
void bytes_int(struct bytes *bytes, int64_t value);
void bytes_hex(struct bytes *bytes, uint64_t value, int digits);

/* Appends a literal without counting its length at run time. */
#define BYTES_LITERAL(bytes, literal) bytes_append((bytes), (literal), sizeof(literal) - 1)

/* Removes the first `count` bytes (at most len). */
void bytes_drop_front(struct bytes *bytes, size_t count);

/* The offset of needle in data, or data_len when it is not there. */
size_t bytes_find(const char *data, size_t data_len, const char *needle_cstr);

/* malloc and realloc that end the program with one line when memory is out. */
void *bytes_must_alloc(size_t size);
void *bytes_must_realloc(void *old, size_t size);

#endif
