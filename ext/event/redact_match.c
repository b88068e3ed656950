/* Matching for redaction; see redact_match.h. */
#include "ext/event/redact_match.h"

/* --- characters --- */

bool redact_is_letter(unsigned char c)
{
    c |= 0x20;
    return c >= 'a' && c <= 'z';
}

bool redact_is_alnum(unsigned char c)
{
    return redact_is_letter(c) || (c >= '0' && c <= '9');
}

bool redact_is_word(unsigned char c)
{
    return redact_is_alnum(c) || c == '_';
}

bool redact_is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

bool redact_is_quote(unsigned char c)
{
    return c == '"' || c == '\'';
}

/* --- places --- */

bool redact_has(struct slice text, size_t at, redact_class *is_member)
{
    return at < text.len && is_member(redact_byte(text, at));
}

size_t redact_skip(struct slice text, size_t at, redact_class *is_member)
{
    while (redact_has(text, at, is_member))
        at++;
    return at;
}

size_t redact_skip_one(struct slice text, size_t at, redact_class *is_member)
{
    return redact_has(text, at, is_member) ? at + 1 : at;
}

bool redact_starts_word(struct slice text, size_t at)
{
    return at == 0 || !redact_is_word(redact_byte(text, at - 1));
}

bool redact_has_word(struct slice text, size_t at, struct slice word)
{
    if (at > text.len || word.len > text.len - at)
        return false;
    for (size_t i = 0; i < word.len; i++) {
        unsigned char c = redact_byte(text, at + i);
        unsigned char wanted = (unsigned char)word.data[i];
        if (c != wanted && !(redact_is_letter(c) && (c | 0x20) == wanted))
            return false;
    }
    return true;
}

size_t redact_find_word(struct slice text, size_t from, struct slice word)
{
    for (size_t at = from; at + word.len <= text.len; at++)
        if (redact_has_word(text, at, word))
            return at;
    return REDACT_NOT_FOUND;
}

size_t redact_skip_assignment(struct slice text, size_t at)
{
    at = redact_skip(text, at, redact_is_space);
    if (at >= text.len || (text.data[at] != ':' && text.data[at] != '='))
        return REDACT_NOT_FOUND;
    return redact_skip(text, at + 1, redact_is_space);
}

struct slice redact_first_characters(struct slice text, size_t limit)
{
    if (text.len <= limit)
        return text;
    while (limit > 0 && ((unsigned char)text.data[limit] & 0xc0) == 0x80)
        limit--;
    return slice_first(text, limit);
}

/* --- replacement --- */

bool redact_set_match(struct redact_match *out, size_t begin, size_t end)
{
    *out = (struct redact_match){begin, end, end};
    return end > begin;
}

struct slice redact_replace(struct arena *arena, struct slice text, redact_find *find,
                            struct slice replacement)
{
    struct redact_match match;
    struct text out;
    struct slice result;
    size_t at = 0;
    if (!find(text, 0, &match))
        return text;
    text_init(&out, text.len * 4);
    do {
        text_add(&out, (struct slice){text.data + at, match.begin - at});
        text_add(&out, replacement);
        text_add(&out, (struct slice){text.data + match.end, match.resume - match.end});
        at = match.resume;
    } while (find(text, at, &match));
    text_add(&out, slice_from(text, at));
    result = arena_take_text(arena, &out);
    text_clear(&out);
    return result;
}
