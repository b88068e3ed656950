/* The admin credential: see admin_credential.h. HMAC by libsodium, PBKDF2 by libcrypto. */
#include "server/secrets/admin_credential.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/secret/base64.h"
#include "server/document.h"
#include "server/limits.h"
#include "server/memory.h"

/* Salts of other programs may be longer than ours; the row has room for this many. */
#define SALT_ROOM 48

static const char key_alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

void admin_key_generate(char key[ADMIN_KEY_SIZE])
{
    size_t prefix_len = sizeof(ADMIN_KEY_PREFIX) - 1;

    memcpy(key, ADMIN_KEY_PREFIX, prefix_len);
    for (size_t i = prefix_len; i < ADMIN_KEY_SIZE - 1; i++)
        key[i] = key_alphabet[randombytes_uniform(sizeof(key_alphabet) - 1)];
    key[ADMIN_KEY_SIZE - 1] = '\0';
}

/* Rule 2. false when libcrypto refuses or the iterations are beyond all reason. */
static bool hash_key(struct slice key, const uint8_t *salt, size_t salt_len, int64_t iterations,
                     uint8_t out_hash[ADMIN_HASH_BYTES])
{
    crypto_auth_hmacsha256_state state;

    if (iterations > LIMIT_CREDENTIAL_ITERATIONS || key.len > INT32_MAX)
        return false;
    if (iterations > 1)
        return PKCS5_PBKDF2_HMAC(key.data, (int)key.len, salt, (int)salt_len, (int)iterations,
                                 EVP_sha256(), ADMIN_HASH_BYTES, out_hash) == 1;
    crypto_auth_hmacsha256_init(&state, salt, salt_len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)key.data, key.len);
    crypto_auth_hmacsha256_final(&state, out_hash);
    sodium_memzero(&state, sizeof(state));
    return true;
}

/* Base64 into a field of the row, which it fits by its size. */
static void encode(char *field, size_t size, const uint8_t *bytes, size_t len)
{
    struct text text;

    text_init(&text, size - 1);
    base64_encode_raw(&text, bytes, len);
    (void)snprintf(field, size, "%s", text.failed ? "" : text.data); /* "" never verifies */
    text_clear(&text);
}

void admin_credential_make(struct admin_credential *out_credential, struct slice key,
                           const char *source, int64_t now_ms)
{
    uint8_t salt[ADMIN_SALT_BYTES];
    uint8_t hash[ADMIN_HASH_BYTES];

    memset(out_credential, 0, sizeof(*out_credential));
    randombytes_buf(salt, sizeof(salt));
    if (!hash_key(slice_trim(key), salt, sizeof(salt), 1, hash))
        return; /* a key of 2 GiB: the empty row never verifies */
    out_credential->version = 1;
    encode(out_credential->salt, sizeof(out_credential->salt), salt, sizeof(salt));
    encode(out_credential->key_hash, sizeof(out_credential->key_hash), hash, sizeof(hash));
    out_credential->iterations = 1;
    out_credential->created_at_ms = now_ms;
    (void)snprintf(out_credential->source, sizeof(out_credential->source), "%s", source);
}

bool admin_credential_verify(const struct admin_credential *credential, struct slice key)
{
    uint8_t salt[SALT_ROOM];
    uint8_t expected[ADMIN_HASH_BYTES];
    uint8_t hash[ADMIN_HASH_BYTES];
    size_t salt_len = 0;
    size_t expected_len = 0;
    bool is_right = false;

    key = slice_trim(key);
    if (key.len == 0)
        return false;
    if (!base64_decode(BASE64_RAW, slice_of_cstr(credential->salt), salt, sizeof(salt),
                       &salt_len) ||
        !base64_decode(BASE64_RAW, slice_of_cstr(credential->key_hash), expected, sizeof(expected),
                       &expected_len) ||
        expected_len != sizeof(expected))
        return false;
    is_right = hash_key(key, salt, salt_len, credential->iterations, hash) &&
               sodium_memcmp(hash, expected, sizeof(hash)) == 0;
    sodium_memzero(hash, sizeof(hash));
    return is_right;
}

bool admin_key_of_header(struct slice header, struct slice *out_key)
{
    struct slice key = slice_empty();

    header = slice_trim(header);
    if (!slice_equal_nocase(slice_first(header, 7), SLICE("Bearer ")))
        return false;
    key = slice_trim(slice_from(header, 7));
    if (key.len == 0)
        return false;
    *out_key = key;
    return true;
}

void admin_credential_write(struct text *out, const struct admin_credential *credential)
{
    document_open(out, NULL, '{');
    document_add_int64(out, "version", credential->version);
    document_add_text(out, "salt", credential->salt);
    document_add_text(out, "keyHash", credential->key_hash);
    document_add_int64(out, "iterations", credential->iterations);
    document_add_int64(out, "createdAtMs", credential->created_at_ms);
    document_add_int64_unless_0(out, "rotatedAtMs", credential->rotated_at_ms);
    document_add_text_unless_empty(out, "source", credential->source);
    document_close(out, '}');
}

/* Copy a text of the row; one that does not fit is an error. */
static void copy_field(char *field, size_t size, const cJSON *document, const char *name,
                       char **error)
{
    const char *value = document_text(document, name, "", error);

    if (strlen(value) >= size && *error == NULL)
        *error = memory_format("%s is too long", name);
    (void)snprintf(field, size, "%s", value); /* cut only where the row is refused */
}

bool admin_credential_read(struct slice json, struct admin_credential *out_credential)
{
    struct admin_credential row;
    char *error = NULL;
    cJSON *document = document_parse(json, true, &error);
    bool is_read = false;

    memset(&row, 0, sizeof(row));
    if (document != NULL) {
        row.version = document_int64(document, "version", 0, &error);
        copy_field(row.salt, sizeof(row.salt), document, "salt", &error);
        copy_field(row.key_hash, sizeof(row.key_hash), document, "keyHash", &error);
        row.iterations = document_int64(document, "iterations", 0, &error);
        row.created_at_ms = document_int64(document, "createdAtMs", 0, &error);
        row.rotated_at_ms = document_int64(document, "rotatedAtMs", 0, &error);
        copy_field(row.source, sizeof(row.source), document, "source", &error);
        is_read = error == NULL;
    }
    if (is_read)
        *out_credential = row;
    free(error);
    cJSON_Delete(document);
    return is_read;
}
