/* Writing JSON as Go's encoder does; see json.h. */
#include "ext/json.h"

#include <string.h>

#include "ext/alloc.h"
#include "ext/json_order.h"
#include "ext/json_string.h"
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
        size_t run = json_string_raw(string.data + at, string.data + string.len);
        text_add(out, (struct slice){string.data + at, run});
        at += run;
        if (at < string.len)
            at += write_special(out, slice_from(string, at));
    }
    text_add_char(out, '"');
}

/* --- whole values --- */

/* The ways in which whole values are written. */
struct dialect {
    const char *words[3]; /* null, false, true */
    const char *object_open, *object_close;
    const char *separator;
    void (*number)(struct text *out, const struct json *number);
    void (*string)(struct text *out, struct slice string);
};

static void write_number(struct text *out, const struct json *number)
{
    int64_t integer;
    if (slice_to_int64(number->text, &integer, NULL))
        text_add(out, number->text);
    else
        json_write_double(out, json_number_double(number));
}

static void print_number(struct text *out, const struct json *number)
{
    json_write_double_printed(out, json_number_double(number));
}

static const struct dialect compact = {{"null", "false", "true"}, "{", "}", ",", write_number,
                                       json_write_string};
static void copy_number(struct text *out, const struct json *number)
{
    text_add(out, number->text);
}

static const struct dialect literal = {{"null", "false", "true"}, "{", "}", ",", copy_number,
                                       json_write_string};
static const struct dialect printed = {
    {"<nil>", "false", "true"}, "map[", "]", " ", print_number, text_add};

/* What is still to be written, the next on top: values, and the ends of containers.
 * The stack is ours, so that depth costs no stack of the thread. */
struct walk {
    struct text *out;
    const struct dialect *dialect;
    struct json_order *items; /* owned. position: a place below, in its container */
    size_t count;
    size_t size;
};

enum { FIRST, LATER, END };

static bool make_room(struct walk *walk, size_t more)
{
    if (more <= walk->size - walk->count)
        return true;
    size_t size = walk->size * 2 + more + 32;
    if (size > SIZE_MAX / sizeof *walk->items)
        return false;
    struct json_order *items = ext_realloc(walk->items, size * sizeof *items);
    if (!items)
        return false;
    walk->items = items;
    walk->size = size;
    return true;
}

/* Put the children of a container on top, in reverse, above its end. */
static bool push_children(struct walk *walk, struct json *container)
{
    size_t count = container->count;
    if (!make_room(walk, count + 1))
        return false;
    walk->items[walk->count++] = (struct json_order){container, END};
    struct json_order *items = walk->items + walk->count;
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
    walk->count += count;
    return true;
}

/* Write a value; of a container its beginning. False when memory runs out. */
static bool write_value(struct walk *walk, struct json *value)
{
    switch (value->type) {
    case JSON_NUMBER:
        walk->dialect->number(walk->out, value);
        return true;
    case JSON_STRING:
        walk->dialect->string(walk->out, value->text);
        return true;
    case JSON_ARRAY:
    case JSON_OBJECT:
        text_add_cstr(walk->out, value->type == JSON_ARRAY ? "[" : walk->dialect->object_open);
        return push_children(walk, value);
    default:
        text_add_cstr(walk->out, walk->dialect->words[value->type]);
        return true;
    }
}

static bool write_top(struct walk *walk)
{
    struct json_order top = walk->items[--walk->count];
    if (top.position == END) {
        text_add_cstr(walk->out,
                      top.member->type == JSON_ARRAY ? "]" : walk->dialect->object_close);
        return true;
    }
    if (top.position == LATER)
        text_add_cstr(walk->out, walk->dialect->separator);
    if (top.member->key.data) {
        walk->dialect->string(walk->out, top.member->key);
        text_add_char(walk->out, ':');
    }
    return write_value(walk, top.member);
}

static void write_whole(struct text *out, const struct json *value, const struct dialect *dialect)
{
    struct walk walk = {out, dialect, NULL, 0, 0};
    struct json top = *value; /* a member is written without its key */
    bool has_memory = write_value(&walk, &top);
    while (has_memory && walk.count > 0 && !out->failed)
        has_memory = write_top(&walk);
    if (!has_memory)
        out->failed = true;
    ext_free(walk.items);
}

void json_write_sorted(struct text *out, const struct json *value)
{
    write_whole(out, value, &compact);
}

void json_write_sorted_literal(struct text *out, const struct json *value)
{
    write_whole(out, value, &literal);
}

void json_write_printed(struct text *out, const struct json *value)
{
    write_whole(out, value, &printed);
}
