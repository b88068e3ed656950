/* Predictions; see response_prediction.h.
 *
 * Headers repeat themselves: the trace identifier is one of the request identifiers, a
 * reset time is the event's time and the seconds until then, the columns hold the
 * fullest window. An event whose headers are consistent, which is nearly every one, is
 * predicted but for a few small numbers. A wrong prediction costs bytes, never truth. */
#include "ext/event/response_prediction.h"

#include <string.h>

#include "ext/event/response_quota.h"
#include "ext/event/upstream_value.h"

/* clang-format off */
const uint8_t response_prediction_order[RESPONSE_MEMBER_COUNT] = {
    QUOTA_PLAN_TYPE, QUOTA_ACTIVE_LIMIT, QUOTA_REACHED_TYPE, QUOTA_CREDITS_BALANCE,
    QUOTA_CREDITS_HAS, QUOTA_CREDITS_UNLIMITED, QUOTA_PRIMARY_OVER_SECONDARY,
    QUOTA_PRIMARY_USED, QUOTA_PRIMARY_RESET_AFTER, QUOTA_PRIMARY_RESET_AT, QUOTA_PRIMARY_MINUTES,
    QUOTA_SECONDARY_USED, QUOTA_SECONDARY_RESET_AFTER, QUOTA_SECONDARY_RESET_AT,
    QUOTA_SECONDARY_MINUTES, QUOTA_RECOVER_AT, QUOTA_USED_PERCENT,
    QUOTA_SUMMARY_KIND, QUOTA_SUMMARY_SOURCE, QUOTA_REACHED_KIND, QUOTA_REACHED_SOURCE,
    ERROR_KIND, ERROR_CODE, ERROR_AUTHORIZATION, ERROR_IDE_CODE, ERROR_IDE_ROOT_CODE,
    ERROR_SHOULD_RETRY, ERROR_RETRY_AFTER, ERROR_RETRY_RECOVER_AT, ERROR_RATE_LIMIT_BYPASS,
    TRACE_PRIMARY, TRACE_OPENAI, TRACE_REQUEST, TRACE_ONEAPI, TRACE_COMPANION, TRACE_CF_RAY,
    TRACE_EAGLE, TRACE_CLIENT, TRACE_ZEABUR, TRACE_PARENT,
    ROUTING_PROXY_WASM, ROUTING_MODELS_ETAG, ROUTING_NEW_API_VERSION, ROUTING_SERVER, ROUTING_VIA,
    ROUTING_CF_CACHE_STATUS, ROUTING_SITE_CACHE_STATUS, ROUTING_SERVED_BY, ROUTING_MIFE_STATUS,
    RESPONSE_CONTENT_TYPE, RESPONSE_CONTENT_LENGTH, RESPONSE_CONTENT_DISPOSITION,
    RESPONSE_SERVER_TIMING,
    PROVIDERS_ANTIGRAVITY_TRACE, PROVIDERS_ANTIGRAVITY_TIMING, PROVIDERS_MIFE_STATUS,
    PROVIDERS_ONEAPI_REQUEST, PROVIDERS_CLOUDFLARE_RAY, PROVIDERS_CLOUDFLARE_CACHE,
    RATE_REQUESTS_LIMIT, RATE_REQUESTS_REMAINING, RATE_TOKENS_LIMIT, RATE_TOKENS_REMAINING,
    POLICY_RETENTION_MODE, POLICY_ZERO_RETENTION,
    USAGE_PROVIDER, USAGE_KIND, USAGE_STATE, USAGE_CODE, USAGE_MODEL, USAGE_UNIT, USAGE_ACTUAL,
    USAGE_LIMIT, USAGE_REMAINING, USAGE_OVERAGE, USAGE_WINDOW_KIND, USAGE_OBSERVED_AT,
    USAGE_RECOVER_ESTIMATED, USAGE_RECOVER_AT, USAGE_SOURCE,
};
/* clang-format on */

#define SECONDS_PER_DAY 86400.0

static struct response_value absent(void)
{
    return (struct response_value){.present = false};
}

static struct response_value text_value(struct slice text)
{
    return text.len ? (struct response_value){.present = true, .text = text} : absent();
}

static struct response_value number_value(double number)
{
    return (struct response_value){.present = true, .number = number};
}

static struct response_value integer_value(int64_t integer)
{
    return (struct response_value){.present = true, .integer = integer};
}

static struct response_value time_value(int64_t ms)
{
    return ms ? integer_value(ms) : absent();
}

void response_prediction_init(struct response_prediction *prediction,
                              const struct response_metadata *known, int64_t timestamp_ms,
                              const struct response_metadata_columns *columns)
{
    prediction->known = known;
    prediction->timestamp_ms = timestamp_ms;
    prediction->columns = columns;
    prediction->used_percent = columns->quota_used_percent == 0 ? 0 : columns->quota_used_percent;
    prediction->has_derived = false;
}

