/* Seeded random numbers: see random.h. */
#include "tools/gateway-sim/random.h"

#include <math.h>

static uint64_t rotate_left(uint64_t value, int by)
{
    return (value << by) | (value >> (64 - by));
}

void random_init(struct random *random, uint64_t seed)
{
    int i;

    for (i = 0; i < 4; i++) {
        uint64_t mixed = seed += UINT64_C(0x9e3779b97f4a7c15);

        mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
        random->state[i] = mixed ^ (mixed >> 31);
    }
    random->has_spare = false;
    random->spare_normal = 0;
}

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1.0p-53;
}

int64_t random_between(struct random *random, int64_t low, int64_t high)
{
    return low + (int64_t)(random_unit(random) * (double)(high - low + 1));
}

bool random_chance(struct random *random, double probability)
{
    return random_unit(random) < probability;
}

double random_exponential(struct random *random, double mean)
{
    return -log(1.0 - random_unit(random)) * mean;
}

static double random_normal(struct random *random)
{
    double radius;
    double angle;

    if (random->has_spare) {
        random->has_spare = false;
        return random->spare_normal;
    }
    radius = sqrt(-2.0 * log(1.0 - random_unit(random)));
    angle = 6.283185307179586 * random_unit(random);
    random->spare_normal = radius * sin(angle);
    random->has_spare = true;
    return radius * cos(angle);
}

int64_t random_lognormal(struct random *random, double mu, double sigma)
{
    return (int64_t)exp(mu + sigma * random_normal(random));
}

int random_weighted(struct random *random, const double *cumulative, int count)
{
    double at = random_unit(random) * cumulative[count - 1];
    int i = 0;

    while (i < count - 1 && cumulative[i] <= at)
        i++;
    return i;
}
