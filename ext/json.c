/* The JSON parser and lookup; see json.h. Numbers are in json_number.c, writing is in
 * json_write.c, string literals in json_string.c.
 *
 * The parser keeps no stack of its own, so depth costs no stack: while a container is
 * open it is the last child of its parent, its next is free, and holds the parent.
 *
 *     [ 1, { "a": [ |          open = inner array, open->next = object,
 *                              object->next = outer array, its next = NULL */
#include "ext/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ext/json_order.h"
#include "ext/json_string.h"
#include "ext/limits.h"
#include "ext/utf8.h"

/* Up to here repeated keys are looked for among the members before; beyond, by sorting. */
#define PAIRWISE_MEMBERS 64

struct parser {
    struct arena *arena;
    const char *start;
    const char *at;
    const char *end;
    struct json *root;
    struct json *open; /* the innermost open container; NULL at the top */
    struct json *last; /* its newest child; NULL when it has none */
    size_t depth;
    size_t nodes;         /* values made */
    bool failed;          /* error is filled, or memory is out */
    bool is_out_of_range; /* error tells of a number, unless another error follows */
    struct json_error *error;
};

/* --- errors --- */

/* A byte as Go quotes it: printable ones raw (bytes from 0x80 stand for the character
 * of that number), others escaped. */
static void quote_byte(unsigned char byte, char *out, size_t size)
{
    static const char names[] = "abtnvfr"; /* from 7 on */
    char utf8[4];
    if (byte >= 7 && byte <= 13)
        snprintf(out, size, "\\%c", names[byte - 7]);
    else if (byte == '\\' || byte == '\'')
        snprintf(out, size, "\\%c", byte);
    else if (byte < 0x20 || byte == 0x7f)
        snprintf(out, size, "\\x%02x", byte);
    else if (byte < 0x7f)
        snprintf(out, size, "%c", byte);
    else if (byte <= 0xa0 || byte == 0xad)
        snprintf(out, size, "\\u%04x", byte);
    else
        snprintf(out, size, "%.*s", (int)utf8_encode(byte, utf8), utf8);
}

static bool fail_at(struct parser *parser, const char *at, const char *context)
{
    char quoted[8];
    /* The end of the text counts as a space where a space would be wrong. */
    quote_byte(at < parser->end ? (unsigned char)*at : ' ', quoted, sizeof quoted);
    parser->failed = true;
    parser->error->offset = (size_t)(at - parser->start);
    snprintf(parser->error->message, sizeof parser->error->message, "invalid character '%s' %s",
             quoted, context);
    return false;
}

static bool fail_short(struct parser *parser)
{
    parser->failed = true;
    parser->error->offset = (size_t)(parser->end - parser->start);
    snprintf(parser->error->message, sizeof parser->error->message, "unexpected end of JSON input");
    return false;
}

static bool fail_many(struct parser *parser)
{
    parser->failed = true;
    parser->error->offset = (size_t)(parser->at - parser->start);
    snprintf(parser->error->message, sizeof parser->error->message, "too many values");
    return false;
}

static bool fail_memory(struct parser *parser)
{
    parser->failed = true;
    return false;
}

/* --- tokens --- */

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Move to the next token; false, failed, at the end of the text. */
static bool skip_space(struct parser *parser)
{
    if (parser->at<parser->end && * parser->at> ' ')
        return true;
    while (parser->at < parser->end && is_space(*parser->at))
        parser->at++;
    return parser->at < parser->end || fail_short(parser);
}

/* The string whose opening quote is at parser->at. */
static bool read_string(struct parser *parser, struct slice *out_string)
{
    struct slice rest = {parser->at + 1, (size_t)(parser->end - parser->at) - 1};
    size_t plain = json_string_plain(rest.data, parser->end);
    if (plain < rest.len && rest.data[plain] == '"') { /* most strings */
        *out_string = (struct slice){rest.data, plain};
        parser->at = rest.data + plain + 1;
        return true;
    }
    struct json_string_scan scan = json_string_scan(rest);
    if (scan.complaint && *scan.complaint == '\0')
        return fail_short(parser);
    if (scan.complaint)
        return fail_at(parser, rest.data + scan.len, scan.complaint);
    *out_string = json_string_decode(parser->arena, rest, &scan);
    parser->at = rest.data + scan.len + 1;
    return !parser->arena->failed || fail_memory(parser);
}

static bool is_digit_at(const struct parser *parser)
{
    return parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9';
}

static bool skip_digits(struct parser *parser, const char *complaint)
{
    if (!is_digit_at(parser))
        return fail_at(parser, parser->at, complaint);
    while (is_digit_at(parser))
        parser->at++;
    return true;
}

