/* Small rules of the connection: see connection.h. */
#include "server/settings/connection.h"

#include <string.h>

#include "ext/text.h"
#include "server/memory.h"

static struct slice without_suffix(struct slice text, struct slice suffix)
{
    return slice_ends_with(text, suffix) ? slice_first(text, text.len - suffix.len) : text;
}

char *connection_url_normalise(const char *url)
{
    struct slice given = slice_trim(slice_of_cstr(url));
    bool has_scheme = slice_find(given, SLICE("://")) >= 0;
    char *copy = memory_copy_slice(given);
    char *full = NULL;
    char *normal = NULL;
    struct slice rest = slice_empty();

    if (given.len == 0)
        return copy;
    full = memory_format("%s%s", has_scheme ? "" : "http://", copy);
    rest = slice_of_cstr(full);
    while (slice_ends_with(rest, SLICE("/")))
        rest.len--;
    rest = without_suffix(rest, SLICE("/v0/management"));
    rest = without_suffix(rest, SLICE("/v0"));
    normal = memory_copy_slice(rest);
    memory_replace(&copy, NULL);
    memory_replace(&full, NULL);
    return normal;
}

/* The row of words that equals the trimmed text in any case, or NULL. */
static const char *word_of(const char *const *words, const char *text)
{
    struct slice given = slice_trim(slice_of_cstr(text));

    for (; *words != NULL; words++) {
        if (slice_equal_nocase(given, slice_of_cstr(*words)))
            return *words;
    }
    return NULL;
}

const char *connection_mode(const char *mode)
{
    static const char *const modes[] = {"http", "resp", "subscribe", NULL};
    const char *word = word_of(modes, mode);

    return word != NULL ? word : "auto";
}

const char *connection_side(const char *side, const char *fallback)
{
    static const char *const sides[] = {"left", "right", NULL};
    const char *word = word_of(sides, side);

    if (word == NULL)
        word = word_of(sides, fallback);
    return word != NULL ? word : "right";
}

int64_t connection_positive(int64_t a, int64_t b, int64_t c)
{
    if (a > 0)
        return a;
    return b > 0 ? b : c;
}
