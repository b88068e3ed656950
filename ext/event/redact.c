/* Redaction of free text; see redact.h.
 *
 * Called for the failure text of every failed event and for every text of the response
 * metadata, so the matchers are written by hand and read each byte a small, fixed
 * number of times, whatever the text. Results live in the arena.
 *
 * The rules of Summary, in this order, each over the whole text (ingest specification,
 * section 15; "ws" is HT LF FF CR space, a boundary is one of ASCII words):
 *   1. authorization : or = [bearer] credential    the credential
 *   2. bearer, 8 or more characters                all of it
 *   3. access_token, refresh_token, id_token       the value behind : or =
 *   4. api key, api-key, api_key, apikey           the value behind : or =
 *   5. sk- sess- ghp_ hf_ pk_ rk_ github_pat_ AIza and what follows
 *   6. cookie : "..."                              between the quotes
 *   7. cookie : ...                                to the end of the value
 *   8. name@domain                                 the name but its first character
 * Rules 3, 4, 6 and 7 keep what stands before the secret, so the longer spellings
 * (x-api-key, set-cookie) need no alternatives of their own: their tails match. In the
 * same way sk- covers sk-proj- and sk-ant-.
 *
 *   redact_summary(arena, SLICE("api_key=abc for jo@x.io"))
 *     -> api_key=[redacted] for j***@x.io */
#include "ext/event/redact.h"

#include <stdbool.h>
#include <string.h>

#include "ext/event/redact_match.h"
#include "ext/limits.h"

/* --- classes of characters --- */

static bool is_key_char(unsigned char c) /* of sk- and AIza keys */
{
    return redact_is_word(c) || c == '-';
}

static bool is_credential(unsigned char c) /* rule 1 */
{
    return !redact_is_space(c) && !redact_is_quote(c) && c != ',' && c != '{' && c != '}';
}

static bool is_bearer(unsigned char c) /* rule 2 */
{
    return is_key_char(c) || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}

static bool is_member_value(unsigned char c) /* rules 3 and 4 */
{
    return !redact_is_space(c) && !redact_is_quote(c) && c != ',' && c != '&' && c != '}';
}

static bool is_not_quote(unsigned char c) /* rule 6 */
{
    return c != '"';
}

static bool is_cookie(unsigned char c) /* rule 7; white space other than line ends too */
{
    return c != ',' && c != '\r' && c != '\n' && c != '"' && c != '}';
}

static bool is_domain(unsigned char c) /* rule 8 */
{
    return redact_is_alnum(c) || c == '.' || c == '-';
}

static bool is_local_part(unsigned char c) /* rule 8 */
{
    return is_domain(c) || c == '_' || c == '%' || c == '+';
}

/* --- the rules --- */

static bool match_authorization_at(struct slice text, size_t at, struct redact_match *out)
{
    size_t begin = redact_starts_word(text, at)
                       ? redact_skip_assignment(text, at + SLICE("authorization").len)
                       : REDACT_NOT_FOUND;
    if (begin == REDACT_NOT_FOUND)
        return false;
    if (redact_has_word(text, begin, SLICE("bearer"))) {
        size_t behind = begin + SLICE("bearer").len;
        size_t credential = redact_skip(text, behind, redact_is_space);
        size_t end = redact_skip(text, credential, is_credential);
        if (credential > behind && end > credential)
            return redact_set_match(out, begin, end);
    }
    return redact_set_match(out, begin, redact_skip(text, begin, is_credential));
}

static bool find_authorization(struct slice text, size_t from, struct redact_match *out) /* 1 */
{
    const struct slice word = SLICE("authorization");
    for (size_t at = from; (at = redact_find_word(text, at, word)) != REDACT_NOT_FOUND; at++)
        if (match_authorization_at(text, at, out))
            return true;
    return false;
}

static bool find_bearer(struct slice text, size_t from, struct redact_match *out) /* 2 */
{
    const struct slice word = SLICE("bearer");
    for (size_t at = from; (at = redact_find_word(text, at, word)) != REDACT_NOT_FOUND; at++) {
        size_t behind = at + word.len;
        size_t begin = redact_skip(text, behind, redact_is_space);
        if (!redact_starts_word(text, at) || begin == behind)
            continue;
        size_t end = redact_skip(text, begin, is_bearer);
        if (end - begin >= 8)
            return redact_set_match(out, at, end);
    }
    return false;
}

