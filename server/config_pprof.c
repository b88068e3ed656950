/* The address of a profiling listener: accepted from configurations that have one and
 * checked as they expect; this server has no such listener. */
#include "server/config.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ext/text.h"
#include "server/memory.h"

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool config_pprof_is_local(const struct config *config, char **out_error)
{
    const char *address = config->pprof_addr;
    const char *colon = strrchr(address, ':');
    struct slice host = slice_empty();
    char *copy = NULL;
    bool is_local = false;

    if (address[0] == '\0')
        return true;
    if (colon != NULL)
        host = (struct slice){address, (size_t)(colon - address)};
    if (host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
        host = (struct slice){host.data + 1, host.len - 2};
    copy = memory_copy_slice(host);
    is_local = is_loopback(copy);
    free(copy);
    if (!is_local)
        *out_error = memory_format("\"%s\" is not host:port with a loopback host", address);
    return is_local;
}
