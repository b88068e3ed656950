/* GET and PUT /usage-service/config: see config_api.h. */
#include "server/settings/config_api.h"

#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/memory.h"
#include "server/settings/upstream_check.h"
#include "server/upstream/cpa_client.h"

/* --- GET --- */

/* Append CPA's usage settings; nothing when it does not answer. */
static void write_cpa_usage(struct text *out, const struct manager_config *config)
{
    struct cpa_usage usage = {0};
    char *error = NULL;

    if (cpa_usage_read(config->cpa_base_url, config->management_key, &usage, &error) == CPA_OK) {
        document_open(out, "cpaUsage", '{');
        document_add_bool(out, "usageStatisticsEnabled", usage.is_statistics_enabled);
        document_add_int64(out, "redisUsageQueueRetentionSeconds", usage.retention_seconds);
        document_add_bool(out, "retentionSourceDefault", usage.is_retention_default);
        document_close(out, '}');
    }
    free(error);
}

/* The body of both answers. */
static void write_config(struct settings_answer *answer, const struct manager_config *config,
                         enum manager_config_source source, bool asks_cpa)
{
    struct text *out = &answer->body;

    answer->status = 200;
    document_open(out, NULL, '{');
    manager_config_write(out, "config", config);
    document_add_text(out, "source", manager_config_source_name(source));
    if (asks_cpa && manager_config_is_connected(config))
        write_cpa_usage(out, config);
    document_close(out, '}');
    text_add_char(out, '\n');
    if (out->failed)
        settings_answer_error(answer, 500, "the configuration is too large");
}

void config_api_view(const struct settings_context *context, struct settings_answer *answer)
{
    struct effective_config effective;
    char *error = NULL;

    if (!settings_load(context, &effective, &error)) {
        settings_answer_error(answer, 500, error);
        free(error);
        return;
    }
    write_config(answer, &effective.config, effective.source, true);
    manager_config_clear(&effective.config);
}

/* --- PUT --- */

/* Whether a field that the environment manages differs. */
static bool is_connection_changed(const struct manager_config *a, const struct manager_config *b)
{
    return strcmp(a->cpa_base_url, b->cpa_base_url) != 0 ||
           strcmp(a->management_key, b->management_key) != 0 || a->is_enabled != b->is_enabled ||
           strcmp(a->collector_mode, b->collector_mode) != 0 || strcmp(a->queue, b->queue) != 0 ||
           strcmp(a->pop_side, b->pop_side) != 0 || a->batch_size != b->batch_size ||
           a->poll_interval_ms != b->poll_interval_ms ||
           a->is_tls_verify_skipped != b->is_tls_verify_skipped;
}

/* Whether merged may replace the effective configuration. 0, or the status of the
 * refusal with *out_message to free(). */
static int check_merged(const struct manager_config *merged,
                        const struct effective_config *effective, char **out_message)
{
    bool has_url = merged->cpa_base_url[0] != '\0';
    bool has_key = merged->management_key[0] != '\0';

    if (effective->source == MANAGER_CONFIG_ENV &&
        is_connection_changed(merged, &effective->config)) {
        *out_message = memory_copy_cstr("connection setup is managed by environment variables");
        return 409;
    }
    if (has_url != has_key) {
        *out_message = memory_copy_cstr("cpaBaseUrl and managementKey are required");
        return 400;
    }
    if (has_url)
        return upstream_check(merged, true, out_message);
    if (merged->is_enabled) {
        *out_message = memory_copy_cstr("cpaBaseUrl and managementKey are required when request "
                                        "monitoring is enabled");
        return 400;
    }
    return 0;
}

/* Save merged and say what follows; merged is taken over when the collector starts. */
static void save_merged(const struct settings_context *context, struct manager_config *merged,
                        struct settings_answer *answer)
{
    char *error = NULL;

    if (!settings_save(context, merged, false, &error)) {
        settings_answer_error(answer, 500, error);
        free(error);
        return;
    }
    write_config(answer, merged, MANAGER_CONFIG_DB, false);
    if (manager_config_is_connected(merged) && merged->is_enabled)
        settings_answer_start(answer, merged);
    else
        answer->collector = SETTINGS_COLLECTOR_STOP;
}

/* The submitted object of the body: 0, or the status of the refusal. *out_config may
 * stay NULL when the body holds none. */
static int decode(struct slice body, cJSON **out_document, const cJSON **out_config,
                  char **out_message)
{
    *out_document = document_parse(body, false, out_message);
    if (*out_document == NULL)
        return 400;
    *out_config = document_object(*out_document, "config", out_message);
    if (*out_message == NULL)
        *out_message =
            inspection_config_check(document_object(*out_config, "codexInspection", out_message));
    return *out_message == NULL ? 0 : 400;
}

void config_api_update(const struct settings_context *context, struct slice body,
                       struct settings_answer *answer)
{
    struct effective_config effective = {.source = MANAGER_CONFIG_NONE};
    struct manager_config merged;
    const cJSON *submitted = NULL;
    cJSON *document = NULL;
    char *message = NULL;
    int status = decode(body, &document, &submitted, &message);

    memset(&merged, 0, sizeof(merged));
    if (status != 0)
        goto done;
    if (!settings_load(context, &effective, &message)) {
        status = 500;
        goto done;
    }
    manager_config_copy(&merged, &effective.config);
    message = manager_config_merge(&merged, submitted);
    status = message != NULL ? 400 : check_merged(&merged, &effective, &message);
    if (status == 0)
        save_merged(context, &merged, answer);
done:
    if (status != 0)
        settings_answer_error(answer, status, message);
    manager_config_clear(&merged);
    manager_config_clear(&effective.config);
    document_wipe(document);
    free(message);
}
