#include "server/collector/ingest.h"

#include <sqlite3.h>

#include "collector_sql.h"
#include "server/db/statements.h"
#include "server/db/worker.h"

struct ingest_job {
    const struct batch *batch;
    struct ingest_counts counts; /* of this job alone */
};

/* The connection's counters, which run since it was opened. */
static int read_counts(sqlite3 *db, struct ingest_counts *out_counts)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql_api_collector_ingest_counts, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        *out_counts = (struct ingest_counts){
            .added = sqlite3_column_int64(stmt, 0),
            .skipped = sqlite3_column_int64(stmt, 1),
            .dead = sqlite3_column_int64(stmt, 2),
        };
        rc = SQLITE_OK;
    } else if (rc == SQLITE_DONE) {
        rc = SQLITE_ERROR; /* the table always has its one row */
    }
    statement_release(stmt);
    return rc;
}

static int insert_items(sqlite3 *db, const struct batch *batch)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql_api_collector_ingest, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    statement_bind_text(stmt, ":gateway", SLICE(INGEST_GATEWAY));
    for (size_t i = 0; i < batch->count && rc == SQLITE_OK; i++) {
        statement_bind_text(stmt, ":payload", batch_payload(batch, i));
        statement_bind_int64(stmt, ":received_at_ms", batch->items[i].received_at_ms);
        rc = sqlite3_step(stmt);
        if (rc == SQLITE_DONE)
            rc = sqlite3_reset(stmt);
    }
    statement_release(stmt);
    return rc;
}

static int run(sqlite3 *db, void *arg)
{
    struct ingest_job *job = arg;
    struct ingest_counts before = {0};
    struct ingest_counts after = {0};
    int rc = read_counts(db, &before);
    if (rc == SQLITE_OK)
        rc = insert_items(db, job->batch);
    if (rc == SQLITE_OK)
        rc = read_counts(db, &after);
    if (rc == SQLITE_OK)
        job->counts = (struct ingest_counts){
            .added = after.added - before.added,
            .skipped = after.skipped - before.skipped,
            .dead = after.dead - before.dead,
        };
    return rc;
}

int ingest_batch(struct worker *writer, const struct batch *batch, struct ingest_counts *out_counts,
                 char **out_message)
{
    struct ingest_job job = {.batch = batch};
    int rc = worker_run(writer, run, &job, out_message);
    if (rc == SQLITE_OK)
        *out_counts = job.counts;
    return rc;
}
