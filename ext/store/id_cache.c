/* The map from bytes to row ids; see id_cache.h. Open addressing, at most half full. */
#include "ext/store/id_cache.h"

#include <sodium.h>
#include <string.h>

#include "ext/alloc.h"
#include "ext/limits.h"

#define FIRST_SLOTS ((size_t)1024)

struct id_cache_entry {
    int64_t id; /* 0: free */
    uint64_t hash;
    struct slice key;
};

void id_cache_init(struct id_cache *cache)
{
    memset(cache, 0, sizeof *cache);
    arena_init(&cache->keys, LIMIT_ID_CACHE_BYTES);
    randombytes_buf(cache->seed, sizeof cache->seed);
}

void id_cache_clear(struct id_cache *cache)
{
    ext_free(cache->slots);
    arena_clear(&cache->keys);
    cache->slots = NULL;
    cache->size = cache->used = 0;
}

void id_cache_forget(struct id_cache *cache)
{
    if (cache->used > 0)
        memset(cache->slots, 0, cache->size * sizeof *cache->slots);
    cache->used = 0;
    arena_reset(&cache->keys);
}

static uint64_t hash_key(const struct id_cache *cache, struct slice key)
{
    uint64_t hash = 0;
    _Static_assert(sizeof hash == crypto_shorthash_BYTES, "SipHash gives 8 bytes");
    (void)crypto_shorthash((unsigned char *)&hash, (const unsigned char *)key.data, key.len,
                           cache->seed); /* cannot fail */
    return hash;
}

/* The slot that holds key, or the free slot where it belongs. */
static struct id_cache_entry *slot_of(const struct id_cache *cache, uint64_t hash, struct slice key)
{
    size_t at = (size_t)hash & (cache->size - 1);
    for (;; at = (at + 1) & (cache->size - 1)) {
        struct id_cache_entry *entry = &cache->slots[at];
        if (entry->id == 0 || (entry->hash == hash && slice_equal(entry->key, key)))
            return entry;
    }
}

int64_t id_cache_find(const struct id_cache *cache, struct slice key)
{
    return cache->slots ? slot_of(cache, hash_key(cache, key), key)->id : 0;
}

static bool grow(struct id_cache *cache)
{
    size_t size = cache->size ? cache->size * 2 : FIRST_SLOTS;
    struct id_cache_entry *old = cache->slots;
    size_t old_size = cache->size;
    struct id_cache_entry *slots = ext_alloc(size * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0, size * sizeof *slots);
    cache->slots = slots;
    cache->size = size;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].id)
            *slot_of(cache, old[i].hash, old[i].key) = old[i];
    ext_free(old);
    return true;
}

void id_cache_add(struct id_cache *cache, struct slice key, int64_t id)
{
    if (cache->used >= LIMIT_ID_CACHE_ENTRIES || cache->keys.failed)
        id_cache_forget(cache);
    if (cache->used * 2 >= cache->size && !grow(cache))
        return;
    struct id_cache_entry entry = {id, hash_key(cache, key), arena_copy(&cache->keys, key)};
    if (cache->keys.failed)
        return;
    struct id_cache_entry *slot = slot_of(cache, entry.hash, key);
    cache->used += slot->id == 0;
    *slot = entry;
}
