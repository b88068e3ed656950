#include "server/http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "server/clock.h"
#include "server/http/loop.h"
#include "server/http/request_log.h"
#include "server/http/routes.h"
#include "server/http/throttle.h"
#include "server/http/limits.h"
#include "server/memory.h"

/* How often a drain looks at the loops. */
#define DRAIN_POLL_NS (10 * 1000 * 1000)

struct http_server {
    h2o_globalconf_t config;
    struct throttle *throttle;
    char *address; /* as bound */
    size_t loop_count;
    struct http_loop loops[LIMIT_HTTP_LOOPS];
};

/* --- listening --- */

/* Split "host:port", "[host]:port" or ":port"; both parts are to free(). */
static bool split_address(const char *address, char **out_host, char **out_port)
{
    const char *colon = strrchr(address, ':');
    if (colon == NULL)
        return false;
    struct slice host = {address, (size_t)(colon - address)};
    if (host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
        host = (struct slice){host.data + 1, host.len - 2};
    *out_host = memory_copy_slice(host);
    *out_port = memory_copy_cstr(colon + 1);
    return true;
}

static int open_listener(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    info->ai_protocol);
    if (fd < 0)
        return -1;
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); /* only a convenience */
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* "host:port" of the bound socket, to free(). */
static char *bound_address(int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
        getnameinfo((struct sockaddr *)&address, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return memory_copy_cstr("?");
    return memory_format(strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host, port);
}

/* The listening socket, or -1 with *out_error. */
static int listen_on(const char *address, char **out_error)
{
    char *host = NULL;
    char *port = NULL;
    struct addrinfo *found = NULL;
    int fd = -1;
    if (!split_address(address, &host, &port)) {
        *out_error = memory_format("address \"%s\" has no port", address);
        goto done;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    int failure = getaddrinfo(host[0] != '\0' ? host : NULL, port, &hints, &found);
    if (failure != 0) {
        *out_error = memory_format("address \"%s\": %s", address, gai_strerror(failure));
        goto done;
    }
    for (const struct addrinfo *info = found; info != NULL && fd < 0; info = info->ai_next)
        fd = open_listener(info);
    if (fd < 0)
        *out_error = memory_format("address \"%s\": %s", address, strerror(errno));
done:
    if (found != NULL)
        freeaddrinfo(found);
    free(host);
    free(port);
    return fd;
}

/* --- life --- */

static void configure(struct http_server *server)
{
    h2o_config_init(&server->config);
    server->config.server_name = h2o_iovec_init(NULL, 0); /* no Server header */
    server->config.max_request_entity_size = LIMIT_HTTP_BODY_BYTES;
    server->config.http1.req_timeout = LIMIT_HTTP_REQUEST_MS;
    server->config.http1.upgrade_to_http2 = 0;
    h2o_hostconf_t *host =
        h2o_config_register_host(&server->config, IOVEC("default"), (uint16_t)65535);
    h2o_pathconf_t *path = h2o_config_register_path(host, "/", 0);
    routes_register(path);
    request_log_register(path);
}

static bool start_loops(struct http_server *server, struct app *app, int listen_fd)
{
    for (size_t i = 0; i < LIMIT_HTTP_LOOPS; i++) {
        int fd = fcntl(listen_fd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
            return false;
        if (!loop_start(&server->loops[i], app, server->throttle, &server->config, fd)) {
            close(fd);
            return false;
        }
        server->loop_count++;
    }
    return true;
}

struct http_server *http_server_start(struct app *app, const char *address, char **out_error)
{
    int fd = listen_on(address, out_error);
    if (fd < 0)
        return NULL;
    struct http_server *server = memory_zeroed(sizeof *server);
    server->address = bound_address(fd);
    server->throttle = throttle_new();
    configure(server);
    if (!start_loops(server, app, fd)) {
        *out_error = memory_format("start of an event loop: %s", strerror(errno));
        http_server_free(server);
        server = NULL;
    }
    close(fd); /* the loops have their own */
    return server;
}

const char *http_server_address(const struct http_server *server)
{
    return server->address;
}

static void order_all(struct http_server *server, enum loop_order order)
{
    for (size_t i = 0; i < server->loop_count; i++)
        loop_order(&server->loops[i], order);
}

/* Wait until all loops are empty; false when the time is over first. */
static bool wait_empty(struct http_server *server, int64_t until_ms)
{
    for (;;) {
        bool is_empty = true;
        for (size_t i = 0; i < server->loop_count; i++)
            is_empty = is_empty && atomic_load(&server->loops[i].is_empty);
        if (is_empty || clock_mono_ms() >= until_ms)
            return is_empty;
        struct timespec pause = {.tv_nsec = DRAIN_POLL_NS};
        (void)nanosleep(&pause, NULL);
    }
}

bool http_server_drain(struct http_server *server, int64_t timeout_ms)
{
    order_all(server, LOOP_DRAIN);
    bool is_clean = wait_empty(server, clock_mono_ms() + timeout_ms);
    if (!is_clean) {
        order_all(server, LOOP_CUT);
        (void)wait_empty(server, clock_mono_ms() + LIMIT_HTTP_CUT_MS);
    }
    return is_clean;
}

void http_server_free(struct http_server *server)
{
    if (server == NULL)
        return;
    order_all(server, LOOP_QUIT);
    for (size_t i = 0; i < server->loop_count; i++)
        loop_join(&server->loops[i]);
    h2o_config_dispose(&server->config);
    throttle_free(server->throttle);
    free(server->address);
    free(server);
}