/* The value behind a name that ends at at: ws* quote? ws* [:=] ws* quote? value. */
static bool match_member_value(struct slice text, size_t at, struct redact_match *out)
{
    at = redact_skip(text, at, redact_is_space);
    at = redact_skip_one(text, at, redact_is_quote);
    at = redact_skip_assignment(text, at);
    if (at == REDACT_NOT_FOUND)
        return false;
    at = redact_skip_one(text, at, redact_is_quote);
    return redact_set_match(out, at, redact_skip(text, at, is_member_value));
}

/* Whether a whole word access, refresh or id ends at at and begins at from or later. */
static bool has_token_kind_before(struct slice text, size_t from, size_t at)
{
    static const struct slice kinds[] = {{"access", 6}, {"refresh", 7}, {"id", 2}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t len = kinds[i].len;
        if (at - from >= len && redact_has_word(text, at - len, kinds[i]) &&
            redact_starts_word(text, at - len))
            return true;
    }
    return false;
}

static bool find_token(struct slice text, size_t from, struct redact_match *out) /* 3 */
{
    const struct slice word = SLICE("_token");
    for (size_t at = from; (at = redact_find_word(text, at, word)) != REDACT_NOT_FOUND; at++)
        if (has_token_kind_before(text, from, at) && match_member_value(text, at + word.len, out))
            return true;
    return false;
}

static bool is_key_separator(unsigned char c)
{
    return c == '-' || c == '_' || c == ' ';
}

static bool find_api_key(struct slice text, size_t from, struct redact_match *out) /* 4 */
{
    const struct slice word = SLICE("api");
    for (size_t at = from; (at = redact_find_word(text, at, word)) != REDACT_NOT_FOUND; at++) {
        size_t key = redact_skip_one(text, at + word.len, is_key_separator);
        if (redact_starts_word(text, at) && redact_has_word(text, key, SLICE("key")) &&
            match_member_value(text, key + SLICE("key").len, out))
            return true;
    }
    return false;
}

struct key_prefix {
    struct slice text; /* case-sensitive */
    size_t at_least;   /* characters behind it */
    redact_class *is_member;
};

static bool match_key_at(struct slice text, size_t at, struct redact_match *out)
{
    static const struct key_prefix prefixes[] = {
        {{"sk-", 3}, 6, is_key_char},
        {{"sess-", 5}, 6, is_key_char},
        {{"ghp_", 4}, 6, redact_is_alnum},
        {{"hf_", 3}, 6, redact_is_alnum},
        {{"pk_", 3}, 6, redact_is_alnum},
        {{"rk_", 3}, 6, redact_is_alnum},
        {{"github_pat_", 11}, 20, redact_is_word},
        {{"AIza", 4}, 8, is_key_char},
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        const struct key_prefix *prefix = &prefixes[i];
        if (text.data[at] != prefix->text.data[0] ||
            !slice_starts_with(slice_from(text, at), prefix->text))
            continue;
        size_t begin = at + prefix->text.len;
        size_t end = redact_skip(text, begin, prefix->is_member);
        if (end - begin >= prefix->at_least)
            return redact_set_match(out, at, end);
    }
    return false;
}

static bool find_key(struct slice text, size_t from, struct redact_match *out) /* 5 */
{
    for (size_t at = from; at < text.len; at++) {
        unsigned char c = redact_byte(text, at);
        bool is_first = c == 's' || c == 'g' || c == 'h' || c == 'p' || c == 'r' || c == 'A';
        if (is_first && match_key_at(text, at, out))
            return true;
    }
    return false;
}

static bool find_quoted_cookie(struct slice text, size_t from, struct redact_match *out) /* 6 */
{
    const struct slice word = SLICE("cookie");
    for (size_t at = from; (at = redact_find_word(text, at, word)) != REDACT_NOT_FOUND; at++) {
        size_t behind = at + word.len;
        if (behind < text.len && text.data[behind] == '"')
            behind++;
        size_t colon = redact_skip(text, behind, redact_is_space);
        if (colon >= text.len || text.data[colon] != ':')
            continue;
        size_t quote = redact_skip(text, colon + 1, redact_is_space);
        if (quote >= text.len || text.data[quote] != '"')
            continue;
        size_t end = redact_skip(text, quote + 1, is_not_quote);
        if (end == text.len)
            return false; /* no quote closes this one, nor any later one */
        *out = (struct redact_match){quote + 1, end, end + 1};
        return true;
    }
    return false;
}

/* The end of a cookie's value. begin is where the white space behind the colon begins:
 * when nothing but white space is there, its last character that a value may have
 * is the value. at itself when there is none. */
