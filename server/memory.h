/* Memory of the server: it stops with one line when there is none left, so callers need
 * no check. Everything is freed with free(). */
#ifndef CPA_SERVER_MEMORY_H
#define CPA_SERVER_MEMORY_H

#include <stddef.h>

#include "ext/text.h"

/* size zeroed bytes, never NULL. */
void *memory_zeroed(size_t size);
/* memory may be NULL. Never returns NULL. */
void *memory_resize(void *memory, size_t size);
/* A copy; NULL gives NULL. */
char *memory_copy_cstr(const char *text);
/* A NUL-terminated copy of the bytes. */
char *memory_copy_slice(struct slice text);
/* As printf into fresh memory. */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Free *slot and put value (now the slot's) there. */
void memory_replace(char **slot, char *value);
/* Overwrite a text that was a secret, then free it. NULL is allowed. */
void memory_wipe_cstr(char *secret);

#endif
