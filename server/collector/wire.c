#include "server/collector/wire.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "server/clock.h"

/* A key and a queue name; more than any command of ours. */
#define LIMIT_COMMAND_BYTES ((size_t)64 * 1024)

void wire_init(struct wire *wire)
{
    memset(wire, 0, sizeof *wire);
    wire->fd = -1;
    resp_reader_init(&wire->reader);
}

void wire_close(struct wire *wire)
{
    if (wire->easy != NULL && wire->multi != NULL)
        (void)curl_multi_remove_handle(wire->multi, wire->easy); /* fails only if not held */
    curl_easy_cleanup(wire->easy);
    (void)curl_multi_cleanup(wire->multi); /* holds no handle any more */
    resp_reader_clear(&wire->reader);
    wire->easy = NULL;
    wire->multi = NULL;
    wire->fd = -1;
    wire->is_open = false;
}

static enum wire_result fail(struct wire *wire, enum wire_result result, const char *text)
{
    (void)snprintf(wire->error, sizeof wire->error, "%s", text);
    return result;
}

/* Unacknowledged data must not keep a dead connection alive for a quarter of an hour. */
static int socket_options(void *context, curl_socket_t fd, curlsocktype purpose)
{
    const unsigned timeout_ms = TCP_USER_TIMEOUT_MS;
    (void)context;
    (void)purpose;
    /* Without it only the detection is slower; the heartbeat still finds a dead peer. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    return CURL_SOCKOPT_OK;
}

static bool set_options(CURL *easy, const struct endpoint *endpoint, long timeout_ms, char *error)
{
    const long verify = endpoint->skips_tls_verify ? 0 : 1;
    CURLcode rc = CURLE_OK;
    error[0] = '\0';
#define SET(option, value)                                                                         \
    if (rc == CURLE_OK)                                                                            \
    rc = curl_easy_setopt(easy, option, value)
    SET(CURLOPT_URL, endpoint->dial_url);
    SET(CURLOPT_CONNECT_ONLY, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, verify);
    SET(CURLOPT_SSL_VERIFYHOST, 2 * verify);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, (long)TCP_KEEPALIVE_IDLE_S);
    SET(CURLOPT_TCP_KEEPINTVL, (long)TCP_KEEPALIVE_INTERVAL_S);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_SOCKOPTFUNCTION, socket_options);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* closing does not wait for a resolver that hangs */
    SET(CURLOPT_ERRORBUFFER, error);
#undef SET
    return rc == CURLE_OK;
}

static enum wire_result dial_failure(CURLcode rc)
{
    switch (rc) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_OPERATION_TIMEDOUT:
        return WIRE_DOWN;
    default:
        return WIRE_BROKEN;
    }
}

/* Drive libcurl until the connection stands. */
static enum wire_result connect_now(struct wire *wire, struct stop_signal *stop,
                                    int64_t deadline_mono_ms, CURLcode *out_rc)
{
    struct curl_waitfd extra = {.fd = stop != NULL ? stop->fd : -1, .events = CURL_WAIT_POLLIN};
    int running = 1;
    int queued = 0;
    while (running > 0) {
        int64_t left_ms = deadline_mono_ms - clock_mono_ms();
        CURLMcode rc = curl_multi_perform(wire->multi, &running);
        if (rc != CURLM_OK)
            return fail(wire, WIRE_BROKEN, curl_multi_strerror(rc));
        if (running == 0)
            break;
        if (stop != NULL && stop_signal_is_raised(stop))
            return fail(wire, WIRE_STOPPED, "stopped");
        if (left_ms <= 0)
            return fail(wire, WIRE_DOWN, "connecting took too long");
        (void)curl_multi_poll(wire->multi, &extra, stop != NULL,
                              left_ms > 1000 ? 1000 : (int)left_ms,
                              NULL); /* an error shows in the next perform */
    }
    CURLMsg *message = curl_multi_info_read(wire->multi, &queued);
    *out_rc = message == NULL ? CURLE_GOT_NOTHING : message->data.result;
    return WIRE_OK;
}

enum wire_result wire_dial(struct wire *wire, const struct endpoint *endpoint,
                           struct stop_signal *stop, int64_t deadline_mono_ms)
{
    char detail[CURL_ERROR_SIZE] = "";
    int64_t timeout_ms = deadline_mono_ms - clock_mono_ms();
    curl_socket_t fd = CURL_SOCKET_BAD;
    CURLcode rc = CURLE_OK;
    enum wire_result result = WIRE_OK;

