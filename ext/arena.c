/* The arena; see arena.h. Blocks double in size, so a large event needs few. */
#include "ext/arena.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ext/alloc.h"

#define FIRST_BLOCK_BYTES ((size_t)16384)

/* What every allocation is aligned to: SQLite's allocator promises eight bytes, and no
 * type of ours needs more. */
union arena_unit {
    int64_t integer;
    double number;
    void *pointer;
};

struct arena_block {
    struct arena_block *older; /* smaller, filled before */
    size_t size_bytes;         /* of data */
    union arena_unit data[];
};

void arena_init(struct arena *arena, size_t limit_bytes)
{
    memset(arena, 0, sizeof *arena);
    arena->limit_bytes = limit_bytes;
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *older = block->older;
        ext_free(block);
        block = older;
    }
}

void arena_clear(struct arena *arena)
{
    free_blocks(arena->blocks);
    memset(arena, 0, sizeof *arena);
}

void arena_reset(struct arena *arena)
{
    if (arena->blocks) { /* the newest is the largest: it alone is kept */
        free_blocks(arena->blocks->older);
        arena->blocks->older = NULL;
    }
    arena->used_bytes = 0;
    arena->total_bytes = 0;
    arena->failed = false;
    arena->is_nomem = false;
}

static bool add_block(struct arena *arena, size_t at_least)
{
    size_t size = arena->blocks ? arena->blocks->size_bytes * 2 : FIRST_BLOCK_BYTES;
    while (size < at_least)
        size *= 2;
    struct arena_block *block = ext_alloc(sizeof *block + size);
    if (!block) {
        arena->is_nomem = true;
        return false;
    }
    block->older = arena->blocks;
    block->size_bytes = size;
    arena->blocks = block;
    arena->used_bytes = 0;
    return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t unit = sizeof(union arena_unit);
    if (arena->failed || size > arena->limit_bytes - arena->total_bytes) {
        arena->failed = true;
        return NULL;
    }
    size_t rounded = size ? (size + unit - 1) / unit * unit : unit;
    if ((!arena->blocks || rounded > arena->blocks->size_bytes - arena->used_bytes) &&
        !add_block(arena, rounded)) {
        arena->failed = true;
        return NULL;
    }
    void *memory = (unsigned char *)arena->blocks->data + arena->used_bytes;
    arena->used_bytes += rounded;
    arena->total_bytes += size;
    memset(memory, 0, size);
    return memory;
}

struct slice arena_copy(struct arena *arena, struct slice bytes)
{
    char *copy = arena_alloc(arena, bytes.len);
    if (!copy)
        return slice_empty();
    if (bytes.len)
        memcpy(copy, bytes.data, bytes.len);
    return (struct slice){copy, bytes.len};
}

struct slice arena_take_text(struct arena *arena, const struct text *text)
{
    if (text->failed) { /* no builder whose text is taken has a ceiling that it can reach */
        arena->failed = true;
        arena->is_nomem = true;
        return slice_empty();
    }
    return arena_copy(arena, text_slice(text));
}
