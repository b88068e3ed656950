/* Memory of the extension. One door to SQLite's allocator, so that its hook counts
 * and can fail every allocation, without sqlite3.h in the pure files. */
#ifndef USAGE_EXT_ALLOC_H
#define USAGE_EXT_ALLOC_H

#include <stddef.h>

/* size bytes, or NULL when memory is out or size is 0. Freed with ext_free. */
void *ext_alloc(size_t size);
/* As realloc: NULL and the old block unchanged on failure. memory may be NULL. */
void *ext_realloc(void *memory, size_t size);
/* memory may be NULL. */
void ext_free(void *memory);

#endif
