/* The part codexInspection of the manager configuration. */
#ifndef CPA_SERVER_SETTINGS_INSPECTION_CONFIG_H
#define CPA_SERVER_SETTINGS_INSPECTION_CONFIG_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/text.h"

/* Bits of inspection_config.targets, in the order of the answer. */
enum inspection_target { INSPECTION_TARGET_CODEX = 1, INSPECTION_TARGET_XAI = 2 };

struct inspection_config {
    bool is_enabled;
    bool is_at_time_points;  /* schedule.mode "time_points", else "interval" */
    char (*time_points)[6];  /* "HH:MM", sorted, distinct */
    size_t time_point_count; /* at most 1440 */
    int64_t interval_minutes;
    char *time_zone;      /* "" none */
    unsigned targets;     /* INSPECTION_TARGET_* */
    bool has_target_list; /* targetTypes is written: something was saved */
    int64_t workers;
    int64_t delete_workers;
    int64_t timeout_ms;
    int64_t retries;
    char *user_agent;
    char *xai_user_agent;
    bool is_xai_inference_enabled;
    char *xai_model;
    char *xai_prompt;
    double used_percent_threshold;
    int64_t sample_size;
    char *auto_action_mode; /* "none" "enable" "disable" "delete" */
    bool is_auto_recover_enabled;
};

void inspection_config_init(struct inspection_config *config); /* the defaults */
void inspection_config_clear(struct inspection_config *config);
void inspection_config_copy(struct inspection_config *out_copy,
                            const struct inspection_config *config);
/* Errors that a submission is refused for (unsupported target types, no target type,
 * unknown time zone): a message to free(), or NULL. submitted may be NULL. */
char *inspection_config_check(const cJSON *submitted);
/* Merge a submission or a saved row over config. submitted may be NULL. Wrong types: a
 * message to free(), config then half merged; NULL when all is well. */
char *inspection_config_merge(struct inspection_config *config, const cJSON *submitted);
/* Append the fields of the JSON object, without its braces. */
void inspection_config_write(struct text *out, const struct inspection_config *config);

#endif
