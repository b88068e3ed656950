/* POST /setup: see setup.h. */
#include "server/settings/setup.h"

#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/memory.h"
#include "server/settings/connection.h"
#include "server/settings/upstream_check.h"

/* The request, its defaults filled in. Owns its texts. */
struct setup_request {
    char *url;
    char *key; /* secret */
    char *queue;
    const char *mode;
    const char *side;
    int64_t batch_size;
    int64_t poll_interval_ms;
    int64_t query_limit;
    bool is_tls_verify_skipped;
    bool is_monitoring;
    bool ensures_statistics; /* counts only with monitoring */
};

static void clear_request(struct setup_request *request)
{
    free(request->url);
    memory_wipe_cstr(request->key);
    free(request->queue);
}

static char *trimmed(const cJSON *document, const char *name, const char *absent, char **error)
{
    char *text =
        memory_copy_slice(slice_trim(slice_of_cstr(document_text(document, name, "", error))));

    if (text[0] == '\0')
        memory_replace(&text, memory_copy_cstr(absent));
    return text;
}

/* The key under its name, else under the older one. */
static char *read_key(const cJSON *document, char **error)
{
    char *old_key = trimmed(document, "managementKey", "", error);
    char *key = trimmed(document, "cpaManagementKey", old_key, error);

    memory_wipe_cstr(old_key);
    return key;
}

static char *read_request(const cJSON *document, const struct config *start,
                          struct setup_request *request)
{
    char *error = NULL;

    request->url = connection_url_normalise(document_text(document, "cpaBaseUrl", "", &error));
    request->key = read_key(document, &error);
    request->mode = connection_mode(document_text(document, "collectorMode", "", &error));
    request->queue = trimmed(document, "queue", start->queue, &error);
    request->side =
        connection_side(document_text(document, "popSide", "", &error), start->pop_side);
    request->batch_size =
        connection_positive(document_int64(document, "batchSize", 0, &error), start->batch_size, 1);
    request->poll_interval_ms = connection_positive(
        document_int64(document, "pollIntervalMs", 0, &error), start->poll_interval_ms, 1);
    request->query_limit = connection_positive(document_int64(document, "queryLimit", 0, &error),
                                               start->query_limit, 1);
    request->is_tls_verify_skipped = document_bool(document, "tlsSkipVerify", false, &error);
    request->is_monitoring = document_bool(document, "requestMonitoringEnabled", true, &error);
    request->ensures_statistics =
        document_bool(document, "ensureUsageStatisticsEnabled", true, &error);
    return error;
}

/* Whether it says the same as the environment that manages the connection. */
static bool is_as_environment(const struct setup_request *request, const struct config *start)
{
    char *url = connection_url_normalise(start->cpa_upstream_url);
    bool is_same = strcmp(request->url, url) == 0 &&
                   strcmp(request->key, start->management_key) == 0 &&
                   strcmp(request->queue, start->queue) == 0 &&
                   strcmp(request->side, connection_side(start->pop_side, "right")) == 0;

    free(url);
    return is_same;
}

/* The checks that need no call. 0, or the status with *out_message to free(). */
static int check_request(const struct setup_request *request, const struct config *start,
                         const struct manager_config *existing, char **out_message)
{
    const char *refusal = NULL;
    int status = 0;

    if (request->url[0] == '\0' || request->key[0] == '\0') {
        refusal = "cpaBaseUrl and managementKey are required";
        status = 400;
    } else if (config_manages_connection(start) && !is_as_environment(request, start)) {
        refusal = "setup is managed by environment variables";
        status = 409;
    } else if (existing->management_key[0] != '\0' &&
               strcmp(existing->management_key, request->key) != 0 &&
               strcmp(existing->cpa_base_url, request->url) != 0) {
        refusal = "invalid management key for existing setup";
        status = 401;
    }
    *out_message = memory_copy_cstr(refusal);
    return status;
}

/* Replace connection and collector fields of config. */
static void apply_request(const struct setup_request *request, struct manager_config *config)
{
    memory_replace(&config->cpa_base_url, memory_copy_cstr(request->url));
    memory_wipe_cstr(config->management_key);
    config->management_key = memory_copy_cstr(request->key);
    memory_replace(&config->collector_mode, memory_copy_cstr(request->mode));
    memory_replace(&config->queue, memory_copy_cstr(request->queue));
    memory_replace(&config->pop_side, memory_copy_cstr(request->side));
    config->is_enabled = request->is_monitoring;
    config->batch_size = request->batch_size;
    config->poll_interval_ms = request->poll_interval_ms;
    config->query_limit = request->query_limit;
    config->is_tls_verify_skipped = request->is_tls_verify_skipped;
}

static void answer_done(struct settings_answer *answer, struct manager_config *config)
{
    answer->status = 200;
    document_open(&answer->body, NULL, '{');
    document_add_bool(&answer->body, "ok", true);
    document_add_text(&answer->body, "upstream", config->cpa_base_url);
    document_close(&answer->body, '}');
    text_add_char(&answer->body, '\n');
    if (config->is_enabled)
        settings_answer_start(answer, config);
    else
        answer->collector = SETTINGS_COLLECTOR_STOP;
}

void setup_apply(const struct settings_context *context, struct slice body,
                 struct settings_answer *answer)
{
    struct effective_config effective = {.source = MANAGER_CONFIG_NONE};
    struct setup_request request = {0};
    char *message = NULL;
    cJSON *document = document_parse(body, false, &message);
    int status = 400;

    if (document == NULL)
        goto done;
    message = read_request(document, context->config, &request);
    if (message != NULL)
        goto done;
    status = 502;
    if (!settings_load(context, &effective, &message))
        goto done;
    status = check_request(&request, context->config, &effective.config, &message);
    if (status != 0)
        goto done;
    apply_request(&request, &effective.config);
    status = upstream_check(&effective.config, request.ensures_statistics, &message);
    if (status == 0 && !settings_save(context, &effective.config, true, &message))
        status = 502;
    if (status == 0)
        answer_done(answer, &effective.config);
done:
    if (status != 0)
        settings_answer_error(answer, status, message);
    manager_config_clear(&effective.config);
    clear_request(&request);
    document_wipe(document);
    free(message);
}
