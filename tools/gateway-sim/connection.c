/* One connection: see connection.h. */
#include "tools/gateway-sim/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/gateway-sim/clock.h"
#include "tools/gateway-sim/commands.h"
#include "tools/gateway-sim/limits.h"
#include "tools/gateway-sim/routes.h"

enum connection_state {
    CONNECTION_SNIFF,
    CONNECTION_HTTP,
    CONNECTION_RESP,
    CONNECTION_LINGER,
    CONNECTION_DEAD,
};

struct connection {
    struct connection *next;
    struct connection *previous;
    struct gateway *gateway;
    enum connection_state state;
    int fd;
    uint32_t interest;             /* what epoll watches */
    int64_t deadline_us;           /* monotonic; 0: none */
    bool saw_end;                  /* the peer will send nothing more */
    bool is_ending;                /* close when everything is written */
    bool has_continued;            /* "100 Continue" was sent for the request at hand */
    struct bytes in;               /* read and not used */
    struct bytes out;              /* to be written */
    size_t out_sent;               /* of out, already written */
    struct message_list in_flight; /* events whose bytes are in out */
    struct session session;
};

static void unlink_connection(struct connection *connection)
{
    struct gateway *gateway = connection->gateway;

    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        gateway->first = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    gateway->connection_count--;
}

/* Whatever was not written whole did not arrive. */
static void drop_in_flight(struct connection *connection)
{
    struct counts *counts = &connection->gateway->counts;
    size_t i;

    for (i = 0; i < connection->in_flight.count; i++) {
        if (connection->in_flight.items[i]->kind != MESSAGE_EVENT)
            continue;
        if (connection->session.subscriber != NULL)
            counts->dropped_disconnect++;
        else
            counts->dropped_answer++;
    }
    message_list_clear(&connection->in_flight);
}

static void drop(struct connection *connection)
{
    struct gateway *gateway = connection->gateway;

    drop_in_flight(connection);
    if (connection->session.subscriber != NULL)
        subscriber_leave(&gateway->subscribers, connection->session.subscriber,
                         SUBSCRIBER_END_DISCONNECT);
    connection->session.subscriber = NULL;
    close(connection->fd);
    bytes_clear(&connection->in);
    bytes_clear(&connection->out);
    bytes_clear(&connection->session.channel);
    unlink_connection(connection);
    connection->state = CONNECTION_DEAD;
    connection->next = gateway->dead;
    gateway->dead = connection;
}

/* Everything in out was taken by the kernel. */
static void note_delivery(struct connection *connection)
{
    size_t i;

    for (i = 0; i < connection->in_flight.count; i++) {
        struct message *message = connection->in_flight.items[i];

        message_delivered(message);
        if (message->kind == MESSAGE_EVENT && connection->session.subscriber != NULL)
            connection->gateway->counts.copies_written++;
    }
    message_list_empty(&connection->in_flight);
    bytes_reset(&connection->out);
    connection->out_sent = 0;
}

/* True when nothing is left to write; may drop the connection. */
static bool flush(struct connection *connection)
{
    struct bytes *out = &connection->out;

    if (out->has_failed) {
        drop(connection);
        return false;
    }
    while (connection->out_sent < out->len) {
        ssize_t sent = send(connection->fd, out->data + connection->out_sent,
                            out->len - connection->out_sent, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                drop(connection);
            return false;
        }
        connection->out_sent += (size_t)sent;
    }
    note_delivery(connection);
    return true;
}

static void begin_linger(struct connection *connection)
{
    shutdown(connection->fd, SHUT_WR);
    connection->state = CONNECTION_LINGER;
    connection->is_ending = false;
    connection->deadline_us = clock_mono_us() + (int64_t)LIMIT_LINGER_MS * 1000;
}

/* ---- RESP ---- */

static void send_next_message(struct connection *connection)
{
    struct message *message =
        subscriber_take(&connection->gateway->subscribers, connection->session.subscriber);

    command_put_message(&connection->out, &connection->session, message);
    message_list_add(&connection->in_flight, message);
}

static void end_resp(struct connection *connection, const char *error)
{
    resp_put_error(&connection->out, error);
    connection->is_ending = true;
}

