/* Sealed secrets: the settings format of the original, opened and sealed.
 *
 * Called by usage_secret_open and usage_secret_seal (secret_fn.c) and by the server.
 * Pure: no SQLite, no files, no clock; libcrypto does the arithmetic.
 *
 * Rules
 *  1. The AES key is HKDF-SHA256(data key, salt "cpa-manager-plus",
 *     info "settings-secrets-v1"), 32 bytes.
 *  2. Sealed text is "enc:v1:" + base64(nonce) + ":" + base64(ciphertext and tag),
 *     base64 without padding; AES-256-GCM, nonce of 12 random bytes, tag of 16 bytes,
 *     additional data "settings-secret".
 *  3. Sealing trims; what is then empty, or sealed already, is stored unchanged.
 *  4. Opening trims; what does not start with "enc:v1:" is returned as it is.
 *  5. After the prefix exactly one ":" stands between two parts; the nonce has 12 bytes.
 *  6. When authentication fails nothing at all is written. */
#ifndef USAGE_EXT_SECRET_SECRET_H
#define USAGE_EXT_SECRET_SECRET_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

#define SECRET_KEY_BYTES 32
#define SECRET_NONCE_BYTES 12
#define SECRET_TAG_BYTES 16

enum secret_result {
    SECRET_OK,
    SECRET_BAD_FORMAT, /* not two parts */
    SECRET_BAD_BASE64, /* a part is not base64 without padding */
    SECRET_BAD_NONCE,  /* not 12 bytes */
    SECRET_BAD_KEY,    /* authentication failed: another data key, or damaged text */
    SECRET_TOO_LARGE,  /* over LIMIT_SECRET_BYTES */
    SECRET_NO_MEMORY,
    SECRET_NO_CRYPTO /* libcrypto refused, or had no randomness */
};

/* Whether the trimmed text starts with "enc:v1:". */
bool secret_is_sealed(struct slice text);
/* Append the sealed form of plain. out is unchanged on failure, except that running out
 * of memory sets its failed mark. */
enum secret_result secret_seal(struct slice plain, const uint8_t data_key[SECRET_KEY_BYTES],
                               struct text *out);
/* The same with a given nonce: for tests with known answers, never for new secrets. */
enum secret_result secret_seal_with_nonce(struct slice plain,
                                          const uint8_t data_key[SECRET_KEY_BYTES],
                                          const uint8_t nonce[SECRET_NONCE_BYTES],
                                          struct text *out);
/* Append the plain text. out is unchanged on failure. The caller wipes out with
 * secret_wipe_text. */
enum secret_result secret_open(struct slice stored, const uint8_t data_key[SECRET_KEY_BYTES],
                               struct text *out);
/* One line for an error message; static text, never a secret. */
const char *secret_result_text(enum secret_result result);
/* Overwrite what the builder holds, then clear it. */
void secret_wipe_text(struct text *text);

#endif
