/* One process per database: an exclusive lock on <database>.manager.lock.
 *
 * The server holds it for its lifetime, offline commands while they work. The path is
 * made canonical first, so that two names of one file cannot get round the lock. */
#ifndef CPA_SERVER_PROCESS_LOCK_H
#define CPA_SERVER_PROCESS_LOCK_H

#include <stdbool.h>

struct process_lock {
    int fd;        /* -1 when not held */
    char *db_path; /* absolute, symbolic links resolved; the path to use from here on */
};

/* An unheld lock, for process_lock_release on early exits. */
void process_lock_init(struct process_lock *lock);
/* Make the database's folder (0700) if needed, resolve the path, take the lock. Does
 * not wait. false: *out_error is one line to free() without the caller's prefix, e.g.
 * "manager database process lock is already held for PATH"; the lock is then unheld. */
bool process_lock_acquire(struct process_lock *lock, const char *db_path, char **out_error)
    __attribute__((warn_unused_result));
/* Give it back; the lock file stays. An unheld lock is allowed. */
void process_lock_release(struct process_lock *lock);

#endif
