/* The inspection part of the configuration: see inspection_config.h. */
#include "server/settings/inspection_config.h"

#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/memory.h"
#include "server/settings/inspection_schedule.h"
#include "server/settings/zone_name.h"

static const char *const default_user_agent =
    "codex_cli_rs/0.76.0 (Debian 13.0.0; x86_64) WindowsTerminal";
static const char *const default_xai_user_agent = "xai-grok-workspace/0.2.101";
static const char *const default_xai_model = "grok-4.5";
static const char *const default_xai_prompt = "Reply with exactly OK.";

/* The targets in the order of the answer. */
static const struct {
    enum inspection_target target;
    const char *name;
} targets[] = {
    {INSPECTION_TARGET_CODEX, "codex"},
    {INSPECTION_TARGET_XAI, "xai"},
};

#define TARGET_COUNT (sizeof(targets) / sizeof(targets[0]))

void inspection_config_init(struct inspection_config *config)
{
    memset(config, 0, sizeof(*config));
    config->interval_minutes = 60;
    config->time_zone = memory_copy_cstr("");
    config->targets = INSPECTION_TARGET_CODEX;
    config->workers = 4;
    config->delete_workers = 4;
    config->timeout_ms = 15000;
    config->user_agent = memory_copy_cstr(default_user_agent);
    config->xai_user_agent = memory_copy_cstr(default_xai_user_agent);
    config->xai_model = memory_copy_cstr(default_xai_model);
    config->xai_prompt = memory_copy_cstr(default_xai_prompt);
    config->used_percent_threshold = 100;
    config->auto_action_mode = memory_copy_cstr("none");
}

void inspection_config_clear(struct inspection_config *config)
{
    free(config->time_points);
    free(config->time_zone);
    free(config->user_agent);
    free(config->xai_user_agent);
    free(config->xai_model);
    free(config->xai_prompt);
    free(config->auto_action_mode);
    memset(config, 0, sizeof(*config));
}

void inspection_config_copy(struct inspection_config *out_copy,
                            const struct inspection_config *config)
{
    struct inspection_config copy = *config;
    size_t bytes = config->time_point_count * sizeof(*config->time_points);

    copy.time_points = NULL;
    if (bytes > 0) {
        copy.time_points = memory_zeroed(bytes);
        memcpy(copy.time_points, config->time_points, bytes);
    }
    copy.time_zone = memory_copy_cstr(config->time_zone);
    copy.user_agent = memory_copy_cstr(config->user_agent);
    copy.xai_user_agent = memory_copy_cstr(config->xai_user_agent);
    copy.xai_model = memory_copy_cstr(config->xai_model);
    copy.xai_prompt = memory_copy_cstr(config->xai_prompt);
    copy.auto_action_mode = memory_copy_cstr(config->auto_action_mode);
    *out_copy = copy;
}

/* The bit of a name, trimmed and in any case; 0 when it is none. */
static unsigned target_of(const char *name)
{
    struct slice given = slice_trim(slice_of_cstr(name));

    for (size_t i = 0; i < TARGET_COUNT; i++) {
        if (slice_equal_nocase(given, slice_of_cstr(targets[i].name)))
            return targets[i].target;
    }
    return 0;
}

static char *unsupported(const char *name)
{
    return memory_format("unsupported inspection target type \"%.64s\"", name);
}

/* What is wrong with the submitted targets, or NULL. */
static char *check_targets(const cJSON *submitted, char **error)
{
    const char *one = document_text(submitted, "targetType", "", error);
    const cJSON *array = document_text_array(submitted, "targetTypes", error);
    const cJSON *item = NULL;

    if (slice_trim(slice_of_cstr(one)).len > 0 && target_of(one) == 0)
        return unsupported(one);
    if (array != NULL && cJSON_GetArraySize(array) == 0)
        return memory_copy_cstr("at least one inspection target type is required");
    cJSON_ArrayForEach(item, array)
    {
        if (target_of(item->valuestring) == 0)
            return unsupported(item->valuestring);
    }
    return NULL;
}

char *inspection_config_check(const cJSON *submitted)
{
    char *error = NULL;
    char *refusal = check_targets(submitted, &error);
    const cJSON *schedule = document_object(submitted, "schedule", &error);
    char *zone = memory_copy_slice(
        slice_trim(slice_of_cstr(document_text(schedule, "timeZone", "", &error))));

    if (refusal == NULL && error == NULL && !zone_name_is_known(zone))
        refusal = memory_format("invalid time zone \"%.64s\": unknown time zone %.64s", zone, zone);
    free(zone);
    if (refusal == NULL)
        return error; /* NULL when all is well */
    free(error);
    return refusal;
}

static void merge_targets(struct inspection_config *config, const cJSON *submitted, char **error)
{
    const cJSON *array = document_text_array(submitted, "targetTypes", error);
    const cJSON *item = NULL;
    unsigned merged = 0;

    if (array == NULL)
        merged = target_of(document_text(submitted, "targetType", "", error));
    cJSON_ArrayForEach(item, array)
    {
        merged |= target_of(item->valuestring);
    }
    if (merged != 0)
        config->targets = merged;
    config->has_target_list = true;
}