    wire_close(wire);
    wire->easy = curl_easy_init();
    wire->multi = curl_multi_init();
    if (wire->easy == NULL || wire->multi == NULL ||
        !set_options(wire->easy, endpoint, timeout_ms > 0 ? (long)timeout_ms : 1, detail) ||
        curl_multi_add_handle(wire->multi, wire->easy) != CURLM_OK) {
        result = fail(wire, WIRE_BROKEN, "libcurl could not be set up");
        goto done;
    }
    result = connect_now(wire, stop, deadline_mono_ms, &rc);
    if (result == WIRE_OK && rc != CURLE_OK)
        result = fail(wire, dial_failure(rc), detail[0] != '\0' ? detail : curl_easy_strerror(rc));
    if (result == WIRE_OK &&
        (curl_easy_getinfo(wire->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
         fd == CURL_SOCKET_BAD))
        result = fail(wire, WIRE_BROKEN, "the connection was lost at once");
    wire->fd = fd;
    wire->is_open = result == WIRE_OK;
done:
    if (wire->easy != NULL) /* detail goes out of scope */
        (void)curl_easy_setopt(wire->easy, CURLOPT_ERRORBUFFER, NULL);
    if (result != WIRE_OK)
        wire_close(wire);
    return result;
}

/* Wait until the socket is ready for events. */
static enum wire_result wait_ready(struct wire *wire, short events, struct stop_signal *stop,
                                   int64_t deadline_mono_ms)
{
    for (;;) {
        struct pollfd fds[2] = {{.fd = wire->fd, .events = events},
                                {.fd = stop != NULL ? stop->fd : -1, .events = POLLIN}};
        int64_t left_ms = deadline_mono_ms - clock_mono_ms();
        if (left_ms <= 0)
            return fail(wire, WIRE_TIMEOUT, "no answer in time");
        (void)poll(fds, 2, left_ms > 60000 ? 60000 : (int)left_ms); /* EINTR: look again */
        if (fds[0].revents != 0)
            return WIRE_OK;
        if (fds[1].revents != 0)
            return fail(wire, WIRE_STOPPED, "stopped");
    }
}

static enum wire_result send_all(struct wire *wire, struct slice bytes, int64_t deadline_mono_ms)
{
    while (bytes.len > 0) {
        size_t sent = 0;
        CURLcode rc = curl_easy_send(wire->easy, bytes.data, bytes.len, &sent);
        bytes = slice_from(bytes, sent);
        if (rc == CURLE_AGAIN) {
            enum wire_result result = wait_ready(wire, POLLOUT, NULL, deadline_mono_ms);
            if (result != WIRE_OK)
                return result;
        } else if (rc != CURLE_OK) {
            return fail(wire, WIRE_BROKEN, curl_easy_strerror(rc));
        }
    }
    return WIRE_OK;
}

enum wire_result wire_send(struct wire *wire, const struct slice *words, size_t count,
                           int64_t deadline_mono_ms)
{
    struct text command;
    enum wire_result result = WIRE_OK;
    if (!wire->is_open)
        return fail(wire, WIRE_BROKEN, "not connected");
    text_init(&command, LIMIT_COMMAND_BYTES);
    if (text_reserve(&command, 4096) != NULL) /* so that growing leaves no copy of a key behind */
        command.len = 0;
    resp_write_command(&command, words, count);
    result = command.failed ? fail(wire, WIRE_BROKEN, "the command is too long")
                            : send_all(wire, text_slice(&command), deadline_mono_ms);
    if (command.data != NULL)
        explicit_bzero(command.data, command.size);
    text_clear(&command);
    return result;
}

/* Read once what the socket has; WIRE_TIMEOUT here means that it has nothing. */
static enum wire_result receive(struct wire *wire)
{
    size_t room = 0;
    size_t len = 0;
    char *space = resp_reader_space(&wire->reader, &room);
    CURLcode rc = CURLE_OUT_OF_MEMORY;
    if (space != NULL)
        rc = curl_easy_recv(wire->easy, space, room, &len);
    if (rc == CURLE_AGAIN)
        return WIRE_TIMEOUT;
    if (rc != CURLE_OK)
        return fail(wire, WIRE_BROKEN, curl_easy_strerror(rc));
    if (len == 0)
        return fail(wire, WIRE_BROKEN, "EOF");
    resp_reader_fill(&wire->reader, len);
    return WIRE_OK;
}

enum wire_result wire_next(struct wire *wire, struct resp_token *out_token,
                           struct stop_signal *stop, int64_t deadline_mono_ms)
{
    if (!wire->is_open)
        return fail(wire, WIRE_BROKEN, "not connected");
    for (;;) {
        enum resp_result parsed = resp_reader_next(&wire->reader, out_token);
        enum wire_result result = WIRE_OK;
        if (parsed == RESP_TOKEN)
            return WIRE_OK;
        if (parsed == RESP_BAD)
            return fail(wire, WIRE_NO_RESP, wire->reader.error);
        result = receive(wire);
        if (result == WIRE_TIMEOUT)
            result = wait_ready(wire, POLLIN, stop, deadline_mono_ms);
        if (result != WIRE_OK)
            return result;
    }
}
