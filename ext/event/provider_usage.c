/* Exhausted included usage; see provider_usage.h.
 *
 *   1. the event was served by xAI itself: its provider or the credential's is xai or
 *      x-ai; or neither is known, or grok, and the executor is xAI's
 *   2. it failed with 402 or 429
 *   3. an object of its JSON body has the code below; a text that mentions it does not
 *      count
 * The body is searched without recursion, each value once. */
#include "ext/event/provider_usage.h"

#include "ext/event/fields.h"
#include "ext/event/redact_match.h"
#include "ext/event/response_metadata_private.h"
#include "ext/event/upstream_value.h"

#define MS_PER_DAY INT64_C(86400000)

static const struct slice exhausted_code = {"subscription:free-usage-exhausted", 33};

/* --- 1. who --- */

/* name in lower case, "_" as "-". */
static bool is_name(struct slice text, struct slice name)
{
    if (text.len != name.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
        if (c != name.data[i])
            return false;
    }
    return true;
}

static bool is_xai(struct slice provider)
{
    return is_name(provider, SLICE("xai")) || is_name(provider, SLICE("x-ai"));
}

static bool is_open(struct slice provider) /* says nothing against xAI */
{
    return provider.len == 0 || is_name(provider, SLICE("grok"));
}

static bool is_xai_executor(struct slice executor)
{
    const struct slice wanted = SLICE("xaiexecutor");
    size_t matched = 0;
    for (size_t i = 0; i < executor.len; i++) {
        char c = executor.data[i];
        if (c == '-' || c == '_' || c == ' ')
            continue;
        if (matched == wanted.len ||
            !redact_has_word(executor, i, (struct slice){wanted.data + matched, 1}))
            return false;
        matched++;
    }
    return matched == wanted.len;
}

static bool is_native_xai(const struct response_metadata_input *input)
{
    struct slice provider = slice_trim(input->provider);
    struct slice snapshot = slice_trim(input->provider_snapshot);
    return is_xai(provider) || is_xai(snapshot) ||
           (is_open(provider) && is_open(snapshot) && is_xai_executor(input->executor_type));
}

/* --- 2. status and body --- */

static int64_t read_status(const struct fields *fail, const struct fields *top)
{
    int64_t status = fields_int(fail, KEYS(KEY_status_code, KEY_statusCode));
    return status ? status
                  : fields_int(top, KEYS(KEY_fail_status_code, KEY_failStatusCode, KEY_status_code,
                                         KEY_statusCode));
}

static struct slice read_body(struct arena *arena, const struct fields *fail,
                              const struct fields *top)
{
    struct slice body = fields_str(arena, fail, KEYS(KEY_body));
    return body.len ? body : fields_str(arena, top, KEYS(KEY_fail_body, KEY_failBody));
}

/* --- 3. the body, searched without recursion --- */

/* An open object or array; the innermost on top. */
struct level {
    struct level *outer;
    const struct json *container;
    const struct json *next; /* member to be looked at */
    struct slice best_key;   /* of the member that a time was found in; empty, which is the
                              * smallest, when that is the object itself */
    struct upstream_time best;
    bool has_best;
};

/* What is looked for. */
struct search {
    struct arena *arena;
    struct level *top;
    struct level *spare;
    int64_t base_ms;
    bool is_relative; /* reset_after_seconds instead of absolute times */
    bool has_code;
};

static bool is_exhausted_object(const struct json *object)
{
    const struct json *code = json_get(object, SLICE("code"));
    return code && code->type == JSON_STRING &&
           slice_equal_nocase(slice_trim(code->text), exhausted_code);
}

static bool read_seconds(const struct json *value, int64_t base_ms, struct upstream_time *out_time)
{
    double seconds = 0;
    if (value->type == JSON_NUMBER)
        seconds = json_number_double(value);
    else if (value->type != JSON_STRING || !upstream_number(value->text, &seconds))
        return false;
    *out_time = (struct upstream_time){upstream_add_seconds(base_ms, seconds), 0};
    return seconds > 0;
}

