/* Ingest: payloads become rows.
 *
 * The work behind the usage_ingest table and usage_import(). Owns the store's prepared
 * statements, the dictionary's memory and the arena of the payload at hand. Everything is
 * written in the caller's transaction: ingest_check must be called when it has begun, and
 * ingest_forget after any rollback. */
#ifndef USAGE_EXT_STORE_INGEST_H
#define USAGE_EXT_STORE_INGEST_H

#include "ext/json.h"
#include "ext/store/event_row.h"

enum ingest_outcome {
    INGEST_ADDED,
    INGEST_SKIPPED, /* an event of that time and hash is there already */
    INGEST_IGNORED, /* a control message, or blank */
    INGEST_DEAD     /* cannot be an event; nothing was stored */
};

struct ingest {
    struct statements statements;
    struct dictionary dictionary;
    struct arena arena;   /* of the payload at hand, or scratch */
    int64_t data_version; /* as the last transaction began; 0 there was none */
    int64_t schema_version;
    int64_t unfinished_id; /* the event that a failure left without its side rows; 0 none */
};

/* Why a payload is dead; valid until the next payload. */
struct ingest_failure {
    struct slice reason;
    const struct json *json; /* NULL: the payload is not JSON */
};

void ingest_init(struct ingest *ingest, sqlite3 *db);
void ingest_clear(struct ingest *ingest);
void ingest_forget(struct ingest *ingest);
/* Forget what is remembered of the file if others have written to it since the last
 * transaction, or a backup has replaced it: ids may stand for other texts now. */
int ingest_check(struct ingest *ingest);

/* Store one payload. received_at_ms stands for a missing time and becomes created_at_ms;
 * gateway is the name of the CPA. On SQLITE_OK *out_outcome is set, and with INGEST_DEAD
 * *out_failure. */
int ingest_payload(struct ingest *ingest, struct slice payload, int64_t received_at_ms,
                   struct slice gateway, enum ingest_outcome *out_outcome,
                   struct ingest_failure *out_failure);
/* Store one row that was prepared elsewhere; the scratch arena is emptied first. */
int ingest_row(struct ingest *ingest, struct event_row *row, struct slice gateway,
               enum ingest_outcome *out_outcome);
/* Keep the payload that was just found dead as a dead letter. */
int ingest_dead_letter(struct ingest *ingest, struct slice payload, int64_t received_at_ms,
                       struct slice gateway, const struct ingest_failure *failure);

/* After a failure, when the transaction is not rolled back: take back what the payload
 * left. SQLite's error message is lost. */
int ingest_undo(struct ingest *ingest);

/* The clock: UTC milliseconds since 1970. */
int64_t ingest_now_ms(void);

#endif