static bool skip_if(struct parser *parser, char a, char b)
{
    if (parser->at == parser->end || (*parser->at != a && *parser->at != b))
        return false;
    parser->at++;
    return true;
}

/* A number that no double can hold is an error, as in CPA's decoder; but one that is told
 * only when the text is JSON otherwise, and of several numbers the first. */
static void check_range(struct parser *parser, const struct json *number)
{
    double value = json_number_double(number);
    if (value - value == 0 || parser->is_out_of_range)
        return;
    parser->is_out_of_range = true;
    parser->error->offset = (size_t)(parser->at - parser->start);
    snprintf(parser->error->message, sizeof parser->error->message,
             "json: cannot unmarshal number %.*s into Go value of type float64",
             (int)slice_first(number->text, 64).len, number->text.data);
}

static bool read_number(struct parser *parser, struct json *value)
{
    const char *first = parser->at;
    bool has_exponent = false;
    (void)skip_if(parser, '-', '-');
    if (!skip_if(parser, '0', '0') && !skip_digits(parser, "in numeric literal"))
        return false;
    if (skip_if(parser, '.', '.') && !skip_digits(parser, "after decimal point in numeric literal"))
        return false;
    if (skip_if(parser, 'e', 'E')) {
        has_exponent = true;
        (void)skip_if(parser, '+', '-');
        if (!skip_digits(parser, "in exponent of numeric literal"))
            return false;
    }
    value->type = JSON_NUMBER;
    value->text = (struct slice){first, (size_t)(parser->at - first)};
    if (has_exponent || value->text.len > 300)
        check_range(parser, value);
    return true;
}

static bool read_word(struct parser *parser, const char *word)
{
    char context[48];
    for (const char *letter = word; *letter; letter++, parser->at++)
        if (parser->at == parser->end || *parser->at != *letter) {
            snprintf(context, sizeof context, "in literal %s (expecting '%c')", word, *letter);
            return fail_at(parser, parser->at, context);
        }
    return true;
}

/* --- tree --- */

static struct json *add_child(struct parser *parser)
{
    if (parser->nodes == LIMIT_JSON_NODES) {
        (void)fail_many(parser);
        return NULL;
    }
    parser->nodes++;
    struct json *child = arena_alloc(parser->arena, sizeof *child);
    if (!child) {
        parser->failed = true;
        return NULL;
    }
    if (!parser->open)
        parser->root = child;
    else if (parser->last)
        parser->last->next = child;
    else
        parser->open->first = child;
    if (parser->open)
        parser->open->count++;
    parser->last = child;
    return child;
}

static bool open_container(struct parser *parser, struct json *value, enum json_type type)
{
    if (parser->depth == LIMIT_JSON_DEPTH)
        return fail_at(parser, parser->at, "exceeded max depth");
    parser->depth++;
    parser->at++;
    value->type = type;
    value->next = parser->open;
    parser->open = value;
    parser->last = NULL;
    return true;
}

static void take_value(struct json *member, const struct json *later)
{
    member->type = later->type;
    member->text = later->text;
    member->first = later->first;
    member->count = later->count;
}

/* One bit of 64 for a key: members with different bits have different keys. */
static uint64_t key_bit(struct slice key)
{
    unsigned mix = (unsigned)key.len * 7;
    if (key.len)
        mix += (unsigned char)key.data[0] + (unsigned char)key.data[key.len - 1] * 5u +
               (unsigned char)key.data[key.len / 2] * 3u;
    return UINT64_C(1) << (mix & 63);
}

static void drop_repeated_pairwise(struct json *object)
{
    uint64_t seen = 0;
    struct json *before = NULL; /* the member before this one, all of them distinct */
    for (struct json *member = object->first; member; member = member->next) {
        struct json *same = NULL;
        uint64_t bit = key_bit(member->key);
        for (struct json *m = object->first; (seen & bit) && !same && m != member; m = m->next)
            if (slice_equal(m->key, member->key))
                same = m;
        seen |= bit;
        if (same) {
            take_value(same, member);
            before->next = member->next;
            object->count--;
        } else {
            before = member;
        }
    }
}