static void merge_counts(struct inspection_config *config, const cJSON *submitted, char **error)
{
    int64_t workers = document_int64(submitted, "workers", 0, error);
    int64_t delete_workers = document_int64(submitted, "deleteWorkers", 0, error);
    int64_t timeout_ms = document_int64(submitted, "timeout", 0, error);
    int64_t retries = document_int64(submitted, "retries", 0, error);
    int64_t sample_size = document_int64(submitted, "sampleSize", 0, error);

    config->delete_workers =
        delete_workers > 0 ? delete_workers : (workers > 0 ? workers : config->delete_workers);
    if (workers > 0)
        config->workers = workers;
    if (timeout_ms > 0)
        config->timeout_ms = timeout_ms;
    if (retries >= 0)
        config->retries = retries;
    if (sample_size >= 0)
        config->sample_size = sample_size;
}

/* Replace a text by the submitted one unless that is blank. */
static void merge_text(char **slot, const cJSON *submitted, const char *name, char **error)
{
    struct slice given = slice_trim(slice_of_cstr(document_text(submitted, name, "", error)));

    if (given.len > 0)
        memory_replace(slot, memory_copy_slice(given));
}

static void merge_threshold(struct inspection_config *config, const cJSON *submitted, char **error)
{
    double percent = document_number(submitted, "usedPercentThreshold", 0, error);

    if (percent > 0 && percent <= 1)
        config->used_percent_threshold = percent * 100; /* given as a fraction */
    else if (percent > 0 && percent <= 100)
        config->used_percent_threshold = percent;
}

static void merge_action(struct inspection_config *config, const cJSON *submitted, char **error)
{
    static const char *const modes[] = {"enable", "disable", "delete", "none"};
    struct slice given =
        slice_trim(slice_of_cstr(document_text(submitted, "autoActionMode", "", error)));

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (slice_equal_nocase(given, slice_of_cstr(modes[i])))
            memory_replace(&config->auto_action_mode, memory_copy_cstr(modes[i]));
    }
}

char *inspection_config_merge(struct inspection_config *config, const cJSON *submitted)
{
    char *error = NULL;

    config->is_enabled = document_bool(submitted, "enabled", config->is_enabled, &error);
    inspection_schedule_merge(config, document_object(submitted, "schedule", &error), &error);
    merge_targets(config, submitted, &error);
    merge_counts(config, submitted, &error);
    merge_text(&config->user_agent, submitted, "userAgent", &error);
    merge_text(&config->xai_user_agent, submitted, "xaiInferenceUserAgent", &error);
    merge_text(&config->xai_model, submitted, "xaiInferenceModel", &error);
    merge_text(&config->xai_prompt, submitted, "xaiInferencePrompt", &error);
    config->is_xai_inference_enabled =
        document_bool(submitted, "xaiInferenceEnabled", false, &error);
    merge_threshold(config, submitted, &error);
    merge_action(config, submitted, &error);
    config->is_auto_recover_enabled = document_bool(submitted, "autoRecoverEnabled", false, &error);
    return error;
}

static void write_targets(struct text *out, const struct inspection_config *config)
{
    const char *first = "";

    if (config->has_target_list)
        document_open(out, "targetTypes", '[');
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        if ((config->targets & targets[i].target) == 0)
            continue;
        if (config->has_target_list)
            document_add_text(out, NULL, targets[i].name);
        if (first[0] == '\0')
            first = targets[i].name;
    }
    if (config->has_target_list)
        document_close(out, ']');
    document_add_text(out, "targetType", first);
}

void inspection_config_write(struct text *out, const struct inspection_config *config)
{
    document_add_bool(out, "enabled", config->is_enabled);
    inspection_schedule_write(out, config);
    write_targets(out, config);
    document_add_int64(out, "workers", config->workers);
    document_add_int64(out, "deleteWorkers", config->delete_workers);
    document_add_int64(out, "timeout", config->timeout_ms);
    document_add_int64_unless_0(out, "retries", config->retries);
    document_add_text(out, "userAgent", config->user_agent);
    document_add_text(out, "xaiInferenceUserAgent", config->xai_user_agent);
    document_add_bool_if_true(out, "xaiInferenceEnabled", config->is_xai_inference_enabled);
    document_add_text(out, "xaiInferenceModel", config->xai_model);
    document_add_text(out, "xaiInferencePrompt", config->xai_prompt);
    document_add_number(out, "usedPercentThreshold", config->used_percent_threshold);
    document_add_int64_unless_0(out, "sampleSize", config->sample_size);
    document_add_text(out, "autoActionMode", config->auto_action_mode);
    document_add_bool_if_true(out, "autoRecoverEnabled", config->is_auto_recover_enabled);
}
