#include "server/http/loop.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/app.h"
#include "server/clock.h"
#include "server/http/exchange.h"
#include "server/http/limits.h"

/* Connections that one readiness of the listener takes at most, so that those already
 * open get their turn. */
#define ACCEPTS_AT_ONCE 16

/* How often a draining loop looks whether it is empty. */
#define DRAIN_LOOK_MS 50

struct loop_setup {
    struct http_loop *loop;
    h2o_globalconf_t *config;
    int listen_fd;
    sem_t is_ready;
};

struct http_loop *loop_of_request(h2o_req_t *req)
{
    return H2O_STRUCT_FROM_MEMBER(struct http_loop, context, req->conn->ctx);
}

void loop_cut_request(h2o_req_t *req)
{
    h2o_socket_t *socket = req->conn->callbacks->get_socket(req->conn);
    if (socket != NULL)
        (void)shutdown(h2o_socket_get_fd(socket), SHUT_RDWR); /* may have ended already */
}

/* --- connections --- */

static void on_accept(h2o_socket_t *listener, const char *error);

static void on_close(void *data)
{
    struct http_loop *loop = data;
    loop->connections--;
    if (loop->is_full && loop->listener != NULL) {
        loop->is_full = false;
        h2o_socket_read_start(loop->listener, on_accept);
    }
}

static void sweep_link(struct http_loop *loop)
{
    if (!h2o_timeout_is_linked(&loop->sweep_entry))
        h2o_timeout_link(loop->context.loop, &loop->sweep, &loop->sweep_entry);
}

static void on_accept(h2o_socket_t *listener, const char *error)
{
    struct http_loop *loop = listener->data;
    if (error != NULL)
        return;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        if (loop->connections >= LIMIT_HTTP_CONNECTIONS / LIMIT_HTTP_LOOPS) {
            loop->is_full = true;
            h2o_socket_read_stop(listener);
            return;
        }
        h2o_socket_t *socket = h2o_evloop_socket_accept(listener);
        if (socket == NULL)
            return;
        loop->connections++;
        socket->on_close.cb = on_close;
        socket->on_close.data = loop;
        sweep_link(loop);
        h2o_accept(&loop->accept, socket);
    }
}

/* --- the sweep --- */

static int sweep_request(h2o_req_t *req, void *data)
{
    (void)data;
    const struct timeval *begin = &req->timestamps.request_begin_at;
    bool is_reading_head = begin->tv_sec != 0 && req->processed_at.at.tv_sec == 0 &&
                           req->timestamps.request_body_begin_at.tv_sec == 0;
    if (is_reading_head) {
        int64_t begin_ms = (int64_t)begin->tv_sec * 1000 + begin->tv_usec / 1000;
        if (clock_wall_ms() - begin_ms > LIMIT_HTTP_HEADER_MS)
            loop_cut_request(req);
    }
    return 0;
}

static void on_sweep(h2o_timeout_entry_t *entry)
{
    struct http_loop *loop = H2O_STRUCT_FROM_MEMBER(struct http_loop, sweep_entry, entry);
    int64_t now_ms = clock_mono_ms();
    (void)H2O_HTTP1_CALLBACKS.foreach_request(&loop->context, sweep_request, NULL);
    h2o_linklist_t *link = loop->exchanges.next;
    while (link != &loop->exchanges) {
        struct exchange *exchange = H2O_STRUCT_FROM_MEMBER(struct exchange, link, link);
        link = link->next;
        exchange_sweep(exchange, now_ms);
    }
    if (loop->connections > 0)
        sweep_link(loop);
}

/* --- the end --- */

static int cut_idle(h2o_req_t *req, void *data)
{
    bool is_all = *(const bool *)data;
    if (is_all || req->timestamps.request_begin_at.tv_sec == 0)
        loop_cut_request(req);
    return 0;
}

static void drain(struct http_loop *loop, bool is_all)
{
    if (loop->listener != NULL) {
        h2o_socket_t *listener = loop->listener;
        loop->listener = NULL;
        h2o_socket_read_stop(listener);
        h2o_socket_close(listener);
    }
    loop->context.shutdown_requested = 1;
    (void)H2O_HTTP1_CALLBACKS.foreach_request(&loop->context, cut_idle, &is_all);
    atomic_store(&loop->is_empty, loop->connections == 0);
}

static void on_order(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages)
{
    /* Waking up was all: thread_main reads the order. */
    (void)receiver;
    (void)messages;
}

/* --- the thread --- */

static void set_up(struct loop_setup *setup)
{
    struct http_loop *loop = setup->loop;
    h2o_evloop_t *evloop = h2o_evloop_create();
    h2o_context_init(&loop->context, evloop, setup->config);
    loop->accept = (h2o_accept_ctx_t){.ctx = &loop->context, .hosts = setup->config->hosts};
    h2o_multithread_register_receiver(loop->context.queue, &loop->returned, exchange_returned);
    h2o_multithread_register_receiver(loop->context.queue, &loop->orders, on_order);
    h2o_linklist_init_anchor(&loop->exchanges);
    h2o_timeout_init(evloop, &loop->sweep, LIMIT_HTTP_SWEEP_MS);
    loop->sweep_entry.cb = on_sweep;
    loop->listener = h2o_evloop_socket_create(evloop, setup->listen_fd, H2O_SOCKET_FLAG_DONT_READ);
    loop->listener->data = loop;
    h2o_socket_read_start(loop->listener, on_accept);
}

static void tear_down(struct http_loop *loop)
{
    h2o_evloop_t *evloop = loop->context.loop;
    h2o_timeout_unlink(&loop->sweep_entry);
    h2o_multithread_unregister_receiver(loop->context.queue, &loop->returned);
    h2o_multithread_unregister_receiver(loop->context.queue, &loop->orders);
    h2o_timeout_dispose(evloop, &loop->sweep);
    h2o_context_dispose(&loop->context);
    (void)h2o_evloop_run(evloop, 0); /* closed sockets are freed by the next turn */
    h2o_evloop_destroy(evloop);
}

static void *thread_main(void *arg)
{
    struct loop_setup *setup = arg;
    struct http_loop *loop = setup->loop;
    set_up(setup);
    sem_post(&setup->is_ready); /* setup is the starter's again */
    for (;;) {
        int order = atomic_load(&loop->order);
        if (order == LOOP_QUIT)
            break;
        if (order != LOOP_RUN)
            drain(loop, order == LOOP_CUT);
        (void)h2o_evloop_run(loop->context.loop, order == LOOP_RUN ? INT32_MAX : DRAIN_LOOK_MS);
    }
    tear_down(loop);
    return NULL;
}

bool loop_start(struct http_loop *loop, struct app *app, struct throttle *throttle,
                h2o_globalconf_t *config, int listen_fd)
{
    loop->app = app;
    loop->throttle = throttle;
    struct loop_setup setup = {.loop = loop, .config = config, .listen_fd = listen_fd};
    sem_init(&setup.is_ready, 0, 0);
    bool is_started = pthread_create(&loop->thread, NULL, thread_main, &setup) == 0;
    while (is_started && sem_wait(&setup.is_ready) != 0 && errno == EINTR)
        continue;
    sem_destroy(&setup.is_ready);
    return is_started;
}

void loop_order(struct http_loop *loop, enum loop_order order)
{
    atomic_store(&loop->order, (int)order);
    h2o_multithread_send_message(&loop->orders, NULL);
}

void loop_join(struct http_loop *loop)
{
    pthread_join(loop->thread, NULL);
}
