/* String literals of JSON; see json_string.h. Most strings are plain ASCII: eight bytes
 * at a time are tested for the four kinds of byte that need a closer look. */
#include "ext/json_string.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ext/utf8.h"

/* Whether a word read from memory has its first byte in its lowest bits. */
#define FIRST_BYTE_IS_LOW (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Bit 7 of each byte that is zero. Where there is one, a borrow may mark later bytes
 * too: the first marked byte is always right. */
static uint64_t zero_bytes(uint64_t word)
{
    return (word - EACH(1)) & ~word & EACH(0x80);
}

/* The same for bytes that are control characters, not ASCII, quotes or backslashes. */
static uint64_t special_bytes(uint64_t word)
{
    uint64_t control = (word - EACH(0x20)) & ~word;
    return ((word | control) & EACH(0x80)) | zero_bytes(word ^ EACH('"')) |
           zero_bytes(word ^ EACH('\\'));
}

/* The same for <, > and &. */
static uint64_t markup_bytes(uint64_t word)
{
    return zero_bytes(word ^ EACH('<')) | zero_bytes(word ^ EACH('>')) |
           zero_bytes(word ^ EACH('&'));
}

static bool is_special(unsigned char byte)
{
    return byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\';
}

size_t json_string_plain(const char *text, const char *end)
{
    const char *at = text;
    uint64_t word;
    for (; (size_t)(end - at) >= sizeof word; at += sizeof word) {
        memcpy(&word, at, sizeof word);
        uint64_t special = special_bytes(word);
        if (special && FIRST_BYTE_IS_LOW)
            return (size_t)(at - text) + (size_t)__builtin_ctzll(special) / 8;
        if (special)
            break;
    }
    while (at < end && !is_special((unsigned char)*at))
        at++;
    return (size_t)(at - text);
}

size_t json_string_raw(const char *text, const char *end)
{
    const char *at = text;
    uint64_t word;
    for (; (size_t)(end - at) >= sizeof word; at += sizeof word) {
        memcpy(&word, at, sizeof word);
        if (special_bytes(word) | markup_bytes(word))
            break;
    }
    while (at < end && !is_special((unsigned char)*at) && *at != '<' && *at != '>' && *at != '&')
        at++;
    return (size_t)(at - text);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Step over the escape at the backslash, or say what is wrong, at the byte that is. */
static void scan_escape(struct slice text, struct json_string_scan *scan)
{
    scan->escapes++;
    scan->len++;
    if (scan->len == text.len || !strchr("bfnrt\\/\"u", text.data[scan->len]) ||
        text.data[scan->len] == '\0') {
        scan->complaint = "in string escape code";
        return;
    }
    bool is_hex = text.data[scan->len++] == 'u';
    for (int i = 0; is_hex && i < 4; i++, scan->len++)
        if (scan->len == text.len || hex_value(text.data[scan->len]) < 0) {
            scan->complaint = "in \\u hexadecimal character escape";
            return;
        }
}

struct json_string_scan json_string_scan(struct slice text)
{
    struct json_string_scan scan = {0, 0, 0, NULL};
    uint32_t rune;
    while (!scan.complaint) {
        scan.len += json_string_plain(text.data + scan.len, text.data + text.len);
        if (scan.len == text.len) {
            scan.complaint = "";
        } else if (text.data[scan.len] == '"') {
            break;
        } else if (text.data[scan.len] == '\\') {
            scan_escape(text, &scan);
        } else if ((unsigned char)text.data[scan.len] < 0x20) {
            scan.complaint = "in string literal";
        } else {
            size_t len = utf8_decode(slice_from(text, scan.len), &rune);
            scan.invalid_bytes += len == 0;
            scan.len += len ? len : 1;
        }
    }
    return scan;
}

/* --- decoding; the text has been scanned --- */

static uint32_t four_hex(const char *digits)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 4 | (uint32_t)hex_value(digits[i]);
    return value;
}

/* The value of the \uXXXX at *at, or of a pair of them; a lone surrogate is U+FFFD.
 * *at moves behind what was read. */
static uint32_t unicode_escape(struct slice text, size_t *at)
{
    uint32_t high = four_hex(text.data + *at + 2);
    *at += 6;
    if (high < 0xd800 || high > 0xdfff)
        return high;
    if (high > 0xdbff || text.len - *at < 6 || text.data[*at] != '\\' || text.data[*at + 1] != 'u')
        return UTF8_REPLACEMENT;
    uint32_t low = four_hex(text.data + *at + 2);
    if (low < 0xdc00 || low > 0xdfff)
        return UTF8_REPLACEMENT;
    *at += 6;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static char short_escape(char letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter; /* quote, backslash, slash */
    }
}

/* Decode the one special thing at *at into out; its decoded bytes are returned. */
static size_t decode_special(struct slice text, size_t *at, char *out)
{
    uint32_t rune;
    if (text.data[*at] == '\\' && text.data[*at + 1] == 'u')
        return utf8_encode(unicode_escape(text, at), out);
    if (text.data[*at] == '\\') {
        *out = short_escape(text.data[*at + 1]);
        *at += 2;
        return 1;
    }
    size_t len = utf8_decode(slice_from(text, *at), &rune);
    *at += len ? len : 1;
    return utf8_encode(rune, out);
}

struct slice json_string_decode(struct arena *arena, struct slice text,
                                const struct json_string_scan *scan)
{
    struct slice literal = slice_first(text, scan->len);
    if (scan->escapes == 0 && scan->invalid_bytes == 0)
        return literal;
    /* An escape never grows; an invalid byte becomes three. */
    char *decoded = arena_alloc(arena, literal.len + 2 * scan->invalid_bytes);
    if (!decoded)
        return slice_empty();
    size_t len = 0;
    for (size_t at = 0; at < literal.len;) {
        size_t plain = json_string_plain(literal.data + at, literal.data + literal.len);
        if (plain)
            memcpy(decoded + len, literal.data + at, plain);
        len += plain;
        at += plain;
        if (at < literal.len)
            len += decode_special(literal, &at, decoded + len);
    }
    return (struct slice){decoded, len};
}
