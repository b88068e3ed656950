/* What was read and is not yet committed.
 *
 * Readers put payloads in and never wait for the database; a thread of the inbox hands
 * them to the writer, batch by batch: while one commits the next accumulates.
 *
 * 1. A batch is at most LIMIT_BATCH_ITEMS payloads and LIMIT_BATCH_BYTES.
 * 2. Commits start COMMIT_GAP_MS apart unless COMMIT_GAP_ITEMS wait: one event alone is
 *    committed at once, a stream in groups.
 * 3. A failed batch is tried again, with longer and longer pauses; nothing is dropped.
 * 4. When the failure may be one payload's own (not busy, full, I/O, ...), a batch that
 *    failed twice is halved, and a single payload that fails goes to the back, so that
 *    the others are stored.
 * 5. Counts are of committed batches only.
 * 6. Above LIMIT_PENDING_BYTES it has no room: readers should leave their socket unread.
 * 7. At the end it commits what is left as long as the database takes it, at most
 *    COMMIT_REST_MS; what the database refuses is given up then, with a log line. */
#ifndef CPA_SERVER_COLLECTOR_INBOX_H
#define CPA_SERVER_COLLECTOR_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "server/collector/ingest.h"
#include "server/collector/limits.h"

struct inbox; /* opaque */

struct inbox_status {
    struct ingest_counts counts;     /* since it was made */
    int64_t pending;                 /* payloads not yet committed */
    int64_t last_inserted_at_ms;     /* wall clock; 0 never */
    char error[LIMIT_MESSAGE_BYTES]; /* of the batch being retried; "" when all is well */
};

/* The writer is borrowed and outlives the inbox. */
struct inbox *inbox_new(struct worker *writer);
/* Commits the rest (rule 7) and ends its thread. NULL is allowed. */
void inbox_free(struct inbox *inbox);

/* Copy a payload in. Any thread; takes microseconds. */
void inbox_put(struct inbox *inbox, struct slice payload, int64_t received_at_ms);
/* Wait until there is room, at most until the time; false when there is none then. */
bool inbox_wait_room(struct inbox *inbox, int64_t until_mono_ms);
/* Start no commit before the time, or before inbox_release. */
void inbox_hold(struct inbox *inbox, int64_t until_mono_ms);
void inbox_release(struct inbox *inbox);
/* Commit all without pauses and wait for it, at most until the time; true when nothing
 * is pending. */
bool inbox_flush(struct inbox *inbox, int64_t until_mono_ms);
void inbox_status(struct inbox *inbox, struct inbox_status *out_status);

#endif
