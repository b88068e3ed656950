/* Files of upload sessions: see session_folder.h. */
#include "server/transfer/session_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/memory.h"
#include "server/private_file.h"
#include "server/transfer/limits.h"
#include "server/transfer/session.h"

#define TEMPORARY_PREFIX ".usage-import-"
#define TEMPORARY_SUFFIX ".tmp"

/* --- the folder --- */

bool session_folder_open(struct session_folder *folder, const char *path, char **out_error)
{
    struct stat info;
    int failure = private_file_make_folder(path);
    if (failure != 0) {
        *out_error = memory_format("create %s: %s", path, strerror(failure));
        return false;
    }
    if (lstat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        *out_error = memory_format("%s is not a folder (a link is not accepted)", path);
        return false;
    }
    if (chmod(path, 0700) != 0 || access(path, R_OK | W_OK | X_OK) != 0) {
        *out_error = memory_format("%s: %s", path, strerror(errno));
        return false;
    }
    folder->path = memory_copy_cstr(path);
    return true;
}

void session_folder_clear(struct session_folder *folder)
{
    memory_replace(&folder->path, NULL);
}

static char *path_of(const struct session_folder *folder, const char *id, const char *suffix)
{
    return memory_format("%s/%s%s", folder->path, id, suffix);
}

char *session_folder_part(const struct session_folder *folder, const char *id)
{
    return path_of(folder, id, ".part");
}

static int sync_folder(const struct session_folder *folder)
{
    int fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failure = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0)
        (void)close(fd); /* only synced */
    return failure;
}

/* Close after writing; a failure that came before counts. */
static int close_written(int fd, int failure)
{
    if (close(fd) != 0 && failure == 0)
        failure = errno;
    return failure;
}

static int remove_file(char *taken_path)
{
    int failure = unlink(taken_path) == 0 || errno == ENOENT ? 0 : errno;
    free(taken_path);
    return failure;
}

static int write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.data, bytes.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        bytes = slice_from(bytes, (size_t)written);
    }
    return 0;
}

/* --- the bytes --- */

int session_folder_create_part(const struct session_folder *folder, const char *id)
{
    char *path = session_folder_part(folder, id);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int failure = fd < 0 ? errno : close_written(fd, 0);
    free(path);
    return failure;
}

int session_folder_part_size(const struct session_folder *folder, const char *id,
                             int64_t *out_bytes)
{
    struct stat info;
    char *path = session_folder_part(folder, id);
    int failure = lstat(path, &info) == 0 ? 0 : errno;
    free(path);
    if (failure == 0 && !S_ISREG(info.st_mode))
        failure = ENOENT;
    if (failure == 0)
        *out_bytes = (int64_t)info.st_size;
    return failure;
}

static int append_pieces(int fd, struct slice bytes, const atomic_bool *is_cancelled)
{
    int failure = 0;
    while (failure == 0 && bytes.len > 0) {
        struct slice piece = slice_first(bytes, LIMIT_SESSION_WRITE_BYTES);
        failure = atomic_load(is_cancelled) ? ECANCELED : write_all(fd, piece);
        bytes = slice_from(bytes, piece.len);
    }
    if (failure == 0 && fsync(fd) != 0)
        failure = errno;
    return failure;
}

int session_folder_append(const struct session_folder *folder, const char *id, int64_t offset,
                          struct slice bytes, const atomic_bool *is_cancelled)
{
    char *path = session_folder_part(folder, id);
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    int failure = 0;
    if (fd < 0) {
        failure = errno;
        goto done;
    }
    if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
        failure = errno;
    else
        failure = append_pieces(fd, bytes, is_cancelled);
    if (failure != 0 && ftruncate(fd, (off_t)offset) != 0)
        failure = errno; /* a later look at the size tells it again */
    failure = close_written(fd, failure);
done:
    free(path);
    return failure;
}

int session_folder_remove_part(const struct session_folder *folder, const char *id)
{
    return remove_file(session_folder_part(folder, id));
}

/* --- the metadata --- */

int session_folder_write_metadata(const struct session_folder *folder, const char *id,
                                  struct slice text)
{
    char *path = path_of(folder, id, ".json");
    char *temporary = memory_format("%s/" TEMPORARY_PREFIX "%s" TEMPORARY_SUFFIX, folder->path, id);
    int failure = 0;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        failure = errno;
        goto done;
    }
    failure = write_all(fd, text);
    if (failure == 0 && fsync(fd) != 0)
        failure = errno;
    failure = close_written(fd, failure);
    if (failure == 0 && rename(temporary, path) != 0)
        failure = errno;
    if (failure == 0)
        failure = sync_folder(folder);
    else
        (void)unlink(temporary); /* the failure itself is told */
done:
    free(temporary);
    free(path);
    return failure;
}

int session_folder_remove_metadata(const struct session_folder *folder, const char *id)
{
    return remove_file(path_of(folder, id, ".json"));
}

/* --- what an earlier run left --- */

/* Whether the name is an id and the suffix; the id is then copied. */
static bool split_name(const char *name, const char *suffix, char out_id[SESSION_ID_LEN + 1])
{
    struct slice whole = slice_of_cstr(name);
    struct slice end = slice_of_cstr(suffix);
    if (!slice_ends_with(whole, end))
        return false;
    struct slice id = slice_first(whole, whole.len - end.len);
    if (!session_is_id(id))
        return false;
    memcpy(out_id, id.data, SESSION_ID_LEN);
    out_id[SESSION_ID_LEN] = '\0';
    return true;
}

static void read_metadata(const struct session_folder *folder, const char *id,
                          void (*found)(void *arg, const char *id, struct slice text), void *arg)
{
    char *path = path_of(folder, id, ".json");
    char *text = NULL;
    char *error = NULL;
    size_t len = 0;
    (void)private_file_read(path, LIMIT_SESSION_METADATA_BYTES, &text, &len,
                            &error); /* without text it is invalid */
    found(arg, id, (struct slice){text, len});
    free(text);
    free(error);
    free(path);
}

/* Remove the file when no session owns it. */
static void remove_stray(const struct session_folder *folder, const char *name,
                         bool (*has_session)(void *arg, const char *id), void *arg)
{
    char id[SESSION_ID_LEN + 1];
    struct slice text = slice_of_cstr(name);
    bool is_part = split_name(name, ".part", id);
    bool is_temporary = slice_starts_with(text, SLICE(TEMPORARY_PREFIX)) &&
                        slice_ends_with(text, SLICE(TEMPORARY_SUFFIX));
    if (is_temporary || (is_part && !has_session(arg, id)))
        (void)remove_file(memory_format("%s/%s", folder->path, name)); /* next start again */
}

int session_folder_scan(const struct session_folder *folder,
                        void (*found)(void *arg, const char *id, struct slice text),
                        bool (*has_session)(void *arg, const char *id), void *arg)
{
    char id[SESSION_ID_LEN + 1];
    const struct dirent *entry;
    DIR *list = opendir(folder->path);
    if (list == NULL)
        return errno;
    while ((entry = readdir(list)) != NULL) {
        if (split_name(entry->d_name, ".json", id))
            read_metadata(folder, id, found, arg);
    }
    rewinddir(list);
    while ((entry = readdir(list)) != NULL)
        remove_stray(folder, entry->d_name, has_session, arg);
    (void)closedir(list); /* only read from */
    return 0;
}
