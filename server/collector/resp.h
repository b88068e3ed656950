/* RESP, the wire format of the gateway's queue: an incremental reader and a writer of
 * commands.
 *
 * Called by connection.c, which feeds bytes as they come. The reader gives one token at
 * a time, so that no more than one bulk string is ever held, however long an array is:
 *
 *     *2\r\n $5\r\nhello\r\n _\r\n   ->  ARRAY 2 (depth 0), BULK hello (depth 1),
 *                                        NULL (depth 1, ends the reply)
 *
 * Forms: "+text" "-text" ":number" "$len" bytes "*count" "_", each line and each bulk
 * ended by CR LF, which is checked; "$-1" and "*-1" are null. Pure: no socket, no clock. */
#ifndef CPA_SERVER_COLLECTOR_RESP_H
#define CPA_SERVER_COLLECTOR_RESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/text.h"
#include "server/collector/limits.h"

enum resp_type { RESP_SIMPLE, RESP_ERROR, RESP_INTEGER, RESP_BULK, RESP_NULL, RESP_ARRAY };

/* "simple string", "error", ... for messages; static text. */
const char *resp_type_name(enum resp_type type);

struct resp_token {
    enum resp_type type;
    struct slice text; /* SIMPLE, ERROR, BULK; borrowed until the next call on the reader */
    int64_t number;    /* INTEGER: its value. ARRAY: its elements */
    size_t depth;      /* 0 for a whole reply, 1 for an element of its array, ... */
    bool ends_reply;   /* nothing of the outermost reply is missing after this token */
};

enum resp_result {
    RESP_TOKEN, /* *out_token is filled */
    RESP_MORE,  /* feed bytes first */
    RESP_BAD    /* not RESP, or over a limit; final, text in reader.error */
};

struct resp_reader {
    char *data;   /* owned */
    size_t start; /* first byte not yet given out */
    size_t end;   /* first byte not yet filled */
    size_t size;  /* bytes allocated; never more than one bulk and one line */
    size_t need;  /* bytes from start that the token begun there takes, when known */
    int64_t left[LIMIT_REPLY_DEPTH]; /* elements that open arrays still lack */
    size_t depth;                    /* open arrays */
    char error[160];                 /* sticky; "" while all is well */
};

void resp_reader_init(struct resp_reader *reader);
/* Frees the buffer, wiped; the reader is then as after init. */
void resp_reader_clear(struct resp_reader *reader);
/* Room for at least one byte: where to read to, and how much fits. NULL when out of
 * memory. Invalidates the text of earlier tokens. */
char *resp_reader_space(struct resp_reader *reader, size_t *out_room);
/* len bytes were read into that room. */
void resp_reader_fill(struct resp_reader *reader, size_t len);
/* The next token. */
enum resp_result resp_reader_next(struct resp_reader *reader, struct resp_token *out_token);

/* Append one command: an array of bulk strings. */
void resp_write_command(struct text *out, const struct slice *words, size_t count);
/* A byte as Go prints a character: 'H', '\n', '\x00', '\u0080'. */
void resp_quote_byte(char out_quoted[16], unsigned char byte);

#endif
