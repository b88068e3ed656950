/* Times of past traffic: see wave.h. */
#include "tools/gateway-sim/wave.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gateway-sim/bytes.h"

static const int64_t ns_per_hour = INT64_C(3600000000000);

static void make_shares(struct wave *wave, int64_t first_hour_of_day)
{
    double sum = 0;
    int i;

    for (i = 0; i < wave->hours; i++) {
        double hour_of_day = (double)((first_hour_of_day + i) % 24);

        sum += 1 + 0.8 * sin((hour_of_day - 8) / 24 * 6.283185307179586) +
               0.1 * random_unit(wave->random);
        wave->cumulative[i] = sum;
    }
    for (i = 0; i < wave->hours; i++)
        wave->cumulative[i] /= sum;
}

/* Moments up to the end of an hour; rounding never loses one. */
static int64_t moments_until(const struct wave *wave, int hour)
{
    if (hour < 0)
        return 0;
    if (hour >= wave->hours - 1)
        return wave->count;
    return (int64_t)(wave->cumulative[hour] * (double)wave->count);
}

static void enter_hour(struct wave *wave, int hour)
{
    wave->hour = hour;
    wave->hour_left = moments_until(wave, hour) - moments_until(wave, hour - 1);
    wave->hour_at = 0;
}

void wave_init(struct wave *wave, struct random *random, int64_t count, double days, int64_t end_ns)
{
    memset(wave, 0, sizeof(*wave));
    wave->random = random;
    wave->hours = days * 24 < 1 ? 1 : (int)(days * 24);
    wave->start_ns = end_ns - wave->hours * ns_per_hour;
    wave->count = count;
    wave->cumulative = bytes_must_alloc((size_t)wave->hours * sizeof(*wave->cumulative));
    make_shares(wave, wave->start_ns / ns_per_hour % 24);
    enter_hour(wave, 0);
}

void wave_clear(struct wave *wave)
{
    free(wave->cumulative);
    wave->cumulative = NULL;
}

int64_t wave_next_ns(struct wave *wave)
{
    while (wave->hour_left == 0 && wave->hour < wave->hours - 1)
        enter_hour(wave, wave->hour + 1);
    /* The least of the n moments that are still to come is 1 - u^(1/n) of the way on. */
    wave->hour_at += (1 - wave->hour_at) *
                     (1 - pow(1 - random_unit(wave->random), 1.0 / (double)wave->hour_left));
    wave->hour_left--;
    return wave->start_ns + wave->hour * ns_per_hour +
           (int64_t)(wave->hour_at * (double)ns_per_hour);
}
