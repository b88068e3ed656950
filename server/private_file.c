/* Files for their owner only: see private_file.h. */
#include "server/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/file_path.h"
#include "server/memory.h"

int private_file_make_folder(const char *path)
{
    char *clean = file_path_clean(path);
    int failure = 0;

    for (size_t i = 1;; i++) {
        char c = clean[i];
        if (c != '/' && c != '\0')
            continue;
        clean[i] = '\0';
        if (mkdir(clean, 0700) != 0 && errno != EEXIST)
            failure = errno;
        clean[i] = c;
        if (c == '\0')
            break;
    }
    /* Only the last answer counts: a parent may exist where nothing can be made. */
    if (failure != 0) {
        struct stat info;
        if (stat(clean, &info) == 0 && S_ISDIR(info.st_mode))
            failure = 0;
    }
    free(clean);
    return failure;
}

/* Read to the end, at most limit bytes. 0, an errno, or -1 when there is more. */
static int read_all(int fd, size_t limit, char **out_text, size_t *out_len)
{
    size_t size = 4096 < limit ? 4096 : limit + 1;
    size_t len = 0;
    char *text = memory_zeroed(size + 1);
    int failure = 0;

    for (;;) {
        ssize_t got = 0;
        if (len == size) {
            /* A fresh block, so that the old one can be wiped. */
            char *larger = memory_zeroed(size * 2 + 1);
            memcpy(larger, text, len);
            explicit_bzero(text, len);
            free(text);
            text = larger;
            size *= 2;
        }
        got = read(fd, text + len, size - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            failure = got < 0 ? errno : 0;
            break;
        }
        len += (size_t)got;
        if (len > limit) {
            failure = -1;
            break;
        }
    }
    if (failure != 0) {
        explicit_bzero(text, len);
        free(text);
        return failure;
    }
    text[len] = '\0';
    *out_text = text;
    *out_len = len;
    return 0;
}

enum private_file_result private_file_read(const char *path, size_t limit, char **out_text,
                                           size_t *out_len, char **out_error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int failure = fd < 0 ? errno : read_all(fd, limit, out_text, out_len);

    if (fd >= 0)
        (void)close(fd); /* only read from */
    if (failure == 0)
        return PRIVATE_FILE_OK;
    if (failure < 0)
        *out_error = memory_format("larger than %zu bytes", limit);
    else
        *out_error = memory_copy_cstr(strerror(failure));
    return failure == ENOENT || failure == ENOTDIR ? PRIVATE_FILE_ABSENT : PRIVATE_FILE_FAILED;
}

/* Write everything and sync. 0 or an errno. */
static int write_all(int fd, struct slice content)
{
    while (content.len > 0) {
        ssize_t sent = write(fd, content.data, content.len);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno;
        content = slice_from(content, (size_t)sent);
    }
    return fsync(fd) == 0 ? 0 : errno;
}

/* Make the name of a new file durable. 0 or an errno. */
static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failure = fd < 0 || fsync(fd) != 0 ? errno : 0;

    if (fd >= 0)
        (void)close(fd); /* only synced */
    return failure;
}

bool private_file_create(const char *path, struct slice content, char **out_error)
{
    char *folder = file_path_folder(path);
    int failure = private_file_make_folder(folder);
    int fd = -1;

    if (failure != 0)
        goto done;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        failure = errno;
        goto done;
    }
    failure = write_all(fd, content);
    if (close(fd) != 0 && failure == 0)
        failure = errno;
    if (failure == 0)
        failure = sync_folder(folder);
    if (failure != 0)
        (void)unlink(path); /* half a file is worse than none; the failure is reported */
done:
    free(folder);
    if (failure != 0)
        *out_error = memory_format("create %s: %s", path, strerror(failure));
    return failure == 0;
}

bool private_file_ensure(const char *path, char **out_error)
{
    char *folder = file_path_folder(path);
    int failure = private_file_make_folder(folder);
    int fd = -1;

    if (failure == 0) {
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            failure = errno;
    }
    if (fd >= 0)
        (void)close(fd); /* nothing was written */
    free(folder);
    if (failure != 0)
        *out_error = memory_format("create %s: %s", path, strerror(failure));
    return failure == 0;
}
