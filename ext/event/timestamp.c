/* Times; see timestamp.h.
 *
 * 1. 2026-04-25T01:02:03[.frac](Z|+hh:mm|-hh:mm)
 * 2. 2026-04-25 01:02:03[.frac]                     UTC; one or more spaces
 * 3. 2026-04-25T01:02:03[.frac]                     UTC
 *
 * In all three the hour may have one digit, the fraction stands behind a point or a
 * comma and is cut to nanoseconds, and T and Z are upper case. The offset goes up to
 * 24:60, as in Go. */
#include "ext/event/timestamp.h"

#include <stddef.h>

#define MS_PER_DAY INT64_C(86400000)
#define NS_PER_MS 1000000

/* From here on a number counts milliseconds. */
#define FIRST_MS_VALUE INT64_C(10000000000)

/* --- calendar --- */

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01. Years begin in March here, so that a leap day is the last of its
 * year; 400 years have 146,097 days. year >= 0. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    int64_t from_march = (month + 9) % 12;
    int64_t y = year + 400 - (month <= 2); /* 400 keeps year 0 positive */
    int64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + day_of_year - 719468 - 146097;
}

static void date_from_days(int64_t days, int64_t *out_year, int *out_month, int *out_day)
{
    int64_t shifted = days + 719468; /* from 0000-03-01; not negative within the limits */
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted % 146097;
    int64_t year =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    *out_day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
    *out_month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *out_year = year + era * 400 + (*out_month <= 2);
}

/* --- reading --- */

