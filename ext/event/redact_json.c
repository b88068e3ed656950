/* Redacted JSON of a payload, for dead letters; see redact.h.
 *
 * A dead letter is a payload that nobody understood, so nothing is known of its
 * members: what is kept of it is what a person needs to see its shape. Rules:
 *   1. a member whose name speaks of a secret      -> "[redacted]", whatever its value
 *   2. a text at source, account, email            -> masked as a source
 *   3. a text that is itself a JSON object or array -> redacted by these same rules
 *   4. in any other text: the value behind a secret name and : or =, credentials behind
 *      Basic and Bearer                             -> [redacted]; then Summary
 *   5. names of members                             -> Summary
 * Names are compared without case and without anything but letters and digits, so
 * accessToken, access_token, Access-Token and X-Access-Token are one. The walk keeps
 * its own stack, so depth costs memory only, and ends when the text is full. */
#include "ext/event/redact.h"

#include <stdbool.h>
#include <string.h>

#include "ext/event/redact_match.h"
#include "ext/json.h"
#include "ext/limits.h"

/* A failure body is a text, in a payload that can be a text in raw_json: three. Beyond,
 * a text is redacted as plain text (rule 4). */
#define NESTED_TEXT_LEVELS 3

/* A name is judged by its end of this length: the longest name of rule 1 has 13. */
#define NAME_BYTES 64

/* --- names --- */

/* A name without case and punctuation. */
struct name {
    char letters[NAME_BYTES];
    size_t len;
};

static struct slice fold_name(struct name *name, struct slice text)
{
    size_t letters = 0;
    name->len = 0;
    for (size_t i = text.len; i-- > 0 && letters < NAME_BYTES;)
        letters += redact_is_alnum((unsigned char)text.data[i]);
    for (size_t i = text.len; i-- > 0 && name->len < letters;) {
        unsigned char c = (unsigned char)text.data[i];
        if (!redact_is_alnum(c))
            continue;
        name->len++;
        name->letters[letters - name->len] = (char)(redact_is_letter(c) ? c | 0x20 : c);
    }
    return (struct slice){name->letters, name->len};
}

static bool has_any(struct slice name, const struct slice *words, size_t count,
                    bool (*test)(struct slice name, struct slice word))
{
    for (size_t i = 0; i < count; i++)
        if (test(name, words[i]))
            return true;
    return false;
}

static bool contains(struct slice name, struct slice word)
{
    return slice_find(name, word) >= 0;
}

static bool is_secret_name(struct slice text)
{
    static const struct slice parts[] = {
        {"secret", 6},         {"password", 8},    {"passwd", 6},    {"passphrase", 10},
        {"authorization", 13}, {"cookie", 6},      {"apikey", 6},    {"accesskey", 9},
        {"privatekey", 10},    {"credential", 10}, {"bearer", 6},    {"accesstoken", 11},
        {"refreshtoken", 12},  {"idtoken", 7},     {"authtoken", 9}, {"sessiontoken", 12},
    };
    static const struct slice ends[] = {{"token", 5}};
    static const struct slice wholes[] = {{"key", 3}, {"auth", 4}, {"pwd", 3}, {"jwt", 3}};
    struct name storage;
    struct slice name = fold_name(&storage, text);
    return has_any(name, parts, sizeof parts / sizeof *parts, contains) ||
           has_any(name, ends, sizeof ends / sizeof *ends, slice_ends_with) ||
           has_any(name, wholes, sizeof wholes / sizeof *wholes, slice_equal);
}

static bool is_source_name(struct slice text)
{
    static const struct slice wholes[] = {{"source", 6}, {"account", 7}, {"email", 5}};
    struct name storage;
    return has_any(fold_name(&storage, text), wholes, sizeof wholes / sizeof *wholes, slice_equal);
}

/* --- rule 4: names and credentials within a text --- */

static bool is_name_char(unsigned char c)
{
    return redact_is_word(c) || c == '-';
}

static bool is_backslash(unsigned char c)
{
    return c == '\\';
}

static bool is_line(unsigned char c) /* the value of a header that may hold spaces */
{
    return c != '\r' && c != '\n' && c != '"';
}

static bool is_value(unsigned char c)
{
    return !redact_is_space(c) && !redact_is_quote(c) && c != ',' && c != '&' && c != '}' &&
           c != '\\';
}

