/* Writing JSON as Go's encoder does; see json.h. */
#include "ext/json.h"

#include <string.h>

#include "ext/alloc.h"
#include "ext/json_order.h"
#include "ext/utf8.h"

/* --- strings --- */

/* For each ASCII byte: 0 raw, 'u' as \u00xx, otherwise the letter of its short escape. */
static char escape_of(unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '<':
    case '>':
    case '&':
        return 'u';
    default:
        return byte < 0x20 ? 'u' : 0;
    }
}

static bool is_raw(unsigned char byte)
{
    return byte < 0x80 && escape_of(byte) == 0;
}

static void write_ascii_escape(struct text *out, unsigned char byte)
{
    char letter = escape_of(byte);
    text_add_char(out, '\\');
    if (letter != 'u') {
        text_add_char(out, letter);
        return;
    }
    text_add_cstr(out, "u00");
    text_add_hex(out, &byte, 1);
}

/* The character at the beginning of rest, which is not raw; its bytes are returned. */
static size_t write_special(struct text *out, struct slice rest)
{
    uint32_t rune;
    if ((unsigned char)rest.data[0] < 0x80) {
        write_ascii_escape(out, (unsigned char)rest.data[0]);
        return 1;
    }
    size_t len = utf8_decode(rest, &rune);
    if (len == 0)
        text_add_cstr(out, "\\ufffd");
    else if (rune == 0x2028 || rune == 0x2029)
        text_add_cstr(out, rune == 0x2028 ? "\\u2028" : "\\u2029");
    else
        text_add(out, slice_first(rest, len));
    return len ? len : 1;
}

void json_write_string(struct text *out, struct slice string)
{
    text_add_char(out, '"');
    for (size_t at = 0; at < string.len;) {
        size_t run = at;
        while (run < string.len && is_raw((unsigned char)string.data[run]))
            run++;
        text_add(out, (struct slice){string.data + at, run - at});
        at = run;
        if (at < string.len)
            at += write_special(out, slice_from(string, at));
    }
    text_add_char(out, '"');
}

/* --- whole values --- */

static bool is_integer_text(struct slice text)
{
    int64_t value;
    return slice_to_int64(text, &value, NULL);
}

static void write_number(struct text *out, const struct json *number)
{
    if (is_integer_text(number->text))
        text_add(out, number->text);
    else
        json_write_double(out, json_number_double(number));
}

/* What is still to be written, the next on top: values, and the ends of containers.
 * position: FIRST or LATER in its container, or END of the container member. */
enum { FIRST, LATER, END };

struct pending {
    struct json_order *items;
    size_t count;
    size_t size;
};

static bool pending_grow(struct pending *pending, size_t more)
{
    if (more <= pending->size - pending->count)
        return true;
    size_t size = pending->size * 2 + more + 32;
    if (size > SIZE_MAX / sizeof *pending->items)
        return false;
    struct json_order *items = ext_realloc(pending->items, size * sizeof *items);
    if (!items)
        return false;
    pending->items = items;
    pending->size = size;
    return true;
}

/* Put the children of a container on top, in reverse, above its end. */
static bool push_children(struct pending *pending, struct json *container)
{
    if (!pending_grow(pending, container->count + 1))
        return false;
    pending->items[pending->count++] = (struct json_order){container, END};
    struct json_order *items = pending->items + pending->count;
    size_t count = container->count;
    json_order_list(container, items);
    if (container->type == JSON_OBJECT)
        json_order_sort(items, count);
    for (size_t i = 0; i < count / 2; i++) {
        struct json_order kept = items[i];
        items[i] = items[count - 1 - i];
        items[count - 1 - i] = kept;
    }
    for (size_t i = 0; i < count; i++)
        items[i].position = i + 1 == count ? FIRST : LATER;
    pending->count += count;
    return true;
}

static bool write_open(struct text *out, struct pending *pending, struct json *value)
{
    static const char *const words[] = {"null", "false", "true"};
    switch (value->type) {
    case JSON_NUMBER:
        write_number(out, value);
        return true;
    case JSON_STRING:
        json_write_string(out, value->text);
        return true;
    case JSON_ARRAY:
    case JSON_OBJECT:
        text_add_char(out, value->type == JSON_ARRAY ? '[' : '{');
        return push_children(pending, value);
    default:
        text_add_cstr(out, words[value->type]);
        return true;
    }
}

static bool write_top(struct text *out, struct pending *pending)
{
    struct json_order top = pending->items[--pending->count];
    if (top.position == END) {
        text_add_char(out, top.member->type == JSON_ARRAY ? ']' : '}');
        return true;
    }
    if (top.position == LATER)
        text_add_char(out, ',');
    if (top.member->key.data) {
        json_write_string(out, top.member->key);
        text_add_char(out, ':');
    }
    return write_open(out, pending, top.member);
}

void json_write_sorted(struct text *out, const struct json *value)
{
    struct pending pending = {NULL, 0, 0};
    struct json top = *value; /* without its key: the value alone is wanted */
    top.key = slice_empty();
    bool is_good = write_open(out, &pending, &top);
    while (is_good && pending.count > 0 && !out->failed)
        is_good = write_top(out, &pending);
    if (!is_good)
        out->failed = true;
    ext_free(pending.items);
}
