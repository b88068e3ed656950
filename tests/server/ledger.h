/* A database with our tables, as the server opens it, for tests of what it keeps there. */
#ifndef CPA_TESTS_SERVER_LEDGER_H
#define CPA_TESTS_SERVER_LEDGER_H

#include <sqlite3.h>

/* Open or create; closed with sqlite3_close. */
sqlite3 *ledger_open(const char *path);
/* The value of a settings row, to free(); NULL when there is none. */
char *ledger_setting(sqlite3 *db, const char *key);
/* Write a settings row as another program might have. */
void ledger_put(sqlite3 *db, const char *key, const char *value);
/* A settings_transaction on the sqlite3 that worker is: commits, or rolls back. */
int ledger_transaction(void *worker, int (*run)(sqlite3 *db, void *arg), void *arg,
                       char **out_message);

#endif
