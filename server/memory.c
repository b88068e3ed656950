/* Memory that never comes back NULL: see memory.h. */
#include "server/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* There is nothing sensible to do for a server without memory: say so and stop. */
static void *checked(void *memory, size_t size)
{
    if (memory == NULL && size > 0) {
        (void)fputs("out of memory\n", stderr); /* the exit code tells the rest */
        exit(1);
    }
    return memory;
}

void *memory_zeroed(size_t size)
{
    return checked(calloc(1, size > 0 ? size : 1), 1);
}

void *memory_resize(void *memory, size_t size)
{
    return checked(realloc(memory, size > 0 ? size : 1), 1);
}

char *memory_copy_slice(struct slice text)
{
    char *copy = memory_zeroed(text.len + 1);

    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    return copy;
}

char *memory_copy_cstr(const char *text)
{
    return text == NULL ? NULL : memory_copy_slice(slice_of_cstr(text));
}

char *memory_format(const char *format, ...)
{
    va_list arguments;
    va_list again;
    int len = 0;
    char *text = NULL;

    va_start(arguments, format);
    va_copy(again, arguments);
    len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = memory_zeroed(len < 0 ? 1 : (size_t)len + 1);
    if (len > 0)
        (void)vsnprintf(text, (size_t)len + 1, format, again); /* measured just now */
    va_end(again);
    return text;
}

void memory_replace(char **slot, char *value)
{
    free(*slot);
    *slot = value;
}

void memory_wipe_cstr(char *secret)
{
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}
