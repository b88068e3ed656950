/* Error bodies: the code follows from the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http/error_code.h"

static void assert_code(const char *message, const char *code)
{
    assert_string_equal(error_code_of(message), code);
}

static void the_first_part_that_occurs_decides(void **state)
{
    (void)state;
    assert_code("connection setup is managed by environment variables", "connection_env_managed");
    assert_code("setup is managed by environment variables", "setup_env_managed");
    assert_code("quotaCooldownEnabled is locked by environment variable",
                "account_processing_policy_env_locked");
    assert_code("cpaBaseUrl and managementKey are required when request monitoring is enabled",
                "cpa_connection_required_for_monitoring");
    assert_code("cpaBaseUrl and managementKey are required", "cpa_connection_required");
    assert_code("invalid management key for existing setup", "invalid_existing_management_key");
    assert_code("invalid admin key", "invalid_admin_key");
    assert_code("invalid management key", "invalid_management_key");
    assert_code("usage service is not configured", "usage_service_not_configured");
    assert_code("CPA redis-usage-queue-retention-seconds must be greater than 0",
                "cpa_usage_retention_invalid");
    assert_code("pollIntervalMs must be less than or equal to CPA "
                "redis-usage-queue-retention-seconds (1 seconds)",
                "poll_interval_exceeds_retention");
    assert_code("invalid time zone \"Mars/Olympus\": unknown time zone Mars/Olympus",
                "invalid_time_zone");
    assert_code("management API validation failed: 401 Unauthorized",
                "management_api_validation_failed");
    assert_code("management API config request failed: 500 x", "management_api_config_failed");
    assert_code("enable CPA usage statistics failed: 500 x", "enable_cpa_usage_statistics_failed");
    assert_code("prices are required", "prices_required");
    assert_code("api key aliases are required", "api_key_aliases_required");
    assert_code("api key alias already exists", "api_key_alias_duplicate");
    assert_code("model price sync failed: x", "model_price_sync_failed");
    assert_code("method not allowed", "method_not_allowed");
    assert_code("CPA connection is already bound", "cpa_connection_already_bound");
    assert_code("Invalid admin key", "request_failed");
    assert_code("", "request_failed");
}

static void the_body_is_escaped_and_ends_with_a_newline(void **state)
{
    struct text body;

    (void)state;
    text_init(&body, 1024);
    error_body_write(&body, "bad \"<x>\" & \xff");
    assert_string_equal(body.data, "{\"code\":\"request_failed\",\"error\":\"bad \\\"\\u003cx"
                                   "\\u003e\\\" \\u0026 \\ufffd\"}\n");
    text_clear(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_part_that_occurs_decides),
        cmocka_unit_test(the_body_is_escaped_and_ends_with_a_newline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
