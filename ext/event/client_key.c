/* Client keys in the place of endpoints; see client_key.h. */
#include "ext/event/client_key.h"

#include "ext/event/redact.h"
#include "ext/hash.h"

/* A word this short is no key that anybody would use. */
#define KEY_MIN_BYTES 8

/* What CPA put there when there was neither key nor endpoint: the provider. */
static bool is_provider(struct slice text)
{
    static const char *const names[] = {"antigravity", "aistudio", "unknown"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal(text, slice_of_cstr(names[i])))
            return true;
    return slice_starts_with(text, SLICE("openai-compat"));
}

static bool is_key(struct slice text)
{
    return text.len >= KEY_MIN_BYTES && text.data[0] != '/' && slice_find(text, SLICE(" /")) < 0 &&
           !slice_starts_with(text, SLICE("m:")) && !is_provider(text);
}

void client_key_hide(struct arena *arena, struct event *event)
{
    struct slice key = event->endpoint;
    if (!is_key(key))
        return;
    if (event->api_key_hash.len == 0)
        event->api_key_hash = hash_sha256_hex(arena, key);
    event->endpoint = redact_source(arena, key, SLICE("apikey"), slice_empty(), slice_empty());
    event->method = event->path = slice_empty();
}
