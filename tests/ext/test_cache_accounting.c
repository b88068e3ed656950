/* ext/event/cache_accounting: the mode, and the counts that follow from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ext/event/cache_accounting.h"

struct row {
    const char *executor, *provider, *snapshot, *resolved, *requested;
    int64_t input, cached, read, creation;
    enum cache_mode mode;
    int64_t uncached, total_input, normal_read, normal_creation;
};

#define INCLUDED CACHE_INCLUDED_IN_INPUT
#define SEPARATE CACHE_SEPARATE_FROM_INPUT

static struct event event_of(const struct row *row)
{
    struct slice requested = slice_of_cstr(row->requested);
    struct slice resolved = slice_of_cstr(row->resolved);
    return (struct event){
        .executor_type = slice_of_cstr(row->executor),
        .provider = slice_of_cstr(row->provider),
        .auth_provider_snapshot = slice_of_cstr(row->snapshot),
        .resolved_model = resolved,
        .requested_model = requested,
        .model = requested.len ? requested : resolved,
        .input_tokens = row->input,
        .cached_tokens = row->cached,
        .cache_read_tokens = row->read,
        .cache_creation_tokens = row->creation,
    };
}

static void the_table_of_the_specification(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct row rows[] = {
        {"KimiExecutor", "", "", "", "", 200, 0, 30, 15, INCLUDED, 155, 200, 30, 15},
        {"OpenAICompatExecutor", "", "", "claude-x", "", 200, 0, 30, 15, INCLUDED, 155, 200, 30, 15},
        {"ClaudeExecutor", "", "", "grok-4", "", 200, 0, 30, 15, SEPARATE, 200, 245, 30, 15},
        {"", "", "moonshot", "claude-x", "", 200, 0, 30, 15, INCLUDED, 155, 200, 30, 15},
        {"", "", "", "claude-x", "gpt-5", 200, 0, 30, 15, SEPARATE, 200, 245, 30, 15},
        {"", "openai", "", "", "", 200, 80, 0, 0, INCLUDED, 120, 200, 80, 0},
        {"", "", "", "custom", "", 200, 0, 30, 0, SEPARATE, 200, 230, 30, 0},
        {"", "", "", "custom", "", 200, 80, 0, 0, INCLUDED, 120, 200, 80, 0},
        {"", "openai", "", "", "", 900, 300, 300, 0, INCLUDED, 600, 900, 300, 0},
        {"", "claude", "", "", "", 50, 40, 0, 40, SEPARATE, 50, 90, 0, 40},
        /* beyond the table: falling through, negatives, and sums that would overflow */
        {"FutureExecutor", "unknown", "ANTHROPIC", "", "gpt-9", 1, 0, 0, 0, SEPARATE, 1, 1, 0, 0},
        {"", "openai-claude", "", "", "", 1, 0, 0, 0, SEPARATE, 1, 1, 0, 0},
        {"", "", "", "", "Grok-4", 1, 0, 1, 0, INCLUDED, 0, 1, 1, 0},
        {"", "gemini", "", "", "", -5, -7, -3, -2, INCLUDED, 0, 0, 0, 0},
        {"", "openai", "", "", "", 10, 40, 0, 0, INCLUDED, 0, 10, 40, 0},
        {"", "claude", "", "", "", INT64_MAX, 0, INT64_MAX, 1, SEPARATE, INT64_MAX, INT64_MAX, INT64_MAX, 1},
        {"", "openai", "", "", "", INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INCLUDED, 0, INT64_MAX, INT64_MAX, INT64_MAX},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event event = event_of(&rows[i]);
        event.cache_input_mode = cache_accounting_infer(&event);
        cache_accounting_apply(&event);
        if (event.cache_input_mode != rows[i].mode ||
            event.normalized_uncached_input_tokens != rows[i].uncached ||
            event.normalized_total_input_tokens != rows[i].total_input ||
            event.normalized_cache_read_tokens != rows[i].normal_read ||
            event.normalized_cache_creation_tokens != rows[i].normal_creation)
            fail_msg("row %d: mode %d, %lld/%lld/%lld/%lld", (int)i, (int)event.cache_input_mode,
                     (long long)event.normalized_uncached_input_tokens,
                     (long long)event.normalized_total_input_tokens,
                     (long long)event.normalized_cache_read_tokens,
                     (long long)event.normalized_cache_creation_tokens);
    }
}

