/* Start: configuration, process lock, database and schema, data key, bootstrap, readers,
 * tasks, listening, collector. The end is the other way round, so that whatever is still
 * on its way finds what it needs: clients first, then what collects, then what writes. */
#include "server/app.h"

#include <stdlib.h>
#include <string.h>

#include "server/clock.h"
#include "server/collector/collector.h"
#include "server/db/worker.h"
#include "server/http/auth.h"
#include "server/http/server.h"
#include "server/log.h"
#include "server/memory.h"
#include "server/settings/admin_store.h"
#include "server/settings/bootstrap.h"
#include "server/settings/manager_config.h"
#include "server/task_pool.h"
#include "server/transfer/transfer.h"

/* Database threads for answers, waiting jobs for them and for the writer (the collector
 * waits when its queue is full), threads for work that waits. */
#define READERS 3
#define READER_QUEUE 256
#define WRITER_QUEUE 256
#define TASK_THREADS 3
#define TASK_QUEUE 64

/* How long running requests get when the server stops. */
#define DRAIN_MS 10000

/* One step of the start that runs on a database worker. */
struct start_job {
    struct app *app;
    char *error; /* of the step; owned */
};

static void log_text(void *arg, const char *line)
{
    (void)arg;
    log_line("%s", line);
}

/* Run the step; false with *out_error, which begins with the prefix. */
static bool run_step(struct app *app, struct worker *worker, int (*run)(sqlite3 *db, void *arg),
                     const char *prefix, char **out_error)
{
    struct start_job job = {.app = app};
    char *message = NULL;
    int rc = worker_run(worker, run, &job, &message);
    if (rc != SQLITE_OK) {
        const char *reason = job.error != NULL ? job.error
                             : message != NULL ? message
                                               : sqlite3_errstr(rc);
        *out_error = memory_format("%s: %s", prefix, reason);
    }
    free(message);
    free(job.error);
    return rc == SQLITE_OK;
}

/* --- settings --- */

static int load_data_key(sqlite3 *db, void *arg)
{
    struct start_job *job = arg;
    return bootstrap_data_key(db, &job->app->config, log_text, NULL, job->app->data_key,
                              &job->error);
}

static int bootstrap(sqlite3 *db, void *arg)
{
    struct start_job *job = arg;
    return bootstrap_run(db, &job->app->config, job->app->data_key, clock_wall_ms(), log_text, NULL,
                         &job->error);
}

static int load_credential(sqlite3 *db, void *arg)
{
    struct start_job *job = arg;
    struct admin_credential credential;
    bool is_found = false;
    int rc = admin_store_load(db, &credential, &is_found);
    if (rc == SQLITE_OK)
        job->app->auth = auth_new(is_found ? &credential : NULL);
    explicit_bzero(&credential, sizeof credential);
    return rc;
}

static int look_for_connection(sqlite3 *db, void *arg)
{
    struct start_job *job = arg;
    struct effective_config effective;
    int rc =
        manager_config_load(db, &job->app->config, job->app->data_key, &effective, &job->error);
    if (rc != SQLITE_OK)
        return rc;
    atomic_store(&job->app->is_connected, manager_config_is_connected(&effective.config));
    manager_config_clear(&effective.config);
    return SQLITE_OK;
}

void app_look_for_connection(struct app *app)
{
    char *error = NULL;
    if (!run_step(app, app->readers, look_for_connection, "settings", &error))
        log_line("%s", error);
    free(error);
}

bool app_is_connected(struct app *app)
{
    return atomic_load(&app->is_connected);
}

/* --- the collector --- */

static int start_collector(sqlite3 *db, void *arg)
{
    struct start_job *job = arg;
    struct app *app = job->app;
    struct manager_config config;
    struct collector_settings settings;
    if (manager_config_collector_at_start(db, &app->config, app->data_key, &config, &job->error)) {
        manager_config_collector(&config, &settings);
        collector_start(app->collector, &settings);
        manager_config_clear(&config);
    }
    return job->error == NULL ? SQLITE_OK : SQLITE_ERROR;
}

