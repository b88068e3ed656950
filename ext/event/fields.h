/* The members of a payload by name, and the ways of reading one (ingest specification,
 * section 11, "Parsing primitives").
 *
 * An object is walked once: fields_read finds each member's name in the sorted list of
 * known keys and keeps the member under that key. All readings are lookups by key then.
 *
 *     fields_str(arena, &top, KEYS(KEY_request_id, KEY_requestId, KEY_id))
 *
 * is str("request_id", "requestId", "id"). Internal to ext/event/. Pure. */
#ifndef USAGE_EXT_EVENT_FIELDS_H
#define USAGE_EXT_EVENT_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/arena.h"
#include "ext/event/event.h"
#include "ext/json.h"
#include "ext/text.h"

/* Every key that some rule reads, shorter ones first, equally long ones by bytes: the
 * lookup is a binary search. An enumerator is spelled as its key, so that one search
 * finds both. */
/* clang-format off */
#define EVENT_KEYS(X) \
    X(id) X(ok) X(api) X(key) X(body) X(fail) X(path) X(time) X(type) X(alias) X(email) X(error) \
    X(model) X(route) X(total) X(usage) X(apiKey) X(detail) X(failed) X(method) X(source) \
    X(status) X(tokens) X(ttftMs) X(account) X(api_key) X(created) X(headers) X(rawJson) \
    X(request) X(success) X(ttft_ms) X(urlPath) X(authType) X(clientIp) X(endpoint) X(failBody) \
    X(generate) X(isFailed) X(provider) X(raw_json) X(url_path) X(AuthIndex) X(authIndex) \
    X(auth_type) X(client_ip) X(createdAt) X(elapsedMs) X(eventHash) X(fail_body) X(is_failed) \
    X(latencyMs) X(modelName) X(operation) X(projectId) X(requestId) X(timestamp) X(userAgent) \
    X(apiKeyHash) X(auth_index) X(created_at) X(durationMs) X(elapsed_ms) X(event_hash) \
    X(httpMethod) X(httpStatus) X(latency_ms) X(model_name) X(project_id) X(request_id) \
    X(sourceHash) X(statusCode) X(user_agent) X(cacheTokens) X(createdAtMs) X(duration_ms) \
    X(failSummary) X(http_method) X(http_status) X(inputTokens) X(requestTime) X(serviceTier) \
    X(source_hash) X(status_code) X(timestampMs) X(totalTokens) X(api_key_hash) X(cache_tokens) \
    X(cachedTokens) X(errorMessage) X(executorType) X(fail_summary) X(input_tokens) \
    X(outputTokens) X(promptTokens) X(request_time) X(service_tier) X(timestamp_ms) \
    X(total_tokens) X(cached_tokens) X(created_at_ms) X(error_message) X(executor_type) \
    X(output_tokens) X(prompt_tokens) X(resolvedModel) X(xForwardedFor) X(cacheInputMode) \
    X(failStatusCode) X(requestedModel) X(resolved_model) X(accountSnapshot) X(cacheReadTokens) \
    X(reasoningEffort) X(reasoningTokens) X(requested_model) X(responseHeaders) \
    X(token_breakdown) X(x_forwarded_for) X(account_snapshot) X(authFileSnapshot) \
    X(authSnapshotAtMs) X(cacheWriteTokens) X(cache_input_mode) X(completionTokens) \
    X(fail_status_code) X(reasoning_effort) X(reasoning_tokens) X(responseMetadata) \
    X(response_headers) X(authLabelSnapshot) X(cache_read_tokens) X(completion_tokens) \
    X(response_metadata) X(accounting_version) X(auth_file_snapshot) X(cache_write_tokens) \
    X(requestServiceTier) X(timeToFirstTokenMs) X(access_token_sha256) X(auth_label_snapshot) \
    X(auth_snapshot_at_ms) X(cacheCreationTokens) X(responseServiceTier) X(authProviderSnapshot) \
    X(cacheReadInputTokens) X(request_service_tier) X(authProjectIdSnapshot) \
    X(cacheWriteInputTokens) X(cache_creation_tokens) X(response_service_tier) \
    X(auth_provider_snapshot) X(time_to_first_token_ms) X(cache_read_input_tokens) \
    X(auth_project_id_snapshot) X(cacheCreationInputTokens) X(cache_write_input_tokens) \
    X(cache_creation_input_tokens)
/* clang-format on */

enum event_key {
#define X(name) KEY_##name,
    EVENT_KEYS(X)
#undef X
        KEY_COUNT
};

/* A list of keys in order of precedence, ended by KEY_COUNT. */
#define KEYS(...) ((const uint8_t[]){__VA_ARGS__, KEY_COUNT})

/* The keys of token counts. */
#define FIELDS_TOKEN_KEYS                                                                          \
    KEYS(KEY_input_tokens, KEY_inputTokens, KEY_prompt_tokens, KEY_promptTokens,                   \
         KEY_output_tokens, KEY_outputTokens, KEY_completion_tokens, KEY_completionTokens,         \
         KEY_reasoning_tokens, KEY_reasoningTokens, KEY_cached_tokens, KEY_cachedTokens,           \
         KEY_cache_tokens, KEY_cacheTokens, KEY_cache_read_tokens, KEY_cacheReadTokens,            \
         KEY_cache_read_input_tokens, KEY_cacheReadInputTokens, KEY_cache_creation_tokens,         \
         KEY_cacheCreationTokens, KEY_cache_creation_input_tokens, KEY_cacheCreationInputTokens,   \
         KEY_cache_write_tokens, KEY_cacheWriteTokens, KEY_cache_write_input_tokens,               \
         KEY_cacheWriteInputTokens, KEY_total_tokens, KEY_totalTokens, KEY_total)

/* How a number reads: as CPA's events are read, or, in exported lines and what hangs on
 * them, by its literal text (usage API specification, section 4.4). */
enum fields_style { FIELDS_OF_EVENT, FIELDS_OF_EXPORT };

struct fields {
    enum fields_style style;
    const struct json *value[KEY_COUNT]; /* NULL: the key is not there */
};

/* Read an object's members; NULL and other values have none. */
void fields_read(struct fields *out_fields, const struct json *object, enum fields_style style);

/* The value of the first key that is there, even if it is null; NULL when none is. */
const struct json *fields_first(const struct fields *fields, const uint8_t *keys);
/* Whether one of the keys is there. */
bool fields_has(const struct fields *fields, const uint8_t *keys);
/* The first value, if it is an object; else NULL. */
const struct json *fields_object(const struct fields *fields, const uint8_t *keys);

/* str: the first value as trimmed text, a part of the payload or in the arena. Null is
 * empty. Arrays and objects are printed as Go prints them; of an export they are empty. */
struct slice fields_str(struct arena *arena, const struct fields *fields, const uint8_t *keys);
/* int: numbers, digits in a string; anything else is 0. */
int64_t fields_int(const struct fields *fields, const uint8_t *keys);
/* firstint: the first key whose int is not 0; 0 when there is none. */
int64_t fields_first_int(const struct fields *fields, const uint8_t *keys);
/* optint: absent when no key is there or the first value is null. */
struct optional_int64 fields_optional_int(const struct fields *fields, const uint8_t *keys);

/* A JSON value as an int, in either style. */
int64_t fields_value_int(const struct json *value, enum fields_style style);

#endif
