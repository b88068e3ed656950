#include "server/collector/http_queue.h"

#include <stdlib.h>

#include "ext/json.h"
#include "server/collector/json_elements.h"
#include "server/memory.h"
#include "server/upstream/http_call.h"

/* The answer to one pop; the events of a batch have a few KiB each. Beyond: the call
 * fails, and what arrived of it is still taken. */
#define LIMIT_POP_BODY_BYTES ((size_t)256 * 1024 * 1024)
/* A string element that is to be decoded. Beyond: taken as it stands. */
#define LIMIT_ELEMENT_ARENA_BYTES (4 * LIMIT_BULK_BYTES)

/* A queued payload that was not JSON comes as a JSON string. */
static void take_string(struct slice element, const struct payload_sink *sink)
{
    struct json_error error;
    struct arena arena;
    const struct json *string = NULL;
    arena_init(&arena, LIMIT_ELEMENT_ARENA_BYTES);
    string = json_parse(&arena, element, &error);
    sink->take(sink->context, string != NULL ? string->text : element);
    arena_clear(&arena);
}

bool http_queue_take(struct slice body, const struct payload_sink *sink, size_t *out_taken)
{
    struct json_elements elements;
    struct slice element = slice_empty();
    json_elements_init(&elements, body);
    while (json_elements_next(&elements, &element)) {
        if (element.len == 0 || slice_equal(element, SLICE("null")))
            continue;
        if (element.data[0] == '"')
            take_string(element, sink);
        else
            sink->take(sink->context, element);
        ++*out_taken;
    }
    return elements.is_complete;
}

static enum failure_kind failure_of_status(const struct http_response *response,
                                           struct failure *out_failure)
{
    struct slice body =
        slice_first(slice_trim(text_slice(&response->body)), LIMIT_HTTP_ERROR_BYTES);
    const int status = response->status;
    if (status == 404 || status == 405 || status == 501)
        return failure_set(out_failure, FAILURE_UNSUPPORTED, "http usage queue is unsupported: %s",
                           response->status_line);
    return failure_set(out_failure,
                       status == 401 || status == 403 ? FAILURE_REFUSED : FAILURE_BROKEN,
                       "usage queue request failed: %s%s%.*s", response->status_line,
                       body.len > 0 ? ": " : "", (int)body.len, body.len > 0 ? body.data : "");
}

enum failure_kind http_queue_pop(struct http_caller *caller, const struct endpoint *endpoint,
                                 const char *management_key, int count,
                                 const struct stop_signal *stop, const struct payload_sink *sink,
                                 size_t *out_taken, struct failure *out_failure)
{
    char *url = memory_format("%s/v0/management/usage-queue?count=%d", endpoint->base_url, count);
    const struct http_request request = {
        .method = "GET",
        .url = url,
        .bearer = management_key,
        .connect_timeout_ms = DIAL_TIMEOUT_MS,
        .total_timeout_ms = HTTP_TIMEOUT_MS,
        .body_limit_bytes = LIMIT_POP_BODY_BYTES,
        .skips_tls_verify = endpoint->skips_tls_verify,
        .cancel = &stop->is_overdue,
    };
    struct http_response response;
    bool is_answered = false;

    *out_taken = 0;
    http_response_init(&response);
    is_answered = http_call(caller, &request, &response);
    if (slice_starts_with(slice_of_cstr(response.status_line), SLICE("200"))) {
        bool is_whole = http_queue_take(text_slice(&response.body), sink, out_taken);
        (void)failure_set(
            out_failure, is_answered && is_whole ? FAILURE_NONE : FAILURE_BROKEN, "%s",
            is_answered ? "the usage queue answer is not a JSON array" : response.error);
    } else if (is_answered) {
        (void)failure_of_status(&response, out_failure);
    } else {
        (void)failure_set(out_failure, FAILURE_DOWN, "%s", response.error);
    }
    http_response_clear(&response);
    free(url);
    return out_failure->kind;
}
