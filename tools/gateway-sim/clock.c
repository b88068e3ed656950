/* The gateway's clocks and how they print: see clock.h. */
#include "tools/gateway-sim/clock.h"

#include <string.h>
#include <time.h>

static const int64_t ns_per_second = 1000000000;

int64_t clock_mono_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * ns_per_second + now.tv_nsec;
}

static char *put_digits(char *to, int64_t value, int digits)
{
    int i;

    for (i = digits - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return to + digits;
}

/*
 * "2026-11-23T07:47:40" of one second, and its zone. A calendar computation costs more
 * than the rest of an event, and neighbouring events share their second, so the last one
 * is kept. The only mutable state here; the programs have one thread.
 */
struct second_text {
    int64_t second;
    bool is_local;
    char text[19];
    int64_t offset_minutes;
};

static const struct second_text *second_text_of(int64_t second, bool is_local)
{
    static struct second_text last = {.second = INT64_MIN};
    time_t at = (time_t)second;
    struct tm tm;
    char *to = last.text;

    if (last.second == second && last.is_local == is_local)
        return &last;
    if (is_local)
        localtime_r(&at, &tm);
    else
        gmtime_r(&at, &tm);
    last.second = second;
    last.is_local = is_local;
    last.offset_minutes = is_local ? tm.tm_gmtoff / 60 : 0;
    to = put_digits(to, tm.tm_year + 1900, 4);
    *to++ = '-';
    to = put_digits(to, tm.tm_mon + 1, 2);
    *to++ = '-';
    to = put_digits(to, tm.tm_mday, 2);
    *to++ = 'T';
    to = put_digits(to, tm.tm_hour, 2);
    *to++ = ':';
    to = put_digits(to, tm.tm_min, 2);
    *to++ = ':';
    put_digits(to, tm.tm_sec, 2);
    return &last;
}

void clock_put_rfc3339(struct bytes *out, int64_t wall_ns, bool is_local)
{
    int64_t fraction = wall_ns % ns_per_second;
    const struct second_text *second = second_text_of(wall_ns / ns_per_second, is_local);
    int64_t offset = second->offset_minutes;
    char text[10];
    size_t len = 10;

    bytes_append(out, second->text, sizeof(second->text));
    text[0] = '.';
    put_digits(text + 1, fraction, 9);
    while (len > 1 && text[len - 1] == '0')
        len--;
    if (len > 1)
        bytes_append(out, text, len);
    if (offset == 0) {
        BYTES_LITERAL(out, "Z");
        return;
    }
    text[0] = offset < 0 ? '-' : '+';
    offset = offset < 0 ? -offset : offset;
    put_digits(text + 1, offset / 60, 2);
    text[3] = ':';
    put_digits(text + 4, offset % 60, 2);
    bytes_append(out, text, 6);
}

void clock_put_http_date(struct bytes *out, int64_t wall_ns)
{
    /* Written without strftime: the names must not follow the locale. */
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t at = (time_t)(wall_ns / ns_per_second);
    char text[30] = "DDD, 00 MMM 0000 00:00:00 GMT";
    struct tm tm;

    gmtime_r(&at, &tm);
    memcpy(text, days + 3 * tm.tm_wday, 3);
    put_digits(text + 5, tm.tm_mday, 2);
    memcpy(text + 8, months + 3 * tm.tm_mon, 3);
    put_digits(text + 12, tm.tm_year + 1900, 4);
    put_digits(text + 17, tm.tm_hour, 2);
    put_digits(text + 20, tm.tm_min, 2);
    put_digits(text + 23, tm.tm_sec, 2);
    bytes_append(out, text, 29);
}
