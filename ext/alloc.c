/* The door to SQLite's allocator; see alloc.h. */
#include "ext/alloc.h"

#include "ext/sqlite.h"

void *ext_alloc(size_t size)
{
    return sqlite3_malloc64(size);
}

void *ext_realloc(void *memory, size_t size)
{
    return sqlite3_realloc64(memory, size);
}

void ext_free(void *memory)
{
    sqlite3_free(memory);
}
