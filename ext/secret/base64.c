/* Base64: see base64.h. */
#include "ext/secret/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The six bits of a character, or -1. */
static int value_of(enum base64_form form, char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (form == BASE64_URL_RAW ? '-' : '+'))
        return 62;
    if (c == (form == BASE64_URL_RAW ? '_' : '/'))
        return 63;
    return -1;
}

size_t base64_raw_len(size_t len)
{
    return len / 3 * 4 + (len % 3 == 0 ? 0 : len % 3 + 1);
}

void base64_encode_raw(struct text *out, const uint8_t *bytes, size_t len)
{
    char *to = text_reserve(out, base64_raw_len(len));
    unsigned bits = 0;
    unsigned bit_count = 0;

    if (to == NULL)
        return;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (bit_count += 8; bit_count >= 6; bit_count -= 6)
            *to++ = alphabet[bits >> (bit_count - 6) & 63];
        bits &= 63;
    }
    if (bit_count > 0)
        *to = alphabet[bits << (6 - bit_count) & 63];
}

/* Whether so many characters and so many '=' after them end a text of this form. */
static bool end_is_right(enum base64_form form, size_t characters, size_t paddings)
{
    if (characters % 4 == 1)
        return false;
    if (form != BASE64_PADDED)
        return paddings == 0;
    return paddings == (4 - characters % 4) % 4;
}

bool base64_decode(enum base64_form form, struct slice text, uint8_t *out_bytes, size_t capacity,
                   size_t *out_len)
{
    unsigned bits = 0;
    unsigned bit_count = 0;
    size_t characters = 0;
    size_t paddings = 0;
    size_t len = 0;

    *out_len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        int value = value_of(form, c);
        if (c == '\r' || c == '\n')
            continue;
        if (c == '=') {
            paddings++;
            continue;
        }
        if (value < 0 || paddings > 0)
            return false;
        characters++;
        bits = (bits << 6 | (unsigned)value) & 0xffff;
        bit_count += 6;
        if (bit_count < 8)
            continue;
        if (len == capacity)
            return false;
        bit_count -= 8;
        out_bytes[len++] = (uint8_t)(bits >> bit_count);
    }
    if (!end_is_right(form, characters, paddings))
        return false;
    *out_len = len;
    return true;
}