static size_t skip_back(struct slice text, size_t at, redact_class *is_member)
{
    while (at > 0 && is_member(redact_byte(text, at - 1)))
        at--;
    return at;
}

/* The name before the sign at at: name, backslashes, a quote, white space, sign. */
static struct slice name_before(struct slice text, size_t at)
{
    size_t end = skip_back(text, at, redact_is_space);
    if (end > 0 && redact_is_quote(redact_byte(text, end - 1)))
        end = skip_back(text, end - 1, is_backslash);
    size_t begin = skip_back(text, end, is_name_char);
    return (struct slice){text.data + begin, end - begin};
}

static size_t skip_to(struct slice text, size_t at, char wanted)
{
    while (at < text.len && (char)redact_byte(text, at) != wanted)
        at++;
    return at;
}

/* The end of a value in quotes that begins at begin: before the closing quote and its
 * backslashes. */
static size_t quoted_end(struct slice text, size_t begin, char quote)
{
    size_t end = skip_to(text, begin, quote);
    while (end > begin && text.data[end - 1] == '\\')
        end--;
    return end;
}

/* The value that begins at at: to its closing quote or bracket, to the end of the line
 * behind a header's name, otherwise a word. */
static bool match_value(struct slice text, size_t at, struct slice name, struct redact_match *out)
{
    struct name storage;
    struct slice folded = fold_name(&storage, name);
    size_t quote = redact_skip(text, at, is_backslash);
    if (redact_has(text, quote, redact_is_quote))
        return redact_set_match(out, quote + 1, quoted_end(text, quote + 1, text.data[quote]));
    if (at < text.len && (text.data[at] == '[' || text.data[at] == '{')) {
        size_t end = skip_to(text, at, text.data[at] == '[' ? ']' : '}');
        return redact_set_match(out, at, end < text.len ? end + 1 : end);
    }
    if (contains(folded, SLICE("authorization")) || contains(folded, SLICE("cookie")))
        return redact_set_match(out, at, redact_skip(text, at, is_line));
    return redact_set_match(out, at, redact_skip(text, at, is_value));
}

static bool find_secret_member(struct slice text, size_t from, struct redact_match *out)
{
    for (size_t at = from; at < text.len; at++) {
        unsigned char c = redact_byte(text, at);
        if (c != ':' && c != '=')
            continue;
        struct slice name = name_before(slice_first(text, at), at);
        size_t begin = redact_skip(text, at + 1, redact_is_space);
        if (name.len && is_secret_name(name) && match_value(text, begin, name, out))
            return true;
    }
    return false;
}

/* word, white space, a quote or none, a credential of at_least characters. */
static bool find_scheme(struct slice text, size_t from, struct slice word, size_t at_least,
                        struct redact_match *out)
{
    for (size_t at = from; (at = redact_find_word(text, at, word)) != REDACT_NOT_FOUND; at++) {
        size_t behind = at + word.len;
        size_t begin = redact_skip(text, behind, redact_is_space);
        if (begin == behind || !redact_starts_word(text, at))
            continue;
        begin = redact_skip(text, begin, is_backslash);
        begin = redact_skip_one(text, begin, redact_is_quote);
        size_t end = redact_skip(text, begin, is_value);
        if (end - begin >= at_least)
            return redact_set_match(out, begin, end);
    }
    return false;
}

static bool find_basic(struct slice text, size_t from, struct redact_match *out)
{
    return find_scheme(text, from, SLICE("basic"), 8, out);
}

static bool find_bearer(struct slice text, size_t from, struct redact_match *out)
{
    return find_scheme(text, from, SLICE("bearer"), 1, out);
}

static struct slice redact_plain(struct arena *arena, struct slice text)
{
    const struct slice redacted = SLICE("[redacted]");
    text = redact_replace(arena, text, find_secret_member, redacted);
    text = redact_replace(arena, text, find_basic, redacted);
    text = redact_replace(arena, text, find_bearer, redacted);
    return redact_summary(arena, text);
}

/* --- the walk --- */

/* One open object or array; the innermost is on top. */
struct frame {
    struct frame *outer;
    const struct json *container;
    const struct json *next; /* the member to be written next */
    bool masks_sources;      /* rule 2 holds for texts in this array */
};

struct walk {
    struct arena *arena;
    struct text *out;
    size_t full_bytes; /* out->len at which nothing more is kept */
    int level;         /* of texts within texts */
    struct frame *top;
    struct frame *spare; /* frames to be used again */
};

