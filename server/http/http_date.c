#include "server/http/http_date.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char days[] = "SunMonTueWedThuFriSat";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

void http_date_write(int64_t seconds, char out_date[HTTP_DATE_SIZE])
{
    time_t when = (time_t)seconds;
    struct tm utc;
    gmtime_r(&when, &utc);
    (void)snprintf(out_date, HTTP_DATE_SIZE, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
                   days + 3 * utc.tm_wday, (unsigned)utc.tm_mday % 100U, months + 3 * utc.tm_mon,
                   (unsigned)(utc.tm_year + 1900) % 10000U, (unsigned)utc.tm_hour % 100U,
                   (unsigned)utc.tm_min % 100U, (unsigned)utc.tm_sec % 100U);
}

/* Days from 1970-01-01 to the date, by the civil calendar. */
static int64_t days_of_date(int year, int month, int day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

bool http_date_read(struct slice text, int64_t *out_seconds)
{
    char copy[HTTP_DATE_SIZE];
    char month_name[4];
    int day, year, hour, minute, second;
    int end = 0;
    if (text.len != HTTP_DATE_SIZE - 1)
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (sscanf(copy, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, month_name, &year,
               &hour, &minute, &second, &end) != 6 ||
        end != (int)text.len)
        return false;
    const char *month = strstr(months, month_name);
    if (month == NULL || (month - months) % 3 != 0 || year < 1970 || day < 1 || day > 31 ||
        hour > 23 || minute > 59 || second > 60)
        return false;
    int64_t date = days_of_date(year, (int)((month - months) / 3) + 1, day);
    *out_seconds = date * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}
