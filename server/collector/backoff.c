#include "server/collector/backoff.h"

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)
#define DAY_MS (24 * 60 * MINUTE_MS)

int64_t backoff_next_ms(struct backoff *backoff)
{
    static const int64_t pauses_ms[] = {BACKOFF_FIRST_MS, 1000, 2000, 4000, 8000, 16000, 30000};
    const unsigned last = sizeof pauses_ms / sizeof *pauses_ms - 1;
    unsigned step = backoff->failures < last ? backoff->failures : last;
    backoff->failures = step + 1;
    return pauses_ms[step];
}

/* An amount of a unit: units from the longest name on, so that "ms" is not read as "m". */
static bool unit_ms(struct slice *text, double *out_unit_ms)
{
    static const struct {
        struct slice name;
        double ms;
    } units[] = {{{"ms", 2}, 1},    {{"us", 2}, 1e-3}, {{"\xc2\xb5s", 3}, 1e-3}, {{"ns", 2}, 1e-6},
                 {{"h", 1}, 3.6e6}, {{"m", 1}, 6e4},   {{"s", 1}, 1e3}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (slice_starts_with(*text, units[i].name)) {
            *out_unit_ms = units[i].ms;
            *text = slice_from(*text, units[i].name.len);
            return true;
        }
    }
    return false;
}

/* Digits with at most one point; false when there is no digit. */
static bool amount(struct slice *text, double *out_amount)
{
    double value = 0;
    double scale = 0; /* 0 before the point, then 0.1, 0.01, ... */
    size_t at = 0;
    bool has_digit = false;
    for (; at < text->len; at++) {
        char c = text->data[at];
        if (c == '.' && scale <= 0) {
            scale = 1;
        } else if (c >= '0' && c <= '9') {
            has_digit = true;
            scale /= 10;
            value = scale > 0 ? value + scale * (c - '0') : value * 10 + (c - '0');
        } else {
            break;
        }
    }
    *text = slice_from(*text, at);
    *out_amount = value;
    return has_digit;
}

bool backoff_go_duration_ms(struct slice text, int64_t *out_ms)
{
    double total_ms = 0;
    double number = 0;
    double unit = 0;
    bool has_part = false;
    while (amount(&text, &number) && unit_ms(&text, &unit)) {
        total_ms += number * unit;
        has_part = true;
    }
    if (!has_part)
        return false;
    *out_ms = total_ms < (double)DAY_MS ? (int64_t)total_ms : DAY_MS;
    return true;
}

int64_t backoff_refused_ms(struct backoff *backoff, struct slice message)
{
    const struct slice announcement = SLICE("Try again in ");
    ptrdiff_t at = slice_find(message, announcement);
    int64_t ban_ms = 0;
    if (at >= 0 &&
        backoff_go_duration_ms(slice_from(message, (size_t)at + announcement.len), &ban_ms))
        return ban_ms + 2 * SECOND_MS; /* the gateway rounds to seconds */
    if (slice_find(message, SLICE("remote management ")) >= 0)
        return MINUTE_MS;
    backoff->refusals++;
    return backoff->refusals == 1 ? 5 * MINUTE_MS : 125 * MINUTE_MS;
}

void backoff_reset(struct backoff *backoff)
{
    backoff->failures = 0;
}

void backoff_reset_refusals(struct backoff *backoff)
{
    backoff->refusals = 0;
}
