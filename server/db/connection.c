#include "server/db/connection.h"

#include <stdlib.h>
#include <time.h>

#include "ext/entry.h"
#include "server/clock.h"
#include "server/db/limits.h"
#include "server/log.h"
#include "server/memory.h"
#include "server/private_file.h"
#include "server_db_sql.h"

#define WAIT_FIRST_MS 1
#define WAIT_LAST_MS 25
#define SAY_EVERY_MS 10000

static void sleep_ms(int64_t ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)nanosleep(&pause, NULL); /* waking early is no harm */
}

static int on_busy(void *arg, int count)
{
    struct connection *connection = arg;
    int64_t now_ms = clock_mono_ms();
    if (count == 0) {
        connection->busy_since_ms = now_ms;
        connection->busy_said_ms = now_ms;
    }
    int64_t waited_ms = now_ms - connection->busy_since_ms;
    if (connection->busy_limit_ms > 0 && waited_ms >= connection->busy_limit_ms)
        return 0;
    if (atomic_load(connection->is_stopping) && waited_ms >= LIMIT_DB_STOP_WAIT_MS)
        return 0;
    if (now_ms - connection->busy_said_ms >= SAY_EVERY_MS) {
        connection->busy_said_ms = now_ms;
        log_line("database %s is locked by another process for %lld s now; waiting",
                 connection->db_path, (long long)(waited_ms / 1000));
    }
    int64_t pause_ms = count < 5 ? WAIT_FIRST_MS << count : WAIT_LAST_MS;
    sleep_ms(pause_ms);
    return 1;
}

/* Make the settings of the kind; stops at the first that fails. */
static int set_up(struct connection *connection, enum worker_kind kind)
{
    static const char *const writer[] = {sql_db_set_foreign_keys, sql_db_set_wal,
                                         sql_db_set_durable, sql_db_set_journal_limit, NULL};
    static const char *const reader[] = {sql_db_set_foreign_keys, sql_db_set_query_only, NULL};
    int rc = SQLITE_OK;
    for (const char *const *sql = kind == WORKER_WRITER ? writer : reader;
         rc == SQLITE_OK && *sql != NULL; sql++)
        rc = sqlite3_exec(connection->db, *sql, NULL, NULL, NULL);
    return rc;
}

static int register_extension(struct connection *connection, char **out_error)
{
    char *message = NULL;
    int rc = sqlite3_usage_init(connection->db, &message, NULL);
    if (rc != SQLITE_OK)
        *out_error = memory_format("%s", message != NULL ? message : sqlite3_errstr(rc));
    sqlite3_free(message);
    return rc;
}

int connection_open(struct connection *connection, enum worker_kind kind, const char *db_path,
                    const atomic_bool *is_stopping, char **out_error)
{
    char *error = NULL;
    int flags =
        SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX |
        (kind == WORKER_WRITER ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    *connection = (struct connection){
        .db_path = db_path, .is_stopping = is_stopping, .busy_limit_ms = LIMIT_DB_START_WAIT_MS};
    int rc = SQLITE_CANTOPEN;
    if (kind == WORKER_WRITER && !private_file_ensure(db_path, &error))
        goto done;
    rc = sqlite3_open_v2(db_path, &connection->db, flags, NULL);
    if (rc != SQLITE_OK)
        goto done;
    sqlite3_busy_handler(connection->db, on_busy, connection);
    rc = set_up(connection, kind);
    if (rc == SQLITE_OK)
        rc = register_extension(connection, &error);
    if (rc == SQLITE_OK && kind == WORKER_WRITER)
        rc = sqlite3_exec(connection->db, sql_db_schema_init, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        connection->statements = statements_open(connection->db);
done:
    if (rc != SQLITE_OK) {
        const char *reason = error != NULL            ? error
                             : connection->db != NULL ? sqlite3_errmsg(connection->db)
                                                      : sqlite3_errstr(rc);
        *out_error = memory_format("%s: %s", db_path, reason);
        connection_close(connection);
    }
    free(error);
    return rc;
}

void connection_close(struct connection *connection)
{
    statements_close(connection->statements);
    connection->statements = NULL;
    int rc = sqlite3_close(connection->db);
    if (rc != SQLITE_OK)
        log_line("database %s: close: %s", connection->db_path, sqlite3_errstr(rc));
    connection->db = NULL;
}