static void redact_level(struct arena *arena, struct text *out, const struct json *value,
                         int level);

static struct slice redact_text(struct walk *walk, struct slice text)
{
    struct slice trimmed = slice_trim(text);
    struct json_error error;
    struct text nested;
    bool may_be_json = trimmed.len > 1 && (trimmed.data[0] == '{' || trimmed.data[0] == '[');
    const struct json *value = NULL;
    if (may_be_json && walk->level < NESTED_TEXT_LEVELS)
        value = json_parse(walk->arena, trimmed, &error);
    if (!value)
        return redact_plain(walk->arena, text);
    text_init(&nested, walk->out->limit);
    redact_level(walk->arena, &nested, value, walk->level + 1);
    struct slice result = arena_take_text(walk->arena, &nested);
    text_clear(&nested);
    return result;
}

static void write_name(struct walk *walk, struct slice name)
{
    json_write_string(walk->out, redact_plain(walk->arena, name));
    text_add_char(walk->out, ':');
}

static void open_container(struct walk *walk, const struct json *value, bool masks_sources)
{
    struct frame *frame = walk->spare;
    if (frame)
        walk->spare = frame->outer;
    else
        frame = arena_alloc(walk->arena, sizeof *frame);
    if (!frame)
        return;
    *frame = (struct frame){walk->top, value, value->first, masks_sources};
    walk->top = frame;
    text_add_char(walk->out, value->type == JSON_OBJECT ? '{' : '[');
}

static void close_container(struct walk *walk)
{
    struct frame *frame = walk->top;
    text_add_char(walk->out, frame->container->type == JSON_OBJECT ? '}' : ']');
    walk->top = frame->outer;
    frame->outer = walk->spare;
    walk->spare = frame;
}

static struct slice mask_source(struct arena *arena, struct slice source)
{
    const struct slice none = slice_empty();
    source = redact_source(arena, slice_trim(source), SLICE("apikey"), none, none);
    return redact_plain(arena, source);
}

static void write_value(struct walk *walk, const struct json *value, bool masks_sources)
{
    switch (value->type) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        open_container(walk, value, masks_sources && value->type == JSON_ARRAY);
        return;
    case JSON_STRING:
        json_write_string(walk->out, masks_sources ? mask_source(walk->arena, value->text)
                                                   : redact_text(walk, value->text));
        return;
    case JSON_NUMBER:
        if (masks_sources)
            json_write_string(walk->out, SLICE("[redacted]"));
        else
            text_add(walk->out, redact_first_characters(value->text, LIMIT_DEAD_LETTER_BYTES));
        return;
    case JSON_TRUE:
        text_add_cstr(walk->out, "true");
        return;
    case JSON_FALSE:
        text_add_cstr(walk->out, "false");
        return;
    case JSON_NULL:
        text_add_cstr(walk->out, "null");
        return;
    }
}

static void write_member(struct walk *walk, const struct json *member)
{
    bool is_first = member == walk->top->container->first;
    if (!is_first)
        text_add_char(walk->out, ',');
    if (walk->top->container->type == JSON_ARRAY) {
        write_value(walk, member, walk->top->masks_sources);
        return;
    }
    write_name(walk, member->key);
    if (is_secret_name(member->key))
        json_write_string(walk->out, SLICE("[redacted]"));
    else
        write_value(walk, member, is_source_name(member->key));
}

static void redact_level(struct arena *arena, struct text *out, const struct json *value, int level)
{
    struct walk walk = {arena, out, out->len + LIMIT_DEAD_LETTER_BYTES, level, NULL, NULL};
    write_value(&walk, value, false);
    while (walk.top && out->len < walk.full_bytes && !out->failed && !arena->failed) {
        const struct json *member = walk.top->next;
        if (!member) {
            close_container(&walk);
            continue;
        }
        walk.top->next = member->next;
        write_member(&walk, member);
    }
    if (arena->failed)
        out->failed = true;
}

void redact_json(struct arena *arena, struct text *out, const struct json *value)
{
    struct text whole;
    text_init(&whole, (size_t)8 * 1024 * 1024);
    redact_level(arena, &whole, value, 0);
    if (whole.failed)
        out->failed = true;
    text_add(out, redact_first_characters(text_slice(&whole), LIMIT_DEAD_LETTER_BYTES));
    text_clear(&whole);
}
