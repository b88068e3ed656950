/* The dictionary; see dictionary.h. Three steps each: the cache, the table, a new row. */
#include "ext/store/dictionary.h"

#include "ext/limits.h"

void dictionary_init(struct dictionary *dictionary, struct statements *statements)
{
    dictionary->statements = statements;
    id_cache_init(&dictionary->terms);
    id_cache_init(&dictionary->gateways);
    for (int i = 0; i < BUNDLE_COUNT; i++)
        id_cache_init(&dictionary->bundles[i]);
    text_init(&dictionary->key, LIMIT_EVENT_ARENA_BYTES);
}

void dictionary_clear(struct dictionary *dictionary)
{
    id_cache_clear(&dictionary->terms);
    id_cache_clear(&dictionary->gateways);
    for (int i = 0; i < BUNDLE_COUNT; i++)
        id_cache_clear(&dictionary->bundles[i]);
    text_clear(&dictionary->key);
}

void dictionary_forget(struct dictionary *dictionary)
{
    id_cache_forget(&dictionary->terms);
    id_cache_forget(&dictionary->gateways);
    for (int i = 0; i < BUNDLE_COUNT; i++)
        id_cache_forget(&dictionary->bundles[i]);
}

/* Step the find statement; when it has no row, the add statement. Both are bound. */
static int find_or_add(sqlite3 *db, sqlite3_stmt *find, sqlite3_stmt *add, int64_t *out_id)
{
    int rc = statements_step(find, out_id);
    if (rc != SQLITE_OK || *out_id != 0)
        return rc;
    rc = statements_step(add, NULL);
    if (rc == SQLITE_OK)
        *out_id = sqlite3_last_insert_rowid(db);
    return rc;
}

/* The id of a row that is known by one text, through its cache. */
static int find_text(struct dictionary *dictionary, struct id_cache *cache,
                     enum store_statement find_statement, struct slice text, int64_t *out_id)
{
    sqlite3_stmt *find;
    sqlite3_stmt *add;
    *out_id = id_cache_find(cache, text);
    if (*out_id != 0)
        return SQLITE_OK;
    int rc = statements_get(dictionary->statements, find_statement, &find);
    if (rc == SQLITE_OK)
        rc = statements_get(dictionary->statements, find_statement + 1, &add);
    if (rc == SQLITE_OK)
        rc = statements_bind_text(find, 1, text);
    if (rc == SQLITE_OK)
        rc = statements_bind_text(add, 1, text);
    if (rc == SQLITE_OK)
        rc = find_or_add(dictionary->statements->db, find, add, out_id);
    if (rc == SQLITE_OK)
        id_cache_add(cache, text, *out_id);
    return rc;
}

int dictionary_term(struct dictionary *dictionary, struct slice text, int64_t *out_id)
{
    *out_id = 0;
    if (text.len == 0)
        return SQLITE_OK;
    return find_text(dictionary, &dictionary->terms, STATEMENT_TERM_FIND, text, out_id);
}

int dictionary_gateway(struct dictionary *dictionary, struct slice name, int64_t *out_id)
{
    return find_text(dictionary, &dictionary->gateways, STATEMENT_GATEWAY_FIND, name, out_id);
}

/* The fields' content as one unambiguous key: every field with its length. */
static struct slice key_of(struct text *key, const struct bundle_field *fields, int count)
{
    text_empty(key);
    for (int i = 0; i < count; i++) {
        const struct bundle_field *field = &fields[i];
        uint64_t head = field->kind == FIELD_INTEGER ? (uint64_t)field->integer : field->text.len;
        text_add(key, (struct slice){(const char *)&head, sizeof head});
        if (field->kind != FIELD_INTEGER)
            text_add(key, field->text);
    }
    return text_slice(key);
}

static int bind_field(struct dictionary *dictionary, sqlite3_stmt *find, sqlite3_stmt *add,
                      int index, const struct bundle_field *field)
{
    int64_t value = field->integer;
    int rc = SQLITE_OK;
    if (field->kind == FIELD_BLOB) {
        const char *data = field->text.len ? field->text.data : "";
        rc = sqlite3_bind_blob64(find, index, data, field->text.len, SQLITE_STATIC);
        if (rc == SQLITE_OK)
            rc = sqlite3_bind_blob64(add, index, data, field->text.len, SQLITE_STATIC);
        return rc;
    }
    if (field->kind == FIELD_TERM)
        rc = dictionary_term(dictionary, field->text, &value);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(find, index, value);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(add, index, value);
    return rc;
}

int dictionary_bundle(struct dictionary *dictionary, enum bundle_kind kind,
                      const struct bundle_field *fields, int count, int64_t *out_id)
{
    enum store_statement find_statement = STATEMENT_BUNDLE_WHO_FIND + 2 * (unsigned)kind;
    struct slice key = key_of(&dictionary->key, fields, count);
    sqlite3_stmt *find;
    sqlite3_stmt *add;
    if (dictionary->key.failed)
        return SQLITE_NOMEM;
    *out_id = id_cache_find(&dictionary->bundles[kind], key);
    if (*out_id != 0)
        return SQLITE_OK;
    int rc = statements_get(dictionary->statements, find_statement, &find);
    if (rc == SQLITE_OK)
        rc = statements_get(dictionary->statements, find_statement + 1, &add);
    for (int i = 0; rc == SQLITE_OK && i < count; i++)
        rc = bind_field(dictionary, find, add, i + 1, &fields[i]);
    if (rc == SQLITE_OK)
        rc = find_or_add(dictionary->statements->db, find, add, out_id);
    if (rc == SQLITE_OK)
        id_cache_add(&dictionary->bundles[kind], key, *out_id);
    return rc;
}
