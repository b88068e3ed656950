/* What the two configuration endpoints share: see settings_api.h. */
#include "server/settings/settings_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/http/error_code.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/settings/bootstrap.h"

void settings_answer_init(struct settings_answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    text_init(&answer->body, LIMIT_DOCUMENT_BYTES);
}

void settings_answer_clear(struct settings_answer *answer)
{
    secret_wipe_text(&answer->body);
    if (answer->has_config)
        manager_config_clear(&answer->config);
    settings_answer_init(answer);
}

void settings_answer_error(struct settings_answer *answer, int status, const char *message)
{
    answer->status = status;
    text_empty(&answer->body);
    error_body_write(&answer->body, message);
}

void settings_answer_start(struct settings_answer *answer, struct manager_config *config)
{
    answer->collector = SETTINGS_COLLECTOR_START;
    answer->config = *config;
    answer->has_config = true;
    memset(config, 0, sizeof(*config));
}

/* Run one transaction. The error is the step's own text, else the worker's. */
static bool transact(settings_transaction *run_in, void *worker, int (*run)(sqlite3 *db, void *arg),
                     void *arg, char **step_error, char **out_error)
{
    char *message = NULL;
    int rc = run_in(worker, run, arg, &message);

    if (rc != SQLITE_OK && *step_error != NULL)
        *out_error = memory_copy_cstr(*step_error);
    else if (rc != SQLITE_OK)
        *out_error = memory_copy_cstr(message != NULL ? message : sqlite3_errstr(rc));
    free(message);
    memory_replace(step_error, NULL);
    return rc == SQLITE_OK;
}

/* --- reading --- */

struct load {
    const struct settings_context *context;
    struct effective_config effective;
    char *error;
};

static int run_load(sqlite3 *db, void *arg)
{
    struct load *load = arg;

    return manager_config_load(db, load->context->config, load->context->data_key, &load->effective,
                               &load->error);
}

bool settings_load(const struct settings_context *context, struct effective_config *out_effective,
                   char **out_error)
{
    struct load load = {.context = context};
    bool is_loaded =
        transact(context->read, context->read_worker, run_load, &load, &load.error, out_error);

    if (is_loaded)
        *out_effective = load.effective;
    return is_loaded;
}

/* --- saving --- */

struct save {
    const struct settings_context *context;
    const struct manager_config *config;
    bool marks_ready;
    int64_t now_ms;
    char *error;
};

static int mark_ready(sqlite3 *db, int64_t now_ms)
{
    struct bootstrap_state state;
    int rc = bootstrap_state_load(db, &state);

    if (rc != SQLITE_OK)
        return rc;
    (void)snprintf(state.status, sizeof(state.status), "ready");
    state.is_admin_ready = true;
    state.is_project_initialized = true;
    state.is_data_key_ready = true;
    state.updated_at_ms = now_ms;
    return bootstrap_state_save(db, &state);
}

static int run_save(sqlite3 *db, void *arg)
{
    struct save *save = arg;
    const uint8_t *data_key = save->context->data_key;
    int rc = manager_config_save(db, save->config, data_key, save->now_ms, &save->error);

    if (rc == SQLITE_OK && manager_config_is_connected(save->config))
        rc = manager_config_save_setup(db, save->config, data_key, save->now_ms, &save->error);
    if (rc == SQLITE_OK && save->marks_ready)
        rc = mark_ready(db, save->now_ms);
    return rc;
}

bool settings_save(const struct settings_context *context, const struct manager_config *config,
                   bool marks_ready, char **out_error)
{
    struct save save = {.context = context,
                        .config = config,
                        .marks_ready = marks_ready,
                        .now_ms = context->now_ms()};

    return transact(context->write, context->write_worker, run_save, &save, &save.error, out_error);
}
