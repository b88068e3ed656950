/* The listening socket: see listener.h. */
#include "tools/gateway-sim/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const int backlog = 256;

static int set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return -1;
    return 0;
}

static int open_socket(const struct addrinfo *address)
{
    int on = 1;
    int fd = socket(address->ai_family, address->ai_socktype, 0);

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, backlog) != 0 ||
        set_nonblocking(fd) != 0) {
        int kept = errno;

        close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

/* "127.0.0.1" and not "::ffff:127.0.0.1". */
static void put_ip(const struct sockaddr_storage *address, char *out, size_t out_size)
{
    const void *raw = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    int family = address->ss_family;

    if (family == AF_INET6) {
        const struct in6_addr *six =
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

        raw = six;
        if (IN6_IS_ADDR_V4MAPPED(six)) {
            raw = six->s6_addr + 12;
            family = AF_INET;
        }
    }
    if (inet_ntop(family, raw, out, (socklen_t)out_size) == NULL)
        snprintf(out, out_size, "unknown");
}

static void put_bound(int fd, char *out, size_t out_size)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    char ip[INET6_ADDRSTRLEN] = "?";
    unsigned port = 0;

    memset(&address, 0, sizeof(address));
    if (getsockname(fd, (struct sockaddr *)(void *)&address, &len) == 0) {
        put_ip(&address, ip, sizeof(ip));
        port = ntohs(address.ss_family == AF_INET6
                         ? ((const struct sockaddr_in6 *)(const void *)&address)->sin6_port
                         : ((const struct sockaddr_in *)(const void *)&address)->sin_port);
    }
    snprintf(out, out_size, address.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", ip, port);
}

/* "[::1]:8317" -> "::1" and "8317". */
static int split_address(const char *listen, char *host, size_t host_size, const char **out_port)
{
    const char *colon = strrchr(listen, ':');
    const char *start = listen[0] == '[' ? listen + 1 : listen;
    size_t len;

    if (colon == NULL || colon[1] == '\0')
        return -1;
    len = (size_t)(colon - start);
    if (listen[0] == '[') {
        if (colon[-1] != ']')
            return -1;
        len--;
    }
    if (len >= host_size)
        return -1;
    memcpy(host, start, len);
    host[len] = '\0';
    *out_port = colon + 1;
    return 0;
}

int listener_open(const char *listen_cstr, char *out, size_t out_size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *address = NULL;
    const char *port;
    char host[128];
    int fd = -1;
    int failure;

    if (split_address(listen_cstr, host, sizeof(host), &port) != 0) {
        fprintf(stderr, "gateway-sim: --listen expects HOST:PORT, not \"%.60s\"\n", listen_cstr);
        return -1;
    }
    failure = getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, &address);
    if (failure != 0) {
        fprintf(stderr, "gateway-sim: cannot resolve \"%.60s\": %s\n", listen_cstr,
                gai_strerror(failure));
        return -1;
    }
    fd = open_socket(address);
    if (fd < 0)
        fprintf(stderr, "gateway-sim: cannot listen on %s: %s\n", listen_cstr, strerror(errno));
    else
        put_bound(fd, out, out_size);
    freeaddrinfo(address);
    return fd;
}

int listener_accept(int fd, char *out_ip, size_t out_ip_size)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    int on = 1;
    int accepted = accept(fd, (struct sockaddr *)(void *)&address, &len);

    if (accepted < 0)
        return -1;
    if (set_nonblocking(accepted) != 0 ||
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
        close(accepted);
        return -1;
    }
    put_ip(&address, out_ip, out_ip_size);
    return accepted;
}
