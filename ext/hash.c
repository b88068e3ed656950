/* SHA-256; see hash.h. The functions of a single algorithm are used, because the general
 * ones look the algorithm up at every call (0.8 us). */
#define OPENSSL_API_COMPAT 0x10101000L /* where they are not yet discouraged */
#include "ext/hash.h"

#include <openssl/sha.h>

void hash_sha256(struct slice text, uint8_t out_hash[HASH_BYTES])
{
    SHA256_CTX state;
    (void)SHA256_Init(&state); /* these cannot fail */
    (void)SHA256_Update(&state, text.data, text.len);
    (void)SHA256_Final(out_hash, &state);
}

struct slice hash_sha256_hex(struct arena *arena, struct slice text)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t hash[HASH_BYTES];
    if (text.len == 0)
        return slice_empty();
    char *hex = arena_alloc(arena, 2 * HASH_BYTES);
    if (!hex)
        return slice_empty();
    hash_sha256(text, hash);
    for (size_t i = 0; i < HASH_BYTES; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 15];
    }
    return (struct slice){hex, 2 * HASH_BYTES};
}
