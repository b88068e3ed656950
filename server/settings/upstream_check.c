/* Asking CPA before saving: see upstream_check.h. */
#include "server/settings/upstream_check.h"

#include <inttypes.h>

#include "server/memory.h"
#include "server/upstream/cpa_client.h"

/* 400 when events would be pruned before they are polled. */
static int check_retention(const struct manager_config *config, const struct cpa_usage *usage,
                           char **out_message)
{
    if (usage->retention_seconds <= 0) {
        *out_message =
            memory_copy_cstr("CPA redis-usage-queue-retention-seconds must be greater than 0");
        return 400;
    }
    if (config->poll_interval_ms > usage->retention_seconds * 1000) {
        *out_message = memory_format("pollIntervalMs must be less than or equal to CPA "
                                     "redis-usage-queue-retention-seconds (%" PRId64 " seconds)",
                                     usage->retention_seconds);
        return 400;
    }
    return 0;
}

int upstream_check(const struct manager_config *config, bool ensures_statistics, char **out_message)
{
    const char *url = config->cpa_base_url;
    const char *key = config->management_key;
    struct cpa_usage usage = {0};
    int status = 0;

    if (cpa_validate(url, key, out_message) != CPA_OK)
        return 502;
    if (!config->is_enabled)
        return 0;
    if (cpa_usage_read(url, key, &usage, out_message) != CPA_OK)
        return 502;
    status = check_retention(config, &usage, out_message);
    if (status != 0 || !ensures_statistics || usage.is_statistics_enabled)
        return status;
    return cpa_usage_enable(url, key, out_message) == CPA_OK ? 0 : 502;
}
