/* UTF-8; see utf8.h. */
#include "ext/utf8.h"

#include <stdbool.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The bounds of the second byte exclude overlong forms, surrogates and values above
 * U+10FFFF; after it any continuation byte will do. */
static bool second_byte_fits(unsigned char first, unsigned char second)
{
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

size_t utf8_decode(struct slice text, uint32_t *out_rune)
{
    const unsigned char *byte = (const unsigned char *)text.data;
    *out_rune = UTF8_REPLACEMENT;
    if (text.len == 0)
        return 0;
    if (byte[0] < 0x80) {
        *out_rune = byte[0];
        return 1;
    }
    size_t len = byte[0] < 0xc2   ? 0
                 : byte[0] < 0xe0 ? 2
                 : byte[0] < 0xf0 ? 3
                 : byte[0] < 0xf5 ? 4
                                  : 0;
    if (len == 0 || text.len < len || !second_byte_fits(byte[0], byte[1]))
        return 0;
    uint32_t rune = byte[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if (!is_continuation(byte[i]))
            return 0;
        rune = rune << 6 | (byte[i] & 0x3fu);
    }
    *out_rune = rune;
    return len;
}

static char continuation(uint32_t bits)
{
    return (char)(unsigned char)(0x80u | (bits & 0x3fu));
}

size_t utf8_encode(uint32_t rune, char out_bytes[4])
{
    if (rune < 0x80) {
        out_bytes[0] = (char)rune;
        return 1;
    }
    if (rune < 0x800) {
        out_bytes[0] = (char)(unsigned char)(0xc0u | rune >> 6);
        out_bytes[1] = continuation(rune);
        return 2;
    }
    if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff))
        rune = UTF8_REPLACEMENT;
    if (rune < 0x10000) {
        out_bytes[0] = (char)(unsigned char)(0xe0u | rune >> 12);
        out_bytes[1] = continuation(rune >> 6);
        out_bytes[2] = continuation(rune);
        return 3;
    }
    out_bytes[0] = (char)(unsigned char)(0xf0u | rune >> 18);
    out_bytes[1] = continuation(rune >> 12);
    out_bytes[2] = continuation(rune >> 6);
    out_bytes[3] = continuation(rune);
    return 4;
}
