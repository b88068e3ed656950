/*
 * One published payload, shared by everyone who still holds it: the queue, the buffers
 * of subscribers, the answers under way. When the last holder lets go of an event that
 * was never delivered, it is lost, and is counted so: no other place has to know.
 */
#ifndef TOOLS_GATEWAY_SIM_MESSAGE_H
#define TOOLS_GATEWAY_SIM_MESSAGE_H

#include "tools/gateway-sim/bytes.h"
#include "tools/gateway-sim/counts.h"

enum message_kind {
    MESSAGE_EVENT,   /* a usage event: its fate is counted */
    MESSAGE_ERROR,   /* a payload of the channel "errors" */
    MESSAGE_CONTROL, /* support_refresh or refresh */
};

struct message {
    struct counts *counts; /* borrowed; where the fate is counted */
    int refs;
    enum message_kind kind;
    bool is_delivered; /* written whole to at least one socket */
    size_t len;
    char payload[]; /* len bytes, not NUL-terminated */
};

/* A new message with one reference, holding a copy of the payload. */
struct message *message_new(struct counts *counts, enum message_kind kind, const char *payload,
                            size_t payload_len);

struct message *message_ref(struct message *message);

/* Drops a reference; the last one frees, and counts an undelivered event as lost. */
void message_unref(struct message *message);

/* Notes that the payload was written whole. */
void message_delivered(struct message *message);

/* An owned list of references, in order. */
struct message_list {
    struct message **items;
    size_t count;
    size_t capacity;
};

/* Takes over the caller's reference. */
void message_list_add(struct message_list *list, struct message *message);

/* Drops every reference and keeps the memory; clear frees it as well. */
void message_list_empty(struct message_list *list);
void message_list_clear(struct message_list *list);

#endif
