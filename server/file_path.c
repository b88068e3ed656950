/* File paths as text: see file_path.h. */
#include "server/file_path.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/memory.h"

/* Position where the last element of the first len bytes begins. */
static size_t last_element(const char *path, size_t len)
{
    while (len > 0 && path[len - 1] != '/')
        len--;
    return len;
}

/* Whether ".." after the first len bytes of a cleaned path takes an element away. */
static bool has_parent(const char *path, size_t len)
{
    size_t start = last_element(path, len);

    return len > start && strcmp(path + start, "..") != 0;
}

char *file_path_clean(const char *path)
{
    char *clean = memory_zeroed(strlen(path) + 3);
    size_t root = path[0] == '/';
    size_t len = root;

    memcpy(clean, "/", root);
    while (*path != '\0') {
        size_t element = strcspn(path, "/");
        bool is_up = element == 2 && memcmp(path, "..", 2) == 0;
        if (is_up && has_parent(clean, len)) {
            len = last_element(clean, len);
            len -= len > root; /* the separator before it */
        } else if (element > 0 && !(element == 1 && *path == '.') && !(is_up && root > 0)) {
            if (len > root)
                clean[len++] = '/';
            memcpy(clean + len, path, element);
            len += element;
        }
        clean[len] = '\0';
        path += element;
        path += *path == '/';
    }
    if (len == 0)
        memcpy(clean, ".", 2);
    return clean;
}

char *file_path_folder(const char *path)
{
    size_t len = last_element(path, strlen(path));
    char *folder = memory_copy_slice((struct slice){path, len});
    char *clean = file_path_clean(folder);

    free(folder);
    return clean;
}

char *file_path_join(const char *folder, const char *path)
{
    char *joined = NULL;
    char *clean = NULL;

    if (path[0] == '/')
        return file_path_clean(path);
    joined = memory_format("%s/%s", folder, path);
    clean = file_path_clean(joined);
    free(joined);
    return clean;
}

char *file_path_absolute(const char *path)
{
    char here[PATH_MAX];

    if (path[0] == '/' || getcwd(here, sizeof(here)) == NULL)
        return file_path_clean(path);
    return file_path_join(here, path);
}
