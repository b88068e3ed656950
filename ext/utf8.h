/* UTF-8, one character at a time, judged as Go's decoder judges it: surrogates,
 * overlong forms and values above U+10FFFF are invalid, and an invalid sequence is
 * invalid byte by byte. Pure. */
#ifndef USAGE_EXT_UTF8_H
#define USAGE_EXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "ext/text.h"

#define UTF8_REPLACEMENT 0xfffdu

/* The character that text begins with: its bytes (1 to 4) are returned and *out_rune
 * is its value. 0 when text is empty or its first byte begins no valid character;
 * *out_rune is then U+FFFD, and one byte is to be skipped. */
size_t utf8_decode(struct slice text, uint32_t *out_rune);

/* Write the character (U+FFFD for what is none) to out_bytes; its bytes are returned. */
size_t utf8_encode(uint32_t rune, char out_bytes[4]);

#endif
