/* Hosts that are this machine: see loopback.h. */
#include "server/loopback.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

bool loopback_is_host(const char *host)
{
    size_t len = strlen(host);
    char bare[64]; /* longer than any address */
    struct in_addr v4;
    struct in6_addr v6;

    if (len >= sizeof(bare))
        return false;
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    memcpy(bare, host, len);
    bare[len] = '\0';
    if (strcasecmp(bare, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, bare, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, bare, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
