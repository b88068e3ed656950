/* The prepared statements of the store, made when first needed.
 *
 * They belong to the connected usage_ingest table, not to the connection's state:
 * SQLite disconnects tables before it checks a closing connection for open statements,
 * but drops registrations only after that. */
#ifndef USAGE_EXT_STORE_STATEMENTS_H
#define USAGE_EXT_STORE_STATEMENTS_H

#include "ext/sqlite.h"
#include "ext/text.h"

enum store_statement {
    STATEMENT_TERM_FIND,
    STATEMENT_TERM_ADD,
    STATEMENT_GATEWAY_FIND,
    STATEMENT_GATEWAY_ADD,
    STATEMENT_AUTH_FILE_FIND,
    STATEMENT_BUNDLE_WHO_FIND, /* find, then add, in the order of enum bundle_kind */
    STATEMENT_BUNDLE_WHO_ADD,
    STATEMENT_BUNDLE_WHAT_FIND,
    STATEMENT_BUNDLE_WHAT_ADD,
    STATEMENT_BUNDLE_WHERE_FIND,
    STATEMENT_BUNDLE_WHERE_ADD,
    STATEMENT_BUNDLE_CLIENT_FIND,
    STATEMENT_BUNDLE_CLIENT_ADD,
    STATEMENT_BUNDLE_OUTCOME_FIND,
    STATEMENT_BUNDLE_OUTCOME_ADD,
    STATEMENT_EVENT_ADD,
    STATEMENT_EVENT_VERBATIM_ADD,
    STATEMENT_EVENT_FAILURE_ADD,
    STATEMENT_EVENT_BREAKDOWN_ADD,
    STATEMENT_EVENT_REMOVE,
    STATEMENT_DEAD_LETTER_ADD,
    STATEMENT_DATA_VERSION,
    STATEMENT_SCHEMA_VERSION,
    STATEMENT_COUNT
};

struct statements {
    sqlite3 *db;                             /* borrowed */
    sqlite3_stmt *prepared[STATEMENT_COUNT]; /* owned; NULL until needed */
};

/* The statement, reset and ready to be bound; it stays the set's. On failure NULL and
 * the result code. */
int statements_get(struct statements *statements, enum store_statement which,
                   sqlite3_stmt **out_stmt);
/* Finalize all; the set can be used again. */
void statements_finalize(struct statements *statements);

/* Step once and reset. SQLITE_DONE and SQLITE_ROW are success; *out_id (may be NULL) is
 * column 0 of a row, 0 when there is none. */
int statements_step(sqlite3_stmt *stmt, int64_t *out_id);

/* Bind text; the empty slice is NULL. The bytes must live until the step. */
int statements_bind_text(sqlite3_stmt *stmt, int index, struct slice text);

/* What to tell the user after rc on db: SQLite's text, or how to make the tables when
 * they are missing. sqlite3_free; NULL when memory is out. */
char *statements_error(sqlite3 *db);

#endif
