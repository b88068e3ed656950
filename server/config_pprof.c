/* The address of a profiling listener: accepted from configurations that have one and
 * checked as they expect; this server has no such listener. */
#include "server/config.h"

#include <stdlib.h>
#include <string.h>

#include "server/loopback.h"
#include "server/memory.h"

bool config_pprof_is_local(const struct config *config, char **out_error)
{
    const char *address = config->pprof_addr;
    const char *colon = strrchr(address, ':');
    char *host = NULL;
    bool is_local = address[0] == '\0';

    if (colon != NULL) {
        host = memory_copy_slice((struct slice){address, (size_t)(colon - address)});
        is_local = loopback_is_host(host);
        free(host);
    }
    if (!is_local)
        *out_error = memory_format("\"%s\" is not host:port with a loopback host", address);
    return is_local;
}
