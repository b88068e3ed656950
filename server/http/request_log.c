#include "server/http/request_log.h"

#include <string.h>
#include <sys/time.h>

#include "server/log.h"

/* What a log line shows of a path at most. */
#define PATH_BYTES 512

/* Microseconds from the first byte of the request until now. */
static int64_t elapsed_us(const h2o_req_t *req)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    const struct timeval *begin = &req->timestamps.request_begin_at;
    int64_t us = (int64_t)(now.tv_sec - begin->tv_sec) * 1000000 + (now.tv_usec - begin->tv_usec);
    return us > 0 ? us : 0;
}

static void log_access(h2o_logger_t *self, h2o_req_t *req)
{
    (void)self;
    struct sockaddr_storage peer;
    char host[NI_MAXHOST] = "?";
    int port = 0;
    socklen_t len = req->conn->callbacks->get_peername(req->conn, (struct sockaddr *)&peer);
    if (len > 0) {
        size_t host_len = h2o_socket_getnumerichost((struct sockaddr *)&peer, len, host);
        host[host_len != SIZE_MAX ? host_len : 0] = '\0';
        port = h2o_socket_getport((struct sockaddr *)&peer);
    }
    const char *query = memchr(req->input.path.base, '?', req->input.path.len);
    size_t path_len = query != NULL ? (size_t)(query - req->input.path.base) : req->input.path.len;
    if (path_len > PATH_BYTES)
        path_len = PATH_BYTES;
    int64_t us = elapsed_us(req);
    log_line("http %.*s %.*s status=%d duration=%lld.%03lldms remote=%s:%d",
             (int)req->input.method.len, req->input.method.base, (int)path_len,
             req->input.path.base, req->res.status, (long long)(us / 1000), (long long)(us % 1000),
             host, port);
}

void request_log_register(h2o_pathconf_t *path)
{
    h2o_logger_t *logger = h2o_create_logger(path, sizeof *logger);
    logger->log_access = log_access;
}
