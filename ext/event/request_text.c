/* Client-chosen texts; see request_text.h. */
#include "ext/event/request_text.h"

#include <stdbool.h>
#include <string.h>

#include "ext/event/graphic.h"
#include "ext/event/redact.h"
#include "ext/utf8.h"

/* Printable ASCII with single spaces inside: nearly every text. */
static bool is_clean_ascii(struct slice text)
{
    char before = ' ';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c < ' ' || c > '~' || (c == ' ' && before == ' '))
            return false;
        before = c;
    }
    return text.len == 0 || before != ' ';
}

static struct slice collapse(struct arena *arena, struct slice text)
{
    char *clean = arena_alloc(arena, text.len);
    size_t len = 0;
    bool wants_space = false;
    uint32_t rune;
    if (!clean)
        return slice_empty();
    for (size_t at = 0, width; at < text.len; at += width) {
        struct slice rest = slice_from(text, at);
        width = utf8_decode(rest, &rune);
        if (width == 0 || !graphic_is_visible(rune)) {
            wants_space = len > 0;
            width = width ? width : 1;
            continue;
        }
        if (wants_space)
            clean[len++] = ' '; /* stands for at least one byte that was left out */
        wants_space = false;
        memcpy(clean + len, rest.data, width);
        len += width;
    }
    return (struct slice){clean, len};
}

struct slice request_text_clean(struct arena *arena, struct slice text, size_t limit)
{
    if (!is_clean_ascii(text))
        text = collapse(arena, text);
    return text.len > limit ? redact_truncate(arena, text, limit - 3) : text;
}
