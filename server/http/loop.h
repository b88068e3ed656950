/* One event loop: its thread, its listener, its connections and exchanges. Made and
 * ended by server.c. */
#ifndef CPA_SERVER_HTTP_LOOP_H
#define CPA_SERVER_HTTP_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/http/h2o_api.h"

struct app;
struct throttle;

/* What the other threads ask of a loop. */
enum loop_order { LOOP_RUN, LOOP_DRAIN, LOOP_CUT, LOOP_QUIT };

struct http_loop {
    struct app *app;                     /* borrowed */
    struct throttle *throttle;           /* borrowed; shared by the loops */
    h2o_context_t context;               /* owns the timeouts of h2o */
    h2o_accept_ctx_t accept;             /* what a new connection is served by */
    h2o_multithread_receiver_t returned; /* exchanges that come back from workers */
    h2o_multithread_receiver_t orders;   /* wakes the loop; the order is below */
    h2o_socket_t *listener;              /* NULL once draining */
    h2o_timeout_t sweep;                 /* rule 1 of server.h; runs while there is work */
    h2o_timeout_entry_t sweep_entry;
    h2o_linklist_t exchanges; /* all of this loop */
    size_t connections;
    bool is_full; /* the listener is paused */
    pthread_t thread;
    atomic_int order;     /* enum loop_order */
    atomic_bool is_empty; /* draining or cut, and no connection is left */
};

/* Set up on the caller's thread with a listening socket, which becomes the loop's.
 * false when the thread could not be started. */
bool loop_start(struct http_loop *loop, struct app *app, struct throttle *throttle,
                h2o_globalconf_t *config, int listen_fd);
/* Give an order; any thread. */
void loop_order(struct http_loop *loop, enum loop_order order);
/* After LOOP_QUIT: wait for the thread and free what the loop owns. */
void loop_join(struct http_loop *loop);
/* The loop that serves the request; on its own thread. */
struct http_loop *loop_of_request(h2o_req_t *req);
/* Close a connection from outside h2o's callbacks: h2o notices and ends it. */
void loop_cut_request(h2o_req_t *req);

#endif
