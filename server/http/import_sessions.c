/* /v0/management/usage/import-sessions: uploads in chunks, which survive a break of the
 * connection and a restart. Their rules are in transfer/session_store.h; here are the
 * paths, the bodies and a thread that may wait.
 *
 *   POST   .../import-sessions                       {"filename","size_bytes","resume_key"}
 *   GET    .../import-sessions/{id}
 *   PUT    .../import-sessions/{id}/chunk?offset=N   the bytes
 *   POST   .../import-sessions/{id}/complete
 *   DELETE .../import-sessions/{id}
 *
 * Other methods on these paths: 405; other paths below: 404. */
#include <stdlib.h>
#include <strings.h>

#include "server/app.h"
#include "server/document.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/path.h"
#include "server/memory.h"
#include "server/transfer/limits.h"
#include "server/transfer/session_store.h"
#include "server/transfer/transfer.h"

#define ROOT "/v0/management/usage/import-sessions"

/* What the path names, kept in the exchange's arena. */
struct session_request {
    struct slice id;
    int64_t offset;
    int64_t body_bytes; /* of a chunk; its bytes are there unless they are too many */
};

struct operation {
    const char *tail; /* behind the id; NULL: there is no id */
    const char *method;
    void (*begin)(struct exchange *exchange);
};

static struct session_store *store_of(const struct exchange *exchange)
{
    return transfer_sessions(exchange->app->transfer);
}

static void refuse(struct exchange *exchange, int status, const char *message)
{
    exchange_error(exchange, status, message);
    exchange_answer(exchange);
}

/* --- create --- */

/* NULL, or what is wrong with the members, to free(). */
static char *check_members(const cJSON *body)
{
    static const char *const known[] = {"filename", "size_bytes", "resume_key"};
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, body)
    {
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            is_known = is_known || strcasecmp(item->string, known[i]) == 0;
        if (!is_known)
            return memory_format("unknown field \"%.64s\"", item->string);
    }
    return NULL;
}

static void run_create(struct exchange *exchange)
{
    char *error = NULL;
    cJSON *body = document_parse(exchange->body, true, &error);
    if (error == NULL)
        error = check_members(body);
    const char *filename = document_text(body, "filename", "", &error);
    int64_t size_bytes = document_int64(body, "size_bytes", 0, &error);
    const char *resume_key = document_text(body, "resume_key", "", &error);
    if (error != NULL)
        exchange_error(exchange, 400, error);
    else
        exchange_json(exchange,
                      session_store_create(store_of(exchange), slice_of_cstr(filename), size_bytes,
                                           slice_of_cstr(resume_key), &exchange->body_out));
    cJSON_Delete(body);
    free(error);
}

static void begin_create(struct exchange *exchange)
{
    if (exchange_take_body(exchange, LIMIT_SESSION_CREATE_BYTES))
        exchange_task(exchange, run_create, NULL);
    else
        refuse(exchange, 400, "http: request body too large");
}

/* --- chunk --- */

static void run_chunk(struct exchange *exchange)
{
    const struct session_request *request = exchange->state;
    int status = session_store_chunk(store_of(exchange), request->id, request->offset,
                                     exchange->body, request->body_bytes, &exchange->body_out);
    exchange_json(exchange, status);
}

static bool take_offset(const struct exchange *exchange, int64_t *out_offset)
{
    struct text text;
    text_init(&text, 64);
    bool is_good = query_value(&text, exchange->query, SLICE("offset")) && !text.failed &&
                   slice_to_int64(text_slice(&text), out_offset, NULL) && *out_offset >= 0;
    text_clear(&text);
    return is_good;
}

static void begin_chunk(struct exchange *exchange)
{
    struct session_request *request = exchange->state;
    int64_t most = exchange->app->config.import_chunk_bytes;
    if (most > (int64_t)LIMIT_SESSION_CHUNK_BYTES)
        most = (int64_t)LIMIT_SESSION_CHUNK_BYTES;
    request->body_bytes =
        exchange->req->entity.base != NULL ? (int64_t)exchange->req->entity.len : 0;
    if (!take_offset(exchange, &request->offset)) {
        refuse(exchange, 400, "usage import chunk offset is invalid");
        return;
    }
    if (request->body_bytes <= most)
        (void)exchange_take_body(exchange, (size_t)most); /* it fits */
    exchange_task(exchange, run_chunk, NULL);
}

/* --- the others --- */

static void run_get(struct exchange *exchange)
{
    const struct session_request *request = exchange->state;
    exchange_json(exchange,
                  session_store_get(store_of(exchange), request->id, &exchange->body_out));
}

static void begin_get(struct exchange *exchange)
{
    exchange_task(exchange, run_get, NULL);
}

static void run_complete(struct exchange *exchange)
{
    const struct session_request *request = exchange->state;
    exchange_json(exchange,
                  session_store_complete(store_of(exchange), request->id, &exchange->body_out));
}

static void begin_complete(struct exchange *exchange)
{
    exchange_task(exchange, run_complete, NULL);
}

static void run_delete(struct exchange *exchange)
{
    const struct session_request *request = exchange->state;
    exchange_json(exchange,
                  session_store_delete(store_of(exchange), request->id, &exchange->body_out));
}

static void begin_delete(struct exchange *exchange)
{
    exchange_task(exchange, run_delete, NULL);
}

/* --- paths --- */

static const struct operation operations[] = {
    {NULL, "POST", begin_create},          {"", "GET", begin_get},
    {"", "DELETE", begin_delete},          {"/chunk", "PUT", begin_chunk},
    {"/complete", "POST", begin_complete},
};

/* The part behind the root, split into the id and what follows it. false: no id. */
static bool split(struct slice path, struct slice *out_id, struct slice *out_tail)
{
    struct slice rest = slice_from(path_without_slashes(path), sizeof ROOT - 1);
    if (rest.len == 0)
        return false;
    struct slice id = slice_from(rest, 1);
    ptrdiff_t slash = slice_find(id, SLICE("/"));
    *out_id = slash < 0 ? id : slice_first(id, (size_t)slash);
    *out_tail = slash < 0 ? slice_empty() : slice_from(id, (size_t)slash);
    return true;
}

static bool is_operation(const struct operation *operation, bool has_id, struct slice tail)
{
    if (operation->tail == NULL || !has_id)
        return operation->tail == NULL && !has_id;
    return slice_equal(slice_of_cstr(operation->tail), tail);
}

void import_sessions(struct exchange *exchange)
{
    struct session_request *request = arena_alloc(&exchange->arena, sizeof *request);
    struct slice tail = slice_empty();
    bool is_path = false;
    if (request == NULL) {
        refuse(exchange, 500, "out of memory");
        return;
    }
    bool has_id = split(exchange->path, &request->id, &tail);
    exchange->state = request;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const struct operation *operation = &operations[i];
        if (!is_operation(operation, has_id, tail))
            continue;
        is_path = true;
        if (slice_equal(exchange->method, slice_of_cstr(operation->method))) {
            operation->begin(exchange);
            return;
        }
    }
    if (is_path) {
        refuse(exchange, 405, "method not allowed");
        return;
    }
    exchange_not_found(exchange);
    exchange_answer(exchange);
}
