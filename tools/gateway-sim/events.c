/* Drawing usage events: see events.h. */
#include "tools/gateway-sim/events.h"

#include <string.h>

static const char *const user_agents[] = {"codex_cli_rs/0.98.0", "claude-cli/2.1.4",
                                          "OpenAI/Python 2.8.1", "opencode/1.3", "curl/8.9"};

static const char *const tiers[] = {"auto", "default", "priority", "flex"};
static const double tier_weights[] = {70, 90, 98, 100};

static const char *const efforts[] = {"", "low", "medium", "high", "xhigh"};
static const double effort_weights[] = {30, 40, 75, 95, 100};

static const struct event_failure failures[] = {
    {429, "{\\\"error\\\":{\\\"type\\\":\\\"usage_limit_reached\\\",\\\"message\\\":\\\"The usage "
          "limit has been reached\\\",\\\"plan_type\\\":\\\"plus\\\",\\\"resets_in_seconds\\\":"
          "7200}}"},
    {401, "{\\\"error\\\":{\\\"message\\\":\\\"Your authentication token has been "
          "invalidated.\\\",\\\"code\\\":\\\"token_invalidated\\\"}}"},
    {500, "upstream connect error or disconnect/reset before headers"},
    {502, "bad gateway"},
    {503, "{\\\"error\\\":{\\\"message\\\":\\\"overloaded\\\"}}"},
};

enum {
    USER_AGENT_COUNT = sizeof(user_agents) / sizeof(user_agents[0]),
    TIER_COUNT = sizeof(tiers) / sizeof(tiers[0]),
    EFFORT_COUNT = sizeof(efforts) / sizeof(efforts[0]),
    FAILURE_COUNT = sizeof(failures) / sizeof(failures[0])
};

void events_init(struct event_generator *generator, const struct event_settings *settings)
{
    generator->settings = *settings;
    generator->next_number = 0;
    random_init(&generator->random, settings->seed);
    population_init(&generator->population, &generator->random, settings->accounts, settings->keys,
                    settings->models);
}

void events_clear(struct event_generator *generator)
{
    population_clear(&generator->population);
}

/* A one-to-one scramble of 32 bits, so that mixed ids stay unique. */
static uint32_t mix_id(uint32_t number, uint64_t seed)
{
    uint32_t mixed = number ^ (uint32_t)seed;

    mixed = (mixed ^ (mixed >> 16)) * UINT32_C(0x7feb352d);
    mixed = (mixed ^ (mixed >> 15)) * UINT32_C(0x846ca68b);
    return mixed ^ (mixed >> 16);
}

/* Token counts before any provider's rule about what contains what. */
static void draw_tokens(struct random *random, struct event *event)
{
    enum provider_id provider = event->model->provider;
    bool is_long = random_chance(random, 0.02);

    event->input_tokens = random_lognormal(random, 9.5, 1.2) + (is_long ? 280000 : 0);
    event->output_tokens = random_lognormal(random, 6.2, 1.0);
    if (provider != PROVIDER_CLAUDE && random_chance(random, 0.6))
        event->reasoning_tokens =
            (int64_t)((double)event->output_tokens * random_unit(random) * 0.5);
    if (random_chance(random, 0.7))
        event->cache_read_tokens =
            (int64_t)((double)event->input_tokens * random_unit(random) * 0.9);
    if (provider == PROVIDER_CLAUDE && random_chance(random, 0.4))
        event->cache_creation_tokens =
            (int64_t)((double)event->input_tokens * random_unit(random) * 0.1);
}

/*
 * Claude counts its caches beside the input; the others inside it. Gemini counts
 * reasoning beside the output; the others inside it.
 */
static void sum_tokens(struct event *event)
{
    enum provider_id provider = event->model->provider;

    event->input_total_tokens = event->input_tokens;
    if (provider == PROVIDER_CLAUDE)
        event->input_total_tokens += event->cache_read_tokens + event->cache_creation_tokens;
    event->total_tokens = event->input_total_tokens + event->output_tokens;
    if (provider == PROVIDER_GEMINI)
        event->total_tokens += event->reasoning_tokens;
}

static void draw_failure(struct random *random, struct event *event)
{
    event->failure = &failures[random_between(random, 0, FAILURE_COUNT - 1)];
    event->input_tokens = 0;
    event->output_tokens = 0;
    event->reasoning_tokens = 0;
    event->cache_read_tokens = 0;
    event->cache_creation_tokens = 0;
}

static void draw_quota(struct random *random, struct event *event)
{
    event->has_quota = true;
    event->primary.used_percent = random_between(random, 0, 100);
    event->primary.reset_after_seconds = random_between(random, 10, 18000);
    event->secondary.used_percent = random_between(random, 0, 100);
    event->secondary.reset_after_seconds = random_between(random, 10, 604800);
}

static void draw_request(struct random *random, struct event *event)
{
    event->latency_ms = random_lognormal(random, 8.6, 0.9);
    event->ttft_ms = random_lognormal(random, 7.2, 0.7);
    if (event->ttft_ms > event->latency_ms)
        event->ttft_ms = event->latency_ms;
    event->service_tier = tiers[random_weighted(random, tier_weights, TIER_COUNT)];
    event->reasoning_effort = efforts[random_weighted(random, effort_weights, EFFORT_COUNT)];
    event->names_effort = event->reasoning_effort[0] != '\0' && random_chance(random, 0.2);
    event->user_agent = user_agents[event->number % USER_AGENT_COUNT];
}

void events_draw(struct event_generator *generator, int64_t timestamp_ns, struct event *out)
{
    struct random *random = &generator->random;
    struct account *account;
    uint32_t number = (uint32_t)generator->next_number;

    memset(out, 0, sizeof(*out));
    out->number = generator->next_number++;
    out->request_id =
        generator->settings.has_mixed_ids ? mix_id(number, generator->settings.seed) : number;
    out->timestamp_ns = timestamp_ns;
    out->model = population_draw_model(&generator->population, random);
    out->provider = &population_providers[out->model->provider];
    account = population_draw_account(&generator->population, random, out->model->provider);
    out->account = account;
    out->client_key = population_draw_key(&generator->population, random);
    draw_tokens(random, out);
    if (random_chance(random, 0.03))
        draw_failure(random, out);
    if (out->failure != NULL)
        account->failed++;
    else
        account->succeeded++;
    sum_tokens(out);
    draw_request(random, out);
    if (out->model->provider == PROVIDER_CODEX)
        draw_quota(random, out);
}
