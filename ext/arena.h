/* An arena: everything one piece of work allocates, freed at once.
 *
 * Used by the parser and the normaliser: the values of one event live in one arena,
 * which is reset before the next event, so a warm arena allocates nothing.
 * Failure is sticky: after one failed allocation every later one fails too, until
 * arena_reset; so a run of calls needs a single check of arena_failed at its end. */
#ifndef USAGE_EXT_ARENA_H
#define USAGE_EXT_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "ext/text.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* the newest first; owned */
    size_t used_bytes;          /* in the newest block */
    size_t total_bytes;         /* handed out since the last reset */
    size_t limit_bytes;         /* ceiling of total_bytes; beyond it allocations fail */
    bool failed;                /* memory ran out or the ceiling was reached */
    bool is_nomem;              /* it was memory */
};

/* Make an empty arena in the caller's storage. limit_bytes is its ceiling. */
void arena_init(struct arena *arena, size_t limit_bytes);
/* Free everything. The arena must be initialised again before use. */
void arena_clear(struct arena *arena);
/* Forget everything that was handed out, keep the memory for reuse, clear failed. */
void arena_reset(struct arena *arena);
/* size zeroed bytes, aligned to eight, or NULL (and failed is set). */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy of the bytes in the arena; the empty slice on failure. */
struct slice arena_copy(struct arena *arena, struct slice bytes);
/* The content of a builder moved into the arena (the builder stays as it is and can
 * be emptied for reuse); the empty slice, and failed, when the builder had failed. */
struct slice arena_take_text(struct arena *arena, const struct text *text);

#endif
