/* A test's own folder: see temp_folder.h. */
#include "temp_folder.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/memory.h"
#include "server/private_file.h"

static void must(int is_fine, const char *what, const char *path)
{
    if (!is_fine) {
        (void)fprintf(stderr, "%s %s failed\n", what, path);
        abort();
    }
}

char *temp_folder_new(void)
{
    const char *base = getenv("TMPDIR");
    char *path = memory_format("%s/cpa-ledger-test-XXXXXX", base != NULL ? base : "/tmp");

    must(mkdtemp(path) != NULL, "mkdtemp", path);
    return path;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void temp_folder_free(char *path)
{
    if (path != NULL)
        (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS); /* best effort */
    free(path);
}

char *temp_folder_path(const char *folder, const char *name)
{
    return memory_format("%s/%s", folder, name);
}

void temp_folder_write(const char *folder, const char *name, const char *content)
{
    char *path = temp_folder_path(folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    must(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content), "write", path);
    must(close(fd) == 0, "close", path);
    free(path);
}

char *temp_folder_read(const char *folder, const char *name)
{
    char *path = temp_folder_path(folder, name);
    char *text = NULL;
    char *reason = NULL;
    size_t len = 0;

    (void)private_file_read(path, 1024 * 1024, &text, &len, &reason); /* NULL then */
    free(reason);
    free(path);
    return text;
}

int temp_folder_mode(const char *folder, const char *name)
{
    char *path = temp_folder_path(folder, name);
    struct stat info;
    int mode = stat(path, &info) == 0 ? (int)(info.st_mode & 07777) : -1;

    free(path);
    return mode;
}
