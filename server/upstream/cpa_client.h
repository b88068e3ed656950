/* The calls to CPA's management API that setup and configuration need. Each blocks for
 * at most LIMIT_CPA_TOTAL_MS; not for event loops. */
#ifndef CPA_SERVER_UPSTREAM_CPA_CLIENT_H
#define CPA_SERVER_UPSTREAM_CPA_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

enum cpa_result {
    CPA_OK,
    CPA_REFUSED,    /* answered with another status than 2xx, or not with what was asked */
    CPA_UNREACHABLE /* no answer */
};

/* What usage collection needs to know of CPA's configuration. */
struct cpa_usage {
    bool is_statistics_enabled;
    int64_t retention_seconds; /* of its usage queue; 60 unless it says otherwise */
    bool is_retention_default; /* it did not say */
};

/* All: base_url as connection_url_normalise gives it; *out_error is one line to free()
 * when the result is not CPA_OK. */

/* GET /v0/management/config answers 2xx for this key. */
enum cpa_result cpa_validate(const char *base_url, const char *management_key, char **out_error);
/* Read the usage settings from GET /v0/management/config. */
enum cpa_result cpa_usage_read(const char *base_url, const char *management_key,
                               struct cpa_usage *out_usage, char **out_error);
/* PUT /v0/management/usage-statistics-enabled {"value":true}. CPA rewrites its
 * configuration file for this: skip it when it is enabled already. */
enum cpa_result cpa_usage_enable(const char *base_url, const char *management_key,
                                 char **out_error);
/* Parse the answer of GET config; false when it is not a JSON object. */
bool cpa_usage_parse(struct slice json, struct cpa_usage *out_usage);

#endif
