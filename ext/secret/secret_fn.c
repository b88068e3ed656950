/* The SQL glue of secret.h: see secret_fn.h. */
#include "ext/secret/secret_fn.h"

#include <string.h>

#include "ext/limits.h"
#include "ext/secret/secret_key.h"

typedef enum secret_result transform(struct slice text, const uint8_t data_key[SECRET_KEY_BYTES],
                                     struct text *out);

static struct slice argument(sqlite3_value *value)
{
    struct slice bytes = {NULL, 0};

    bytes.data = sqlite3_value_type(value) == SQLITE_BLOB ? sqlite3_value_blob(value)
                                                          : (const char *)sqlite3_value_text(value);
    bytes.len = (size_t)sqlite3_value_bytes(value);
    return bytes;
}

/* A BLOB is a key file's content or the bytes themselves, a TEXT a value from outside. */
static bool key_of_argument(sqlite3_value *value, uint8_t out_key[SECRET_KEY_BYTES])
{
    struct slice bytes = argument(value);

    if (sqlite3_value_type(value) == SQLITE_TEXT)
        return secret_key_from_external(bytes, out_key);
    if (sqlite3_value_type(value) != SQLITE_BLOB)
        return false;
    /* Raw bytes may begin or end with what looks like white space: no trimming. */
    if (bytes.len == SECRET_KEY_BYTES) {
        memcpy(out_key, bytes.data, SECRET_KEY_BYTES);
        return true;
    }
    return secret_key_parse(bytes, out_key);
}

static void apply(sqlite3_context *context, sqlite3_value **argv, transform *run)
{
    uint8_t key[SECRET_KEY_BYTES];
    struct text out;
    enum secret_result result = SECRET_OK;

    text_init(&out, LIMIT_SECRET_BYTES * 2);
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return;
    if (!key_of_argument(argv[1], key)) {
        sqlite3_result_error(context, "data key must be 32 bytes or base64-encoded 32 bytes", -1);
        return;
    }
    result = run(argument(argv[0]), key, &out);
    if (result == SECRET_NO_MEMORY)
        sqlite3_result_error_nomem(context);
    else if (result != SECRET_OK)
        sqlite3_result_error(context, secret_result_text(result), -1);
    else
        sqlite3_result_text(context, out.data != NULL ? out.data : "", (int)out.len,
                            SQLITE_TRANSIENT);
    explicit_bzero(key, sizeof(key));
    secret_wipe_text(&out);
}

void secret_open_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    apply(context, argv, secret_open);
}

void secret_seal_fn(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    apply(context, argv, secret_seal);
}
