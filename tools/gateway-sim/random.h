/*
 * A small seeded generator of random numbers (xoshiro256**, seeded through splitmix64):
 * the same seed gives the same events on every machine.
 */
#ifndef TOOLS_GATEWAY_SIM_RANDOM_H
#define TOOLS_GATEWAY_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
    double spare_normal; /* the second value of the last Box-Muller pair */
    bool has_spare;
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);

/* Uniform in [0, 1). */
double random_unit(struct random *random);

/* Uniform in low..high, both included. */
int64_t random_between(struct random *random, int64_t low, int64_t high);

/* True with the given probability. */
bool random_chance(struct random *random, double probability);

double random_exponential(struct random *random, double mean);

/* exp of a normal variable with mean mu and deviation sigma, truncated to an integer. */
int64_t random_lognormal(struct random *random, double mu, double sigma);

/* An index drawn by cumulative weights: cumulative[count - 1] is their sum. */
int random_weighted(struct random *random, const double *cumulative, int count);

#endif
