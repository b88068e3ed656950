/* Slices and the text builder; see text.h. */
#include "ext/text.h"

#include <string.h>

#include "ext/alloc.h"

/* --- slices --- */

struct slice slice_empty(void)
{
    return (struct slice){NULL, 0};
}

struct slice slice_of_cstr(const char *cstr)
{
    return (struct slice){cstr, cstr ? strlen(cstr) : 0};
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool slice_starts_with(struct slice text, struct slice prefix)
{
    return slice_equal(slice_first(text, prefix.len), prefix);
}

bool slice_ends_with(struct slice text, struct slice suffix)
{
    return text.len >= suffix.len && slice_equal(slice_from(text, text.len - suffix.len), suffix);
}

ptrdiff_t slice_find(struct slice text, struct slice needle)
{
    if (needle.len == 0)
        return 0;
    if (needle.len > text.len)
        return -1;
    const char *at = text.data;
    const char *last = text.data + (text.len - needle.len); /* the last possible start */
    while (at <= last) {
        at = memchr(at, needle.data[0], (size_t)(last - at) + 1);
        if (!at)
            return -1;
        if (memcmp(at, needle.data, needle.len) == 0)
            return at - text.data;
        at++;
    }
    return -1;
}

struct slice slice_from(struct slice text, size_t position)
{
    if (position >= text.len)
        return slice_empty();
    return (struct slice){text.data + position, text.len - position};
}

struct slice slice_first(struct slice text, size_t len)
{
    return (struct slice){text.data, len < text.len ? len : text.len};
}

static bool is_ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of the white-space character that text begins with, or 0. */
static size_t leading_space_bytes(struct slice text)
{
    const unsigned char *byte = (const unsigned char *)text.data;
    if (text.len == 0)
        return 0;
    if (byte[0] < 0x80)
        return is_ascii_space(text.data[0]) ? 1 : 0;
    if (text.len >= 2 && byte[0] == 0xc2)
        return byte[1] == 0x85 || byte[1] == 0xa0 ? 2 : 0;
    if (text.len < 3)
        return 0;
    if (byte[0] == 0xe1) /* U+1680 */
        return byte[1] == 0x9a && byte[2] == 0x80 ? 3 : 0;
    if (byte[0] == 0xe3) /* U+3000 */
        return byte[1] == 0x80 && byte[2] == 0x80 ? 3 : 0;
    if (byte[0] != 0xe2)
        return 0;
    if (byte[1] == 0x80) /* U+2000..200A, U+2028, U+2029, U+202F */
        return (byte[2] >= 0x80 && byte[2] <= 0x8a) || byte[2] == 0xa8 || byte[2] == 0xa9 ||
                       byte[2] == 0xaf
                   ? 3
                   : 0;
    return byte[1] == 0x81 && byte[2] == 0x9f ? 3 : 0; /* U+205F */
}

/* Bytes of the white-space character that text ends with, or 0. */
static size_t trailing_space_bytes(struct slice text)
{
    for (size_t len = 1; len <= 3 && len <= text.len; len++)
        if (leading_space_bytes(slice_from(text, text.len - len)) == len)
            return len;
    return 0;
}

struct slice slice_trim(struct slice text)
{
    for (size_t len; (len = leading_space_bytes(text)) > 0;)
        text = slice_from(text, len);
    for (size_t len; (len = trailing_space_bytes(text)) > 0;)
        text.len -= len;
    return text;
}

struct slice slice_trim_ascii(struct slice text)
{
    while (text.len && is_ascii_space(text.data[0]) && text.data[0] != '\v')
        text = slice_from(text, 1);
    while (text.len && is_ascii_space(text.data[text.len - 1]) && text.data[text.len - 1] != '\v')
        text.len--;
    return text;
}

bool slice_to_int64(struct slice text, int64_t *out_value, bool *out_saturated)
{
    size_t at = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+') ? 1 : 0;
    bool is_negative = at == 1 && text.data[0] == '-';
    const uint64_t limit = (uint64_t)INT64_MAX + (is_negative ? 1 : 0);
    uint64_t value = 0;
    bool is_over = false;
    if (out_saturated)
        *out_saturated = false;
    if (at == text.len)
        return false;
    for (; at < text.len; at++) {
        unsigned digit = (unsigned)(unsigned char)text.data[at] - '0';
        if (digit > 9)
            return false;
        if (value > (limit - digit) / 10)
            is_over = true;
        else
            value = value * 10 + digit;
    }
    if (is_over) {
        if (out_saturated) {
            *out_saturated = true;
            *out_value = is_negative ? INT64_MIN : INT64_MAX;
        }
        return false;
    }
    *out_value = is_negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

int hex_digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool slice_from_hex(struct slice text, uint8_t *out_bytes, size_t out_len)
{
    if (text.len / 2 != out_len || text.len % 2 != 0)
        return false;
    for (size_t i = 0; i < out_len; i++) {
        int high = hex_digit_value(text.data[2 * i]);
        int low = hex_digit_value(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* --- builder --- */

void text_init(struct text *text, size_t limit)
{
    memset(text, 0, sizeof *text);
    text->limit = limit;
}

void text_clear(struct text *text)
{
    ext_free(text->data);
    text_init(text, text->limit);
}

void text_empty(struct text *text)
{
    text->len = 0;
    text->failed = false;
    if (text->data)
        text->data[0] = '\0';
}

char *text_take(struct text *text)
{
    char *data = text->failed ? NULL : text->data;
    if (data)
        text->data = NULL;
    text_clear(text);
    return data;
}

struct slice text_slice(const struct text *text)
{
    return (struct slice){text->data, text->len};
}

char *text_reserve(struct text *text, size_t len)
{
    if (text->failed || len > text->limit - text->len) {
        text->failed = true;
        return NULL;
    }
    if (!text->data || len > text->size - text->len) {
        size_t size = text->size < 32 ? 64 : text->size * 2;
        if (size < text->len + len)
            size = text->len + len;
        char *data = ext_realloc(text->data, size + 1);
        if (!data) {
            text->failed = true;
            return NULL;
        }
        text->data = data;
        text->size = size;
    }
    char *room = text->data + text->len;
    text->len += len;
    text->data[text->len] = '\0';
    return room;
}

void text_add(struct text *text, struct slice bytes)
{
    char *room = text_reserve(text, bytes.len);
    if (room && bytes.len)
        memcpy(room, bytes.data, bytes.len);
}

void text_add_cstr(struct text *text, const char *cstr)
{
    text_add(text, slice_of_cstr(cstr));
}

void text_add_char(struct text *text, char c)
{
    text_add(text, (struct slice){&c, 1});
}

void text_add_int64(struct text *text, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        digits[--at] = '-';
    text_add(text, (struct slice){digits + at, sizeof digits - at});
}

void text_add_hex(struct text *text, const uint8_t *bytes, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    char *room = text_reserve(text, len * 2);
    for (size_t i = 0; room && i < len; i++) {
        room[2 * i] = hex[bytes[i] >> 4];
        room[2 * i + 1] = hex[bytes[i] & 15];
    }
}
