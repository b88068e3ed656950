/* Dead letters; see dead_letter.h. */
#include "ext/store/dead_letter.h"

#include "ext/event/redact.h"
#include "ext/hash.h"
#include "ext/limits.h"

/* At most limit bytes of text, cut between characters. */
static struct slice cut(struct slice text, size_t limit)
{
    if (text.len <= limit)
        return text;
    while (limit > 0 && ((unsigned char)text.data[limit] & 0xc0) == 0x80)
        limit--;
    return slice_first(text, limit);
}

int dead_letter_add(struct statements *statements, struct arena *arena, struct slice payload,
                    struct slice reason, const struct json *json, int64_t gateway_id,
                    int64_t received_at_ms)
{
    uint8_t hash[HASH_BYTES];
    struct text redacted;
    sqlite3_stmt *stmt;
    text_init(&redacted, LIMIT_EVENT_ARENA_BYTES);
    int rc = statements_get(statements, STATEMENT_DEAD_LETTER_ADD, &stmt);
    if (rc != SQLITE_OK)
        goto done;
    if (json)
        redact_json(arena, &redacted, json);
    if (redacted.failed || arena->failed) {
        rc = SQLITE_NOMEM;
        goto done;
    }
    hash_sha256(payload, hash);
    rc |= sqlite3_bind_int64(stmt, 1, gateway_id);
    rc |= sqlite3_bind_int64(stmt, 2, received_at_ms);
    rc |= statements_bind_text(stmt, 3, reason);
    rc |= sqlite3_bind_int64(stmt, 4, (sqlite3_int64)payload.len);
    rc |= sqlite3_bind_blob(stmt, 5, hash, sizeof hash, SQLITE_STATIC);
    rc |= statements_bind_text(stmt, 6, cut(text_slice(&redacted), LIMIT_DEAD_LETTER_BYTES));
    rc = rc == SQLITE_OK ? statements_step(stmt, NULL) : SQLITE_NOMEM;
done:
    text_clear(&redacted);
    return rc;
}
