/* SHA-256; see hash.h. */
#include "ext/hash.h"

#include <sodium.h>

void hash_sha256(struct slice text, uint8_t out_hash[HASH_BYTES])
{
    /* cannot fail */
    (void)crypto_hash_sha256(out_hash, (const unsigned char *)text.data, text.len);
}

struct slice hash_sha256_hex(struct arena *arena, struct slice text)
{
    uint8_t hash[HASH_BYTES];
    if (text.len == 0)
        return slice_empty();
    char *hex = arena_alloc(arena, 2 * HASH_BYTES + 1);
    if (!hex)
        return slice_empty();
    hash_sha256(text, hash);
    (void)sodium_bin2hex(hex, 2 * HASH_BYTES + 1, hash, sizeof hash);
    return (struct slice){hex, 2 * HASH_BYTES};
}
