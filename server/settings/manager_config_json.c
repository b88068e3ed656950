/* Merging and writing the manager configuration: see manager_config.h. */
#include "server/settings/manager_config_json.h"

#include <stdlib.h>

#include "server/document.h"
#include "server/memory.h"
#include "server/settings/connection.h"

#define DEFAULT_BATCH_SIZE 100
#define DEFAULT_POLL_INTERVAL_MS 500
#define DEFAULT_QUERY_LIMIT 50000

/* URL and key belong together: one of them given replaces both. */
static void merge_connection(struct manager_config *config, const cJSON *submitted, char **error)
{
    char *url = connection_url_normalise(document_text(submitted, "cpaBaseUrl", "", error));
    char *key = memory_copy_slice(
        slice_trim(slice_of_cstr(document_text(submitted, "managementKey", "", error))));

    if (url[0] == '\0' && key[0] == '\0') {
        free(url);
        free(key);
        return;
    }
    memory_replace(&config->cpa_base_url, url);
    memory_wipe_cstr(config->management_key);
    config->management_key = key;
}

static void merge_collector(struct manager_config *config, const cJSON *submitted, char **error)
{
    struct slice mode =
        slice_trim(slice_of_cstr(document_text(submitted, "collectorMode", "", error)));
    struct slice queue = slice_trim(slice_of_cstr(document_text(submitted, "queue", "", error)));
    const char *side = document_text(submitted, "popSide", "", error);

    config->is_enabled = document_bool(submitted, "enabled", config->is_enabled, error);
    if (mode.len > 0) {
        char *given = memory_copy_slice(mode);
        memory_replace(&config->collector_mode, memory_copy_cstr(connection_mode(given)));
        free(given);
    }
    if (queue.len > 0)
        memory_replace(&config->queue, memory_copy_slice(queue));
    memory_replace(&config->pop_side, memory_copy_cstr(connection_side(side, config->pop_side)));
    config->batch_size = connection_positive(document_int64(submitted, "batchSize", 0, error),
                                             config->batch_size, DEFAULT_BATCH_SIZE);
    config->poll_interval_ms =
        connection_positive(document_int64(submitted, "pollIntervalMs", 0, error),
                            config->poll_interval_ms, DEFAULT_POLL_INTERVAL_MS);
    config->query_limit = connection_positive(document_int64(submitted, "queryLimit", 0, error),
                                              config->query_limit, DEFAULT_QUERY_LIMIT);
    config->is_tls_verify_skipped = document_bool(submitted, "tlsSkipVerify", false, error);
}

char *manager_config_merge(struct manager_config *config, const cJSON *submitted)
{
    char *error = NULL;
    const cJSON *inspection = NULL;

    merge_connection(config, document_object(submitted, "cpaConnection", &error), &error);
    merge_collector(config, document_object(submitted, "collector", &error), &error);
    inspection = document_object(submitted, "codexInspection", &error);
    return error != NULL ? error : inspection_config_merge(&config->inspection, inspection);
}

static void write_collector(struct text *out, const struct manager_config *config)
{
    document_open(out, "collector", '{');
    document_add_bool(out, "enabled", config->is_enabled);
    document_add_text_unless_empty(out, "collectorMode", config->collector_mode);
    document_add_text_unless_empty(out, "queue", config->queue);
    document_add_text_unless_empty(out, "popSide", config->pop_side);
    document_add_int64_unless_0(out, "batchSize", config->batch_size);
    document_add_int64_unless_0(out, "pollIntervalMs", config->poll_interval_ms);
    document_add_int64_unless_0(out, "queryLimit", config->query_limit);
    document_add_bool_if_true(out, "tlsSkipVerify", config->is_tls_verify_skipped);
    document_close(out, '}');
}

void manager_config_json_write(struct text *out, const char *name,
                               const struct manager_config *config, const char *management_key,
                               int64_t updated_at_ms)
{
    document_open(out, name, '{');
    document_open(out, "cpaConnection", '{');
    document_add_text(out, "cpaBaseUrl", config->cpa_base_url);
    document_add_text_unless_empty(out, "managementKey", management_key);
    document_close(out, '}');
    write_collector(out, config);
    document_open(out, "codexInspection", '{');
    inspection_config_write(out, &config->inspection);
    document_close(out, '}');
    document_open(out, "externalUsageService", '{');
    document_add_bool(out, "enabled", false);
    document_close(out, '}');
    document_add_int64_unless_0(out, "updatedAtMs", updated_at_ms);
    document_close(out, '}');
}

void manager_config_write(struct text *out, const char *name, const struct manager_config *config)
{
    manager_config_json_write(out, name, config, config->management_key, 0);
}
