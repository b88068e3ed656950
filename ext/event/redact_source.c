/* Masking of a source; see redact.h.
 *
 * CPA's source is an account's e-mail address, a provider's API key, a project id, or
 * a client's own key. Whatever may be a key is masked (ingest specification, section
 * 15, "Ours masks more", then the original's rule). Cuts fall on whole characters.
 *
 *   alice@example.com -> ali***@example.com     sk-123456 -> m:sk-1...3456 */
#include "ext/event/redact.h"

#include <stdbool.h>

#include "ext/event/redact_match.h"

static bool is_continuation(struct slice text, size_t at)
{
    return ((unsigned char)text.data[at] & 0xc0) == 0x80;
}

/* The longest suffix of whole characters of at most limit bytes. */
static struct slice last_characters(struct slice text, size_t limit)
{
    if (text.len <= limit)
        return text;
    size_t at = text.len - limit;
    while (at < text.len && is_continuation(text, at))
        at++;
    return slice_from(text, at);
}

static struct slice join(struct arena *arena, const struct slice *parts, size_t count)
{
    struct slice result;
    struct text joined;
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    text_init(&joined, len);
    for (size_t i = 0; i < count; i++)
        text_add(&joined, parts[i]);
    result = arena_take_text(arena, &joined);
    text_clear(&joined);
    return result;
}

static struct slice mask_mail(struct arena *arena, struct slice source, size_t at)
{
    struct slice name = redact_first_characters(slice_first(source, at), 3);
    return join(arena, (struct slice[]){name, SLICE("***"), slice_from(source, at)}, 3);
}

static struct slice mask_key(struct arena *arena, struct slice key)
{
    struct slice head = redact_first_characters(key, 4);
    struct slice tail = last_characters(key, 4);
    if (key.len <= 8)
        return SLICE("m:****");
    return join(arena, (struct slice[]){SLICE("m:"), head, SLICE("..."), tail}, 4);
}

/* The original's rule for a text without @. */
static bool looks_like_key(struct slice source)
{
    for (size_t i = 0; i < source.len; i++)
        if (source.data[i] == ' ' || source.data[i] == '/' || source.data[i] == '\\')
            return false;
    return slice_starts_with(source, SLICE("sk-")) || slice_starts_with(source, SLICE("AIza")) ||
           source.len >= 32;
}

struct slice redact_source(struct arena *arena, struct slice source, struct slice auth_type,
                           struct slice provider, struct slice client_key)
{
    bool is_key_type = slice_equal_nocase(slice_trim(auth_type), SLICE("apikey"));
    bool is_project = !is_key_type && slice_equal_nocase(slice_trim(provider), SLICE("vertex"));
    ptrdiff_t at = slice_find(source, SLICE("@"));
    if (source.len == 0)
        return slice_empty();
    if (at >= 0)
        return mask_mail(arena, source, (size_t)at);
    bool may_be_key = is_key_type || slice_equal(source, client_key);
    if (may_be_key && !is_project && !slice_starts_with(source, SLICE("m:")))
        return mask_key(arena, source);
    return looks_like_key(source) ? mask_key(arena, source) : source;
}
