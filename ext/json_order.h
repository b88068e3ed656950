/* The order of object members by key bytes. Internal to json.c and json_write.c. */
#ifndef USAGE_EXT_JSON_ORDER_H
#define USAGE_EXT_JSON_ORDER_H

#include <stddef.h>

#include "ext/json.h"

struct json_order {
    struct json *member;
    size_t position; /* among the members; decides between equal keys */
};

/* List the members of object, or the elements of an array, as they stand. items has
 * room for object->count. */
void json_order_list(const struct json *object, struct json_order *items);

/* Sort in place by key bytes, then position: n log n steps whatever the keys are, so
 * that nobody can make a slow object, and no memory. */
void json_order_sort(struct json_order *items, size_t count);

#endif
