/* Prepared statements of a connection, kept from job to job.
 *
 * Each worker thread has one cache for its connection; a job's run asks it for the
 * statements it needs. The key is the address of an embedded SQL text.
 *
 * Example:
 *   rc = statement_get(db, sql_api_status, &stmt);
 *   if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) ...
 *   statement_release(stmt); */
#ifndef CPA_SERVER_DB_STATEMENTS_H
#define CPA_SERVER_DB_STATEMENTS_H

#include <sqlite3.h>
#include <stdint.h>

#include "ext/text.h"

struct statements; /* opaque */

/* A cache for the connection, used by the calling thread from now on. */
struct statements *statements_open(sqlite3 *db);
/* Finalize them all. NULL is allowed. */
void statements_close(struct statements *statements);
/* Let the calling thread use this cache (NULL: none). */
void statements_use(struct statements *statements);

/* The statement, reset and with nothing bound. It must not be in use already. SQLITE_OK,
 * or an error (text in sqlite3_errmsg) with *out_stmt NULL. */
int statement_get(sqlite3 *db, const char *sql, sqlite3_stmt **out_stmt);
/* Reset it, so that its locks end and what was bound is forgotten. NULL is allowed. */
void statement_release(sqlite3_stmt *stmt);
/* Get, step to the end, release. */
int statement_run(sqlite3 *db, const char *sql);

/* Bind by name (":since_ms"); a name that the statement does not have is ignored. The
 * text is not copied and must live until the statement is released. */
void statement_bind_int64(sqlite3_stmt *stmt, const char *name, int64_t value);
void statement_bind_text(sqlite3_stmt *stmt, const char *name, struct slice value);

#endif
