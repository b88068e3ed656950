/* Trace identifiers in their short form: most are random hex digits, alone, after a
 * short prefix ("req_"), or as a UUID; those digits are stored as bytes. Pure. */
#ifndef USAGE_EXT_STORE_TRACE_ID_H
#define USAGE_EXT_STORE_TRACE_ID_H

#include <stdint.h>

#include "ext/arena.h"
#include "ext/text.h"

enum trace_form {
    TRACE_TEXT, /* as it is */
    TRACE_HEX,  /* prefix, then the bytes in lower-case hex */
    TRACE_UUID  /* the bytes as 8-4-4-4-12 lower-case hex digits */
};

#define TRACE_ID_BYTES_MAX 64 /* longer runs of digits stay text */

struct trace_id {
    enum trace_form form;
    struct slice prefix; /* TRACE_HEX: a part of the text; letters, then _ or - or nothing */
    uint8_t bytes[TRACE_ID_BYTES_MAX];
    size_t bytes_len; /* 0 for TRACE_TEXT */
};

/* The short form of text, which it borrows. */
void trace_id_of(struct slice text, struct trace_id *out_trace);

/* The text again, from what was stored of it: stored is the text itself for TRACE_TEXT,
 * else the bytes. A part of stored, or in the arena. */
struct slice trace_id_text(struct arena *arena, enum trace_form form, struct slice prefix,
                           struct slice stored);

#endif
