/* Names of time zones: see zone_name.h. */
#include "server/settings/zone_name.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/limits.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"
#define ZONE_MAGIC "TZif"

/* Elements of letters, digits, + - _ between single slashes; so no dots at all. */
static bool is_plain(const char *name)
{
    char before = '/';

    for (; *name != '\0'; before = *name++) {
        bool is_word = isalnum((unsigned char)*name) || strchr("+-_", *name) != NULL;
        if (!is_word && (*name != '/' || before == '/'))
            return false;
    }
    return before != '/';
}

static bool is_zone_file(const char *path)
{
    char magic[sizeof(ZONE_MAGIC) - 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is_zone = false;

    if (fd < 0)
        return false;
    is_zone = read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic) &&
              memcmp(magic, ZONE_MAGIC, sizeof(magic)) == 0;
    (void)close(fd); /* only read from */
    return is_zone;
}

bool zone_name_is_known(const char *name)
{
    char path[sizeof(ZONE_FOLDER) + LIMIT_ZONE_NAME_BYTES];

    if (name[0] == '\0' || strcmp(name, "UTC") == 0 || strcmp(name, "Local") == 0)
        return true;
    if (strlen(name) > LIMIT_ZONE_NAME_BYTES || !is_plain(name))
        return false;
    (void)snprintf(path, sizeof(path), ZONE_FOLDER "%s", name); /* fits by the check above */
    return is_zone_file(path);
}
