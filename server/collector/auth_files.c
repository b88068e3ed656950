#include "server/collector/auth_files.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "collector_sql.h"
#include "server/clock.h"
#include "server/collector/condition.h"
#include "server/collector/thread.h"
#include "server/db/statements.h"
#include "server/db/worker.h"
#include "server/log.h"
#include "server/memory.h"
#include "server/upstream/http_call.h"

struct auth_files {
    struct worker *writer; /* borrowed */
    struct inbox *inbox;   /* borrowed */
    char *url;
    char *management_key;
    bool skips_tls_verify;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    bool is_allowed;
    bool is_wanted; /* read now, whatever the age */
    bool has_events;
    bool has_failed;      /* the last read; for one log line per change */
    int64_t read_mono_ms; /* start of the last read; 0 never */
    atomic_bool is_ending;
};

struct replace_job {
    struct slice body;
    int64_t read_at_ms;
};

static int run_statement(sqlite3 *db, const char *sql, const struct replace_job *job)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    statement_bind_text(stmt, ":gateway", SLICE(INGEST_GATEWAY));
    statement_bind_text(stmt, ":body", job->body);
    statement_bind_int64(stmt, ":read_at_ms", job->read_at_ms);
    rc = sqlite3_step(stmt);
    statement_release(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* A job of the writer: the rows of the gateway are exactly those of the body. */
static int replace_rows(sqlite3 *db, void *arg)
{
    static const char *const statements[] = {
        sql_api_collector_gateway_add,
        sql_api_collector_auth_files_clear,
        sql_api_collector_auth_files_add,
    };
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof statements / sizeof *statements && rc == SQLITE_OK; i++)
        rc = run_statement(db, statements[i], arg);
    return rc;
}

/* One log line when reading begins to fail, one when it works again. */
static void note_result(struct auth_files *files, const char *failure)
{
    bool had_failed = files->has_failed;
    files->has_failed = failure != NULL;
    if (failure != NULL && !had_failed && !atomic_load(&files->is_ending))
        log_line("collector: could not read the gateway's credential files: %s", failure);
    else if (failure == NULL && had_failed)
        log_line("collector: read the gateway's credential files again");
}

static void store(struct auth_files *files, struct slice body, int64_t read_at_ms)
{
    struct replace_job job = {.body = body, .read_at_ms = read_at_ms};
    char *message = NULL;
    int rc = worker_run(files->writer, replace_rows, &job, &message);
    note_result(files, rc == SQLITE_OK ? NULL : message != NULL ? message : sqlite3_errstr(rc));
    free(message);
}

/* One read, without the lock. false when the key was refused. */
static bool read_once(struct auth_files *files, struct http_caller *caller)
{
    const struct http_request request = {
        .method = "GET",
        .url = files->url,
        .bearer = files->management_key,
        .connect_timeout_ms = AUTH_FILES_TIMEOUT_MS,
        .total_timeout_ms = AUTH_FILES_TIMEOUT_MS,
        .body_limit_bytes = LIMIT_AUTH_FILES_BYTES,
        .skips_tls_verify = files->skips_tls_verify,
        .cancel = &files->is_ending,
    };
    const int64_t read_at_ms = clock_wall_ms();
    struct http_response response;
    bool is_accepted = true;
    http_response_init(&response);
    if (!http_call(caller, &request, &response))
        note_result(files, response.error);
    else if (response.status == 200)
        store(files, text_slice(&response.body), read_at_ms);
    else
        note_result(files, response.status_line);
    is_accepted = response.status != 401 && response.status != 403;
    http_response_clear(&response);
    return is_accepted;
}

/* When the next read is due, rule 2. Called locked. */
static int64_t due_mono_ms(const struct auth_files *files)
{
    if (!files->is_allowed)
        return INT64_MAX;
    if (files->read_mono_ms == 0)
        return 0;
    if (files->is_wanted)
        return files->read_mono_ms + AUTH_FILES_GAP_MS;
    return files->has_events ? files->read_mono_ms + AUTH_FILES_TTL_MS : INT64_MAX;
}

/* Wait until a read is due; false at the end. Called locked. */
static bool wait_due(struct auth_files *files)
{
    while (!atomic_load(&files->is_ending)) {
        int64_t due = due_mono_ms(files);
        if (due <= clock_mono_ms())
            return true;
        (void)condition_wait_until(&files->changed, &files->mutex, due); /* looked at again */
    }
    return false;
}

static void *keep_current(void *arg)
{
    struct auth_files *files = arg;
    struct http_caller *caller = http_caller_new();
    if (caller == NULL)
        log_line("collector: libcurl could not be set up; events get no account");
    pthread_mutex_lock(&files->mutex);
    while (caller != NULL && wait_due(files)) {
        bool is_accepted = true;
        files->is_wanted = false;
        files->has_events = false;
        files->read_mono_ms = clock_mono_ms();
        pthread_mutex_unlock(&files->mutex);
        is_accepted = read_once(files, caller);
        inbox_release(files->inbox);
        pthread_mutex_lock(&files->mutex);
        if (!is_accepted)
            files->is_allowed = false;
    }
    pthread_mutex_unlock(&files->mutex);
    http_caller_free(caller);
    return NULL;
}

static void set_and_wake(struct auth_files *files, bool *flag)
{
    pthread_mutex_lock(&files->mutex);
    if (!*flag) {
        *flag = true;
        pthread_cond_signal(&files->changed);
    }
    pthread_mutex_unlock(&files->mutex);
}

void auth_files_allow(struct auth_files *files)
{
    set_and_wake(files, &files->is_allowed);
}

void auth_files_refresh(struct auth_files *files)
{
    set_and_wake(files, &files->is_wanted);
}

void auth_files_touch(struct auth_files *files)
{
    set_and_wake(files, &files->has_events);
}

struct auth_files *auth_files_start(struct worker *writer, struct inbox *inbox,
                                    const struct endpoint *endpoint, const char *management_key)
{
    struct auth_files *files = memory_zeroed(sizeof *files);
    files->writer = writer;
    files->inbox = inbox;
    files->url = memory_format("%s/v0/management/auth-files", endpoint->base_url);
    files->management_key = memory_copy_cstr(management_key);
    files->skips_tls_verify = endpoint->skips_tls_verify;
    atomic_init(&files->is_ending, false);
    pthread_mutex_init(&files->mutex, NULL);
    condition_init(&files->changed);
    thread_start(&files->thread, "auth files", keep_current, files);
    return files;
}

void auth_files_stop(struct auth_files *files)
{
    if (files == NULL)
        return;
    atomic_store(&files->is_ending, true);
    pthread_mutex_lock(&files->mutex);
    pthread_cond_signal(&files->changed);
    pthread_mutex_unlock(&files->mutex);
    pthread_join(files->thread, NULL);
    pthread_cond_destroy(&files->changed);
    pthread_mutex_destroy(&files->mutex);
    memory_wipe_cstr(files->management_key);
    free(files->url);
    free(files);
}
