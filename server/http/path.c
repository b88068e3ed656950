#include "server/http/path.h"

/* Cut out back to before the last segment, keeping the first "/". */
static void drop_segment(struct text *out, size_t start)
{
    while (out->len > start + 1 && out->data[out->len - 1] != '/')
        out->len--;
    if (out->len > start + 1)
        out->len--;
    out->data[out->len] = '\0';
}

void path_clean(struct text *out, struct slice path)
{
    size_t start = out->len;
    size_t position = 0;
    bool has_slash_at_end = false;
    text_add_char(out, '/');
    while (position < path.len && !out->failed) {
        size_t end = position;
        while (end < path.len && path.data[end] != '/')
            end++;
        struct slice segment = {path.data + position, end - position};
        bool is_dot = slice_equal(segment, SLICE("."));
        bool is_up = slice_equal(segment, SLICE(".."));
        if (is_up) {
            if (!out->failed)
                drop_segment(out, start);
        } else if (segment.len > 0 && !is_dot) {
            if (out->len > start + 1)
                text_add_char(out, '/');
            text_add(out, segment);
        }
        has_slash_at_end = end < path.len;
        position = end + 1;
    }
    if (has_slash_at_end && out->len > start + 1)
        text_add_char(out, '/');
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool decode(struct text *out, struct slice escaped, bool plus_is_space)
{
    for (size_t i = 0; i < escaped.len; i++) {
        char c = escaped.data[i];
        if (c == '%') {
            int high = i + 2 < escaped.len ? hex_digit(escaped.data[i + 1]) : -1;
            int low = i + 2 < escaped.len ? hex_digit(escaped.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        text_add_char(out, c);
    }
    return true;
}

bool path_decode(struct text *out, struct slice path)
{
    return decode(out, path, false);
}

struct slice path_without_slashes(struct slice path)
{
    while (path.len > 1 && path.data[path.len - 1] == '/')
        path.len--;
    return path;
}

bool query_value(struct text *out, struct slice query, struct slice name)
{
    size_t position = 0;
    while (position < query.len) {
        size_t end = position;
        while (end < query.len && query.data[end] != '&')
            end++;
        struct slice pair = {query.data + position, end - position};
        if (slice_starts_with(pair, name) && pair.len > name.len && pair.data[name.len] == '=')
            return decode(out, slice_from(pair, name.len + 1), true);
        position = end + 1;
    }
    return false;
}
