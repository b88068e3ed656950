/* Calls to CPA's management API: see cpa_client.h. */
#include "server/upstream/cpa_client.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/upstream/http_call.h"

#define CONFIG_PATH "/v0/management/config"
#define ENABLE_PATH "/v0/management/usage-statistics-enabled"

#define DEFAULT_RETENTION_SECONDS 60
#define LARGEST_RETENTION_SECONDS 1000000000000.0 /* its milliseconds still are an int64 */

/* Make a call. CPA_OK for 2xx; otherwise *out_error, which for an answer is
 * "<refusal>: <status line>". */
static enum cpa_result call(struct http_request *request, const char *base_url, const char *path,
                            const char *refusal, struct http_response *response, char **out_error)
{
    struct http_caller *caller = http_caller_new();
    char *url = memory_format("%s%s", base_url, path);
    enum cpa_result result = CPA_UNREACHABLE;

    request->url = url;
    request->connect_timeout_ms = LIMIT_CPA_CONNECT_MS;
    request->total_timeout_ms = LIMIT_CPA_TOTAL_MS;
    request->body_limit_bytes = LIMIT_CPA_BODY_BYTES;
    request->follows_redirects = true;
    if (caller == NULL) {
        *out_error = memory_copy_cstr("libcurl failed");
    } else if (!http_call(caller, request, response)) {
        *out_error = memory_copy_cstr(response->error);
    } else if (response->status / 100 != 2) {
        *out_error = memory_format("%s: %s", refusal, response->status_line);
        result = CPA_REFUSED;
    } else {
        result = CPA_OK;
    }
    free(url);
    http_caller_free(caller);
    return result;
}

enum cpa_result cpa_validate(const char *base_url, const char *management_key, char **out_error)
{
    struct http_request request = {.method = "GET", .bearer = management_key};
    struct http_response response;
    enum cpa_result result = CPA_OK;

    http_response_init(&response);
    result = call(&request, base_url, CONFIG_PATH, "management API validation failed", &response,
                  out_error);
    http_response_clear(&response);
    return result;
}

enum cpa_result cpa_usage_read(const char *base_url, const char *management_key,
                               struct cpa_usage *out_usage, char **out_error)
{
    struct http_request request = {.method = "GET", .bearer = management_key};
    struct http_response response;
    enum cpa_result result = CPA_OK;

    http_response_init(&response);
    result = call(&request, base_url, CONFIG_PATH, "management API config request failed",
                  &response, out_error);
    if (result == CPA_OK && !cpa_usage_parse(text_slice(&response.body), out_usage)) {
        *out_error = memory_copy_cstr(
            "management API config request failed: the answer is not a JSON object");
        result = CPA_REFUSED;
    }
    http_response_clear(&response);
    return result;
}

enum cpa_result cpa_usage_enable(const char *base_url, const char *management_key, char **out_error)
{
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    struct http_request request = {.method = "PUT",
                                   .bearer = management_key,
                                   .headers = headers,
                                   .body = SLICE("{\"value\":true}")};
    struct http_response response;
    enum cpa_result result = CPA_OK;

    http_response_init(&response);
    result = call(&request, base_url, ENABLE_PATH, "enable CPA usage statistics failed", &response,
                  out_error);
    http_response_clear(&response);
    return result;
}

/* The member under its name of today or of old; NULL when absent or null. */
static const cJSON *either(const cJSON *document, const char *name, const char *old_name)
{
    const cJSON *item = document_get(document, name);

    return item != NULL ? item : document_get(document, old_name);
}

static bool is_true(const cJSON *item)
{
    struct slice word = slice_empty();

    if (!cJSON_IsString(item))
        return cJSON_IsTrue(item);
    word = slice_trim(slice_of_cstr(item->valuestring));
    return slice_equal(word, SLICE("1")) || slice_equal_nocase(word, SLICE("true")) ||
           slice_equal_nocase(word, SLICE("yes")) || slice_equal_nocase(word, SLICE("on"));
}

/* The number, cut to an integer, or the integer in a text. false when it is neither. */
static bool read_seconds(const cJSON *item, int64_t *out_seconds)
{
    int64_t seconds = 0;

    if (cJSON_IsNumber(item)) {
        *out_seconds = (int64_t)fmax(-1, fmin(item->valuedouble, LARGEST_RETENTION_SECONDS));
        return true;
    }
    if (!cJSON_IsString(item) ||
        !slice_to_int64(slice_trim(slice_of_cstr(item->valuestring)), &seconds, NULL))
        return false;
    *out_seconds =
        (double)seconds > LARGEST_RETENTION_SECONDS ? (int64_t)LARGEST_RETENTION_SECONDS : seconds;
    return true;
}

bool cpa_usage_parse(struct slice json, struct cpa_usage *out_usage)
{
    char *error = NULL;
    cJSON *document = document_parse(json, false, &error);

    free(error);
    if (document == NULL)
        return false;
    out_usage->is_statistics_enabled =
        is_true(either(document, "usage-statistics-enabled", "usageStatisticsEnabled"));
    out_usage->retention_seconds = DEFAULT_RETENTION_SECONDS;
    out_usage->is_retention_default = !read_seconds(
        either(document, "redis-usage-queue-retention-seconds", "redisUsageQueueRetentionSeconds"),
        &out_usage->retention_seconds);
    document_wipe(document); /* it holds keys */
    return true;
}
