/*
 * RESP frames: the commands that come in and the replies that go out.
 *
 * A command is an array "*N\r\n" of N elements, each "$len\r\n...\r\n" (a negative len is
 * an empty string), "+text\r\n" or ":text\r\n". Lines may end with LF alone, bulk data
 * must be followed by CRLF. Inline commands do not exist.
 */
#ifndef TOOLS_GATEWAY_SIM_RESP_H
#define TOOLS_GATEWAY_SIM_RESP_H

#include "tools/gateway-sim/bytes.h"

enum resp_status {
    RESP_NEED_MORE, /* the frame is not complete yet */
    RESP_COMMAND,   /* one whole frame */
    RESP_BAD,       /* "-ERR protocol error", then the end */
};

struct resp_item {
    const char *data; /* borrowed from the parsed text */
    size_t len;
};

enum {
    RESP_KEPT_ITEMS = 4 /* the longest command that has a meaning: AUTH a b, and one more */
};

struct resp_command {
    size_t item_count;                       /* as announced, also beyond what is kept */
    struct resp_item items[RESP_KEPT_ITEMS]; /* the first ones */
    size_t frame_bytes;                      /* of a whole frame: remove this many */
    bool is_inside_bulk; /* RESP_NEED_MORE only: a part of a bulk's bytes has come */
};

/* Reads one frame from the start of data. Keeps nothing between calls. */
enum resp_status resp_parse(const char *data, size_t data_len, struct resp_command *out);

/* True for the first bytes that make a connection RESP rather than HTTP: * $ + - : */
bool resp_starts_with(char first);

/* Replies. */
void resp_put_simple(struct bytes *out, const char *text_cstr);
void resp_put_error(struct bytes *out, const char *text_cstr);
void resp_put_int(struct bytes *out, int64_t value);
void resp_put_array(struct bytes *out, size_t count);
void resp_put_bulk(struct bytes *out, const char *data, size_t data_len);
void resp_put_nil(struct bytes *out);

#endif
