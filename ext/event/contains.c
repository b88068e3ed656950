/* Words inside texts; see contains.h. */
#include "ext/event/contains.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool contains(struct slice text, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = 0; at + len <= text.len; at++) {
        size_t same = 0;
        while (same < len && lower(text.data[at + same]) == word[same])
            same++;
        if (same == len)
            return true;
    }
    return false;
}

bool contains_any(struct slice text, const char *const *words)
{
    for (; text.len > 0 && *words; words++)
        if (contains(text, *words))
            return true;
    return false;
}
