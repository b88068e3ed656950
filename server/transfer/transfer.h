/* Everything that import over HTTP needs for as long as the program runs: the threads
 * that import and the upload sessions. Made and ended by app.c. */
#ifndef CPA_SERVER_TRANSFER_TRANSFER_H
#define CPA_SERVER_TRANSFER_TRANSFER_H

#include "server/config.h"
#include "server/task_pool.h"
#include "server/transfer/import_result.h"

struct session_store;
struct transfer; /* opaque */

/* Start the threads and take up the sessions that an earlier run left. NULL: *out_error
 * is one line to free(). config and db_path are copied. */
struct transfer *transfer_start(const struct config *config, const char *db_path, char **out_error);
/* Where imports run: their tasks may take as long as they want. */
struct task_pool *transfer_pool(struct transfer *transfer);
struct session_store *transfer_sessions(struct transfer *transfer);
/* Import the bytes, on a thread of the pool. is_wanted: import_work.h. */
void transfer_import(struct transfer *transfer, struct slice bytes, bool (*is_wanted)(void *arg),
                     void *arg, struct import_result *out_result);
/* End running imports soon (a session's can be completed later) and free everything. NULL
 * is allowed. */
void transfer_stop(struct transfer *transfer);

#endif
