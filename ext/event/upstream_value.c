/* Numbers and times as upstreams write them; see upstream_value.h.
 *
 * Times of other forms are rewritten as RFC 3339 and read by timestamp.c, so that the
 * calendar is known in one place only. */
#include "ext/event/upstream_value.h"

#include <math.h>
#include <string.h>

#include "ext/event/timestamp.h"

#define NS_PER_SECOND INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* Longer texts are no time: the longest form has 29 characters, and a fraction that
 * anybody writes has 9. */
#define TIME_TEXT_BYTES 64

/* --- numbers --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(struct slice text, size_t at)
{
    size_t count = 0;
    while (at + count < text.len && is_digit(text.data[at + count]))
        count++;
    return count;
}

static bool is_char(struct slice text, size_t at, char wanted)
{
    return at < text.len && text.data[at] == wanted;
}

/* digits [. digits] [e [sign] digits], with a digit before or behind the point. */
static bool is_decimal(struct slice text)
{
    size_t before = digits_at(text, 0);
    size_t at = before;
    size_t after = 0;
    if (is_char(text, at, '.')) {
        after = digits_at(text, at + 1);
        at += 1 + after;
    }
    if (before + after == 0)
        return false;
    if (is_char(text, at, 'e') || is_char(text, at, 'E')) {
        at++;
        at += is_char(text, at, '+') || is_char(text, at, '-');
        size_t digits = digits_at(text, at);
        if (digits == 0)
            return false;
        at += digits;
    }
    return at == text.len;
}

bool upstream_number(struct slice text, double *out_number)
{
    text = slice_trim(text);
    if (text.len > 0 && text.data[text.len - 1] == '%')
        text = slice_trim(slice_first(text, text.len - 1));
    bool is_negative = is_char(text, 0, '-');
    text = slice_from(text, is_negative || is_char(text, 0, '+'));
    if (!is_decimal(text))
        return false;
    const struct json number = {.type = JSON_NUMBER, .text = text};
    double value = json_number_double(&number);
    if (!isfinite(value))
        return false;
    *out_number = is_negative ? -value : value;
    return true;
}

bool upstream_bool(struct slice text, bool *out_value)
{
    static const struct {
        struct slice word;
        bool value;
    } words[] = {
        {{"true", 4}, true},   {{"1", 1}, true},  {{"yes", 3}, true},
        {{"false", 5}, false}, {{"0", 1}, false}, {{"no", 2}, false},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_equal_nocase(text, words[i].word)) {
            *out_value = words[i].value;
            return true;
        }
    return false;
}

/* --- times --- */

static bool time_of_number(double number, struct upstream_time *out_time)
{
    double ms = number > 1e12 ? number : number * 1000;
    if (number <= 1e9 || ms >= 9.2e18)
        return false;
    *out_time = (struct upstream_time){(int64_t)ms, 0};
    return true;
}

/* Reads text, which is RFC 3339 or nothing. */
static bool read_rfc3339(struct slice text, struct upstream_time *out_time)
{
    struct timestamp time;
    if (!is_char(text, 10, 'T') || !timestamp_parse(text, &time))
        return false;
    *out_time = (struct upstream_time){time.ms, time.ns};
    return true;
}

static bool has_zone(struct slice text)
{
    char sign = text.len > 6 ? text.data[text.len - 6] : ' ';
    return is_char(text, text.len - 1, 'Z') || sign == '+' || sign == '-';
}

/* A time being rewritten as RFC 3339; two characters longer than it was at most. */
struct rewritten {
    char bytes[TIME_TEXT_BYTES + 8];
    size_t len;
};

static void add(struct rewritten *out, struct slice part)
{
    if (part.len > sizeof out->bytes - out->len)
        part.len = sizeof out->bytes - out->len;
    if (part.len)
        memcpy(out->bytes + out->len, part.data, part.len);
    out->len += part.len;
}

/* A zone as RFC 3339 writes it: hh:mm or hhmm behind a sign; a name counts as UTC.
 * False when zone is neither. */
static bool rewrite_zone(struct slice zone, struct rewritten *out)
{
    bool is_name = zone.len >= 3 && zone.len <= 8;
    bool is_offset = zone.len == 5 || (zone.len == 6 && zone.data[3] == ':');
    for (size_t i = 0; i < zone.len; i++) {
        char c = zone.data[i];
        is_name = is_name && ((c >= 'A' && c <= 'Z') || c == 'h' || c == 'e' ||
                              (i >= 3 && (c == '+' || c == '-' || is_digit(c))));
        is_offset = is_offset && (i == 0 ? c == '+' || c == '-' : is_digit(c) || c == ':');
    }
    if (is_offset) {
        add(out, slice_first(zone, 3));
        add(out, SLICE(":"));
        add(out, slice_from(zone, zone.len - 2));
    } else {
        add(out, SLICE("Z"));
    }
    return is_name || is_offset;
}