/* One whole command, one broken frame, or the end of the peer's bytes. */
static void step_command(struct connection *connection, enum resp_status status,
                         const struct resp_command *command)
{
    if (status == RESP_BAD) {
        end_resp(connection, "ERR protocol error");
    } else if (status == RESP_NEED_MORE && command->is_inside_bulk) {
        end_resp(connection, "ERR unexpected EOF");
    } else if (status == RESP_NEED_MORE) {
        drop(connection);
    } else {
        if (command_run(connection->gateway, &connection->session, command, &connection->out,
                        &connection->in_flight) == COMMAND_CLOSE)
            connection->is_ending = true;
        bytes_drop_front(&connection->in, command->frame_bytes);
    }
}

/* True when something was done and there may be more to do. */
static bool step_resp(struct connection *connection)
{
    struct gateway *gateway = connection->gateway;
    const struct subscriber *subscriber = connection->session.subscriber;
    struct resp_command command;
    enum resp_status status;
    bool has_command;

    if (subscriber != NULL && clock_mono_us() < gateway->held_until_us)
        return false;
    status = resp_parse(connection->in.data, connection->in.len, &command);
    has_command = status != RESP_NEED_MORE || connection->saw_end;
    if (subscriber != NULL && subscriber->used > 0 &&
        (!has_command || random_chance(&gateway->scheduler, 0.5))) {
        send_next_message(connection);
        return true;
    }
    if (subscriber != NULL && subscriber->used == 0 && subscriber->is_overflowed) {
        connection->is_ending = true;
        return true;
    }
    if (has_command)
        step_command(connection, status, &command);
    return has_command;
}

/* ---- HTTP ---- */

static void answer_http(struct connection *connection, const struct http_request *request)
{
    struct http_answer answer;

    route_answer(connection->gateway, request, connection->session.ip, &answer,
                 &connection->in_flight);
    if (answer.body.has_failed)
        connection->out.has_failed = true;
    if (!http_put_answer(&connection->out, request, &answer, clock_wall_ns()))
        connection->is_ending = true;
    bytes_clear(&answer.body);
    bytes_drop_front(&connection->in, request->total_bytes);
    connection->has_continued = false;
}

static bool wait_for_http(struct connection *connection, const struct http_request *request)
{
    if (connection->saw_end) {
        drop(connection);
        return false;
    }
    if (request->head_bytes == 0 || connection->has_continued || !http_expects_continue(request))
        return false;
    connection->has_continued = true;
    BYTES_LITERAL(&connection->out, "HTTP/1.1 100 Continue\r\n\r\n");
    return true;
}

static bool step_http(struct connection *connection)
{
    struct http_request request;
    struct http_fault fault;

    switch (http_parse(connection->in.data, connection->in.len, &request, &fault)) {
    case HTTP_NEED_MORE:
        return wait_for_http(connection, &request);
    case HTTP_BAD:
        http_put_fault(&connection->out, &fault);
        connection->is_ending = true;
        return true;
    case HTTP_REQUEST:
        answer_http(connection, &request);
        return true;
    }
    return false;
}

/* ---- the first byte, the last byte, and between them ---- */

static bool step_sniff(struct connection *connection)
{
    const struct options *options = connection->gateway->options;

    if (connection->in.len == 0) {
        if (connection->saw_end)
            drop(connection);
        return false;
    }
    connection->deadline_us = 0;
    if (!resp_starts_with(connection->in.data[0])) {
        connection->state = CONNECTION_HTTP;
        return true;
    }
    connection->state = CONNECTION_RESP;
    if (!gateway_is_managed(connection->gateway)) {
        drop(connection);
        return false;
    }
    if (options->is_home)
        end_resp(connection, "ERR redis usage output disabled in home mode");
    else if (options->release.number == RELEASE(7, 1, 17))
        end_resp(connection, "ERR RESP AUTH disabled; use mTLS");
    return true;
}

static bool step_linger(struct connection *connection)
{
    bytes_reset(&connection->in);
    if (connection->saw_end)
        drop(connection);
    return false;
}

static bool step(struct connection *connection)
{
    switch (connection->state) {
    case CONNECTION_SNIFF:
        return step_sniff(connection);
    case CONNECTION_HTTP:
        return step_http(connection);
    case CONNECTION_RESP:
        return step_resp(connection);
    case CONNECTION_LINGER:
        return step_linger(connection);
    case CONNECTION_DEAD:
        break;
    }
    return false;
}

