/*
 * Who and what takes part in generated traffic: models of four providers, accounts,
 * client keys. Popularity follows a Zipf-like law for models and keys; a provider's
 * accounts are used in exponentially falling measure. Made up, and the same for the same
 * seed.
 */
#ifndef TOOLS_GATEWAY_SIM_POPULATION_H
#define TOOLS_GATEWAY_SIM_POPULATION_H

#include "tools/gateway-sim/random.h"

enum provider_id {
    PROVIDER_CODEX,
    PROVIDER_CLAUDE,
    PROVIDER_GEMINI,
    PROVIDER_XAI,
    PROVIDER_COUNT,
};

struct provider {
    const char *name;     /* as an event names it */
    const char *executor; /* executor_type */
    const char *endpoint; /* "POST /v1/responses" */
};

struct model {
    enum provider_id provider;
    const char *name;
};

struct account {
    enum provider_id provider;
    char email[32];
    char auth_index[17];   /* 16 hex digits */
    char token_sha256[65]; /* 64 hex digits */
    int64_t succeeded;     /* events drawn so far, by their fate */
    int64_t failed;
};

struct population {
    const struct model *models; /* borrowed from a constant table */
    int model_count;
    double *model_weights; /* cumulative */
    struct account *accounts;
    int account_count;
    struct account **pools[PROVIDER_COUNT]; /* the accounts of each provider */
    int pool_counts[PROVIDER_COUNT];
    char (*keys)[64]; /* client keys */
    int key_count;
    double *key_weights; /* cumulative */
};

enum { POPULATION_MAX_MODELS = 12, POPULATION_MAX_ACCOUNTS = 100000, POPULATION_MAX_KEYS = 10000 };

extern const struct provider population_providers[PROVIDER_COUNT];

/* Counts are 1 to the maxima above. Clear frees. */
void population_init(struct population *population, struct random *random, int accounts, int keys,
                     int models);
void population_clear(struct population *population);

const struct model *population_draw_model(const struct population *population,
                                          struct random *random);
struct account *population_draw_account(const struct population *population, struct random *random,
                                        enum provider_id provider);
const char *population_draw_key(const struct population *population, struct random *random);

#endif
