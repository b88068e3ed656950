/* A growing run of bytes with a ceiling: see bytes.h. */
#include "tools/gateway-sim/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *bytes_must_realloc(void *old, size_t size)
{
    void *grown = realloc(old, size);

    if (grown == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return grown;
}

void *bytes_must_alloc(size_t size)
{
    return bytes_must_realloc(NULL, size);
}

void bytes_init(struct bytes *bytes, size_t ceiling)
{
    memset(bytes, 0, sizeof(*bytes));
    bytes->ceiling = ceiling;
}

void bytes_clear(struct bytes *bytes)
{
    free(bytes->data);
    bytes_init(bytes, bytes->ceiling);
}

void bytes_reset(struct bytes *bytes)
{
    bytes->len = 0;
    bytes->has_failed = false;
}

bool bytes_reserve(struct bytes *bytes, size_t extra)
{
    size_t capacity = bytes->capacity == 0 ? 256 : bytes->capacity;

    if (bytes->has_failed || extra > bytes->ceiling - bytes->len) {
        bytes->has_failed = true;
        return false;
    }
    if (bytes->len + extra <= bytes->capacity)
        return true;
    while (capacity < bytes->len + extra)
        capacity *= 2;
    bytes->data = bytes_must_realloc(bytes->data, capacity);
    bytes->capacity = capacity;
    return true;
}

void bytes_append(struct bytes *bytes, const char *data, size_t data_len)
{
    if (data_len == 0 || !bytes_reserve(bytes, data_len))
        return;
    memcpy(bytes->data + bytes->len, data, data_len);
    bytes->len += data_len;
}

void bytes_text(struct bytes *bytes, const char *text_cstr)
{
    bytes_append(bytes, text_cstr, strlen(text_cstr));
}

void bytes_int(struct bytes *bytes, int64_t value)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (value < 0)
        digits[--at] = '-';
    bytes_append(bytes, digits + at, sizeof(digits) - at);
}

void bytes_hex(struct bytes *bytes, uint64_t value, int digits)
{
    static const char alphabet[] = "0123456789abcdef";
    char text[16];
    int i;

    for (i = digits - 1; i >= 0; i--) {
        text[i] = alphabet[value & 15];
        value >>= 4;
    }
    bytes_append(bytes, text, (size_t)digits);
}

void bytes_drop_front(struct bytes *bytes, size_t count)
{
    if (count >= bytes->len) {
        bytes->len = 0;
        return;
    }
    memmove(bytes->data, bytes->data + count, bytes->len - count);
    bytes->len -= count;
}

size_t bytes_find(const char *data, size_t data_len, const char *needle_cstr)
{
    size_t needle_len = strlen(needle_cstr);
    size_t at = 0;

    while (needle_len <= data_len - at) {
        const char *hit = memchr(data + at, needle_cstr[0], data_len - at - needle_len + 1);

        if (hit == NULL)
            break;
        at = (size_t)(hit - data);
        if (memcmp(hit, needle_cstr, needle_len) == 0)
            return at;
        at++;
    }
    return data_len;
}
