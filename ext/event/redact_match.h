/* Matching for redaction: classes of characters, places in a text, and the
 * replacement of every match. What the rules of redact.c and redact_json.c are made
 * of. Every function reads each byte it passes once, so a rule built of them that does
 * not look twice at what it passed is linear. Pure. */
#ifndef USAGE_EXT_EVENT_REDACT_MATCH_H
#define USAGE_EXT_EVENT_REDACT_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/arena.h"
#include "ext/text.h"

/* Counted by the test that proves the work to be linear. */
#ifndef REDACT_STEP
#define REDACT_STEP() ((void)0)
#endif

#define REDACT_NOT_FOUND SIZE_MAX

static inline unsigned char redact_byte(struct slice text, size_t at)
{
    REDACT_STEP();
    return (unsigned char)text.data[at];
}

/* Classes of ASCII; a byte of a longer character belongs to none of them. */
typedef bool redact_class(unsigned char c);
bool redact_is_letter(unsigned char c);
bool redact_is_alnum(unsigned char c);
bool redact_is_word(unsigned char c);  /* letters, digits, _ */
bool redact_is_space(unsigned char c); /* HT LF FF CR space */
bool redact_is_quote(unsigned char c); /* " and ' */

/* Whether a character of the class stands at at. */
bool redact_has(struct slice text, size_t at, redact_class *is_member);
/* Behind the run of such characters that begins at at; at itself when there is none. */
size_t redact_skip(struct slice text, size_t at, redact_class *is_member);
/* Behind one such character, or at itself. */
size_t redact_skip_one(struct slice text, size_t at, redact_class *is_member);
/* Whether no word character stands before at. */
bool redact_starts_word(struct slice text, size_t at);
/* Whether word (in lower case) stands at at, in any case. */
bool redact_has_word(struct slice text, size_t at, struct slice word);
/* The next place of word from from on, or REDACT_NOT_FOUND. */
size_t redact_find_word(struct slice text, size_t from, struct slice word);
/* Behind ws* [:=] ws*, or REDACT_NOT_FOUND. */
size_t redact_skip_assignment(struct slice text, size_t at);

/* The longest prefix of whole characters of at most limit bytes. */
struct slice redact_first_characters(struct slice text, size_t limit);

/* What a rule found: [begin, end) is replaced, the search goes on at resume. */
struct redact_match {
    size_t begin;
    size_t end;
    size_t resume;
};

/* Fill *out for the bytes [begin, end); false when there are none. */
bool redact_set_match(struct redact_match *out, size_t begin, size_t end);

/* A rule: the leftmost match that begins at from or later. */
typedef bool redact_find(struct slice text, size_t from, struct redact_match *out);

/* text with every match replaced, in the arena; text itself when there is none. A rule
 * must not match so often that the result is more than four times as long as text. */
struct slice redact_replace(struct arena *arena, struct slice text, redact_find *find,
                            struct slice replacement);

#endif
