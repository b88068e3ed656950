/* What the tests of SQL objects share: a ledger in memory with the extension's static
 * twin, and short ways to run and ask. Failures print file, line and both values. */
#ifndef USAGE_TESTS_EXT_LEDGER_H
#define USAGE_TESTS_EXT_LEDGER_H

#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ext/entry.h"

/* A connection with the extension registered; no tables yet. */
static inline sqlite3 *ledger_connect(const char *path)
{
    sqlite3 *db = NULL;
    char *error = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_usage_init(db, &error, NULL) != SQLITE_OK)
        fail_msg("%s", error);
    return db;
}

#define ledger_exec(db, sql) ledger_exec_at(db, sql, __FILE__, __LINE__)
static inline void ledger_exec_at(sqlite3 *db, const char *sql, const char *file, int line)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        print_error("%s:%d: %s\n  in %s\n", file, line, error, sql);
        sqlite3_free(error);
        fail();
    }
}

/* A ledger in memory. */
static inline sqlite3 *ledger_new(void)
{
    sqlite3 *db = ledger_connect(":memory:");
    ledger_exec(db, "SELECT usage_init()");
    return db;
}

/* The error message of a statement that must fail; valid until the next call. */
#define ledger_error(db, sql) ledger_error_at(db, sql, __FILE__, __LINE__)
static inline const char *ledger_error_at(sqlite3 *db, const char *sql, const char *file, int line)
{
    static char message[512];
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK) {
        print_error("%s:%d: this must fail: %s\n", file, line, sql);
        fail();
    }
    (void)snprintf(message, sizeof message, "%s", error ? error : sqlite3_errmsg(db));
    sqlite3_free(error);
    return message;
}

/* All rows as text: columns joined with |, rows with a line end, NULL as "NULL". */
#define ledger_expect(db, sql, expected) ledger_expect_at(db, sql, expected, __FILE__, __LINE__)
static inline void ledger_expect_at(sqlite3 *db, const char *sql, const char *expected,
                                    const char *file, int line)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3_str *rows = sqlite3_str_new(NULL);
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    while (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        if (sqlite3_str_length(rows))
            sqlite3_str_appendall(rows, "\n");
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const char *text = (const char *)sqlite3_column_text(stmt, i);
            sqlite3_str_appendf(rows, "%s%s", i ? "|" : "", text ? text : "NULL");
        }
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_reset(stmt);
    char *got = sqlite3_str_finish(rows);
    if (rc != SQLITE_OK || strcmp(got ? got : "", expected) != 0) {
        print_error("%s:%d: %s\n  expected %s\n  got      %s\n", file, line, sql, expected,
                    rc == SQLITE_OK ? (got ? got : "") : sqlite3_errmsg(db));
        sqlite3_free(got);
        sqlite3_finalize(stmt);
        fail();
    }
    sqlite3_free(got);
    sqlite3_finalize(stmt);
}

#endif
