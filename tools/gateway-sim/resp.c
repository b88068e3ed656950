/* RESP frames: see resp.h. */
#include "tools/gateway-sim/resp.h"

#include <string.h>

#include "tools/gateway-sim/limits.h"

/* A place in the text that is being read. */
struct cursor {
    const char *data;
    size_t len;
    size_t at;
};

/* The line at the cursor without its LF or CRLF; the cursor moves behind it. */
static enum resp_status read_line(struct cursor *cursor, struct resp_item *out)
{
    const char *start = cursor->data + cursor->at;
    size_t left = cursor->len - cursor->at;
    const char *end = left == 0 ? NULL : memchr(start, '\n', left);

    if (end == NULL)
        return left > LIMIT_RESP_LINE_BYTES ? RESP_BAD : RESP_NEED_MORE;
    out->data = start;
    out->len = (size_t)(end - start);
    cursor->at += out->len + 1;
    if (out->len > 0 && start[out->len - 1] == '\r')
        out->len--;
    return RESP_COMMAND;
}

/* [+-]?[0-9]+ that fits the limit. */
static bool read_number(const char *text, size_t text_len, int64_t limit, int64_t *out)
{
    bool is_negative = text_len > 0 && text[0] == '-';
    size_t at = text_len > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    int64_t value = 0;

    if (at == text_len)
        return false;
    for (; at < text_len; at++) {
        if (text[at] < '0' || text[at] > '9')
            return false;
        value = value * 10 + (text[at] - '0');
        if (value > limit)
            return false;
    }
    *out = is_negative ? -value : value;
    return true;
}

static enum resp_status read_bulk(struct cursor *cursor, int64_t bulk_len, struct resp_item *out,
                                  bool *out_is_inside)
{
    size_t left = cursor->len - cursor->at;
    size_t need;

    out->data = cursor->data + cursor->at;
    out->len = bulk_len < 0 ? 0 : (size_t)bulk_len;
    if (bulk_len < 0)
        return RESP_COMMAND;
    need = out->len + 2;
    if (left < need) {
        *out_is_inside = left > 0;
        return RESP_NEED_MORE;
    }
    if (memcmp(out->data + out->len, "\r\n", 2) != 0)
        return RESP_BAD;
    cursor->at += need;
    return RESP_COMMAND;
}

static enum resp_status read_item(struct cursor *cursor, struct resp_item *out, bool *out_is_inside)
{
    struct resp_item line;
    enum resp_status status = read_line(cursor, &line);
    int64_t bulk_len;

    if (status != RESP_COMMAND)
        return status;
    if (line.len == 0)
        return RESP_BAD;
    if (line.data[0] == '+' || line.data[0] == ':') {
        out->data = line.data + 1;
        out->len = line.len - 1;
        return RESP_COMMAND;
    }
    if (line.data[0] != '$' ||
        !read_number(line.data + 1, line.len - 1, LIMIT_RESP_ITEM_BYTES, &bulk_len))
        return RESP_BAD;
    return read_bulk(cursor, bulk_len, out, out_is_inside);
}

enum resp_status resp_parse(const char *data, size_t data_len, struct resp_command *out)
{
    struct cursor cursor = {data, data_len, 0};
    struct resp_item line;
    enum resp_status status;
    int64_t count;
    int64_t i;

    memset(out, 0, sizeof(*out));
    if (data_len > 0 && data[0] != '*')
        return RESP_BAD;
    status = read_line(&cursor, &line);
    if (status != RESP_COMMAND)
        return status;
    if (!read_number(line.data + 1, line.len - 1, LIMIT_RESP_ITEMS, &count))
        return RESP_BAD;
    for (i = 0; i < count; i++) {
        struct resp_item item = {NULL, 0};

        status = read_item(&cursor, &item, &out->is_inside_bulk);
        if (status != RESP_COMMAND)
            return status;
        if (i < RESP_KEPT_ITEMS)
            out->items[i] = item;
    }
    out->item_count = count < 0 ? 0 : (size_t)count;
    out->frame_bytes = cursor.at;
    return RESP_COMMAND;
}

bool resp_starts_with(char first)
{
    return first == '*' || first == '$' || first == '+' || first == '-' || first == ':';
}

static void put_line(struct bytes *out, const char *prefix, const char *text)
{
    bytes_text(out, prefix);
    bytes_text(out, text);
    BYTES_LITERAL(out, "\r\n");
}

void resp_put_simple(struct bytes *out, const char *text_cstr)
{
    put_line(out, "+", text_cstr);
}

void resp_put_error(struct bytes *out, const char *text_cstr)
{
    put_line(out, "-", text_cstr);
}

void resp_put_int(struct bytes *out, int64_t value)
{
    BYTES_LITERAL(out, ":");
    bytes_int(out, value);
    BYTES_LITERAL(out, "\r\n");
}

void resp_put_array(struct bytes *out, size_t count)
{
    BYTES_LITERAL(out, "*");
    bytes_int(out, (int64_t)count);
    BYTES_LITERAL(out, "\r\n");
}

void resp_put_bulk(struct bytes *out, const char *data, size_t data_len)
{
    BYTES_LITERAL(out, "$");
    bytes_int(out, (int64_t)data_len);
    BYTES_LITERAL(out, "\r\n");
    bytes_append(out, data, data_len);
    BYTES_LITERAL(out, "\r\n");
}

void resp_put_nil(struct bytes *out)
{
    BYTES_LITERAL(out, "$-1\r\n");
}
