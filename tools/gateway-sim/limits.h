/*
 * The numbers that bound the simulated gateway, each with its reason and with what
 * happens beyond it. The gateway that it stands for has none of them: it trusts its
 * machine; a test tool should fail with a message instead.
 */
#ifndef TOOLS_GATEWAY_SIM_LIMITS_H
#define TOOLS_GATEWAY_SIM_LIMITS_H

enum {
    /* One RESP element. Commands carry a key or a channel name. Beyond: protocol error. */
    LIMIT_RESP_ITEM_BYTES = 1 << 20,
    /* Elements of one RESP command. Beyond: protocol error. */
    LIMIT_RESP_ITEMS = 1024,
    /* A RESP line ("*12", "$5", "+text"). Beyond: protocol error. */
    LIMIT_RESP_LINE_BYTES = 64 << 10,
    /* Request line and headers, Go's default. Beyond: 431. */
    LIMIT_HTTP_HEAD_BYTES = 1 << 20,
    /* Header lines of one request. Beyond: 431. */
    LIMIT_HTTP_HEADERS = 128,
    /* A request body: 40,000 published lines fit. Beyond: 413. */
    LIMIT_HTTP_BODY_BYTES = 64 << 20,
    /* What one connection may hold unread: a whole request. Beyond: not read until used. */
    LIMIT_INPUT_BYTES = LIMIT_HTTP_HEAD_BYTES + LIMIT_HTTP_BODY_BYTES + (64 << 10),
    /* What one answer may hold: a popped queue. Beyond: the connection is closed. */
    LIMIT_OUTPUT_BYTES = 1 << 30,
    /* Payload bytes in the queue. Beyond: events are refused and counted. */
    LIMIT_QUEUE_BYTES = 1 << 30,
    /* Connections at once. Beyond: accepted and closed. */
    LIMIT_CONNECTIONS = 1024,
    /* Addresses remembered by the ban list. Beyond: the longest idle one is forgotten. */
    LIMIT_BAN_ENTRIES = 4096,
    /* One list of request ids. Beyond: further ids are left out and GET /sim/ids says so. */
    LIMIT_IDS_BYTES = 256 << 20,
    /* Replay and auth-files files. Beyond: refused at start. */
    LIMIT_FILE_BYTES = 1 << 30,
    /* Bursts under way at once. Beyond: POST /sim/burst answers 429. */
    LIMIT_BURSTS = 16,
    /* Waiting for the first byte of a connection. Beyond: closed (the gateway's own limit). */
    LIMIT_SNIFF_MS = 10000,
    /* Waiting for the peer's end after ours. Beyond: closed. */
    LIMIT_LINGER_MS = 500,
};

#endif
