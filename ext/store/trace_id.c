/* Trace identifiers in their short form; see trace_id.h. The view usage_events holds the
 * inverse in SQL. */
#include "ext/store/trace_id.h"

#include <string.h>

#define HEX_RUN_MIN 8 /* shorter runs save less than they cost */
#define PREFIX_MAX 16 /* a prefix is kept once for all events that share it */
#define UUID_LEN 36

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Letters, then at most one _ or -. */
static bool is_prefix(struct slice text)
{
    if (text.len > 0 && (text.data[text.len - 1] == '_' || text.data[text.len - 1] == '-'))
        text.len--;
    for (size_t i = 0; i < text.len; i++)
        if (!is_letter(text.data[i]))
            return false;
    return text.len < PREFIX_MAX;
}

static bool is_uuid(struct slice text)
{
    if (text.len != UUID_LEN)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text.data[i] != '-' : hex_digit_value(text.data[i]) < 0)
            return false;
    }
    return true;
}

/* The digits of text, dashes skipped, into bytes. */
static void take_digits(struct slice text, struct trace_id *out_trace)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '-')
            continue;
        uint8_t digit = (uint8_t)hex_digit_value(text.data[i]);
        uint8_t *byte = &out_trace->bytes[digits / 2];
        *byte = (uint8_t)(digits % 2 ? *byte | digit : digit << 4);
        digits++;
    }
    out_trace->bytes_len = digits / 2;
}

void trace_id_of(struct slice text, struct trace_id *out_trace)
{
    memset(out_trace, 0, sizeof *out_trace);
    if (is_uuid(text)) {
        out_trace->form = TRACE_UUID;
        take_digits(text, out_trace);
        return;
    }
    size_t run = 0;
    while (run < text.len && hex_digit_value(text.data[text.len - 1 - run]) >= 0)
        run++;
    struct slice prefix = slice_first(text, text.len - run);
    if (run < HEX_RUN_MIN || run % 2 != 0 || run / 2 > TRACE_ID_BYTES_MAX || !is_prefix(prefix))
        return;
    out_trace->form = TRACE_HEX;
    out_trace->prefix = prefix;
    take_digits(slice_from(text, text.len - run), out_trace);
}

struct slice trace_id_text(struct arena *arena, enum trace_form form, struct slice prefix,
                           struct slice stored)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = 0;
    if (form == TRACE_TEXT)
        return stored;
    char *text = arena_alloc(arena, prefix.len + 2 * stored.len + 4);
    if (!text)
        return slice_empty();
    if (form == TRACE_HEX && prefix.len > 0) {
        memcpy(text, prefix.data, prefix.len);
        len = prefix.len;
    }
    for (size_t i = 0; i < stored.len; i++) {
        if (form == TRACE_UUID && (i == 4 || i == 6 || i == 8 || i == 10))
            text[len++] = '-';
        text[len++] = digits[(uint8_t)stored.data[i] >> 4];
        text[len++] = digits[(uint8_t)stored.data[i] & 15];
    }
    return (struct slice){text, len};
}
