/* The schedule of inspections: see inspection_schedule.h. */
#include "server/settings/inspection_schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/memory.h"
#include "server/settings/zone_name.h"

#define MINUTES_PER_DAY 1440
#define DEFAULT_INTERVAL_MINUTES 60

/* The number in a part of a time point, or -1. */
static int part_of(struct slice text, int largest)
{
    int64_t value = 0;

    if (!slice_to_int64(slice_trim(text), &value, NULL) || value < 0 || value > largest)
        return -1;
    return (int)value;
}

/* "H:M" as the minute of the day, or -1. */
static int minute_of(const char *point)
{
    struct slice text = slice_of_cstr(point);
    ptrdiff_t colon = slice_find(text, SLICE(":"));
    int hour = 0;
    int minute = 0;

    if (colon < 0)
        return -1;
    hour = part_of(slice_first(text, (size_t)colon), 23);
    minute = part_of(slice_from(text, (size_t)colon + 1), 59);
    return hour < 0 || minute < 0 ? -1 : hour * 60 + minute;
}

/* Take over the points of the array: bad ones dropped, sorted, each once. Returns their
 * number; 0 leaves the config's points alone. */
static size_t merge_points(struct inspection_config *config, const cJSON *array)
{
    bool is_set[MINUTES_PER_DAY] = {false};
    const cJSON *item = NULL;
    size_t count = 0;

    cJSON_ArrayForEach(item, array)
    {
        int minute = minute_of(item->valuestring);
        if (minute < 0 || is_set[minute])
            continue;
        is_set[minute] = true;
        count++;
    }
    if (count == 0)
        return 0;
    config->time_points = memory_resize(config->time_points, count * sizeof(*config->time_points));
    config->time_point_count = 0;
    for (int minute = 0; minute < MINUTES_PER_DAY; minute++) {
        if (is_set[minute])
            (void)snprintf(config->time_points[config->time_point_count++],
                           sizeof(*config->time_points), "%02u:%02u", (unsigned)minute / 60 % 24,
                           (unsigned)minute % 60); /* always fits */
    }
    return count;
}

void inspection_schedule_merge(struct inspection_config *config, const cJSON *submitted,
                               char **error)
{
    struct slice mode = slice_trim(slice_of_cstr(document_text(submitted, "mode", "", error)));
    const cJSON *points = document_text_array(submitted, "timePoints", error);
    int64_t minutes = document_int64(submitted, "intervalMinutes", 0, error);
    char *zone = memory_copy_slice(
        slice_trim(slice_of_cstr(document_text(submitted, "timeZone", "", error))));
    bool has_points = merge_points(config, points) > 0;

    if (minutes > 0)
        config->interval_minutes = minutes;
    if (zone[0] != '\0' && zone_name_is_known(zone)) {
        memory_replace(&config->time_zone, zone);
        zone = NULL;
    }
    if (slice_equal(mode, SLICE("time_points")) || (mode.len == 0 && has_points))
        config->is_at_time_points = true;
    else if (slice_equal(mode, SLICE("interval")) || (mode.len == 0 && minutes > 0))
        config->is_at_time_points = false;
    if (config->time_point_count == 0)
        config->is_at_time_points = false;
    if (!config->is_at_time_points && config->interval_minutes <= 0)
        config->interval_minutes = DEFAULT_INTERVAL_MINUTES;
    free(zone);
}

void inspection_schedule_write(struct text *out, const struct inspection_config *config)
{
    document_open(out, "schedule", '{');
    document_add_text(out, "mode", config->is_at_time_points ? "time_points" : "interval");
    if (config->time_point_count > 0) {
        document_open(out, "timePoints", '[');
        for (size_t i = 0; i < config->time_point_count; i++)
            document_add_text(out, NULL, config->time_points[i]);
        document_close(out, ']');
    }
    document_add_int64_unless_0(out, "intervalMinutes", config->interval_minutes);
    document_add_text_unless_empty(out, "timeZone", config->time_zone);
    document_close(out, '}');
}