/* The first key in list order whose value is a time. */
static bool find_own_time(const struct search *search, const struct json *object,
                          struct upstream_time *out_time)
{
    static const char *const absolute[] = {"reset_at",           "resetAt",          "resets_at",
                                           "resetsAt",           "period_end",       "periodEnd",
                                           "billing_period_end", "billingPeriodEnd", NULL};
    static const char *const relative[] = {"reset_after_seconds", "resetAfterSeconds", NULL};
    const char *const *keys = search->is_relative ? relative : absolute;
    for (; *keys; keys++) {
        const struct json *value = json_get(object, slice_of_cstr(*keys));
        if (value && (search->is_relative ? read_seconds(value, search->base_ms, out_time)
                                          : upstream_time_of_json(value, out_time)))
            return true;
    }
    return false;
}

static void open_level(struct search *search, const struct json *container)
{
    struct level *level = search->spare;
    if (level)
        search->spare = level->outer;
    else
        level = arena_alloc(search->arena, sizeof *level);
    if (!level)
        return;
    *level = (struct level){.outer = search->top, .container = container, .next = container->first};
    if (container->type == JSON_OBJECT) {
        level->has_best = find_own_time(search, container, &level->best);
        search->has_code = search->has_code || is_exhausted_object(container);
    }
    search->top = level;
}

/* Keep a time found within member when nothing before it in search order was found. */
static void keep_time(struct level *level, struct slice key, struct upstream_time time)
{
    bool is_better = !level->has_best || (level->container->type == JSON_OBJECT &&
                                          slice_compare(key, level->best_key) < 0);
    if (!is_better)
        return;
    level->best = time;
    level->best_key = key;
    level->has_best = true;
}

static void close_level(struct search *search)
{
    struct level *level = search->top;
    search->top = level->outer;
    if (search->top && level->has_best)
        keep_time(search->top, level->container->key, level->best);
    level->outer = search->spare;
    search->spare = level;
}

/* Walk the whole body. Whether a time was found; search->has_code tells the rest. */
static bool search_body(struct search *search, const struct json *body,
                        struct upstream_time *out_time)
{
    struct level *outermost;
    if (body->type != JSON_OBJECT && body->type != JSON_ARRAY)
        return false;
    open_level(search, body);
    outermost = search->top;
    while (search->top && !search->arena->failed) {
        const struct json *member = search->top->next;
        if (!member) {
            close_level(search);
            continue;
        }
        search->top->next = member->next;
        if (member->type == JSON_OBJECT || member->type == JSON_ARRAY)
            open_level(search, member);
    }
    if (search->arena->failed || !outermost->has_best)
        return false;
    *out_time = outermost->best; /* the outermost level is the last to be closed */
    return true;
}

/* --- texts within the body --- */

static bool is_model_start(unsigned char c)
{
    return redact_is_alnum(c);
}

static bool is_model_char(unsigned char c)
{
    return redact_is_alnum(c) || c == '.' || c == '_' || c == ':' || c == '-';
}

static bool is_amount(unsigned char c)
{
    return c == ',' || (c >= '0' && c <= '9');
}

/* "free usage for model", white space, the model. */
static struct slice find_model(struct slice body)
{
    const struct slice words = SLICE("free usage for model");
    for (size_t at = 0; (at = redact_find_word(body, at, words)) != REDACT_NOT_FOUND; at++) {
        size_t behind = at + words.len;
        size_t begin = redact_skip(body, behind, redact_is_space);
        if (begin > behind && redact_has(body, begin, is_model_start))
            return (struct slice){body.data + begin,
                                  redact_skip(body, begin, is_model_char) - begin};
    }
    return slice_empty();
}

/* Digits with commas. */
static bool read_amount(struct slice text, int64_t *out_amount)
{
    char digits[20];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == ',')
            continue;
        if (len == sizeof digits)
            return false;
        digits[len++] = text.data[i];
    }
    return slice_to_int64((struct slice){digits, len}, out_amount, NULL);
}

/* "tokens (actual/limit): A/B". */
static bool find_amounts(struct slice body, int64_t *out_actual, int64_t *out_limit)
{
    const struct slice words = SLICE("tokens (actual/limit):");
    for (size_t at = 0; (at = redact_find_word(body, at, words)) != REDACT_NOT_FOUND; at++) {
        size_t actual = redact_skip(body, at + words.len, redact_is_space);
        size_t slash = redact_skip(body, actual, is_amount);
        size_t end = redact_skip(body, slash + 1, is_amount);
        if (slash < body.len && body.data[slash] == '/' &&
            read_amount((struct slice){body.data + actual, slash - actual}, out_actual) &&
            read_amount((struct slice){body.data + slash + 1, end - slash - 1}, out_limit))
            return *out_limit > 0;
    }
    return false;
}

