/* Endpoints; see endpoint.h. */
#include "ext/event/endpoint.h"

#include <stddef.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* "POST /v1/messages and more" into its first two words, if the first is a method. */
static bool split(struct slice endpoint, struct slice *out_method, struct slice *out_path)
{
    static const char *const methods[] = {"GET",    "POST",    "PUT", "PATCH",
                                          "DELETE", "OPTIONS", "HEAD"};
    struct slice method = slice_empty();
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (slice_starts_with(endpoint, slice_of_cstr(methods[i])))
            method = slice_first(endpoint, strlen(methods[i]));
    size_t start = method.len;
    while (start < endpoint.len && is_space(endpoint.data[start]))
        start++;
    size_t end = start;
    while (end < endpoint.len && !is_space(endpoint.data[end]))
        end++;
    if (method.len == 0 || start == method.len || end == start)
        return false;
    *out_method = method;
    *out_path = (struct slice){endpoint.data + start, end - start};
    return true;
}

static struct slice join(struct arena *arena, struct slice method, struct slice path)
{
    size_t len = method.len + 1 + path.len;
    char *joined = arena_alloc(arena, len);
    if (!joined)
        return slice_empty();
    memcpy(joined, method.data, method.len);
    joined[method.len] = ' ';
    memcpy(joined + method.len + 1, path.data, path.len);
    return (struct slice){joined, len};
}

void endpoint_complete(struct arena *arena, struct event *event)
{
    struct slice method, path;
    if (event->endpoint.len == 0 && event->method.len > 0 && event->path.len > 0)
        event->endpoint = join(arena, event->method, event->path);
    if (split(event->endpoint, &method, &path)) {
        if (event->method.len == 0)
            event->method = method;
        if (event->path.len == 0)
            event->path = path;
    }
    if (event->endpoint.len == 0)
        event->endpoint = SLICE("-");
}