/* Every helper takes from the front of *rest and says whether it found what it wants. */
static bool take_char(struct slice *rest, char wanted)
{
    if (rest->len == 0 || rest->data[0] != wanted)
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

static bool starts_with_digit(struct slice text)
{
    return text.len > 0 && text.data[0] >= '0' && text.data[0] <= '9';
}

/* At least min digits, at most max of them. */
static bool take_number(struct slice *rest, int min, int max, int *out_value)
{
    int value = 0;
    int count = 0;
    for (; count < max && starts_with_digit(*rest); count++) {
        value = value * 10 + (rest->data[0] - '0');
        *rest = slice_from(*rest, 1);
    }
    *out_value = value;
    return count >= min;
}

static bool take_date(struct slice *rest, int64_t *out_days)
{
    int year, month, day;
    if (!take_number(rest, 4, 4, &year) || !take_char(rest, '-') ||
        !take_number(rest, 2, 2, &month) || !take_char(rest, '-') || !take_number(rest, 2, 2, &day))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *out_days = days_from_date(year, month, day);
    return true;
}

static int32_t take_fraction_ns(struct slice *rest)
{
    int32_t ns = 0;
    int32_t unit = 100000000;
    bool has_mark = rest->len >= 2 && (rest->data[0] == '.' || rest->data[0] == ',');
    if (!has_mark || !starts_with_digit(slice_from(*rest, 1)))
        return 0;
    *rest = slice_from(*rest, 1);
    for (; starts_with_digit(*rest); *rest = slice_from(*rest, 1), unit /= 10)
        ns += (rest->data[0] - '0') * unit; /* unit is 0 behind the ninth digit */
    return ns;
}

/* The time of day as seconds, and the fraction. */
static bool take_clock(struct slice *rest, int64_t *out_seconds, int32_t *out_ns)
{
    int hour, minute, second;
    if (!take_number(rest, 1, 2, &hour) || !take_char(rest, ':') ||
        !take_number(rest, 2, 2, &minute) || !take_char(rest, ':') ||
        !take_number(rest, 2, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    *out_seconds = hour * 3600 + minute * 60 + second;
    *out_ns = take_fraction_ns(rest);
    return true;
}

/* Z or an offset; *out_seconds is what the clock is ahead of UTC. */
static bool take_zone(struct slice *rest, int64_t *out_seconds)
{
    int hours, minutes;
    *out_seconds = 0;
    if (take_char(rest, 'Z'))
        return true;
    bool is_west = rest->len > 0 && rest->data[0] == '-';
    if (!take_char(rest, '+') && !take_char(rest, '-'))
        return false;
    if (!take_number(rest, 2, 2, &hours) || !take_char(rest, ':') ||
        !take_number(rest, 2, 2, &minutes) || hours > 24 || minutes > 60)
        return false;
    *out_seconds = (hours * 3600 + minutes * 60) * (is_west ? -1 : 1);
    return true;
}

/* What stands between date and clock; the form with spaces has no zone. */
static bool take_separator(struct slice *rest, bool *out_has_zone)
{
    bool has_space = false;
    *out_has_zone = take_char(rest, 'T');
    while (!*out_has_zone && take_char(rest, ' '))
        has_space = true;
    return *out_has_zone || has_space;
}

static bool parse_calendar(struct slice text, struct timestamp *out_time)
{
    int64_t days, seconds, offset_seconds = 0;
    int32_t ns;
    bool may_have_zone;
    if (!take_date(&text, &days) || !take_separator(&text, &may_have_zone) ||
        !take_clock(&text, &seconds, &ns))
        return false;
    if (text.len > 0 && (!may_have_zone || !take_zone(&text, &offset_seconds) || text.len > 0))
        return false;
    int64_t ms = days * MS_PER_DAY + (seconds - offset_seconds) * 1000 + ns / NS_PER_MS;
    if (ms < TIMESTAMP_MIN_MS || ms > TIMESTAMP_MAX_MS)
        return false;
    *out_time = (struct timestamp){ms, ns % NS_PER_MS};
    return true;
}

bool timestamp_from_int64(int64_t value, struct timestamp *out_time)
{
    if (value < FIRST_MS_VALUE) {
        if (value < TIMESTAMP_MIN_MS / 1000)
            return false;
        value *= 1000;
    }
    if (value > TIMESTAMP_MAX_MS)
        return false;
    *out_time = (struct timestamp){value, 0};
    return true;
}

bool timestamp_parse(struct slice text, struct timestamp *out_time)
{
    int64_t number;
    text = slice_trim(text);
    if (slice_to_int64(text, &number, NULL))
        return timestamp_from_int64(number, out_time);
    return parse_calendar(text, out_time);
}

/* --- writing --- */

/* digits decimal digits at *at; *at moves behind them. */
static void put_number(char **at, int64_t value, int digits)
{
    for (int i = digits; i-- > 0; value /= 10)
        (*at)[i] = (char)('0' + value % 10);
    *at += digits;
}

static void put_fraction(char **at, int32_t ns)
{
    if (ns == 0)
        return;
    *(*at)++ = '.';
    put_number(at, ns, 9);
    while ((*at)[-1] == '0')
        (*at)--;
}

struct slice timestamp_text(struct arena *arena, struct timestamp time)
{
    char *text = arena_alloc(arena, sizeof "YYYY-MM-DDTHH:MM:SS.123456789Z");
    char *at = text;
    int64_t year;
    int month, day;
    if (!text)
        return slice_empty();
    int64_t ms = time.ms < TIMESTAMP_MIN_MS   ? TIMESTAMP_MIN_MS
                 : time.ms > TIMESTAMP_MAX_MS ? TIMESTAMP_MAX_MS
                                              : time.ms;
    int64_t from_start = ms - TIMESTAMP_MIN_MS; /* so that division floors */
    int64_t ms_of_day = from_start % MS_PER_DAY;
    date_from_days(from_start / MS_PER_DAY + TIMESTAMP_MIN_MS / MS_PER_DAY, &year, &month, &day);
    put_number(&at, year, 4);
    *at++ = '-';
    put_number(&at, month, 2);
    *at++ = '-';
    put_number(&at, day, 2);
    *at++ = 'T';
    put_number(&at, ms_of_day / 3600000, 2);
    *at++ = ':';
    put_number(&at, ms_of_day / 60000 % 60, 2);
    *at++ = ':';
    put_number(&at, ms_of_day / 1000 % 60, 2);
    put_fraction(&at, (int32_t)(ms_of_day % 1000) * NS_PER_MS + time.ns);
    *at++ = 'Z';
    return (struct slice){text, (size_t)(at - text)};
}
