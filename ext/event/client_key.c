/* Client keys in the place of endpoints; see client_key.h. */
#include "ext/event/client_key.h"

#include <string.h>

#include "ext/event/redact.h"
#include "ext/event/redact_match.h"
#include "ext/hash.h"

/* A word this short is no key that anybody would use. */
#define KEY_MIN_BYTES 8
/* A word this long, without a space or slash, is no name of an operation. */
#define KEY_LONG_BYTES 32

/* What CPA put there when there was neither key nor endpoint: the provider. */
static bool is_provider(struct slice text)
{
    static const char *const names[] = {"antigravity", "aistudio", "unknown"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal(text, slice_of_cstr(names[i])))
            return true;
    return slice_starts_with(text, SLICE("openai-compat"));
}

/* History, which is what was imported: whatever is no route and no provider was a key. */
static bool is_key_of_history(struct slice text)
{
    return text.len >= KEY_MIN_BYTES && text.data[0] != '/' && slice_find(text, SLICE(" ")) < 0 &&
           !slice_starts_with(text, SLICE("m:")) && !is_provider(text);
}

/* Live events name a route there, or an operation; only what has the looks of a key is one. */
static bool is_key_by_looks(struct slice text)
{
    return slice_starts_with(text, SLICE("sk-")) || slice_starts_with(text, SLICE("AIza")) ||
           (text.len >= KEY_LONG_BYTES && slice_find(text, SLICE(" ")) < 0 &&
            slice_find(text, SLICE("/")) < 0);
}

static bool is_any_of(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c) != NULL;
}

static bool carries_key(struct slice name)
{
    static const char *const names[] = {"key", "api_key", "apikey", "token", "access_token"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal_nocase(name, slice_of_cstr(names[i])))
            return true;
    return false;
}

/* The value of the next parameter that carries a key; it is not empty. */
static bool find_key_value(struct slice text, size_t from, struct redact_match *out)
{
    for (size_t at = from; at < text.len; at++) {
        if (!is_any_of(text.data[at], "?&"))
            continue;
        size_t begin = at + 1;
        size_t end = begin;
        while (end < text.len && !is_any_of(text.data[end], "=?&# \t"))
            end++;
        if (end == text.len || text.data[end] != '=' ||
            !carries_key((struct slice){text.data + begin, end - begin}))
            continue;
        begin = ++end;
        while (end < text.len && !is_any_of(text.data[end], "&# \t"))
            end++;
        if (redact_set_match(out, begin, end))
            return true;
    }
    return false;
}

void client_key_hide_parameters(struct arena *arena, struct event *event)
{
    event->endpoint = redact_replace(arena, event->endpoint, find_key_value, SLICE("[redacted]"));
    event->path = redact_replace(arena, event->path, find_key_value, SLICE("[redacted]"));
}

void client_key_hide(struct arena *arena, struct event *event)
{
    struct slice key = event->endpoint;
    if (event->is_exported ? !is_key_of_history(key) : !is_key_by_looks(key))
        return;
    if (event->api_key_hash.len == 0)
        event->api_key_hash = hash_sha256_hex(arena, key);
    event->endpoint = redact_source(arena, key, SLICE("apikey"), slice_empty(), slice_empty());
    event->method = event->path = slice_empty();
}
