/* token_breakdown; see breakdown.h. */
#include "ext/event/breakdown.h"

#include "ext/json.h"

static int64_t count_of(const struct json *object, struct slice key)
{
    const struct json *number = json_get(object, key);
    return number && number->type == JSON_NUMBER ? json_number_int64(number) : 0;
}

static enum breakdown_quality quality_of(const struct json *value)
{
    if (!value || value->type != JSON_STRING)
        return BREAKDOWN_OTHER;
    if (slice_equal(value->text, SLICE("complete")))
        return BREAKDOWN_COMPLETE;
    if (slice_equal(value->text, SLICE("inconsistent")))
        return BREAKDOWN_INCONSISTENT;
    return slice_equal(value->text, SLICE("unclassified")) ? BREAKDOWN_UNCLASSIFIED
                                                           : BREAKDOWN_OTHER;
}

struct token_breakdown breakdown_read(const struct json *value)
{
    if (!value || value->type != JSON_OBJECT)
        return (struct token_breakdown){.quality = BREAKDOWN_ABSENT};
    const struct json *input = json_get(value, SLICE("input"));
    const struct json *output = json_get(value, SLICE("output"));
    return (struct token_breakdown){
        .quality = quality_of(json_get(value, SLICE("quality"))),
        .schema_version = count_of(value, SLICE("schema_version")),
        .total_tokens = count_of(value, SLICE("total_tokens")),
        .input_total_tokens = count_of(input, SLICE("total_tokens")),
        .input_uncached_tokens = count_of(input, SLICE("uncached_tokens")),
        .input_cache_read_tokens = count_of(input, SLICE("cache_read_tokens")),
        .input_cache_write_tokens = count_of(input, SLICE("cache_write_tokens")),
        .output_total_tokens = count_of(output, SLICE("total_tokens")),
        .output_non_reasoning_tokens = count_of(output, SLICE("non_reasoning_tokens")),
        .output_reasoning_tokens = count_of(output, SLICE("reasoning_tokens")),
        .unclassified_tokens = count_of(value, SLICE("unclassified_tokens")),
    };
}

bool breakdown_follow(const struct event *event, struct token_breakdown *out_breakdown)
{
    int64_t output;
    int64_t visible;
    if (__builtin_sub_overflow(event->total_tokens, event->normalized_total_input_tokens,
                               &output) ||
        __builtin_sub_overflow(output, event->reasoning_tokens, &visible))
        return false;
    *out_breakdown = (struct token_breakdown){
        .quality = event->breakdown.quality,
        .schema_version = event->breakdown.schema_version,
        .total_tokens = event->total_tokens,
        .input_total_tokens = event->normalized_total_input_tokens,
        .input_uncached_tokens = event->normalized_uncached_input_tokens,
        .input_cache_read_tokens = event->normalized_cache_read_tokens,
        .input_cache_write_tokens = event->normalized_cache_creation_tokens,
        .output_total_tokens = output,
        .output_non_reasoning_tokens = visible,
        .output_reasoning_tokens = event->reasoning_tokens,
    };
    return true;
}

void breakdown_complete(struct event *event, const struct json *value)
{
    if (event->breakdown.quality != BREAKDOWN_ABSENT && !json_get(value, SLICE("total_tokens")))
        (void)breakdown_follow(event, &event->breakdown); /* else the zeros stay */
}
