/* From a normalised event to its rows, in two steps: what needs no database, and then the
 * rows themselves.
 *
 * Called by ingest; the second step runs inside the caller's transaction. */
#ifndef USAGE_EXT_STORE_EVENT_ROW_H
#define USAGE_EXT_STORE_EVENT_ROW_H

#include <stdbool.h>

#include "ext/event/event.h"
#include "ext/event/response_metadata.h"
#include "ext/hash.h"
#include "ext/store/dictionary.h"
#include "ext/store/trace_id.h"

/* What the view computes from the stored numbers. */
struct derived_counts {
    bool is_exact; /* no step leaves 64 bits and every result is the event's */
    int64_t read_over_cached;
    int64_t total_over_parts;
};

/* An event ready to be stored. It borrows what the event borrows, and from the arena. */
struct event_row {
    struct event event; /* its metadata is packed below */
    struct response_metadata_columns columns;
    struct slice shape;
    struct slice values;
    struct trace_id trace;
    struct derived_counts derived;
    uint8_t hash[HASH_BYTES];
    int hash_len;      /* 32, or 8 when the text of the hash is kept beside */
    bool has_own_time; /* the text of the time is not what its value gives */
};

/* Make the row of an event. With arena->failed when memory ran out. */
void event_row_prepare(struct arena *arena, const struct event *event, struct event_row *out_row);
/* Copy everything that the row borrows into keep, so that it outlives what it was made
 * from. With keep->failed when memory ran out. */
void event_row_keep(struct arena *keep, struct event_row *row);
/* Insert it unless its time and hash are known. *out_event_id is the new event's id, 0 when
 * there is none. After a failure with an id the event stands there without all its side
 * rows: roll back, or call event_row_remove. */
int event_row_add(struct dictionary *dictionary, const struct event_row *row, int64_t gateway_id,
                  int64_t *out_event_id);
/* Delete an event and its side rows. */
int event_row_remove(struct statements *statements, int64_t event_id);

#endif