/* --- all of it --- */

static void set_amounts(struct response_metadata *metadata, struct slice body)
{
    int64_t actual, limit;
    if (!find_amounts(body, &actual, &limit)) /* neither is negative */
        return;
    response_set_int(metadata, USAGE_ACTUAL, actual);
    response_set_int(metadata, USAGE_LIMIT, limit);
    response_set_int(metadata, USAGE_REMAINING, limit > actual ? limit - actual : 0);
    response_set_int(metadata, USAGE_OVERAGE, actual > limit ? actual - limit : 0);
}

static void set_recovery(struct response_metadata *metadata, struct search *search,
                         const struct json *body, const struct upstream_time *absolute)
{
    struct upstream_time time;
    search->is_relative = true;
    if (absolute) {
        response_set_int(metadata, USAGE_RECOVER_AT, absolute->ms);
    } else if (search_body(search, body, &time)) {
        response_set_int(metadata, USAGE_RECOVER_AT, time.ms);
    } else {
        response_set_int(metadata, USAGE_RECOVER_AT,
                         upstream_add_seconds(search->base_ms, (double)(MS_PER_DAY / 1000)));
        response_set_bool(metadata, USAGE_RECOVER_ESTIMATED, true);
    }
}

static void set_section(struct arena *arena, struct response_metadata *metadata, struct slice body,
                        int64_t base_ms)
{
    struct search search = {.arena = arena, .base_ms = base_ms};
    struct upstream_time time;
    struct json_error error;
    const struct json *json = json_parse(arena, body, &error);
    if (!json)
        return;
    bool has_time = search_body(&search, json, &time);
    if (!search.has_code)
        return;
    response_set_text(metadata, USAGE_PROVIDER, SLICE("xai"));
    response_set_text(metadata, USAGE_KIND, SLICE("included_free_usage"));
    response_set_text(metadata, USAGE_STATE, SLICE("exhausted"));
    response_set_text(metadata, USAGE_CODE, exhausted_code);
    response_set_text(metadata, USAGE_MODEL, response_clean_text(arena, find_model(body)));
    response_set_text(metadata, USAGE_UNIT, SLICE("tokens"));
    set_amounts(metadata, body);
    response_set_text(metadata, USAGE_WINDOW_KIND, SLICE("rolling_24h"));
    response_set_int(metadata, USAGE_OBSERVED_AT, base_ms);
    set_recovery(metadata, &search, json, has_time ? &time : NULL);
    response_set_text(metadata, USAGE_SOURCE, SLICE("response_body"));
}

void provider_usage_read(struct arena *arena, struct response_metadata *metadata,
                         const struct response_metadata_input *input)
{
    struct fields fail, top;
    if (!is_native_xai(input))
        return;
    fields_read(&fail, input->fail, FIELDS_OF_EVENT);
    fields_read(&top, input->payload, FIELDS_OF_EVENT);
    int64_t status = read_status(&fail, &top);
    if (status == 402 || status == 429)
        set_section(arena, metadata, read_body(arena, &fail, &top), input->timestamp_ms);
}

static bool is_conflict(const struct response_metadata *a, const struct response_metadata *b)
{
    for (size_t i = USAGE_PROVIDER; i <= USAGE_CODE; i++)
        if (a->value[i].present && b->value[i].present &&
            !slice_equal(a->value[i].text, b->value[i].text))
            return true;
    return false;
}

void provider_usage_overlay(struct response_metadata *metadata,
                            const struct response_metadata *over)
{
    bool replaces = is_conflict(metadata, over);
    bool is_reported = metadata->value[USAGE_RECOVER_AT].present &&
                       !metadata->value[USAGE_RECOVER_ESTIMATED].present;
    bool keeps_recovery = !over->value[USAGE_RECOVER_AT].present ||
                          (is_reported && over->value[USAGE_RECOVER_ESTIMATED].present);
    for (size_t i = USAGE_PROVIDER; i <= USAGE_SOURCE; i++) {
        bool is_recovery = i == USAGE_RECOVER_AT || i == USAGE_RECOVER_ESTIMATED;
        if (replaces || (is_recovery ? !keeps_recovery : over->value[i].present))
            metadata->value[i] = over->value[i];
    }
}
