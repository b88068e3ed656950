/* The admin credential: what is stored of the admin key, and how a key is checked.
 *
 * Pure apart from randomness; loading and saving the row is settings/admin_store.h.
 *
 * Rules
 *  1. A key is any non-empty text; it is trimmed before hashing and before checking.
 *  2. iterations <= 1: HMAC-SHA256(key = salt, message = admin key). More:
 *     PBKDF2-HMAC-SHA256(admin key, salt, iterations, 32 bytes).
 *  3. Compared in constant time; broken base64 in the row never verifies.
 *  4. Header: trimmed; "Bearer " in any case; the rest, trimmed, is the key. */
#ifndef CPA_SERVER_SECRETS_ADMIN_CREDENTIAL_H
#define CPA_SERVER_SECRETS_ADMIN_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/text.h"

#define ADMIN_KEY_PREFIX "cmp_admin_"
#define ADMIN_KEY_RANDOM_CHARS 32
/* Of a generated key, with its NUL. */
#define ADMIN_KEY_SIZE (sizeof(ADMIN_KEY_PREFIX) + ADMIN_KEY_RANDOM_CHARS)

#define ADMIN_SALT_BYTES 16
#define ADMIN_HASH_BYTES 32

struct admin_credential {
    int64_t version;
    char salt[64];      /* base64 without padding */
    char key_hash[64];  /* base64 without padding */
    int64_t iterations; /* of PBKDF2; <= 1 plain HMAC */
    int64_t created_at_ms;
    int64_t rotated_at_ms; /* 0: never */
    char source[32];       /* "env" "generated" "cli" "cli-generated" or "" */
};

/* Fill key with the prefix and 32 characters drawn uniformly from 0-9A-Za-z. */
void admin_key_generate(char key[ADMIN_KEY_SIZE]);
/* A new credential for the trimmed key with a fresh salt. source is a static text. */
void admin_credential_make(struct admin_credential *out_credential, struct slice key,
                           const char *source, int64_t now_ms);
/* Whether the key is the one. Constant time in the key's content. */
bool admin_credential_verify(const struct admin_credential *credential, struct slice key);
/* The key in an Authorization header (rule 4), borrowed from it. false when there is
 * none. */
bool admin_key_of_header(struct slice header, struct slice *out_key);
/* The stored row. Writing appends JSON with the fields in their order. */
void admin_credential_write(struct text *out, const struct admin_credential *credential);
/* false when the text is not such a row. */
bool admin_credential_read(struct slice json, struct admin_credential *out_credential);

#endif
