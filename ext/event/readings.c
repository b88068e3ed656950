/* Readings that several kinds of records share; see readings.h. */
#include "ext/event/readings.h"

#include "ext/event/cache_accounting.h"
#include "ext/event/redact.h"
#include "ext/hash.h"

static struct slice str(const struct record *record, const uint8_t *keys)
{
    return fields_str(record->arena, &record->top, keys);
}

void readings_credential(const struct record *record, struct event *event)
{
    event->executor_type = str(record, KEYS(KEY_executor_type, KEY_executorType));
    event->auth_type = str(record, KEYS(KEY_auth_type, KEY_authType));
    event->auth_index = str(record, KEYS(KEY_auth_index, KEY_authIndex, KEY_AuthIndex));
    event->account_snapshot = str(record, KEYS(KEY_account_snapshot, KEY_accountSnapshot));
    event->auth_label_snapshot = str(record, KEYS(KEY_auth_label_snapshot, KEY_authLabelSnapshot));
    event->auth_file_snapshot = str(record, KEYS(KEY_auth_file_snapshot, KEY_authFileSnapshot));
    event->auth_provider_snapshot =
        str(record, KEYS(KEY_auth_provider_snapshot, KEY_authProviderSnapshot));
    event->auth_project_id_snapshot =
        str(record, KEYS(KEY_auth_project_id_snapshot, KEY_authProjectIdSnapshot));
    event->auth_snapshot_at_ms =
        fields_int(&record->top, KEYS(KEY_auth_snapshot_at_ms, KEY_authSnapshotAtMs));
}

void readings_tiers(const struct record *record, struct event *event)
{
    event->reasoning_effort = str(record, KEYS(KEY_reasoning_effort, KEY_reasoningEffort));
    event->service_tier = str(record, KEYS(KEY_service_tier, KEY_serviceTier));
    event->request_service_tier =
        str(record, KEYS(KEY_request_service_tier, KEY_requestServiceTier));
    event->response_service_tier =
        str(record, KEYS(KEY_response_service_tier, KEY_responseServiceTier));
}

void readings_source(const struct record *record, struct event *event)
{
    struct slice client_key = str(record, KEYS(READINGS_CLIENT_KEY_KEYS));
    struct slice source =
        str(record, KEYS(KEY_source, READINGS_CLIENT_KEY_KEYS, KEY_account, KEY_email));
    event->source_hash = hash_sha256_hex(record->arena, source);
    event->api_key_hash = hash_sha256_hex(record->arena, client_key);
    event->source =
        redact_source(record->arena, source, event->auth_type, event->provider, client_key);
}

void readings_how_much(const struct record *record, struct event *event)
{
    record_counts(record, event);
    event->latency_ms =
        fields_optional_int(&record->top, KEYS(KEY_latency_ms, KEY_latencyMs, KEY_duration_ms,
                                               KEY_durationMs, KEY_elapsed_ms, KEY_elapsedMs));
    event->ttft_ms =
        fields_optional_int(&record->top, KEYS(KEY_ttft_ms, KEY_ttftMs, KEY_time_to_first_token_ms,
                                               KEY_timeToFirstTokenMs));
    if (!record_cache_mode(record, &event->cache_input_mode))
        event->cache_input_mode = cache_accounting_infer(event);
}

static bool is_bool(const struct json *value)
{
    return value && (value->type == JSON_TRUE || value->type == JSON_FALSE);
}

static bool read_failed(const struct record *record)
{
    const struct fields *top = &record->top;
    const struct json *failed = fields_first(top, KEYS(KEY_failed, KEY_is_failed, KEY_isFailed));
    const struct json *success = fields_first(top, KEYS(KEY_success, KEY_ok));
    const struct json *error =
        fields_first(top, KEYS(KEY_error, KEY_error_message, KEY_errorMessage));
    if (is_bool(failed))
        return failed->type == JSON_TRUE;
    if (is_bool(success))
        return success->type == JSON_FALSE;
    if (fields_int(top, KEYS(KEY_status, KEY_status_code, KEY_statusCode, KEY_http_status,
                             KEY_httpStatus)) >= 400)
        return true;
    return error && error->type != JSON_NULL;
}

/* Redacted twice, as the original does on reading and on storing: a text that is cut at a
 * wide character grows by dots once more. A successful event has no failure to tell of:
 * the original keeps its response headers there. */
void readings_failure(const struct record *record, struct event *event)
{
    event->failed = read_failed(record);
    event->fail_status_code = record_fail_status(record);
    if (event->failed)
        event->fail_summary =
            redact_summary(record->arena, redact_summary(record->arena, record_fail_text(record)));
}
