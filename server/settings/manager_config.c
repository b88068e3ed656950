/* The manager configuration in memory: see manager_config.h. */
#include "server/settings/manager_config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "server/memory.h"
#include "server/settings/connection.h"

void manager_config_init(struct manager_config *config, const struct config *start)
{
    memset(config, 0, sizeof(*config));
    config->cpa_base_url = memory_copy_cstr("");
    config->management_key = memory_copy_cstr("");
    config->is_enabled = true;
    config->collector_mode = memory_copy_cstr(connection_mode(start->collector_mode));
    config->queue = memory_copy_cstr(start->queue);
    config->pop_side = memory_copy_cstr(connection_side(start->pop_side, "right"));
    config->batch_size = start->batch_size;
    config->poll_interval_ms = start->poll_interval_ms;
    config->query_limit = start->query_limit;
    config->is_tls_verify_skipped = start->tls_skip_verify;
    inspection_config_init(&config->inspection);
}

void manager_config_clear(struct manager_config *config)
{
    free(config->cpa_base_url);
    memory_wipe_cstr(config->management_key);
    free(config->collector_mode);
    free(config->queue);
    free(config->pop_side);
    inspection_config_clear(&config->inspection);
    memset(config, 0, sizeof(*config));
}

void manager_config_copy(struct manager_config *out_copy, const struct manager_config *config)
{
    struct manager_config copy = *config;

    copy.cpa_base_url = memory_copy_cstr(config->cpa_base_url);
    copy.management_key = memory_copy_cstr(config->management_key);
    copy.collector_mode = memory_copy_cstr(config->collector_mode);
    copy.queue = memory_copy_cstr(config->queue);
    copy.pop_side = memory_copy_cstr(config->pop_side);
    inspection_config_copy(&copy.inspection, &config->inspection);
    *out_copy = copy;
}

void manager_config_use_start(struct manager_config *config, const struct config *start)
{
    memory_replace(&config->cpa_base_url, connection_url_normalise(start->cpa_upstream_url));
    memory_wipe_cstr(config->management_key);
    config->management_key = memory_copy_cstr(start->management_key);
    memory_replace(&config->collector_mode,
                   memory_copy_cstr(connection_mode(start->collector_mode)));
    memory_replace(&config->queue, memory_copy_cstr(start->queue));
    memory_replace(&config->pop_side, memory_copy_cstr(connection_side(start->pop_side, "right")));
    config->batch_size = start->batch_size;
    config->poll_interval_ms = start->poll_interval_ms;
    config->query_limit = start->query_limit;
    config->is_tls_verify_skipped = start->tls_skip_verify;
}

bool manager_config_is_connected(const struct manager_config *config)
{
    return config->cpa_base_url[0] != '\0' && config->management_key[0] != '\0';
}

const char *manager_config_source_name(enum manager_config_source source)
{
    switch (source) {
    case MANAGER_CONFIG_ENV:
        return "env";
    case MANAGER_CONFIG_DB:
        return "db";
    case MANAGER_CONFIG_NONE:
        break;
    }
    return "";
}

static int clamped(int64_t value)
{
    return value > INT_MAX ? INT_MAX : (int)value;
}

void manager_config_collector(const struct manager_config *config,
                              struct collector_settings *out_settings)
{
    *out_settings = (struct collector_settings){
        .upstream_url = config->cpa_base_url,
        .management_key = config->management_key,
        .mode = collector_mode_of(config->collector_mode),
        .queue = config->queue,
        .pop_side = config->pop_side,
        .batch_size = clamped(config->batch_size),
        .poll_interval_ms = clamped(config->poll_interval_ms),
        .tls_skip_verify = config->is_tls_verify_skipped,
    };
}
