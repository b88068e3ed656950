/* Who and what takes part in generated traffic: see population.h. */
#include "tools/gateway-sim/population.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gateway-sim/bytes.h"

const struct provider population_providers[PROVIDER_COUNT] = {
    [PROVIDER_CODEX] = {"codex", "CodexExecutor", "POST /v1/responses"},
    [PROVIDER_CLAUDE] = {"claude", "ClaudeExecutor", "POST /v1/messages"},
    [PROVIDER_GEMINI] = {"gemini", "GeminiExecutor", "POST /v1beta/models/*action"},
    [PROVIDER_XAI] = {"xai", "XAIExecutor", "POST /v1/chat/completions"},
};

static const struct model all_models[POPULATION_MAX_MODELS] = {
    {PROVIDER_CODEX, "gpt-5.5"},
    {PROVIDER_CODEX, "gpt-5.4"},
    {PROVIDER_CODEX, "gpt-5.4-mini"},
    {PROVIDER_CODEX, "gpt-5.3-codex"},
    {PROVIDER_CLAUDE, "claude-sonnet-4-5"},
    {PROVIDER_CLAUDE, "claude-opus-4-5"},
    {PROVIDER_CLAUDE, "claude-haiku-4-5"},
    {PROVIDER_GEMINI, "gemini-2.5-pro"},
    {PROVIDER_GEMINI, "gemini-2.5-flash"},
    {PROVIDER_GEMINI, "gemini-3-pro"},
    {PROVIDER_XAI, "grok-4"},
    {PROVIDER_XAI, "grok-4-fast"},
};

/* How accounts spread over the providers, cumulative. */
static const double provider_weights[PROVIDER_COUNT] = {6, 8, 9, 10};

/* The first `digits` hex digits of the SHA-256 of "<label><number>". */
static void put_digest(char *out, int digits, const char *label, int number)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    char text[48];

    snprintf(text, sizeof(text), "%s%d", label, number);
    crypto_hash_sha256(digest, (const unsigned char *)text, strlen(text));
    sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
    memcpy(out, hex, (size_t)digits);
    out[digits] = '\0';
}

static double *zipf_weights(int count)
{
    double *weights = bytes_must_alloc((size_t)count * sizeof(*weights));
    double sum = 0;
    int i;

    for (i = 0; i < count; i++) {
        sum += 1.0 / (i + 1);
        weights[i] = sum;
    }
    return weights;
}

static void make_accounts(struct population *population, struct random *random)
{
    int i;

    for (i = 0; i < population->account_count; i++) {
        struct account *account = &population->accounts[i];

        account->provider =
            (enum provider_id)random_weighted(random, provider_weights, PROVIDER_COUNT);
        snprintf(account->email, sizeof(account->email), "user%04d@example.com", i);
        put_digest(account->auth_index, 16, "credential ", i);
        put_digest(account->token_sha256, 64, "access token ", i);
    }
}

/* A provider without accounts borrows the first one, so that every model can be served. */
static void make_pool(struct population *population, enum provider_id provider)
{
    struct account **pool =
        bytes_must_alloc((size_t)population->account_count * sizeof(struct account *));
    int count = 0;
    int i;

    for (i = 0; i < population->account_count; i++)
        if (population->accounts[i].provider == provider)
            pool[count++] = &population->accounts[i];
    if (count == 0)
        pool[count++] = &population->accounts[0];
    population->pools[provider] = pool;
    population->pool_counts[provider] = count;
}

static void make_keys(struct population *population)
{
    int i;

    for (i = 0; i < population->key_count; i++) {
        char digest[33];

        put_digest(digest, 32, "client key ", i);
        snprintf(population->keys[i], sizeof(population->keys[i]), "sk-client-%03d-%s", i, digest);
    }
}

void population_init(struct population *population, struct random *random, int accounts, int keys,
                     int models)
{
    int i;

    memset(population, 0, sizeof(*population));
    population->models = all_models;
    population->model_count = models;
    population->model_weights = zipf_weights(models);
    population->account_count = accounts;
    population->accounts = bytes_must_alloc((size_t)accounts * sizeof(struct account));
    memset(population->accounts, 0, (size_t)accounts * sizeof(struct account));
    population->key_count = keys;
    population->keys = bytes_must_alloc((size_t)keys * sizeof(*population->keys));
    population->key_weights = zipf_weights(keys);
    make_accounts(population, random);
    for (i = 0; i < PROVIDER_COUNT; i++)
        make_pool(population, (enum provider_id)i);
    make_keys(population);
}

void population_clear(struct population *population)
{
    int i;

    for (i = 0; i < PROVIDER_COUNT; i++)
        free(population->pools[i]);
    free(population->model_weights);
    free(population->accounts);
    free(population->keys);
    free(population->key_weights);
    memset(population, 0, sizeof(*population));
}

const struct model *population_draw_model(const struct population *population,
                                          struct random *random)
{
    return &population->models[random_weighted(random, population->model_weights,
                                               population->model_count)];
}

struct account *population_draw_account(const struct population *population, struct random *random,
                                        enum provider_id provider)
{
    int count = population->pool_counts[provider];
    double at = random_exponential(random, count / 3.0);

    return population->pools[provider][at < count - 1 ? (int)at : count - 1];
}

const char *population_draw_key(const struct population *population, struct random *random)
{
    return population
        ->keys[random_weighted(random, population->key_weights, population->key_count)];
}
