/* The settings routes: what they mean is in server/settings; here they get their worker
 * and their answer. Whatever changes settings runs one request at a time. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "server/app.h"
#include "server/clock.h"
#include "server/collector/collector.h"
#include "server/db/worker.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/settings/admin_store.h"
#include "server/settings/bootstrap.h"
#include "server/settings/config_api.h"
#include "server/settings/policy.h"
#include "server/settings/setup.h"

/* --- GET /usage-service/info --- */

static int run_info(sqlite3 *db, struct exchange *exchange)
{
    struct bootstrap_state state;
    struct admin_credential credential;
    bool has_credential = false;
    int rc = bootstrap_state_load(db, &state);
    if (rc == SQLITE_OK)
        rc = admin_store_load(db, &credential, &has_credential);
    if (rc != SQLITE_OK)
        return rc;
    bootstrap_info_write(&exchange->body_out, &state, has_credential,
                         app_is_connected(exchange->app), exchange->app->started_at_ms);
    exchange_json(exchange, 200);
    return SQLITE_OK;
}

void info_get(struct exchange *exchange)
{
    exchange_read(exchange, run_info);
}

/* --- configuration and setup --- */

static int transaction(void *worker, int (*run)(sqlite3 *db, void *arg), void *arg,
                       char **out_message)
{
    return worker_run(worker, run, arg, out_message);
}

static struct settings_context context_of(const struct app *app)
{
    return (struct settings_context){
        .config = &app->config,
        .data_key = app->data_key,
        .read = transaction,
        .read_worker = app->readers,
        .write = transaction,
        .write_worker = app->writer,
        .now_ms = clock_wall_ms,
    };
}

static void steer_collector(struct app *app, const struct settings_answer *answer)
{
    struct collector_settings settings;
    switch (answer->collector) {
    case SETTINGS_COLLECTOR_KEEP:
        break;
    case SETTINGS_COLLECTOR_START:
        manager_config_collector(&answer->config, &settings);
        collector_start(app->collector, &settings);
        break;
    case SETTINGS_COLLECTOR_STOP:
        collector_stop(app->collector);
        break;
    }
}

/* The answer's body becomes the exchange's; it may hold the management key. */
static void take_answer(struct exchange *exchange, struct settings_answer *answer)
{
    text_clear(&exchange->body_out);
    exchange->body_out = answer->body;
    text_init(&answer->body, answer->body.limit);
    exchange->is_secret = true;
    exchange_json(exchange, answer->status);
}

static void run_config_get(struct exchange *exchange)
{
    struct settings_context context = context_of(exchange->app);
    struct settings_answer answer;
    settings_answer_init(&answer);
    config_api_view(&context, &answer);
    take_answer(exchange, &answer);
    settings_answer_clear(&answer);
}

/* Change settings by apply and let the collector follow. */
static void change(struct exchange *exchange,
                   void (*apply)(const struct settings_context *context, struct slice body,
                                 struct settings_answer *answer))
{
    struct app *app = exchange->app;
    struct settings_context context = context_of(app);
    struct settings_answer answer;
    settings_answer_init(&answer);
    pthread_mutex_lock(&app->settings_lock);
    apply(&context, exchange->body, &answer);
    steer_collector(app, &answer);
    app_look_for_connection(app);
    pthread_mutex_unlock(&app->settings_lock);
    take_answer(exchange, &answer);
    settings_answer_clear(&answer);
}

static void run_config_put(struct exchange *exchange)
{
    change(exchange, config_api_update);
}

static void run_setup(struct exchange *exchange)
{
    change(exchange, setup_apply);
}

void config_get(struct exchange *exchange)
{
    exchange_task(exchange, run_config_get, NULL);
}

void config_put(struct exchange *exchange)
{
    exchange_task(exchange, run_config_put, NULL);
}

void setup_post(struct exchange *exchange)
{
    exchange_task(exchange, run_setup, NULL);
}

/* --- account processing policy --- */

static int run_policy_get(sqlite3 *db, struct exchange *exchange)
{
    struct policy policy;
    char *error = NULL;
    int rc = policy_load(db, &exchange->app->config, &policy, &error);
    if (error != NULL) {
        exchange_error(exchange, 500, error);
        free(error);
        return SQLITE_OK;
    }
    if (rc != SQLITE_OK)
        return rc;
    policy_write(&exchange->body_out, &policy);
    exchange_json(exchange, 200);
    return SQLITE_OK;
}

static int run_policy_patch(sqlite3 *db, struct exchange *exchange)
{
    struct policy policy;
    char *error = NULL;
    int status =
        policy_patch(db, &exchange->app->config, exchange->body, clock_wall_ms(), &policy, &error);
    if (status == 200) {
        policy_write(&exchange->body_out, &policy);
        exchange_json(exchange, 200);
    } else {
        exchange_error(exchange, status, error != NULL ? error : "database error");
    }
    free(error);
    return SQLITE_OK;
}

void policy_get(struct exchange *exchange)
{
    exchange_read(exchange, run_policy_get);
}

void policy_change(struct exchange *exchange)
{
    exchange_write(exchange, run_policy_patch);
}
