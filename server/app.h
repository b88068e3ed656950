/* Everything that lives as long as the program, in one place: made by app_start, ended
 * by app_stop, borrowed by the HTTP handlers. */
#ifndef CPA_SERVER_APP_H
#define CPA_SERVER_APP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/secret/secret_key.h"
#include "server/config.h"
#include "server/http/page.h"
#include "server/process_lock.h"

struct auth;
struct collector;
struct http_server;
struct task_pool;
struct transfer;
struct worker;

struct app {
    struct config config; /* constant while threads run */
    struct process_lock lock;
    uint8_t data_key[SECRET_KEY_BYTES]; /* wiped at the end */
    struct worker *writer;
    struct worker *readers;
    struct task_pool *tasks;   /* work that waits: settings, CPA, files */
    struct transfer *transfer; /* imports over HTTP */
    struct auth *auth;
    struct collector *collector;
    struct http_server *http;
    struct page page;
    int64_t started_at_ms;         /* wall clock */
    pthread_mutex_t settings_lock; /* settings are changed by one request at a time */
    atomic_bool is_connected;      /* a CPA URL and key are known */
};

/* Start everything in order: configuration, lock, database, secrets, collector,
 * listening. false: *out_error is one line to free(), and nothing runs. The app lies at
 * a fixed address from then on. */
bool app_start(struct app *app, char **out_error);
/* End everything in order; what was collected is committed. */
void app_stop(struct app *app);

/* Whether a CPA URL and key are known; any thread. */
bool app_is_connected(struct app *app);
/* Read that anew from the settings; a thread that may wait. */
void app_look_for_connection(struct app *app);

#endif
