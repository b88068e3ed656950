#include "server/http/exchange.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server/app.h"
#include "server/clock.h"
#include "server/db/result.h"
#include "server/http/error_code.h"
#include "server/http/loop.h"
#include "server/http/status_text.h"
#include "server/http/limits.h"
#include "server/log.h"
#include "server/memory.h"

/* --- life --- */

void exchange_forget_key(struct exchange *exchange)
{
    if (exchange->authorization.data != NULL)
        explicit_bzero(exchange->authorization.data, exchange->authorization.len);
    text_clear(&exchange->authorization);
}

static void exchange_free(struct exchange *exchange)
{
    h2o_linklist_unlink(&exchange->link);
    h2o_timeout_unlink(&exchange->timer);
    if (exchange->free_state != NULL && exchange->state != NULL)
        exchange->free_state(exchange->state);
    if (exchange->is_secret && exchange->body_out.data != NULL)
        explicit_bzero(exchange->body_out.data, exchange->body_out.len);
    if (exchange->is_secret && exchange->body.len > 0)
        explicit_bzero((void *)(uintptr_t)exchange->body.data, exchange->body.len);
    exchange_forget_key(exchange);
    text_clear(&exchange->body_out);
    arena_clear(&exchange->arena);
    free(exchange);
}

/* h2o disposes of the request: it was answered, or the client left. */
static void on_request_end(void *memory)
{
    struct exchange *exchange = *(struct exchange **)memory;
    exchange->req = NULL;
    if (!exchange->is_out) {
        exchange_free(exchange);
        return;
    }
    atomic_store(&exchange->is_gone, true);
    if (exchange->worker != NULL)
        worker_interrupt(exchange->worker, &exchange->job);
}

static void take_peer(struct exchange *exchange, h2o_conn_t *conn)
{
    struct sockaddr_storage address = {0};
    (void)conn->callbacks->get_peername(conn, (struct sockaddr *)&address); /* else stays 0 */
    if (address.ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;
        exchange->peer[10] = exchange->peer[11] = 0xff;
        memcpy(exchange->peer + 12, &v4->sin_addr, 4);
    } else if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address;
        memcpy(exchange->peer, &v6->sin6_addr, 16);
    }
}

struct slice exchange_request_header(const struct exchange *exchange, const char *name)
{
    const h2o_headers_t *headers = &exchange->req->headers;
    ssize_t index = h2o_find_header_by_str(headers, name, strlen(name), -1);
    if (index < 0)
        return slice_empty();
    h2o_iovec_t value = headers->entries[index].value;
    return (struct slice){value.base, value.len};
}

struct exchange *exchange_new(struct http_loop *loop, h2o_req_t *req)
{
    struct exchange *exchange = memory_zeroed(sizeof *exchange);
    exchange->loop = loop;
    exchange->app = loop->app;
    exchange->req = req;
    exchange->status = 500;
    arena_init(&exchange->arena, LIMIT_HTTP_BODY_BYTES + LIMIT_HTTP_ARENA_BYTES);
    text_init(&exchange->body_out, LIMIT_HTTP_ANSWER_BYTES);
    h2o_linklist_insert(&loop->exchanges, &exchange->link);
    struct exchange **anchor =
        h2o_mem_alloc_shared(&req->pool, sizeof(struct exchange *), on_request_end);
    *anchor = exchange;

    exchange->method =
        arena_copy(&exchange->arena, (struct slice){req->input.method.base, req->input.method.len});
    exchange->origin = arena_copy(&exchange->arena, exchange_request_header(exchange, "origin"));
    text_init(&exchange->authorization, LIMIT_HTTP_AUTHORIZATION_BYTES);
    text_add(&exchange->authorization, exchange_request_header(exchange, "authorization"));
    take_peer(exchange, req->conn);
    return exchange;
}

bool exchange_take_body(struct exchange *exchange, size_t limit)
{
    h2o_iovec_t entity = exchange->req->entity;
    if (entity.base == NULL)
        return true;
    if (entity.len > limit)
        return false;
    exchange->body = arena_copy(&exchange->arena, (struct slice){entity.base, entity.len});
    return true;
}

/* --- filling the answer --- */

void exchange_json(struct exchange *exchange, int status)
{
    exchange->status = status;
    exchange->content_type = SLICE("application/json");
    if (exchange->body_out.failed)
        exchange_error(exchange, 500, "the answer is too large");
}

void exchange_error(struct exchange *exchange, int status, const char *message)
{
    text_empty(&exchange->body_out);
    error_body_write(&exchange->body_out, message);
    exchange->status = status;
    exchange->content_type = SLICE("application/json");
}

