#include "server/db/statements.h"

#include <stdlib.h>

#include "server/memory.h"

/* Distinct SQL texts that one connection can meet; the embedded files are fewer. Beyond:
 * the oldest is dropped. */
#define STATEMENTS 96

struct statements {
    sqlite3 *db;
    size_t count;
    size_t next; /* to be replaced when full */
    struct {
        const char *sql;
        sqlite3_stmt *stmt;
    } rows[STATEMENTS];
};

static _Thread_local struct statements *current;

struct statements *statements_open(sqlite3 *db)
{
    struct statements *statements = memory_zeroed(sizeof *statements);
    statements->db = db;
    return statements;
}

void statements_close(struct statements *statements)
{
    if (statements == NULL)
        return;
    if (current == statements)
        current = NULL;
    for (size_t i = 0; i < statements->count; i++)
        (void)sqlite3_finalize(statements->rows[i].stmt); /* errors are those of its step */
    free(statements);
}

void statements_use(struct statements *statements)
{
    current = statements;
}

int statement_get(sqlite3 *db, const char *sql, sqlite3_stmt **out_stmt)
{
    *out_stmt = NULL;
    if (current == NULL || current->db != db)
        return SQLITE_MISUSE;
    for (size_t i = 0; i < current->count; i++) {
        if (current->rows[i].sql == sql) {
            *out_stmt = current->rows[i].stmt;
            return SQLITE_OK;
        }
    }
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    size_t place = current->count;
    if (place == STATEMENTS) {
        place = current->next;
        current->next = (current->next + 1) % STATEMENTS;
        (void)sqlite3_finalize(current->rows[place].stmt);
    } else {
        current->count++;
    }
    current->rows[place].sql = sql;
    current->rows[place].stmt = stmt;
    *out_stmt = stmt;
    return SQLITE_OK;
}

void statement_release(sqlite3_stmt *stmt)
{
    if (stmt == NULL)
        return;
    (void)sqlite3_reset(stmt); /* repeats the error of the step, which was seen */
    (void)sqlite3_clear_bindings(stmt);
}

int statement_run(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int rc = statement_get(db, sql, &stmt);
    if (rc != SQLITE_OK)
        return rc;
    do
        rc = sqlite3_step(stmt);
    while (rc == SQLITE_ROW);
    statement_release(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void statement_bind_int64(sqlite3_stmt *stmt, const char *name, int64_t value)
{
    int index = sqlite3_bind_parameter_index(stmt, name);
    if (index > 0)
        (void)sqlite3_bind_int64(stmt, index, value); /* cannot fail on a reset statement */
}

void statement_bind_text(sqlite3_stmt *stmt, const char *name, struct slice value)
{
    int index = sqlite3_bind_parameter_index(stmt, name);
    if (index > 0)
        (void)sqlite3_bind_text64(stmt, index, value.data, value.len, SQLITE_STATIC, SQLITE_UTF8);
}
