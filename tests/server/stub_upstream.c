/* A stand-in for an HTTP server: see stub_upstream.h. */
#include "stub_upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/memory.h"

#define ROWS 32
#define REQUEST_ROOM 65536

struct row {
    char *prefix;
    char *response;
};

struct stub_upstream {
    int listener;
    char *url;
    pthread_t thread;
    pthread_mutex_t mutex; /* rows and log */
    struct row rows[ROWS];
    size_t row_count;
    struct text log;
};

/* The value of a header in the head, or ""; to free(). */
static char *header_of(const char *head, const char *name)
{
    size_t name_len = strlen(name);

    for (const char *line = strchr(head, '\n'); line != NULL; line = strchr(line, '\n')) {
        line++;
        if (strncasecmp(line, name, name_len) == 0 && line[name_len] == ':')
            return memory_copy_slice(slice_trim(
                (struct slice){line + name_len + 1, strcspn(line + name_len + 1, "\r\n")}));
    }
    return memory_copy_cstr("");
}

/* Read head and body into room; the body's start, or NULL when the peer left. */
static const char *read_request(int fd, char *room)
{
    size_t len = 0;

    for (;;) {
        ssize_t got = recv(fd, room + len, REQUEST_ROOM - 1 - len, 0);
        char *end = NULL;
        if (got <= 0)
            return NULL;
        len += (size_t)got;
        room[len] = '\0';
        end = strstr(room, "\r\n\r\n");
        if (end != NULL) {
            char *length = header_of(room, "Content-Length");
            size_t expected = (size_t)(end + 4 - room) + (size_t)atoi(length);
            free(length);
            if (len >= expected)
                return end + 4;
        }
    }
}

/* Note the request and find its answer, to free(); NULL: none. */
static char *answer_to(struct stub_upstream *stub, const char *request, const char *body)
{
    char *authorization = header_of(request, "Authorization");
    const char *version = strstr(request, " HTTP/");
    char *response = memory_copy_cstr(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    pthread_mutex_lock(&stub->mutex);
    text_add(&stub->log,
             (struct slice){request, version != NULL ? (size_t)(version - request) : 0});
    text_add_char(&stub->log, '|');
    text_add_cstr(&stub->log, authorization);
    text_add_char(&stub->log, '|');
    text_add_cstr(&stub->log, body);
    text_add_char(&stub->log, '\n');
    for (size_t i = stub->row_count; i > 0; i--) {
        const struct row *row = &stub->rows[i - 1];
        if (strncmp(request, row->prefix, strlen(row->prefix)) == 0) {
            memory_replace(&response, memory_copy_cstr(row->response));
            break;
        }
    }
    pthread_mutex_unlock(&stub->mutex);
    free(authorization);
    return response;
}

static void serve(struct stub_upstream *stub, int fd, char *room)
{
    const char *body = read_request(fd, room);
    char *response = NULL;

    if (body == NULL)
        return;
    response = answer_to(stub, room, body);
    if (response != NULL) {
        (void)send(fd, response, strlen(response), MSG_NOSIGNAL); /* the peer may be gone */
        (void)shutdown(fd, SHUT_WR);
    }
    while (recv(fd, room, REQUEST_ROOM, 0) > 0)
        continue; /* until the peer closes */
    free(response);
}

static void *run(void *arg)
{
    struct stub_upstream *stub = arg;
    char *room = memory_zeroed(REQUEST_ROOM);

    for (;;) {
        int fd = accept(stub->listener, NULL, NULL);
        if (fd < 0)
            break;
        serve(stub, fd, room);
        (void)close(fd);
    }
    free(room);
    return NULL;
}

struct stub_upstream *stub_upstream_start(void)
{
    struct stub_upstream *stub = memory_zeroed(sizeof(*stub));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);

    text_init(&stub->log, 1024 * 1024);
    pthread_mutex_init(&stub->mutex, NULL);
    stub->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(stub->listener, (struct sockaddr *)&address, len) != 0 ||
        listen(stub->listener, 16) != 0 ||
        getsockname(stub->listener, (struct sockaddr *)&address, &len) != 0 ||
        pthread_create(&stub->thread, NULL, run, stub) != 0) {
        perror("stub_upstream");
        abort();
    }
    stub->url = memory_format("http://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    return stub;
}

const char *stub_upstream_url(const struct stub_upstream *stub)
{
    return stub->url;
}

void stub_upstream_answer(struct stub_upstream *stub, const char *prefix, const char *response)
{
    pthread_mutex_lock(&stub->mutex);
    if (stub->row_count == ROWS)
        abort();
    stub->rows[stub->row_count++] =
        (struct row){memory_copy_cstr(prefix), memory_copy_cstr(response)};
    pthread_mutex_unlock(&stub->mutex);
}

void stub_upstream_json(struct stub_upstream *stub, const char *prefix, const char *status,
                        const char *body)
{
    char *response = memory_format("HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                                   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                                   status, strlen(body), body);

    stub_upstream_answer(stub, prefix, response);
    free(response);
}

char *stub_upstream_log(struct stub_upstream *stub)
{
    char *log = NULL;

    pthread_mutex_lock(&stub->mutex);
    log = memory_copy_slice(text_slice(&stub->log));
    text_empty(&stub->log);
    pthread_mutex_unlock(&stub->mutex);
    return log;
}

void stub_upstream_stop(struct stub_upstream *stub)
{
    (void)shutdown(stub->listener, SHUT_RDWR); /* wakes accept */
    pthread_join(stub->thread, NULL);
    (void)close(stub->listener);
    for (size_t i = 0; i < stub->row_count; i++) {
        free(stub->rows[i].prefix);
        free(stub->rows[i].response);
    }
    text_clear(&stub->log);
    pthread_mutex_destroy(&stub->mutex);
    free(stub->url);
    free(stub);
}