static size_t cookie_end(struct slice text, size_t begin)
{
    size_t at = redact_skip(text, begin, redact_is_space);
    size_t end = redact_skip(text, at, is_cookie);
    if (end > at)
        return end;
    while (at > begin && !is_cookie(redact_byte(text, at - 1)))
        at--;
    return at;
}

static bool find_cookie(struct slice text, size_t from, struct redact_match *out) /* 7 */
{
    const struct slice word = SLICE("cookie");
    for (size_t at = from; (at = redact_find_word(text, at, word)) != REDACT_NOT_FOUND; at++) {
        size_t behind = at + word.len;
        size_t colon = redact_skip(text, behind, redact_is_space);
        if (!redact_starts_word(text, at) || colon >= text.len || text.data[colon] != ':')
            continue;
        size_t end = cookie_end(text, colon + 1);
        if (end > colon + 1)
            return redact_set_match(out, behind, end);
    }
    return false;
}

/* The end of the longest domain of the run that begins at begin: one or more domain
 * characters, a dot, two or more letters. REDACT_NOT_FOUND when there is none. */
static size_t domain_end(struct slice text, size_t begin)
{
    size_t run_end = redact_skip(text, begin, is_domain);
    for (size_t dot = run_end; dot-- > begin + 1;)
        if (redact_byte(text, dot) == '.' && run_end - dot > 2 &&
            redact_is_letter(redact_byte(text, dot + 1)) &&
            redact_is_letter(redact_byte(text, dot + 2)))
            return redact_skip(text, dot + 1, redact_is_letter);
    return REDACT_NOT_FOUND;
}

static bool find_mail(struct slice text, size_t from, struct redact_match *out) /* 8 */
{
    for (size_t at = from, first = from; at < text.len; at++) {
        unsigned char c = redact_byte(text, at);
        if (is_local_part(c))
            continue;
        size_t end = c == '@' && at > first ? domain_end(text, at + 1) : REDACT_NOT_FOUND;
        if (end != REDACT_NOT_FOUND) {
            *out = (struct redact_match){first + 1, at, end};
            return true;
        }
        first = at + 1;
    }
    return false;
}

/* --- Summary --- */

/* What a text must hold for a rule to find anything: most header values hold so little
 * that no rule needs to look at them. A replacement adds nothing that is not there. */
enum {
    HAS_ASSIGNMENT = 1, /* : or = */
    HAS_SPACE = 2,
    HAS_KEY = 4, /* - or _ or A */
    HAS_AT = 8
};

static unsigned find_marks(struct slice text)
{
    unsigned marks = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = redact_byte(text, i);
        if (c == ':' || c == '=')
            marks |= HAS_ASSIGNMENT;
        else if (redact_is_space(c))
            marks |= HAS_SPACE;
        else if (c == '-' || c == '_' || c == 'A')
            marks |= HAS_KEY;
        else if (c == '@')
            marks |= HAS_AT;
    }
    return marks;
}

struct slice redact_summary(struct arena *arena, struct slice text)
{
    static const struct {
        redact_find *find;
        struct slice replacement;
        unsigned marks;
    } rules[] = {
        {find_authorization, {"[redacted]", 10}, HAS_ASSIGNMENT},
        {find_bearer, {"Bearer [redacted]", 17}, HAS_SPACE},
        {find_token, {"[redacted]", 10}, HAS_ASSIGNMENT},
        {find_api_key, {"[redacted]", 10}, HAS_ASSIGNMENT},
        {find_key, {"[redacted]", 10}, HAS_KEY},
        {find_quoted_cookie, {"[redacted]", 10}, HAS_ASSIGNMENT},
        {find_cookie, {": [redacted]", 12}, HAS_ASSIGNMENT},
        {find_mail, {"***", 3}, HAS_AT},
    };
    text = slice_trim(text);
    unsigned marks = find_marks(text);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (marks & rules[i].marks)
            text = redact_replace(arena, text, rules[i].find, rules[i].replacement);
    return redact_truncate(arena, slice_trim(text), LIMIT_FAIL_SUMMARY_BYTES);
}

/* --- cutting --- */

struct slice redact_truncate(struct arena *arena, struct slice text, size_t limit)
{
    struct slice dots = SLICE("...");
    if (text.len <= limit)
        return text;
    struct slice kept = slice_trim(redact_first_characters(text, limit));
    char *data = arena_alloc(arena, kept.len + dots.len);
    if (!data)
        return slice_empty();
    if (kept.len)
        memcpy(data, kept.data, kept.len);
    memcpy(data + kept.len, dots.data, dots.len);
    return (struct slice){data, kept.len + dots.len};
}
