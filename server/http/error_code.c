/* Error codes by message: see error_code.h. */
#include "server/http/error_code.h"

#include <string.h>

#include "server/document.h"

struct code_row {
    const char *part; /* of the message; the first row that occurs decides */
    const char *code;
};

/* clang-format off */
static const struct code_row codes[] = {
    {"connection setup is managed by environment variables", "connection_env_managed"},
    {"locked by environment variable",                       "account_processing_policy_env_locked"},
    {"CPA connection is already bound",                      "cpa_connection_already_bound"},
    {"cpaBaseUrl and managementKey are required when request monitoring is enabled",
                                                             "cpa_connection_required_for_monitoring"},
    {"cpaBaseUrl and managementKey are required",            "cpa_connection_required"},
    {"setup is managed by environment variables",            "setup_env_managed"},
    {"invalid management key for existing setup",            "invalid_existing_management_key"},
    {"invalid admin key",                                    "invalid_admin_key"},
    {"invalid management key",                               "invalid_management_key"},
    {"usage service is not configured",                      "usage_service_not_configured"},
    {"CPA redis-usage-queue-retention-seconds must be greater than 0",
                                                             "cpa_usage_retention_invalid"},
    {"pollIntervalMs must be less than or equal",            "poll_interval_exceeds_retention"},
    {"invalid time zone",                                    "invalid_time_zone"},
    {"management API validation failed",                     "management_api_validation_failed"},
    {"management API config request failed",                 "management_api_config_failed"},
    {"enable CPA usage statistics failed",                   "enable_cpa_usage_statistics_failed"},
    {"prices are required",                                  "prices_required"},
    {"api key aliases are required",                         "api_key_aliases_required"},
    {"api key alias already exists",                         "api_key_alias_duplicate"},
    {"model price sync failed",                              "model_price_sync_failed"},
    {"method not allowed",                                   "method_not_allowed"},
};
/* clang-format on */

const char *error_code_of(const char *message)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (strstr(message, codes[i].part) != NULL)
            return codes[i].code;
    }
    return "request_failed";
}

void error_body_write(struct text *out, const char *message)
{
    document_open(out, NULL, '{');
    document_add_text(out, "code", error_code_of(message));
    document_add_text(out, "error", message);
    document_close(out, '}');
    text_add_char(out, '\n');
}