/* Two-digit number of an English month's first three letters, or NULL. */
static const char *month_digits(struct slice name)
{
    static const char *const months[] = {"Jan01", "Feb02", "Mar03", "Apr04", "May05", "Jun06",
                                         "Jul07", "Aug08", "Sep09", "Oct10", "Nov11", "Dec12"};
    for (size_t i = 0; i < 12; i++)
        if (slice_equal_nocase(name, (struct slice){months[i], 3}))
            return months[i] + 3;
    return NULL;
}

static bool is_weekday(struct slice name)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    for (size_t i = 0; i < 7; i++)
        if (slice_equal_nocase(name, (struct slice){days + 3 * i, 3}))
            return true;
    return false;
}

/* "Mon, 02 Jan 2006 15:04:05 ZONE" as RFC 3339. */
static bool rewrite_rfc1123(struct slice text, struct rewritten *out)
{
    const char *month = text.len > 11 ? month_digits((struct slice){text.data + 8, 3}) : NULL;
    struct slice clock = slice_from(text, 17);
    ptrdiff_t space = slice_find(clock, SLICE(" "));
    if (text.len < 20 || !month || !is_weekday(slice_first(text, 3)) || text.data[3] != ',' ||
        text.data[4] != ' ' || text.data[7] != ' ' || text.data[11] != ' ' ||
        text.data[16] != ' ' || space < 0)
        return false;
    add(out, slice_first(slice_from(text, 12), 4));
    add(out, SLICE("-"));
    add(out, (struct slice){month, 2});
    add(out, SLICE("-"));
    add(out, slice_first(slice_from(text, 5), 2));
    add(out, SLICE("T"));
    add(out, slice_first(clock, (size_t)space));
    return rewrite_zone(slice_from(clock, (size_t)space + 1), out);
}

/* "2006-01-02 15:04:05[ ZONE]" as RFC 3339. */
static bool rewrite_plain(struct slice text, struct rewritten *out)
{
    struct slice clock = slice_from(text, 11);
    ptrdiff_t space = slice_find(clock, SLICE(" "));
    if (!is_char(text, 10, ' ') || clock.len == 0)
        return false;
    add(out, slice_first(text, 10));
    add(out, SLICE("T"));
    if (space < 0) {
        add(out, clock);
        add(out, SLICE("Z"));
        return true;
    }
    add(out, slice_first(clock, (size_t)space));
    return rewrite_zone(slice_from(clock, (size_t)space + 1), out);
}

bool upstream_time(struct slice text, struct upstream_time *out_time)
{
    struct rewritten rewritten = {.len = 0};
    double number;
    text = slice_trim(text);
    if (upstream_number(text, &number))
        return time_of_number(number, out_time);
    if (text.len < 19 || text.len > TIME_TEXT_BYTES)
        return false;
    if (is_char(text, 10, 'T'))
        return has_zone(text) && read_rfc3339(text, out_time);
    bool is_time =
        is_char(text, 3, ',') ? rewrite_rfc1123(text, &rewritten) : rewrite_plain(text, &rewritten);
    return is_time && read_rfc3339((struct slice){rewritten.bytes, rewritten.len}, out_time);
}

bool upstream_time_of_json(const struct json *value, struct upstream_time *out_time)
{
    if (value->type == JSON_STRING)
        return upstream_time(value->text, out_time);
    return value->type == JSON_NUMBER && time_of_number(json_number_double(value), out_time);
}

/* --- relative times --- */

/* Whole nanoseconds, within int64. */
static int64_t seconds_to_ns(double seconds)
{
    double ns = seconds * 1e9;
    if (ns >= 9.2233720368547e18)
        return INT64_MAX;
    return ns <= -9.2233720368547e18 ? INT64_MIN : (int64_t)ns;
}

int64_t upstream_add_seconds(int64_t base_ms, double seconds)
{
    int64_t ns = seconds_to_ns(seconds);
    int64_t ms = ns / NS_PER_MS - (ns % NS_PER_MS < 0);
    if (ms > 0 && base_ms > INT64_MAX - ms)
        return INT64_MAX;
    if (ms < 0 && base_ms < INT64_MIN - ms)
        return INT64_MIN;
    return base_ms + ms;
}

double upstream_seconds_until(struct upstream_time time, int64_t base_ms)
{
    const int64_t most_ms = INT64_MAX / NS_PER_MS - 1;
    if (time.ms < base_ms)
        return 0;
    uint64_t ms = (uint64_t)time.ms - (uint64_t)base_ms;
    if (ms > (uint64_t)most_ms)
        ms = (uint64_t)most_ms;
    int64_t ns = (int64_t)ms * NS_PER_MS + time.ns;
    return (double)(ns / NS_PER_SECOND) + (double)(ns % NS_PER_SECOND) / 1e9;
}