/* --- quota --- */

static struct response_value used_column(const struct response_prediction *prediction)
{
    return prediction->columns->has_quota_used_percent ? number_value(prediction->used_percent)
                                                       : absent();
}

/* Whether the window whose used_percent this is has what the columns hold. */
static bool is_summary(const struct response_prediction *prediction, enum response_member used)
{
    return prediction->known->value[used].present &&
           response_value_equal(prediction->known->value[used], used_column(prediction),
                                RESPONSE_NUMBER);
}

static struct response_value predict_used(const struct response_prediction *prediction,
                                          enum response_member member)
{
    if (member == QUOTA_SECONDARY_USED && is_summary(prediction, QUOTA_PRIMARY_USED))
        return absent();
    return used_column(prediction);
}

/* Whole seconds until the columns' recovery. */
static struct response_value predict_reset_after(const struct response_prediction *prediction,
                                                 enum response_member used)
{
    int64_t recover_ms = prediction->columns->quota_recover_at_ms;
    if (!is_summary(prediction, used) || recover_ms <= 0 || recover_ms <= prediction->timestamp_ms)
        return absent();
    uint64_t ms = (uint64_t)recover_ms - (uint64_t)prediction->timestamp_ms;
    return number_value((double)(ms / 1000));
}

static struct response_value predict_reset_at(const struct response_prediction *prediction,
                                              enum response_member used,
                                              enum response_member reset_after)
{
    const struct response_value *after = &prediction->known->value[reset_after];
    int64_t recover_ms = prediction->columns->quota_recover_at_ms;
    if (is_summary(prediction, used) && recover_ms > 0)
        return time_value(recover_ms);
    return after->present && after->number > 0
               ? time_value(upstream_add_seconds(prediction->timestamp_ms, after->number))
               : absent();
}

static struct response_value predict_derived(struct response_prediction *prediction,
                                             enum response_member member)
{
    struct response_metadata *derived = &prediction->derived;
    if (!prediction->has_derived) {
        *derived = *prediction->known;
        for (size_t i = QUOTA_SUMMARY_KIND; i <= QUOTA_REACHED_SOURCE; i++)
            response_clear(derived, (enum response_member)i);
        response_quota_derive(derived);
        prediction->has_derived = true;
    }
    return derived->value[member];
}

/* --- the rest --- */

/* The first identifier is the one that TRACE_PRIMARY was taken from. */
static struct response_value predict_trace(const struct response_prediction *prediction,
                                           enum response_member member)
{
    static const uint8_t identifiers[] = {TRACE_OPENAI,    TRACE_REQUEST, TRACE_ONEAPI,
                                          TRACE_COMPANION, TRACE_CF_RAY,  TRACE_EAGLE,
                                          TRACE_CLIENT,    TRACE_ZEABUR};
    for (size_t i = 0; identifiers[i] != member; i++)
        if (prediction->known->value[identifiers[i]].present)
            return absent();
    return prediction->known->value[TRACE_PRIMARY];
}

static struct response_value predict_retry_recovery(const struct response_prediction *prediction)
{
    const struct response_value *after = &prediction->known->value[ERROR_RETRY_AFTER];
    return after->present
               ? time_value(upstream_add_seconds(prediction->timestamp_ms, after->number))
               : absent();
}

/* remaining and overage: what limit is above, or below, actual; never negative. */
static struct response_value predict_excess(const struct response_prediction *prediction,
                                            enum response_member member)
{
    const struct response_value *actual = &prediction->known->value[USAGE_ACTUAL];
    const struct response_value *limit = &prediction->known->value[USAGE_LIMIT];
    if (!actual->present || !limit->present)
        return absent();
    int64_t above = member == USAGE_REMAINING ? limit->integer : actual->integer;
    int64_t below = member == USAGE_REMAINING ? actual->integer : limit->integer;
    uint64_t excess = above > below ? (uint64_t)above - (uint64_t)below : 0;
    return integer_value(excess > INT64_MAX ? INT64_MAX : (int64_t)excess);
}

