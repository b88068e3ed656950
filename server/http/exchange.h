/* One request and its answer, on their way between an event loop and the workers.
 *
 * A handler (a function of routes.c) gets it on the loop with the request filled in. It
 * either fills the answer and calls exchange_answer, or sends it to a worker with
 * exchange_read or exchange_task, whose function fills the answer; the exchange then
 * comes back as a message and is answered by the loop. Exactly one thread owns it at
 * any time. When the client leaves meanwhile, is_gone turns true, running statements are
 * interrupted, and the exchange is freed when it comes back.
 *
 * Example:
 *   static int run(sqlite3 *db, struct exchange *exchange) { ... fills body ... }
 *   void things_get(struct exchange *exchange) { exchange_read(exchange, run); } */
#ifndef CPA_SERVER_HTTP_EXCHANGE_H
#define CPA_SERVER_HTTP_EXCHANGE_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/arena.h"
#include "ext/text.h"
#include "server/db/worker.h"
#include "server/http/h2o_api.h"
#include "server/task_pool.h"

struct app;
struct http_loop;
struct route;

#define EXCHANGE_HEADERS 12

struct exchange_header {
    struct slice name; /* lower case */
    struct slice value;
};

struct exchange {
    h2o_multithread_message_t message; /* first: how it comes back */
    struct http_loop *loop;
    struct app *app;
    const struct route *route; /* what answers it */
    h2o_linklist_t link;       /* in the loop's list */
    h2o_req_t *req;            /* loop thread only; NULL once the client is gone */
    atomic_bool is_gone;       /* any thread: nobody waits for the answer */
    bool is_out;               /* loop thread: a worker has it */

    /* the request; copied, so it outlives the connection */
    struct arena arena; /* of the texts here; handlers may use it too */
    struct slice method;
    struct slice path;  /* decoded */
    struct slice query; /* as sent, without '?' */
    struct slice body;
    struct text authorization; /* secret: wiped after the check (auth.c) */
    struct slice origin;
    uint8_t peer[16]; /* IPv6 address, or IPv4 as ::ffff:a.b.c.d */

    /* authentication (auth.c) */
    int verdict;
    void (*passed)(struct exchange *exchange);

    /* the answer */
    int status;
    struct slice content_type; /* empty: none */
    struct text body_out;
    bool is_secret; /* body_out is wiped after sending */
    struct exchange_header headers[EXCHANGE_HEADERS];
    size_t header_count;
    struct slice static_body; /* sent instead of body_out when data is set; not freed */

    /* waiting */
    struct worker_job job;
    struct task task;
    struct worker *worker; /* that has job; for interrupts */
    int (*run_read)(sqlite3 *db, struct exchange *exchange);
    void (*run_task)(struct exchange *exchange);
    void (*then)(struct exchange *exchange); /* after a task; NULL: answer */
    h2o_timeout_entry_t timer;
    int64_t timer_due_ms; /* monotonic */
    void (*on_timer)(struct exchange *exchange);

    /* a streamed answer */
    h2o_generator_t generator; /* h2o asks it for more */
    bool is_streamed;
    bool has_started; /* the head is sent */
    bool is_last;     /* run_read has produced the end */
    bool has_failed;  /* run_read failed; body_out is an error body */
    bool is_sending;  /* a piece, or the whole, is on its way to the client */
    int64_t sending_since_ms;

    /* the handler's, between its steps */
    void *state;
    void (*free_state)(void *state); /* NULL: state is in the arena or unused */
    bool is_found;
};

/* Made by routes.c for each request; frees itself when the request has ended and no
 * worker holds it. The body is not copied yet. */
struct exchange *exchange_new(struct http_loop *loop, h2o_req_t *req);
/* Copy the body, of at most limit bytes; false when it is longer. Loop thread. */
bool exchange_take_body(struct exchange *exchange, size_t limit);

/* A header of the request by its lower-case name, borrowed from h2o; empty when there is
 * none. Loop thread. */
struct slice exchange_request_header(const struct exchange *exchange, const char *name);

/* Wipe the Authorization header's copy. */
void exchange_forget_key(struct exchange *exchange);

/* --- filling the answer; whoever owns the exchange --- */

/* An answer of JSON in body_out. */
void exchange_json(struct exchange *exchange, int status);
/* The error body for the message. */
void exchange_error(struct exchange *exchange, int status, const char *message);
/* text/plain with nosniff; text is static. */
void exchange_plain(struct exchange *exchange, int status, const char *text);
/* "404 page not found". */
void exchange_not_found(struct exchange *exchange);
/* One more header; name and value must live as long as the exchange (static, or in its
 * arena). At most EXCHANGE_HEADERS. */
void exchange_header(struct exchange *exchange, const char *name, struct slice value);

/* --- passing it on; loop thread, the caller then no longer owns it --- */

/* Send what was filled in. */
void exchange_answer(struct exchange *exchange);
/* Run on a database reader in one read transaction, then answer. A result other than
 * SQLITE_OK becomes an error answer. */
void exchange_read(struct exchange *exchange, int (*run)(sqlite3 *db, struct exchange *exchange));
/* As exchange_read, in the writer's transaction. */
void exchange_write(struct exchange *exchange, int (*run)(sqlite3 *db, struct exchange *exchange));
/* Run on a thread that may wait, then call then on the loop, or answer when it is NULL. */
void exchange_task(struct exchange *exchange, void (*run)(struct exchange *exchange),
                   void (*then)(struct exchange *exchange));
/* As exchange_task, on the threads of that pool. */
void exchange_task_on(struct exchange *exchange, struct task_pool *pool,
                      void (*run)(struct exchange *exchange),
                      void (*then)(struct exchange *exchange));
/* Answer in pieces: run fills body_out, on a reader each time, and sets is_last with the
 * last piece. The next piece is made when the client has taken the one before. */
void exchange_stream(struct exchange *exchange, int (*run)(sqlite3 *db, struct exchange *exchange));
/* Call on_timer on this loop at about that monotonic time, unless the client leaves. */
void exchange_wait(struct exchange *exchange, int64_t until_ms,
                   void (*on_timer)(struct exchange *exchange));

/* --- for the loop --- */

void exchange_returned(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages);
/* Look whether clients have left or do not take their answer (loop's sweep). */
void exchange_sweep(struct exchange *exchange, int64_t now_ms);

#endif
