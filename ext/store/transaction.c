/* The edges of a transaction; see transaction.h. */
#include "ext/store/transaction.h"

#include <stdint.h>
#include <time.h>

#include "ext/limits.h"

static int64_t mono_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int transaction_run(sqlite3 *db, const char *sql)
{
    int64_t give_up_mono_ms = mono_ms() + LIMIT_BUSY_MS;
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    /* The low byte: a connection may give extended codes. */
    while ((rc & 0xff) == SQLITE_BUSY && mono_ms() < give_up_mono_ms) {
        (void)sqlite3_sleep(10);
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    return rc;
}
