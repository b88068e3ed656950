/* Cache accounting; see cache_accounting.h. */
#include "ext/event/cache_accounting.h"

#include <stddef.h>

#include "ext/event/contains.h"

/* --- the mode --- */

/* What a field tells: the words are looked for in the order of the specification's
 * steps, those for "separate" first. */
struct words {
    const char *separate[3];
    const char *included[13];
};

static const struct words executor_words = {
    {"claude"},
    {"openaicompat", "openai_compat", "openai-compat", "openai", "codex", "gemini", "aistudio",
     "ai_studio", "ai-studio", "antigravity", "xai", "kimi"},
};

static const struct words provider_words = {
    {"anthropic", "claude"},
    {"openai", "codex", "gemini", "vertex", "aistudio", "ai_studio", "ai-studio", "interaction",
     "antigravity", "xai", "kimi", "moonshot"},
};

static const struct words model_words = {
    {"anthropic", "claude"},
    {"gpt-", "openai", "codex", "gemini", "vertex", "aistudio", "antigravity", "grok", "xai",
     "kimi", "moonshot"},
};

static bool tells_mode(struct slice field, const struct words *words, enum cache_mode *out_mode)
{
    if (contains_any(field, words->separate))
        *out_mode = CACHE_SEPARATE_FROM_INPUT;
    else if (contains_any(field, words->included))
        *out_mode = CACHE_INCLUDED_IN_INPUT;
    else
        return false;
    return true;
}

enum cache_mode cache_accounting_infer(const struct event *event)
{
    const struct {
        struct slice field;
        const struct words *words;
    } steps[] = {
        {event->executor_type, &executor_words},          {event->provider, &provider_words},
        {event->auth_provider_snapshot, &provider_words}, {event->resolved_model, &model_words},
        {event->requested_model, &model_words},           {event->model, &model_words},
    };
    enum cache_mode mode;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (tells_mode(steps[i].field, steps[i].words, &mode))
            return mode;
    return event->cache_read_tokens > 0 || event->cache_creation_tokens > 0
               ? CACHE_SEPARATE_FROM_INPUT
               : CACHE_INCLUDED_IN_INPUT;
}

bool cache_accounting_mode_of(struct slice text, enum cache_mode *out_mode)
{
    if (slice_equal_nocase(text, SLICE("included_in_input")))
        *out_mode = CACHE_INCLUDED_IN_INPUT;
    else if (slice_equal_nocase(text, SLICE("separate_from_input")))
        *out_mode = CACHE_SEPARATE_FROM_INPUT;
    else
        return false;
    return true;
}

/* --- the counts --- */

static int64_t positive(int64_t count)
{
    return count > 0 ? count : 0;
}

/* Of two counts that are not negative. */
static int64_t sum(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

int64_t cache_accounting_extra(const struct event *event)
{
    int64_t cached =
        event->cached_tokens > event->cache_tokens ? event->cached_tokens : event->cache_tokens;
    int64_t fine = sum(positive(event->cache_read_tokens), positive(event->cache_creation_tokens));
    return positive(cached) > fine ? cached - fine : 0;
}

void cache_accounting_apply(struct event *event)
{
    int64_t input = positive(event->input_tokens);
    int64_t creation = positive(event->cache_creation_tokens);
    int64_t read = sum(cache_accounting_extra(event), positive(event->cache_read_tokens));
    int64_t cached = sum(read, creation);
    event->normalized_cache_read_tokens = read;
    event->normalized_cache_creation_tokens = creation;
    if (event->cache_input_mode == CACHE_SEPARATE_FROM_INPUT) {
        event->normalized_uncached_input_tokens = input;
        event->normalized_total_input_tokens = sum(input, cached);
    } else {
        event->normalized_uncached_input_tokens = positive(input - cached);
        event->normalized_total_input_tokens = input;
    }
    if (event->total_tokens <= 0)
        event->total_tokens =
            sum(event->normalized_total_input_tokens,
                sum(positive(event->output_tokens), positive(event->reasoning_tokens)));
}