void exchange_plain(struct exchange *exchange, int status, const char *text)
{
    exchange->status = status;
    exchange->content_type = SLICE("text/plain; charset=utf-8");
    exchange->static_body = slice_of_cstr(text);
    exchange_header(exchange, "x-content-type-options", SLICE("nosniff"));
}

void exchange_not_found(struct exchange *exchange)
{
    exchange_plain(exchange, 404, "404 page not found\n");
}

void exchange_header(struct exchange *exchange, const char *name, struct slice value)
{
    if (exchange->header_count == EXCHANGE_HEADERS)
        return; /* no route sets as many */
    exchange->headers[exchange->header_count++] =
        (struct exchange_header){slice_of_cstr(name), value};
}

/* --- sending --- */

static h2o_iovec_t iovec_of(struct slice slice)
{
    return h2o_iovec_init(slice.data, slice.len);
}

static void fill_head(struct exchange *exchange, size_t content_length)
{
    h2o_req_t *req = exchange->req;
    req->res.status = exchange->status;
    req->res.reason = status_text(exchange->status);
    req->res.content_length = content_length;
    if (exchange->content_type.len > 0)
        h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL,
                       exchange->content_type.data, exchange->content_type.len);
    for (size_t i = 0; i < exchange->header_count; i++) {
        const struct exchange_header *header = &exchange->headers[i];
        h2o_add_header_by_str(&req->pool, &req->res.headers, header->name.data, header->name.len, 1,
                              NULL, header->value.data, header->value.len);
    }
    exchange->is_sending = true;
    exchange->sending_since_ms = clock_mono_ms();
}

void exchange_answer(struct exchange *exchange)
{
    static h2o_generator_t whole = {NULL, NULL};
    h2o_req_t *req = exchange->req;
    struct slice body = exchange->static_body.data != NULL ? exchange->static_body
                                                           : text_slice(&exchange->body_out);
    bool has_no_body = exchange->status == 204 || exchange->status == 304;
    fill_head(exchange, has_no_body ? SIZE_MAX : body.len);
    h2o_start_response(req, &whole);
    h2o_iovec_t piece = iovec_of(body);
    bool is_head = slice_equal(exchange->method, SLICE("HEAD"));
    h2o_send(req, &piece, is_head || has_no_body || body.len == 0 ? 0 : 1, H2O_SEND_STATE_FINAL);
}

/* --- the way through a worker --- */

static void returned_one(struct exchange *exchange);

static void give_back(struct exchange *exchange)
{
    h2o_multithread_send_message(&exchange->loop->returned, &exchange->message);
}

static int job_run(sqlite3 *db, void *arg)
{
    struct exchange *exchange = arg;
    return exchange->run_read(db, exchange);
}

static void fail(struct exchange *exchange, int status, const char *message)
{
    exchange->has_failed = true;
    exchange_error(exchange, status, message);
}

static void job_done(void *arg, int rc, const char *message)
{
    struct exchange *exchange = arg;
    if (rc != SQLITE_OK) {
        if (!atomic_load(&exchange->is_gone))
            log_line("request failed: %s", message != NULL ? message : sqlite3_errstr(rc));
        fail(exchange, result_http_status(rc), result_http_message(rc));
    }
    give_back(exchange);
}

/* Submit the job; the answer is an error when the queue is full. */
static void submit(struct exchange *exchange, struct worker *worker)
{
    exchange->job = (struct worker_job){.run = job_run,
                                        .done = job_done,
                                        .arg = exchange,
                                        .deadline_ms = clock_mono_ms() + LIMIT_HTTP_QUERY_MS};
    exchange->worker = worker;
    exchange->is_out = true;
    if (!worker_submit(worker, &exchange->job)) {
        fail(exchange, 503, "the server is busy");
        returned_one(exchange);
    }
}

void exchange_read(struct exchange *exchange, int (*run)(sqlite3 *db, struct exchange *exchange))
{
    exchange->run_read = run;
    submit(exchange, exchange->app->readers);
}

void exchange_write(struct exchange *exchange, int (*run)(sqlite3 *db, struct exchange *exchange))
{
    exchange->run_read = run;
    submit(exchange, exchange->app->writer);
}

static void task_main(struct task *task)
{
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, task, task);
    exchange->run_task(exchange);
    give_back(exchange);
}

void exchange_task_on(struct exchange *exchange, struct task_pool *pool,
                      void (*run)(struct exchange *exchange),
                      void (*then)(struct exchange *exchange))
{
    exchange->run_task = run;
    exchange->then = then;
    exchange->task.run = task_main;
    exchange->worker = NULL;
    exchange->is_out = true;
    if (!task_pool_submit(pool, &exchange->task)) {
        fail(exchange, 503, "the server is busy");
        exchange->then = NULL;
        returned_one(exchange);
    }
}