/* The same for large objects, by sorting. A member that goes has no key any more. */
static bool drop_repeated_sorted(struct parser *parser, struct json *object)
{
    struct json_order *items = arena_alloc(parser->arena, object->count * sizeof *items);
    if (!items)
        return fail_memory(parser);
    json_order_list(object, items);
    json_order_sort(items, object->count);
    struct json *kept = items[0].member;
    for (size_t i = 1, count = object->count; i < count; i++) {
        struct json *member = items[i].member;
        if (slice_equal(kept->key, member->key)) {
            take_value(kept, member);
            member->key.data = NULL;
            object->count--;
        } else {
            kept = member;
        }
    }
    for (struct json *member = object->first; member; member = member->next)
        while (member->next && !member->next->key.data)
            member->next = member->next->next;
    return true;
}

/* Close the innermost container: its parent is the open one again. */
static bool close_container(struct parser *parser)
{
    struct json *closed = parser->open;
    parser->at++;
    parser->depth--;
    parser->open = closed->next;
    parser->last = closed;
    closed->next = NULL;
    if (closed->type == JSON_ARRAY || closed->count < 2)
        return true;
    if (closed->count > PAIRWISE_MEMBERS)
        return drop_repeated_sorted(parser, closed);
    drop_repeated_pairwise(closed);
    return true;
}

/* --- grammar --- */

static bool read_literal(struct parser *parser, struct json *value, const char *word,
                         enum json_type type)
{
    value->type = type;
    return read_word(parser, word);
}

/* Read the value at parser->at into the child made for it; of a container only its
 * opening bracket. */
static bool read_value(struct parser *parser, struct json *value)
{
    switch (*parser->at) {
    case '{':
        return open_container(parser, value, JSON_OBJECT);
    case '[':
        return open_container(parser, value, JSON_ARRAY);
    case '"':
        value->type = JSON_STRING;
        return read_string(parser, &value->text);
    case 't':
        return read_literal(parser, value, "true", JSON_TRUE);
    case 'f':
        return read_literal(parser, value, "false", JSON_FALSE);
    case 'n':
        return read_literal(parser, value, "null", JSON_NULL);
    default:
        if (*parser->at != '-' && (*parser->at < '0' || *parser->at > '9'))
            return fail_at(parser, parser->at, "looking for beginning of value");
        return read_number(parser, value);
    }
}

/* "key": before a member's value. */
static bool read_key(struct parser *parser, struct slice *out_key)
{
    if (!skip_space(parser))
        return false;
    if (*parser->at != '"')
        return fail_at(parser, parser->at, "looking for beginning of object key string");
    if (!read_string(parser, out_key) || !skip_space(parser))
        return false;
    if (*parser->at != ':')
        return fail_at(parser, parser->at, "after object key");
    parser->at++;
    return true;
}

/* Read up to where the next value may stand, closing what ends before it. *out_done
 * when the top value is complete. */
static bool reach_next_value(struct parser *parser, bool *out_done)
{
    while (parser->open) {
        bool is_object = parser->open->type == JSON_OBJECT;
        bool is_first = !parser->last;
        if (!skip_space(parser))
            return false;
        if (*parser->at == (is_object ? '}' : ']')) {
            if (!close_container(parser))
                return false;
            continue;
        }
        if (!is_first && *parser->at != ',')
            return fail_at(parser, parser->at,
                           is_object ? "after object key:value pair" : "after array element");
        if (!is_first)
            parser->at++;
        return true;
    }
    *out_done = true;
    return true;
}

static bool read_next_value(struct parser *parser)
{
    struct slice key = slice_empty();
    if (parser->open && parser->open->type == JSON_OBJECT && !read_key(parser, &key))
        return false;
    if (!skip_space(parser))
        return false;
    struct json *value = add_child(parser);
    if (!value)
        return false;
    value->key = key;
    return read_value(parser, value);
}

static bool expect_end(struct parser *parser)
{
    while (parser->at < parser->end && is_space(*parser->at))
        parser->at++;
    return parser->at == parser->end || fail_at(parser, parser->at, "after top-level value");
}

struct json *json_parse(struct arena *arena, struct slice text, struct json_error *out_error)
{
    static const char nothing[] = "";
    struct parser parser = {.arena = arena, .error = out_error};
    parser.start = parser.at = text.data ? text.data : nothing;
    parser.end = parser.start + text.len;
    bool is_done = false;
    memset(out_error, 0, sizeof *out_error);
    while (!parser.failed && !is_done)
        if (read_next_value(&parser))
            (void)reach_next_value(&parser, &is_done); /* tells parser.failed */
    bool is_json = !parser.failed && expect_end(&parser);
    return is_json && !parser.is_out_of_range ? parser.root : NULL;
}

const struct json *json_get(const struct json *object, struct slice key)
{
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *member = object->first; member; member = member->next)
        if (member->key.len == key.len && memcmp(member->key.data, key.data, key.len) == 0)
            return member;
    return NULL;
}