/* --- the order --- */

static bool open_database(struct app *app, char **out_error)
{
    char *error = NULL;
    app->writer = worker_start(WORKER_WRITER, app->lock.db_path, 1, WRITER_QUEUE, &error);
    if (app->writer == NULL) {
        *out_error = memory_format("open sqlite: %s", error);
        free(error);
        return false;
    }
    if (!run_step(app, app->writer, load_data_key, "load data key", out_error) ||
        !run_step(app, app->writer, bootstrap, "bootstrap manager server", out_error) ||
        !run_step(app, app->writer, load_credential, "bootstrap manager server", out_error))
        return false;
    app->readers = worker_start(WORKER_READER, app->lock.db_path, READERS, READER_QUEUE, &error);
    if (app->readers == NULL) {
        *out_error = memory_format("open sqlite: %s", error);
        free(error);
        return false;
    }
    return run_step(app, app->readers, look_for_connection, "bootstrap manager server", out_error);
}

static bool start_serving(struct app *app, char **out_error)
{
    char *error = NULL;
    page_prepare(&app->page);
    app->collector = collector_new(app->writer);
    app->tasks = task_pool_start(TASK_THREADS, TASK_QUEUE);
    if (app->tasks == NULL || app->collector == NULL) {
        *out_error = memory_copy_cstr("start threads: the system refuses");
        return false;
    }
    app->transfer = transfer_start(&app->config, app->lock.db_path, &error);
    if (app->transfer == NULL) {
        *out_error = memory_format("usage imports: %s", error);
        free(error);
        return false;
    }
    app->http = http_server_start(app, app->config.http_addr, &error);
    if (app->http == NULL) {
        *out_error = memory_format("http listen: %s", error);
        free(error);
        return false;
    }
    log_line("cpa-ledger listening on %s", http_server_address(app->http));
    return true;
}

static bool start(struct app *app, char **out_error)
{
    struct config_input input;
    char *executable_dir = NULL;
    char *error = NULL;
    bool is_ready = false;
    config_input_of_process(&input, true, &executable_dir);
    if (!config_load(&input, &app->config, &error))
        *out_error = memory_format("load config: %s", error);
    else if (!process_lock_acquire(&app->lock, app->config.db_path, &error))
        *out_error = memory_format("acquire manager database process lock: %s", error);
    else
        is_ready = open_database(app, out_error) && start_serving(app, out_error);
    if (is_ready && !run_step(app, app->readers, start_collector, "start collector", &error))
        log_line("%s", error); /* the page says so too, and can mend it */
    free(error);
    free(executable_dir);
    return is_ready;
}

bool app_start(struct app *app, char **out_error)
{
    memset(app, 0, sizeof *app);
    process_lock_init(&app->lock);
    pthread_mutex_init(&app->settings_lock, NULL);
    app->started_at_ms = clock_wall_ms();
    bool is_started = start(app, out_error);
    if (!is_started)
        app_stop(app);
    return is_started;
}

void app_stop(struct app *app)
{
    if (app->http != NULL && !http_server_drain(app->http, DRAIN_MS))
        log_line("shutdown: requests were still running after %d s", DRAIN_MS / 1000);
    if (app->collector != NULL)
        collector_stop(app->collector);
    task_pool_stop(app->tasks); /* its tasks use the upload sessions */
    transfer_stop(app->transfer);
    worker_stop(app->readers);
    collector_free(app->collector);
    worker_stop(app->writer);
    http_server_free(app->http);
    auth_free(app->auth);
    process_lock_release(&app->lock);
    config_clear(&app->config);
    pthread_mutex_destroy(&app->settings_lock);
    explicit_bzero(app->data_key, sizeof app->data_key);
}
