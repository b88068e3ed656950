#include "server/db/wal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "server/clock.h"
#include "server/db/statements.h"
#include "server_db_sql.h"

static int64_t file_bytes(const char *db_path, const char *suffix)
{
    char path[4096];
    struct stat info;
    int len = snprintf(path, sizeof path, "%s%s", db_path, suffix);
    if (len < 0 || (size_t)len >= sizeof path || stat(path, &info) != 0)
        return 0;
    return (int64_t)info.st_size;
}

void wal_sizes(const char *db_path, struct wal_sizes *out_sizes)
{
    out_sizes->database_bytes = file_bytes(db_path, "");
    out_sizes->wal_bytes = file_bytes(db_path, "-wal");
    out_sizes->shm_bytes = file_bytes(db_path, "-shm");
}

/* Run one checkpoint statement and take its row into the snapshot. */
static void checkpoint(sqlite3 *db, const char *sql, struct wal_snapshot *snapshot)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql, &stmt);
    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        snapshot->busy = sqlite3_column_int64(stmt, 0);
        snapshot->log_frames = sqlite3_column_int64(stmt, 1);
        snapshot->checkpointed_frames = sqlite3_column_int64(stmt, 2);
    } else {
        (void)snprintf(snapshot->error, sizeof snapshot->error, "checkpoint: %s",
                       sqlite3_errmsg(db));
    }
    statement_release(stmt);
}

/* Rule 2. */
static bool needs_truncation(const struct wal_snapshot *snapshot, const char *db_path,
                             int64_t now_ms)
{
    return snapshot->error[0] == '\0' && snapshot->busy == 0 && snapshot->log_frames >= 0 &&
           snapshot->checkpointed_frames == snapshot->log_frames &&
           file_bytes(db_path, "-wal") > WAL_LIMIT_BYTES &&
           now_ms - snapshot->last_truncate_attempt_at_ms >= WAL_TRUNCATE_PAUSE_MS;
}

void wal_maintain(sqlite3 *db, const char *db_path, struct wal_snapshot *snapshot)
{
    int64_t begin_ms = clock_mono_ms();
    struct wal_snapshot run = {.mode = "passive",
                               .executed_at_ms = clock_wall_ms(),
                               .last_truncate_attempt_at_ms =
                                   snapshot->last_truncate_attempt_at_ms};
    checkpoint(db, sql_db_checkpoint_passive, &run);
    if (needs_truncation(&run, db_path, run.executed_at_ms)) {
        run.mode = "truncate";
        run.last_truncate_attempt_at_ms = run.executed_at_ms;
        checkpoint(db, sql_db_checkpoint_truncate, &run);
        if (run.error[0] == '\0' && run.busy != 0)
            (void)snprintf(run.error, sizeof run.error,
                           "truncate SQLite WAL checkpoint reported busy status %lld",
                           (long long)run.busy);
    }
    run.duration_ms = clock_mono_ms() - begin_ms;
    *snapshot = run;
}