/* One word after the other, at the place where it counts. */
static void each_word_tells_its_mode(void **state)
{
    (void)state;
    static const char *const executors[] = {
        "openaicompat", "openai_compat", "openai-compat", "openai",      "codex", "gemini",
        "aistudio",     "ai_studio",     "ai-studio",     "antigravity", "xai",   "kimi"};
    static const char *const providers[] = {"openai",      "codex",     "gemini",    "vertex",
                                            "aistudio",    "ai_studio", "ai-studio", "interaction",
                                            "antigravity", "xai",       "kimi",      "moonshot"};
    static const char *const models[] = {"gpt-",   "openai",   "codex",       "gemini",
                                         "vertex", "aistudio", "antigravity", "grok",
                                         "xai",    "kimi",     "moonshot"};
    struct event event = {.cache_read_tokens = 1}; /* would be separate without a word */
    for (size_t i = 0; i < sizeof executors / sizeof *executors; i++) {
        event.executor_type = slice_of_cstr(executors[i]);
        assert_int_equal(cache_accounting_infer(&event), INCLUDED);
    }
    event.executor_type = SLICE("anthropic vertex moonshot gpt-"); /* no words of executors */
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        event.provider = slice_of_cstr(providers[i]);
        assert_int_equal(cache_accounting_infer(&event), INCLUDED);
    }
    event.provider = SLICE("grok gpt-"); /* no words of providers */
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        event.model = slice_of_cstr(models[i]);
        assert_int_equal(cache_accounting_infer(&event), INCLUDED);
    }
    event.model = SLICE("interaction ai_studio"); /* no words of models */
    assert_int_equal(cache_accounting_infer(&event), SEPARATE);
}

static void a_stated_mode_is_read_in_any_case(void **state)
{
    (void)state;
    enum cache_mode mode = INCLUDED;
    assert_true(cache_accounting_mode_of(SLICE("Separate_From_Input"), &mode));
    assert_int_equal(mode, SEPARATE);
    assert_true(cache_accounting_mode_of(SLICE("INCLUDED_IN_INPUT"), &mode));
    assert_int_equal(mode, INCLUDED);
    assert_false(cache_accounting_mode_of(SLICE("separate"), &mode));
    assert_false(cache_accounting_mode_of(slice_empty(), &mode));
}

static void a_missing_total_is_computed(void **state)
{
    (void)state;
    struct event event = {.input_tokens = 100,
                          .output_tokens = 30,
                          .reasoning_tokens = 12,
                          .cache_read_tokens = 40,
                          .cache_creation_tokens = 10,
                          .cache_input_mode = SEPARATE};
    cache_accounting_apply(&event);
    assert_int_equal(event.total_tokens, 192);
    event.total_tokens = -1;
    event.output_tokens = -30;
    cache_accounting_apply(&event);
    assert_int_equal(event.total_tokens, 162);
    event.total_tokens = 7; /* a positive one stays */
    cache_accounting_apply(&event);
    assert_int_equal(event.total_tokens, 7);
    event.total_tokens = 0;
    event.output_tokens = INT64_MAX; /* the original gives a negative total here */
    cache_accounting_apply(&event);
    assert_true(event.total_tokens == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_the_specification),
        cmocka_unit_test(each_word_tells_its_mode),
        cmocka_unit_test(a_stated_mode_is_read_in_any_case),
        cmocka_unit_test(a_missing_total_is_computed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
