/* GET /status: collector, database files, numbers of rows. Nothing is scanned. */
#include <sqlite3.h>

#include "server/app.h"
#include "server/collector/collector.h"
#include "server/db/statements.h"
#include "server/db/wal.h"
#include "server/db/worker.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/json_out.h"
#include "server/http/path.h"
#include "server_api_sql.h"

/* What schema/api/status.sql says. */
struct status_counts {
    int64_t events;
    int64_t dead_letters;
};

static int read_counts(sqlite3 *db, struct status_counts *out_counts)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql_api_status, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        out_counts->events = sqlite3_column_int64(stmt, 0);
        out_counts->dead_letters = sqlite3_column_int64(stmt, 1);
        rc = SQLITE_OK;
    }
    statement_release(stmt);
    return rc;
}

static void write_collector(struct json_out *json, struct app *app, int64_t dead_letters)
{
    struct collector_status status;
    collector_status(app->collector, &status);
    json_out_open(json, "collector", '{');
    json_out_cstr(json, "collector", status.collector);
    json_out_cstr(json, "upstream", status.upstream);
    json_out_cstr(json, "mode", status.mode);
    json_out_cstr(json, "transport", status.transport);
    json_out_cstr(json, "queue", status.queue);
    json_out_int64(json, "lastConsumedAt", status.last_consumed_at_ms);
    json_out_int64(json, "lastInsertedAt", status.last_inserted_at_ms);
    json_out_int64(json, "totalInserted", status.total_inserted);
    json_out_int64(json, "totalSkipped", status.total_skipped);
    json_out_int64(json, "deadLetters", dead_letters);
    if (status.last_error[0] != '\0')
        json_out_cstr(json, "lastError", status.last_error);
    json_out_int64(json, "reconnects", status.reconnects);
    json_out_int64(json, "drained", status.drained);
    json_out_int64(json, "pending", status.pending);
    json_out_close(json, '}');
}

/* The original's one migration of stored data; rows are written in its final form here. */
static void write_data_migration(struct json_out *json, const struct app *app, int64_t events)
{
    json_out_open(json, "dataMigration", '{');
    json_out_cstr(json, "name", "usage_cache_accounting_v2");
    json_out_cstr(json, "status", "completed");
    json_out_int64(json, "lastEventId", events);
    json_out_int64(json, "targetEventId", events);
    json_out_int64(json, "processedRows", 0);
    json_out_int64(json, "changedRows", 0);
    json_out_int64(json, "appliedRows", 0);
    json_out_int64(json, "updatedAtMs", app->started_at_ms);
    json_out_close(json, '}');
}

static void write_checkpoint(struct json_out *json, const struct wal_snapshot *wal)
{
    json_out_open(json, "checkpoint", '{');
    json_out_cstr(json, "mode", wal->mode);
    json_out_int64(json, "busy", wal->busy);
    json_out_int64(json, "logFrames", wal->log_frames);
    json_out_int64(json, "checkpointedFrames", wal->checkpointed_frames);
    json_out_int64(json, "executedAtMs", wal->executed_at_ms);
    json_out_int64(json, "durationMs", wal->duration_ms);
    if (wal->last_truncate_attempt_at_ms > 0)
        json_out_int64(json, "lastTruncateAttemptAtMs", wal->last_truncate_attempt_at_ms);
    if (wal->error[0] != '\0')
        json_out_cstr(json, "error", wal->error);
    json_out_close(json, '}');
}

static void write_database(struct json_out *json, struct app *app)
{
    struct wal_sizes sizes;
    struct wal_snapshot wal;
    wal_sizes(app->lock.db_path, &sizes);
    worker_wal(app->writer, &wal);
    json_out_open(json, "database", '{');
    json_out_int64(json, "databaseBytes", sizes.database_bytes);
    json_out_int64(json, "walBytes", sizes.wal_bytes);
    json_out_int64(json, "shmBytes", sizes.shm_bytes);
    json_out_int64(json, "totalBytes", sizes.database_bytes + sizes.wal_bytes + sizes.shm_bytes);
    json_out_int64(json, "journalSizeLimitBytes", WAL_LIMIT_BYTES);
    write_checkpoint(json, &wal);
    json_out_close(json, '}');
}

/* Nothing is ever deferred to an offline command. */
static void write_maintenance(struct json_out *json)
{
    json_out_open(json, "databaseMaintenance", '{');
    json_out_bool(json, "required", false);
    json_out_bool(json, "performanceDegraded", false);
    json_out_int64(json, "deferredIndexes", 0);
    json_out_int64(json, "offlineJobs", 0);
    json_out_open(json, "reasons", '[');
    json_out_close(json, ']');
    json_out_close(json, '}');
}

static int run(sqlite3 *db, struct exchange *exchange)
{
    struct app *app = exchange->app;
    struct status_counts counts = {0};
    int rc = read_counts(db, &counts);
    if (rc != SQLITE_OK)
        return rc;
    struct json_out json = {.text = &exchange->body_out};
    json_out_open(&json, NULL, '{');
    write_collector(&json, app, counts.dead_letters);
    write_data_migration(&json, app, counts.events);
    write_database(&json, app);
    write_maintenance(&json);
    json_out_cstr(&json, "dbPath", app->lock.db_path);
    json_out_int64(&json, "deadLetters", counts.dead_letters);
    json_out_int64(&json, "events", counts.events);
    json_out_cstr(&json, "service", "cpa-manager-plus");
    json_out_close(&json, '}');
    text_add_char(&exchange->body_out, '\n');
    exchange_json(exchange, 200);
    return SQLITE_OK;
}

void status_get(struct exchange *exchange)
{
    struct text scope;
    text_init(&scope, 64);
    bool is_maintenance = query_value(&scope, exchange->query, SLICE("scope")) &&
                          slice_equal(text_slice(&scope), SLICE("database-maintenance"));
    text_clear(&scope);
    if (!is_maintenance) {
        exchange_read(exchange, run);
        return;
    }
    struct json_out json = {.text = &exchange->body_out};
    json_out_open(&json, NULL, '{');
    write_maintenance(&json);
    json_out_close(&json, '}');
    text_add_char(&exchange->body_out, '\n');
    exchange_json(exchange, 200);
    exchange_answer(exchange);
}
