/* The lock beside the database: see process_lock.h. */
#include "server/process_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/file_path.h"
#include "server/memory.h"
#include "server/private_file.h"

void process_lock_init(struct process_lock *lock)
{
    lock->fd = -1;
    lock->db_path = NULL;
}

/* The absolute path without symbolic links; its folder exists. NULL: *out_error. */
static char *resolve(const char *path, char **out_error)
{
    const char *name = strrchr(path, '/') + 1;
    char *folder = file_path_folder(path);
    char *real_folder = realpath(folder, NULL);
    char *joined = NULL;
    char *resolved = NULL;
    struct stat info;

    if (real_folder == NULL) {
        *out_error = memory_format("resolve folder %s: %s", folder, strerror(errno));
        goto done;
    }
    joined = file_path_join(real_folder, name);
    if (lstat(joined, &info) != 0 || !S_ISLNK(info.st_mode)) {
        resolved = joined;
        joined = NULL;
        goto done;
    }
    resolved = realpath(joined, NULL);
    if (resolved == NULL && errno == ENOENT)
        *out_error = memory_format("database path %s is a dangling symbolic link", path);
    else if (resolved == NULL)
        *out_error = memory_format("resolve %s: %s", path, strerror(errno));
done:
    free(joined);
    free(real_folder);
    free(folder);
    return resolved;
}

/* Open and lock the file beside db_path. -1: *out_error. */
static int lock_beside(const char *db_path, char **out_error)
{
    char *lock_path = memory_format("%s.manager.lock", db_path);
    int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0) {
        *out_error = memory_format("open %s: %s", lock_path, strerror(errno));
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        *out_error =
            errno == EWOULDBLOCK
                ? memory_format("manager database process lock is already held for %s", db_path)
                : memory_format("lock %s: %s", lock_path, strerror(errno));
        (void)close(fd); /* not locked */
        fd = -1;
    }
    free(lock_path);
    return fd;
}

bool process_lock_acquire(struct process_lock *lock, const char *db_path, char **out_error)
{
    char *path = file_path_absolute(db_path);
    char *folder = file_path_folder(path);
    char *resolved = NULL;
    struct stat info;
    int fd = -1;
    int failure = private_file_make_folder(folder);

    process_lock_init(lock);
    if (failure != 0) {
        *out_error = memory_format("make folder %s: %s", folder, strerror(failure));
        goto done;
    }
    resolved = resolve(path, out_error);
    if (resolved == NULL)
        goto done;
    fd = lock_beside(resolved, out_error);
    if (fd < 0)
        goto done;
    if (stat(resolved, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink > 1) {
        *out_error = memory_format("manager database has multiple hard links for %s; replace "
                                   "hard-link aliases with one canonical database path",
                                   resolved);
        goto done;
    }
    *lock = (struct process_lock){fd, resolved}; /* success hands both over */
    fd = -1;
    resolved = NULL;
done:
    if (fd >= 0)
        (void)close(fd); /* gives the lock back */
    free(resolved);
    free(folder);
    free(path);
    return lock->fd >= 0;
}

void process_lock_release(struct process_lock *lock)
{
    if (lock->fd >= 0)
        (void)close(lock->fd); /* gives the lock back */
    free(lock->db_path);
    process_lock_init(lock);
}