void exchange_task(struct exchange *exchange, void (*run)(struct exchange *exchange),
                   void (*then)(struct exchange *exchange))
{
    exchange_task_on(exchange, exchange->app->tasks, run, then);
}

/* --- an answer in pieces --- */

static void stream_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, generator, generator);
    exchange->is_sending = false;
    text_empty(&exchange->body_out);
    submit(exchange, exchange->app->readers);
}

/* Break the answer off, visibly: the last chunk is missing and the connection closes. */
static void stream_abort(struct exchange *exchange)
{
    exchange->req->http1_is_persistent = 0;
    h2o_send(exchange->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

static void stream_start(struct exchange *exchange)
{
    h2o_req_t *req = exchange->req;
    fill_head(exchange, exchange->is_last ? exchange->body_out.len : SIZE_MAX);
    if (!exchange->is_last && req->version < 0x101)
        req->http1_is_persistent = 0; /* the end of the connection is the end of the body */
    exchange->generator = (h2o_generator_t){stream_proceed, NULL};
    h2o_start_response(req, &exchange->generator);
    exchange->has_started = true;
}

static void stream_send(struct exchange *exchange)
{
    if (!exchange->has_started && exchange->status != 200) {
        exchange_answer(exchange);
        return;
    }
    if (exchange->has_failed || exchange->body_out.failed) {
        stream_abort(exchange);
        return;
    }
    if (exchange->body_out.len == 0 && !exchange->is_last) {
        submit(exchange, exchange->app->readers); /* h2o takes an empty piece for the end */
        return;
    }
    if (!exchange->has_started)
        stream_start(exchange);
    exchange->is_sending = true;
    exchange->sending_since_ms = clock_mono_ms();
    h2o_iovec_t piece = iovec_of(text_slice(&exchange->body_out));
    h2o_send(exchange->req, &piece, piece.len > 0 ? 1 : 0,
             exchange->is_last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

void exchange_stream(struct exchange *exchange, int (*run)(sqlite3 *db, struct exchange *exchange))
{
    exchange->is_streamed = true;
    exchange_read(exchange, run);
}

/* --- coming back --- */

static void returned_one(struct exchange *exchange)
{
    void (*then)(struct exchange *) = exchange->then;
    exchange->is_out = false;
    exchange->then = NULL;
    if (exchange->req == NULL)
        exchange_free(exchange);
    else if (then != NULL)
        then(exchange);
    else if (exchange->is_streamed)
        stream_send(exchange);
    else
        exchange_answer(exchange);
}

void exchange_returned(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    (void)receiver;
    while (!h2o_linklist_is_empty(messages)) {
        h2o_multithread_message_t *message =
            H2O_STRUCT_FROM_MEMBER(h2o_multithread_message_t, link, messages->next);
        h2o_linklist_unlink(&message->link);
        returned_one(H2O_STRUCT_FROM_MEMBER(struct exchange, message, message));
    }
}

/* --- time --- */

static void on_tick(h2o_timeout_entry_t *entry)
{
    struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, timer, entry);
    if (clock_mono_ms() >= exchange->timer_due_ms) {
        exchange->on_timer(exchange);
        return;
    }
    h2o_context_t *context = &exchange->loop->context;
    h2o_timeout_link(context->loop, &context->hundred_ms_timeout, &exchange->timer);
}

void exchange_wait(struct exchange *exchange, int64_t until_ms,
                   void (*on_timer)(struct exchange *exchange))
{
    h2o_context_t *context = &exchange->loop->context;
    exchange->timer_due_ms = until_ms;
    exchange->on_timer = on_timer;
    exchange->timer.cb = on_tick;
    h2o_timeout_link(context->loop, &context->hundred_ms_timeout, &exchange->timer);
}

/* h2o does not read while a request is being answered, so it does not see the end. */
static bool has_client_left(h2o_req_t *req)
{
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);
    char byte;
    return socket == NULL ||
           recv(h2o_socket_get_fd(socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void exchange_sweep(struct exchange *exchange, int64_t now_ms)
{
    if (exchange->req == NULL || atomic_load(&exchange->is_gone))
        return;
    if (exchange->is_sending) {
        if (now_ms - exchange->sending_since_ms > LIMIT_HTTP_STALL_MS)
            loop_cut_request(exchange->req);
        return;
    }
    if (!has_client_left(exchange->req))
        return;
    atomic_store(&exchange->is_gone, true);
    exchange->req->http1_is_persistent = 0;
    if (exchange->is_out && exchange->worker != NULL)
        worker_interrupt(exchange->worker, &exchange->job);
}
