/* The prepared statements of the store; see statements.h. */
#include "ext/store/statements.h"

#include <string.h>

#include "usage_sql.h"

static const char *const statement_sql[STATEMENT_COUNT] = {
    [STATEMENT_TERM_FIND] = sql_store_term_find,
    [STATEMENT_TERM_ADD] = sql_store_term_add,
    [STATEMENT_GATEWAY_FIND] = sql_store_gateway_find,
    [STATEMENT_GATEWAY_ADD] = sql_store_gateway_add,
    [STATEMENT_AUTH_FILE_FIND] = sql_store_auth_file_find,
    [STATEMENT_BUNDLE_WHO_FIND] = sql_store_bundle_who_find,
    [STATEMENT_BUNDLE_WHO_ADD] = sql_store_bundle_who_add,
    [STATEMENT_BUNDLE_WHAT_FIND] = sql_store_bundle_what_find,
    [STATEMENT_BUNDLE_WHAT_ADD] = sql_store_bundle_what_add,
    [STATEMENT_BUNDLE_WHERE_FIND] = sql_store_bundle_where_find,
    [STATEMENT_BUNDLE_WHERE_ADD] = sql_store_bundle_where_add,
    [STATEMENT_BUNDLE_CLIENT_FIND] = sql_store_bundle_client_find,
    [STATEMENT_BUNDLE_CLIENT_ADD] = sql_store_bundle_client_add,
    [STATEMENT_BUNDLE_OUTCOME_FIND] = sql_store_bundle_outcome_find,
    [STATEMENT_BUNDLE_OUTCOME_ADD] = sql_store_bundle_outcome_add,
    [STATEMENT_EVENT_ADD] = sql_store_event_add,
    [STATEMENT_EVENT_VERBATIM_ADD] = sql_store_event_verbatim_add,
    [STATEMENT_EVENT_FAILURE_ADD] = sql_store_event_failure_add,
    [STATEMENT_EVENT_BREAKDOWN_ADD] = sql_store_event_breakdown_add,
    [STATEMENT_EVENT_REMOVE] = sql_store_event_remove,
    [STATEMENT_DEAD_LETTER_ADD] = sql_store_dead_letter_add,
    [STATEMENT_DATA_VERSION] = sql_store_data_version,
    [STATEMENT_SCHEMA_VERSION] = sql_store_schema_version,
};

int statements_get(struct statements *statements, enum store_statement which,
                   sqlite3_stmt **out_stmt)
{
    sqlite3_stmt **slot = &statements->prepared[which];
    *out_stmt = NULL;
    if (!*slot) {
        int rc = sqlite3_prepare_v3(statements->db, statement_sql[which], -1,
                                    SQLITE_PREPARE_PERSISTENT, slot, NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    *out_stmt = *slot;
    return SQLITE_OK;
}

void statements_finalize(struct statements *statements)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        (void)sqlite3_finalize(statements->prepared[i]); /* repeats an error already told */
        statements->prepared[i] = NULL;
    }
}

int statements_step(sqlite3_stmt *stmt, int64_t *out_id)
{
    int rc = sqlite3_step(stmt);
    if (out_id)
        *out_id = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        (void)sqlite3_reset(stmt); /* repeats rc */
        return rc;
    }
    return sqlite3_reset(stmt);
}

int statements_bind_text(sqlite3_stmt *stmt, int index, struct slice text)
{
    if (text.len == 0)
        return sqlite3_bind_null(stmt, index);
    return sqlite3_bind_text64(stmt, index, text.data, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

char *statements_error(sqlite3 *db)
{
    const char *message = sqlite3_errmsg(db);
    if (strncmp(message, "no such table: ", 15) == 0)
        return sqlite3_mprintf("the ledger's tables are missing (%s): run SELECT usage_init()",
                               message);
    return sqlite3_mprintf("%s", message);
}