struct response_value response_predict(struct response_prediction *prediction,
                                       enum response_member member)
{
    const struct response_value *known = prediction->known->value;
    const struct response_metadata_columns *columns = prediction->columns;
    int64_t now_ms = prediction->timestamp_ms;
    switch ((int)member) {
    case QUOTA_PLAN_TYPE:
        return text_value(columns->quota_plan_type);
    case QUOTA_PRIMARY_USED:
    case QUOTA_SECONDARY_USED:
        return predict_used(prediction, member);
    case QUOTA_PRIMARY_RESET_AFTER:
        return predict_reset_after(prediction, QUOTA_PRIMARY_USED);
    case QUOTA_SECONDARY_RESET_AFTER:
        return predict_reset_after(prediction, QUOTA_SECONDARY_USED);
    case QUOTA_PRIMARY_RESET_AT:
        return predict_reset_at(prediction, QUOTA_PRIMARY_USED, QUOTA_PRIMARY_RESET_AFTER);
    case QUOTA_SECONDARY_RESET_AT:
        return predict_reset_at(prediction, QUOTA_SECONDARY_USED, QUOTA_SECONDARY_RESET_AFTER);
    case QUOTA_RECOVER_AT:
        return time_value(columns->quota_recover_at_ms > 0 ? columns->quota_recover_at_ms : 0);
    case QUOTA_USED_PERCENT:
        return used_column(prediction);
    case QUOTA_SUMMARY_KIND:
    case QUOTA_SUMMARY_SOURCE:
    case QUOTA_REACHED_KIND:
    case QUOTA_REACHED_SOURCE:
        return predict_derived(prediction, member);
    case ERROR_KIND:
        return text_value(columns->error_kind);
    case ERROR_CODE:
        return text_value(columns->error_code);
    case ERROR_RETRY_RECOVER_AT:
        return predict_retry_recovery(prediction);
    case TRACE_PRIMARY:
        return text_value(columns->trace_id);
    case TRACE_OPENAI:
    case TRACE_REQUEST:
    case TRACE_ONEAPI:
    case TRACE_COMPANION:
    case TRACE_CF_RAY:
    case TRACE_EAGLE:
    case TRACE_CLIENT:
    case TRACE_ZEABUR:
        return predict_trace(prediction, member);
    case PROVIDERS_ANTIGRAVITY_TRACE:
        return known[TRACE_COMPANION];
    case PROVIDERS_ANTIGRAVITY_TIMING:
        return known[RESPONSE_SERVER_TIMING];
    case PROVIDERS_MIFE_STATUS:
        return known[ROUTING_MIFE_STATUS];
    case PROVIDERS_ONEAPI_REQUEST:
        return known[TRACE_ONEAPI];
    case PROVIDERS_CLOUDFLARE_RAY:
        return known[TRACE_CF_RAY];
    case PROVIDERS_CLOUDFLARE_CACHE:
        return known[ROUTING_CF_CACHE_STATUS];
    case USAGE_REMAINING:
    case USAGE_OVERAGE:
        return predict_excess(prediction, member);
    case USAGE_OBSERVED_AT:
        return known[USAGE_PROVIDER].present ? time_value(now_ms) : absent();
    case USAGE_RECOVER_AT:
        return known[USAGE_RECOVER_ESTIMATED].present
                   ? time_value(upstream_add_seconds(now_ms, SECONDS_PER_DAY))
                   : absent();
    default:
        return absent();
    }
}

bool response_is_predicted(enum response_member member)
{
    static const bool is_predicted[RESPONSE_MEMBER_COUNT] = {
        [QUOTA_PLAN_TYPE] = true,
        [QUOTA_PRIMARY_USED] = true,
        [QUOTA_SECONDARY_USED] = true,
        [QUOTA_PRIMARY_RESET_AFTER] = true,
        [QUOTA_SECONDARY_RESET_AFTER] = true,
        [QUOTA_PRIMARY_RESET_AT] = true,
        [QUOTA_SECONDARY_RESET_AT] = true,
        [QUOTA_RECOVER_AT] = true,
        [QUOTA_USED_PERCENT] = true,
        [QUOTA_SUMMARY_KIND] = true,
        [QUOTA_SUMMARY_SOURCE] = true,
        [QUOTA_REACHED_KIND] = true,
        [QUOTA_REACHED_SOURCE] = true,
        [ERROR_KIND] = true,
        [ERROR_CODE] = true,
        [ERROR_RETRY_RECOVER_AT] = true,
        [TRACE_PRIMARY] = true,
        [TRACE_OPENAI] = true,
        [TRACE_REQUEST] = true,
        [TRACE_ONEAPI] = true,
        [TRACE_COMPANION] = true,
        [TRACE_CF_RAY] = true,
        [TRACE_EAGLE] = true,
        [TRACE_CLIENT] = true,
        [TRACE_ZEABUR] = true,
        [PROVIDERS_ANTIGRAVITY_TRACE] = true,
        [PROVIDERS_ANTIGRAVITY_TIMING] = true,
        [PROVIDERS_MIFE_STATUS] = true,
        [PROVIDERS_ONEAPI_REQUEST] = true,
        [PROVIDERS_CLOUDFLARE_RAY] = true,
        [PROVIDERS_CLOUDFLARE_CACHE] = true,
        [USAGE_REMAINING] = true,
        [USAGE_OVERAGE] = true,
        [USAGE_OBSERVED_AT] = true,
        [USAGE_RECOVER_AT] = true,
    };
    return is_predicted[member];
}
