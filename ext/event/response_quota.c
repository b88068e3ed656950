/* What the windows of a quota add up to; see response_quota.h.
 *
 *   1. summary: the window with the highest used_percent, of equal ones the one that
 *      resets later, of those the primary one. It gives used_percent and recover_at_ms.
 *   2. no window has used_percent, but used_percent or recover_at_ms are there (imported
 *      metadata): kind unknown, source aggregate, where they are empty.
 *   3. reached: the window that rate_limit_reached_type names, else of those with 100 or
 *      more the one that resets later (the primary one of equal ones). It gives
 *      recover_at_ms where there is none.
 *   4. rate_limit_reached_type names no window: unknown, unknown. */
#include "ext/event/response_quota.h"

#include <math.h>

#include "ext/event/response_metadata_private.h"

/* One window's four members, as offsets from its first. */
enum { USED, RESET_AT, RESET_AFTER, MINUTES, WINDOW_MEMBERS };

static const enum response_member windows[] = {QUOTA_PRIMARY_USED, QUOTA_SECONDARY_USED};
static const struct slice window_names[] = {{"primary", 7}, {"secondary", 9}};

#define WINDOW_COUNT 2

static const struct response_value *window_value(const struct response_metadata *metadata,
                                                 size_t window, int offset)
{
    return &metadata->value[(int)windows[window] + offset];
}

static int64_t reset_at(const struct response_metadata *metadata, size_t window)
{
    const struct response_value *value = window_value(metadata, window, RESET_AT);
    return value->present ? value->integer : 0;
}

static bool is_window_present(const struct response_metadata *metadata, size_t window)
{
    for (int i = 0; i < WINDOW_MEMBERS; i++)
        if (window_value(metadata, window, i)->present)
            return true;
    return false;
}

static struct slice window_kind(const struct response_metadata *metadata, size_t window)
{
    const struct response_value *value = window_value(metadata, window, MINUTES);
    double minutes = value->present ? value->number : 0;
    if (fabs(minutes - 300) <= 0.001)
        return SLICE("five_hour");
    if (fabs(minutes - 10080) <= 0.001)
        return SLICE("weekly");
    if (minutes >= 40320 - 0.001 && minutes <= 44640 + 0.001)
        return SLICE("monthly");
    return SLICE("unknown");
}

/* Whether a is the better summary; b stands before a. */
static bool is_fuller(const struct response_metadata *metadata, size_t a, size_t b)
{
    double used_a = window_value(metadata, a, USED)->number;
    double used_b = window_value(metadata, b, USED)->number;
    return used_a > used_b || (used_a == used_b && reset_at(metadata, a) > reset_at(metadata, b));
}

static void derive_summary(struct response_metadata *metadata)
{
    size_t best = WINDOW_COUNT;
    for (size_t i = 0; i < WINDOW_COUNT; i++)
        if (window_value(metadata, i, USED)->present &&
            (best == WINDOW_COUNT || is_fuller(metadata, i, best)))
            best = i;
    if (best < WINDOW_COUNT) {
        response_set_number(metadata, QUOTA_USED_PERCENT,
                            window_value(metadata, best, USED)->number);
        response_set_int(metadata, QUOTA_RECOVER_AT, reset_at(metadata, best));
        response_set_text(metadata, QUOTA_SUMMARY_KIND, window_kind(metadata, best));
        response_set_text(metadata, QUOTA_SUMMARY_SOURCE, window_names[best]);
        return;
    }
    if (!metadata->value[QUOTA_USED_PERCENT].present && !metadata->value[QUOTA_RECOVER_AT].present)
        return;
    if (!metadata->value[QUOTA_SUMMARY_KIND].present)
        response_set_text(metadata, QUOTA_SUMMARY_KIND, SLICE("unknown"));
    if (!metadata->value[QUOTA_SUMMARY_SOURCE].present)
        response_set_text(metadata, QUOTA_SUMMARY_SOURCE, SLICE("aggregate"));
}

/* The window that was reached, or WINDOW_COUNT. */
static size_t reached_window(const struct response_metadata *metadata)
{
    struct slice type = response_text(metadata, QUOTA_REACHED_TYPE);
    size_t best = WINDOW_COUNT;
    for (size_t i = 0; i < WINDOW_COUNT; i++)
        if (slice_equal_nocase(type, window_names[i]) && is_window_present(metadata, i))
            return i;
    for (size_t i = 0; i < WINDOW_COUNT; i++) {
        const struct response_value *used = window_value(metadata, i, USED);
        if (used->present && used->number >= 100 &&
            (best == WINDOW_COUNT || reset_at(metadata, i) > reset_at(metadata, best)))
            best = i;
    }
    return best;
}

static void derive_reached(struct response_metadata *metadata)
{
    size_t window = reached_window(metadata);
    if (window < WINDOW_COUNT) {
        response_set_text(metadata, QUOTA_REACHED_KIND, window_kind(metadata, window));
        response_set_text(metadata, QUOTA_REACHED_SOURCE, window_names[window]);
        if (!metadata->value[QUOTA_RECOVER_AT].present)
            response_set_int(metadata, QUOTA_RECOVER_AT, reset_at(metadata, window));
    } else if (metadata->value[QUOTA_REACHED_TYPE].present) {
        response_set_text(metadata, QUOTA_REACHED_KIND, SLICE("unknown"));
        response_set_text(metadata, QUOTA_REACHED_SOURCE, SLICE("unknown"));
    }
}

void response_quota_derive(struct response_metadata *metadata)
{
    derive_summary(metadata);
    derive_reached(metadata);
}
