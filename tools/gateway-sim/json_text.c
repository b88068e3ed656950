/* JSON strings and validity: see json_text.h. */
#include "tools/gateway-sim/json_text.h"

#include <string.h>

/* Length of the UTF-8 sequence at text, or 0 when it is not valid. */
static size_t utf8_length(const unsigned char *text, size_t text_len)
{
    size_t need;
    size_t i;

    if (text[0] < 0x80)
        return 1;
    need = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    if (text[0] < 0xc2 || text[0] > 0xf4 || text_len < need)
        return 0;
    for (i = 1; i < need; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
        (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
        return 0;
    return need;
}

static void put_escape(struct bytes *out, unsigned char c)
{
    static const char named[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = c == '\0' ? NULL : strchr(named, c);

    if (found != NULL) {
        char escape[2] = {'\\', letters[found - named]};

        bytes_append(out, escape, 2);
        return;
    }
    BYTES_LITERAL(out, "\\u");
    bytes_hex(out, c, 4);
}

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&';
}

void json_put_string(struct bytes *out, const char *text, size_t text_len)
{
    size_t at = 0;

    BYTES_LITERAL(out, "\"");
    while (at < text_len) {
        size_t len = utf8_length((const unsigned char *)text + at, text_len - at);

        if (len == 0)
            BYTES_LITERAL(out, "\\ufffd");
        else if (len == 1 && needs_escape((unsigned char)text[at]))
            put_escape(out, (unsigned char)text[at]);
        else if (len == 3 && (memcmp(text + at, "\xe2\x80\xa8", 3) == 0 ||
                              memcmp(text + at, "\xe2\x80\xa9", 3) == 0))
            bytes_text(out, text[at + 2] == '\xa8' ? "\\u2028" : "\\u2029");
        else
            bytes_append(out, text + at, len);
        at += len == 0 ? 1 : len;
    }
    BYTES_LITERAL(out, "\"");
}

void json_put_key_int(struct bytes *out, const char *key_with_colon, int64_t value)
{
    bytes_text(out, key_with_colon);
    bytes_int(out, value);
}

void json_put_key_plain(struct bytes *out, const char *key_with_colon, const char *plain_cstr)
{
    bytes_text(out, key_with_colon);
    BYTES_LITERAL(out, "\"");
    bytes_text(out, plain_cstr);
    BYTES_LITERAL(out, "\"");
}

/* What is left of the text under check; NUL ends every look-ahead. */
struct scan {
    const char *at;
    const char *end;
};

static char peek(const struct scan *scan)
{
    return scan->at < scan->end ? *scan->at : '\0';
}

static bool accept(struct scan *scan, char c)
{
    if (scan->at == scan->end || *scan->at != c)
        return false;
    scan->at++;
    return true;
}

static void skip_space(struct scan *scan)
{
    while (scan->at < scan->end && strchr(" \t\r\n", *scan->at) != NULL && *scan->at != '\0')
        scan->at++;
}

static bool scan_digits(struct scan *scan)
{
    const char *start = scan->at;

    while (peek(scan) >= '0' && peek(scan) <= '9')
        scan->at++;
    return scan->at > start;
}

static bool scan_number(struct scan *scan)
{
    accept(scan, '-');
    if (!accept(scan, '0') && !scan_digits(scan))
        return false;
    if (accept(scan, '.') && !scan_digits(scan))
        return false;
    if (accept(scan, 'e') || accept(scan, 'E')) {
        if (!accept(scan, '+'))
            accept(scan, '-');
        return scan_digits(scan);
    }
    return true;
}

static bool scan_hex4(struct scan *scan)
{
    int i;

    for (i = 0; i < 4; i++, scan->at++)
        if (peek(scan) == '\0' || strchr("0123456789abcdefABCDEF", peek(scan)) == NULL)
            return false;
    return true;
}

static bool scan_string(struct scan *scan)
{
    if (!accept(scan, '"'))
        return false;
    while (scan->at < scan->end) {
        unsigned char c = (unsigned char)*scan->at++;

        if (c == '"')
            return true;
        if (c < 0x20)
            return false;
        if (c != '\\')
            continue;
        if (accept(scan, 'u')) {
            if (!scan_hex4(scan))
                return false;
        } else if (peek(scan) == '\0' || strchr("\"\\/bfnrt", *scan->at++) == NULL) {
            return false;
        }
    }
    return false;
}

static bool scan_word(struct scan *scan, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(scan->end - scan->at) < len || memcmp(scan->at, word, len) != 0)
        return false;
    scan->at += len;
    return true;
}

static bool scan_value(struct scan *scan, int levels);

/* The inside of an object or array, up to and with its closing character. */
static bool scan_members(struct scan *scan, char closing, int levels)
{
    skip_space(scan);
    if (accept(scan, closing))
        return true;
    for (;;) {
        skip_space(scan);
        if (closing == '}') {
            if (!scan_string(scan))
                return false;
            skip_space(scan);
            if (!accept(scan, ':'))
                return false;
        }
        if (!scan_value(scan, levels))
            return false;
        if (accept(scan, closing))
            return true;
        if (!accept(scan, ','))
            return false;
    }
}

static bool scan_value(struct scan *scan, int levels)
{
    bool is_good;

    if (levels == 0)
        return false;
    skip_space(scan);
    if (accept(scan, '{'))
        is_good = scan_members(scan, '}', levels - 1);
    else if (accept(scan, '['))
        is_good = scan_members(scan, ']', levels - 1);
    else if (peek(scan) == '"')
        is_good = scan_string(scan);
    else if (peek(scan) == '-' || (peek(scan) >= '0' && peek(scan) <= '9'))
        is_good = scan_number(scan);
    else
        is_good = scan_word(scan, "true") || scan_word(scan, "false") || scan_word(scan, "null");
    skip_space(scan);
    return is_good;
}

bool json_is_valid(const char *text, size_t text_len)
{
    struct scan scan = {text, text + text_len};

    return scan_value(&scan, 1000) && scan.at == scan.end;
}
