/* The limits of the database workers: each number, why it is that number, and what
 * happens beyond it. */
#ifndef CPA_SERVER_DB_LIMITS_H
#define CPA_SERVER_DB_LIMITS_H

/* Jobs in one transaction of the writer; bounds how long the first waits for the last.
 * Beyond: the next transaction. */
#define LIMIT_DB_BATCH_JOBS 256

/* How long the start waits for a lock that another process holds. Beyond: refuse to
 * start. Readers wait as long for theirs, which in WAL mode is rare. Beyond: 503. */
#define LIMIT_DB_START_WAIT_MS 5000

/* How long the writer still waits for another process's writer while the server stops;
 * leaves room in the 30 s that a service manager grants. Beyond: the jobs fail. */
#define LIMIT_DB_STOP_WAIT_MS 8000

#endif
