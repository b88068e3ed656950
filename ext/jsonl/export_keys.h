/* The order of an export: which events come next. Called by export_reader.
 *
 * Keys are read from the time index some hundred at a time, always all of a millisecond
 * together, and sorted by time and id. They are kept between two pieces, so that many
 * events of one millisecond are looked at once and not once per piece. */
#ifndef USAGE_EXT_JSONL_EXPORT_KEYS_H
#define USAGE_EXT_JSONL_EXPORT_KEYS_H

#include "ext/sqlite.h"
#include "ext/text.h"

/* Where an export stands: plain values, good on every connection to the database. */
struct export_place {
    int64_t max_id; /* the snapshot */
    int64_t to_ms;
    int64_t after_ms; /* the last event written */
    int64_t after_id;
};

struct export_key {
    int64_t timestamp_ms;
    int64_t id;
};

struct export_keys {
    sqlite3_stmt *stmt;      /* owned */
    struct export_key *keys; /* owned */
    size_t size;
    size_t count;
    size_t at;       /* the next one */
    size_t end;      /* of the chunk at hand */
    struct text ids; /* of the chunk at hand, as a JSON array */
};

/* Prepare the statement. The keys must be cleared also after a failure. */
int export_keys_init(struct export_keys *keys, sqlite3 *db);
void export_keys_clear(struct export_keys *keys);
/* The ids of the next events, as a JSON array that stays the keys'; empty at the end. They
 * remain the next ones until export_keys_pass. */
int export_keys_next(struct export_keys *keys, const struct export_place *place,
                     struct slice *out_ids);
/* The event of that id, one of the next, was written. */
void export_keys_pass(struct export_keys *keys, int64_t id);
/* All that were next were written, or are not there any more. */
void export_keys_pass_all(struct export_keys *keys);

#endif
