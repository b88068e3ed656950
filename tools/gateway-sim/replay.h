/*
 * A file of payloads, one a line, handed out in order and once; optionally with the first
 * "timestamp" of each line set to the present.
 */
#ifndef TOOLS_GATEWAY_SIM_REPLAY_H
#define TOOLS_GATEWAY_SIM_REPLAY_H

#include "tools/gateway-sim/bytes.h"

struct replay {
    struct bytes text; /* the whole file */
    size_t at;         /* the next line */
    bool is_now;       /* rewrite timestamps */
};

/* Reads a whole file, at most LIMIT_FILE_BYTES. False with a message on standard error. */
bool replay_read_file(const char *path, struct bytes *out);

/* The next non-blank line of text from *at on, without its line end; false at the end. */
bool replay_next_line(const char *text, size_t text_len, size_t *at, const char **out_line,
                      size_t *out_line_len);

/* Appends the next payload to out; false at the end of the file. */
bool replay_put_next(struct replay *replay, struct bytes *out);

#endif
