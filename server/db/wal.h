/* Maintenance of the write-ahead log, run by the writer when it has nothing to do.
 *
 * Rules
 *  1. A passive checkpoint at start and WAL_INTERVAL_MS after a commit that followed the
 *     one before; never while nothing was written.
 *  2. When after it the file is larger than WAL_LIMIT_BYTES, everything in it was moved,
 *     and the last attempt was WAL_TRUNCATE_PAUSE_MS ago: a truncating one, which waits
 *     WAL_BUSY_MS at most for readers. */
#ifndef CPA_SERVER_DB_WAL_H
#define CPA_SERVER_DB_WAL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define WAL_INTERVAL_MS (30 * 1000)
#define WAL_LIMIT_BYTES ((int64_t)268435456) /* as schema/db/set_journal_limit.sql */
#define WAL_TRUNCATE_PAUSE_MS (5 * 60 * 1000)
#define WAL_BUSY_MS 250

/* The last run, as GET /status shows it. */
struct wal_snapshot {
    const char *mode; /* "pending" before the first, "passive", "truncate"; static text */
    int64_t busy;     /* 1: a truncating checkpoint met readers */
    int64_t log_frames;
    int64_t checkpointed_frames;
    int64_t executed_at_ms; /* wall clock */
    int64_t duration_ms;
    int64_t last_truncate_attempt_at_ms; /* 0: never */
    char error[128];                     /* "" none */
};

/* Sizes of the files; a missing one has 0. */
struct wal_sizes {
    int64_t database_bytes;
    int64_t wal_bytes;
    int64_t shm_bytes;
};

void wal_sizes(const char *db_path, struct wal_sizes *out_sizes);
/* One run; *snapshot is the run before and becomes this one. */
void wal_maintain(sqlite3 *db, const char *db_path, struct wal_snapshot *snapshot);

#endif
