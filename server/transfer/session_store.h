/* The upload sessions of the program: the rules of the API over their files.
 *
 * Called by the HTTP handlers on threads that may wait, never on an event loop: calls
 * write files. Thread-safe; bytes are written without the lock, so that sessions do not
 * hold up each other. Each call appends the answer's body to out (the session, or an error
 * with its code) and returns its HTTP status.
 *
 * Rules
 *  1. A session is uploading until all its bytes are there, then ready; processing while
 *     its import runs; then completed, failed or cancelled. failed and retryable (the
 *     database was at fault) may be completed again.
 *
 *       uploading --> ready --> processing --> completed
 *                       ^           |  |-----> failed (for good, or retryable --> processing)
 *                       |           |--------> cancelled   (so does every other state)
 *                       '-- the program ended in the middle
 *
 *  2. What was answered is durable: bytes are synced, metadata is replaced as a whole.
 *  3. At most max_sessions are live, and their declared sizes fit into the quota.
 *  4. Every accepted chunk, completion, cancellation and end of an import lengthens the
 *     life of the session by ttl_ms; expired ones vanish, but for those at work.
 *  5. A file that cannot be removed is tried again later and blocks nobody.
 *  6. At the start, what an earlier run left is taken up: the size of the file counts. */
#ifndef CPA_SERVER_TRANSFER_SESSION_STORE_H
#define CPA_SERVER_TRANSFER_SESSION_STORE_H

#include "server/task_pool.h"
#include "server/transfer/import_result.h"

struct session_store; /* opaque */

struct session_store_options {
    const char *folder;  /* copied */
    int64_t chunk_bytes; /* the largest chunk */
    int64_t quota_bytes;
    int64_t max_sessions;
    int64_t ttl_ms;
    int64_t (*now_ms)(void *arg); /* wall clock */
    /* Have the task run on another thread; false: not now. */
    bool (*start)(void *arg, struct task *task);
    /* Import the file at path until is_wanted turns false. */
    void (*import)(void *arg, const char *path, bool (*is_wanted)(void *session), void *session,
                   struct import_result *out_result);
    void *arg; /* of the three; borrowed */
};

/* Open the folder and take up its sessions. NULL: *out_error is one line to free(). */
struct session_store *session_store_open(const struct session_store_options *options,
                                         char **out_error);
/* No import may run any more. NULL is allowed. */
void session_store_close(struct session_store *store);

/* size_bytes as declared; the resume key may be empty. */
int session_store_create(struct session_store *store, struct slice filename, int64_t size_bytes,
                         struct slice resume_key, struct text *out);
int session_store_get(struct session_store *store, struct slice id, struct text *out);
/* The bytes at offset. bytes_len is their number also where bytes holds none of them,
 * because they are more than a chunk may have. */
int session_store_chunk(struct session_store *store, struct slice id, int64_t offset,
                        struct slice bytes, int64_t bytes_len, struct text *out);
int session_store_complete(struct session_store *store, struct slice id, struct text *out);
int session_store_delete(struct session_store *store, struct slice id, struct text *out);
/* Remove what has expired. */
void session_store_purge(struct session_store *store);

#endif
