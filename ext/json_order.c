/* Members by key; see json_order.h. A heap sort: the largest of the heap goes behind
 * it, again and again. */
#include "ext/json_order.h"

#include <stdbool.h>

void json_order_list(const struct json *object, struct json_order *items)
{
    size_t position = 0;
    for (struct json *member = object->first; member; member = member->next, position++)
        items[position] = (struct json_order){member, position};
}

static bool is_before(const struct json_order *a, const struct json_order *b)
{
    int order = slice_compare(a->member->key, b->member->key);
    return order != 0 ? order < 0 : a->position < b->position;
}

static void swap(struct json_order *a, struct json_order *b)
{
    struct json_order kept = *a;
    *a = *b;
    *b = kept;
}

/* Let the item at root sink until no child is larger. */
static void sink(struct json_order *items, size_t root, size_t count)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && is_before(&items[child], &items[child + 1]))
            child++;
        if (!is_before(&items[root], &items[child]))
            return;
        swap(&items[root], &items[child]);
    }
}

void json_order_sort(struct json_order *items, size_t count)
{
    for (size_t root = count / 2; root-- > 0;)
        sink(items, root, count);
    for (size_t left = count; left-- > 1;) {
        swap(&items[0], &items[left]);
        sink(items, 0, left);
    }
}