static void watch(struct connection *connection)
{
    struct epoll_event event = {.data = {.ptr = connection}};
    bool is_full = connection->in.len >= LIMIT_INPUT_BYTES;

    if (!connection->saw_end && !is_full)
        event.events |= EPOLLIN;
    if (connection->out_sent < connection->out.len)
        event.events |= EPOLLOUT;
    if (event.events == connection->interest)
        return;
    connection->interest = event.events;
    if (epoll_ctl(connection->gateway->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) != 0)
        drop(connection);
}

void connection_wake(void *owner)
{
    struct connection *connection = owner;

    while (connection->state != CONNECTION_DEAD && flush(connection)) {
        if (connection->is_ending)
            begin_linger(connection);
        if (!step(connection))
            break;
    }
    if (connection->state != CONNECTION_DEAD)
        watch(connection);
}

/* Reads what is there, up to the ceiling. False when the connection broke. */
static bool read_all(struct connection *connection)
{
    struct bytes *in = &connection->in;

    while (in->len < LIMIT_INPUT_BYTES && bytes_reserve(in, 65536)) {
        ssize_t got = recv(connection->fd, in->data + in->len, in->capacity - in->len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        if (got == 0) {
            connection->saw_end = true;
            return true;
        }
        in->len += (size_t)got;
        if (connection->state == CONNECTION_LINGER)
            bytes_reset(in);
    }
    return true;
}

void connection_ready(struct connection *connection, uint32_t events)
{
    if (connection->state == CONNECTION_DEAD)
        return;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 ||
        ((events & EPOLLIN) != 0 && !read_all(connection))) {
        drop(connection);
        return;
    }
    connection_wake(connection);
}

void connection_open(struct gateway *gateway, int fd, const char *peer_ip_cstr)
{
    struct connection *connection;
    struct epoll_event event = {.events = EPOLLIN};

    gateway->counts.connections++;
    if (gateway->connection_count == LIMIT_CONNECTIONS) {
        close(fd);
        return;
    }
    connection = bytes_must_alloc(sizeof(*connection));
    memset(connection, 0, sizeof(*connection));
    connection->gateway = gateway;
    connection->fd = fd;
    connection->interest = EPOLLIN;
    connection->deadline_us = clock_mono_us() + (int64_t)LIMIT_SNIFF_MS * 1000;
    bytes_init(&connection->in, LIMIT_INPUT_BYTES + 65536);
    bytes_init(&connection->out, LIMIT_OUTPUT_BYTES);
    bytes_init(&connection->session.channel, LIMIT_RESP_ITEM_BYTES);
    connection->session.owner = connection;
    snprintf(connection->session.ip, sizeof(connection->session.ip), "%s", peer_ip_cstr);
    connection->next = gateway->first;
    if (gateway->first != NULL)
        gateway->first->previous = connection;
    gateway->first = connection;
    gateway->connection_count++;
    event.data.ptr = connection;
    if (epoll_ctl(gateway->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        drop(connection);
}

int64_t connection_close_subscribers(struct gateway *gateway)
{
    struct connection *connection = gateway->first;
    int64_t closed = 0;

    while (connection != NULL) {
        struct connection *next = connection->next;

        if (connection->session.subscriber != NULL) {
            drop(connection);
            closed++;
        }
        connection = next;
    }
    return closed;
}

void connection_close_expired(struct gateway *gateway, int64_t now_us)
{
    struct connection *connection = gateway->first;

    while (connection != NULL) {
        struct connection *next = connection->next;

        if (connection->deadline_us != 0 && connection->deadline_us <= now_us)
            drop(connection);
        connection = next;
    }
}

void connection_wake_subscribers(struct gateway *gateway)
{
    struct connection *connection = gateway->first;

    while (connection != NULL) {
        struct connection *next = connection->next;

        if (connection->session.subscriber != NULL)
            connection_wake(connection);
        connection = next;
    }
}

void connection_close_all(struct gateway *gateway)
{
    while (gateway->first != NULL)
        drop(gateway->first);
}

void connection_bury(struct gateway *gateway)
{
    while (gateway->dead != NULL) {
        struct connection *next = gateway->dead->next;

        free(gateway->dead);
        gateway->dead = next;
    }
}
