/* The order of an export; see export_keys.h. */
#include "ext/jsonl/export_keys.h"

#include <stdlib.h>
#include <string.h>

#include "ext/limits.h"

#include "usage_sql.h"

#define CHUNK_KEYS ((size_t)512) /* read together; more when a millisecond has more */

int export_keys_init(struct export_keys *keys, sqlite3 *db)
{
    memset(keys, 0, sizeof *keys);
    text_init(&keys->ids, LIMIT_PAYLOAD_BYTES);
    return sqlite3_prepare_v3(db, sql_export_keys, -1, SQLITE_PREPARE_PERSISTENT, &keys->stmt,
                              NULL);
}

void export_keys_clear(struct export_keys *keys)
{
    (void)sqlite3_finalize(keys->stmt); /* repeats an error already told */
    sqlite3_free(keys->keys);
    text_clear(&keys->ids);
    memset(keys, 0, sizeof *keys);
}

static int compare_keys(const void *a, const void *b)
{
    const struct export_key *x = a;
    const struct export_key *y = b;
    if (x->timestamp_ms != y->timestamp_ms)
        return x->timestamp_ms < y->timestamp_ms ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int add_key(struct export_keys *keys, struct export_key key)
{
    if (keys->count == LIMIT_EXPORT_KEYS)
        return SQLITE_TOOBIG;
    if (keys->count == keys->size) {
        size_t size = keys->size ? keys->size * 2 : 2 * CHUNK_KEYS;
        struct export_key *grown = sqlite3_realloc64(keys->keys, size * sizeof *grown);
        if (!grown)
            return SQLITE_NOMEM;
        keys->keys = grown;
        keys->size = size;
    }
    keys->keys[keys->count++] = key;
    return SQLITE_OK;
}

static int bind_place(sqlite3_stmt *stmt, const struct export_place *place)
{
    int rc = sqlite3_bind_int64(stmt, 1, place->after_ms);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 2, place->to_ms);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 3, place->max_id);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 4, place->after_id);
    return rc;
}

/* Read keys up to the end of a millisecond. */
static int read_keys(struct export_keys *keys, const struct export_place *place)
{
    int rc = bind_place(keys->stmt, place);
    keys->count = keys->at = 0;
    while (rc == SQLITE_OK && sqlite3_step(keys->stmt) == SQLITE_ROW) {
        const struct export_key key = {sqlite3_column_int64(keys->stmt, 0),
                                       sqlite3_column_int64(keys->stmt, 1)};
        if (keys->count >= CHUNK_KEYS &&
            key.timestamp_ms != keys->keys[keys->count - 1].timestamp_ms)
            break;
        rc = add_key(keys, key);
    }
    int reset_rc = sqlite3_reset(keys->stmt);
    if (rc == SQLITE_OK)
        rc = reset_rc;
    if (rc == SQLITE_OK && keys->count > 0)
        qsort(keys->keys, keys->count, sizeof *keys->keys, compare_keys);
    return rc;
}

int export_keys_next(struct export_keys *keys, const struct export_place *place,
                     struct slice *out_ids)
{
    *out_ids = slice_empty();
    if (keys->at == keys->count) {
        int rc = read_keys(keys, place);
        if (rc != SQLITE_OK || keys->count == 0)
            return rc;
    }
    keys->end = keys->count - keys->at < CHUNK_KEYS ? keys->count : keys->at + CHUNK_KEYS;
    text_empty(&keys->ids);
    for (size_t i = keys->at; i < keys->end; i++) {
        text_add_char(&keys->ids, i == keys->at ? '[' : ',');
        text_add_int64(&keys->ids, keys->keys[i].id);
    }
    text_add_char(&keys->ids, ']');
    *out_ids = text_slice(&keys->ids);
    return keys->ids.failed ? SQLITE_NOMEM : SQLITE_OK;
}

void export_keys_pass(struct export_keys *keys, int64_t id)
{
    while (keys->at < keys->end && keys->keys[keys->at].id != id)
        keys->at++; /* an event that is not there any more */
    keys->at += keys->at < keys->end;
}

void export_keys_pass_all(struct export_keys *keys)
{
    keys->at = keys->end;
}
