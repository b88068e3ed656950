/* What a first object holds; see legacy_index.h. A key that comes twice counts once, with
 * its last value, as CPA's own decoder has it. */
#include "ext/jsonl/legacy_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/alloc.h"
#include "ext/limits.h"

/* One endpoint or model while the walk goes on. */
struct node {
    struct slice key;
    int64_t offset;        /* of its value, or of a model's details */
    enum legacy_kind kind; /* of a model; an endpoint is LEGACY_BROKEN until it has models */
    struct node *children; /* of an endpoint: its models */
    bool has_content;      /* "models" of an endpoint, "details" of a model came */
    struct node *next;
};

static void note_duplicate(struct legacy_index *index, const char *name)
{
    if (!index->duplicate_key[0])
        (void)snprintf(index->duplicate_key, sizeof index->duplicate_key, "%s", name);
}

/* A key of a map is told by its rank alone: what stands there can be a client's key. */
static void note_duplicate_at(struct legacy_index *index, const char *map, size_t rank)
{
    char name[96];
    (void)snprintf(name, sizeof name, "%s<%zu>", map, rank);
    note_duplicate(index, name);
}

/* A node for a key, which may have come before: see sorted(). */
static struct node *add_node(struct legacy_index *index, struct node **list, struct slice key)
{
    struct node *node = arena_alloc(&index->arena, sizeof *node);
    if (!node)
        return NULL;
    node->key = key;
    node->next = *list;
    *list = node;
    return node;
}

/* Handles one member: the window stands on its value, which must be dropped. */
typedef enum walk_result member_handler(struct legacy_index *index, struct byte_window *window,
                                        struct slice key, void *arg);

/* Give every member of the object at hand to the handler. */
static enum walk_result walk_members(struct legacy_index *index, struct byte_window *window,
                                     member_handler *handler, void *arg)
{
    struct json_walk walk = {0};
    for (;;) {
        struct slice key;
        bool is_end;
        enum walk_result result = json_walk_member(&walk, window, &index->arena, &key, &is_end);
        if (result == WALK_OK && !is_end)
            result = handler(index, window, key, arg);
        if (result != WALK_OK || is_end)
            return result;
    }
}

/* A member that an object has once: tells whether it came before, and notes it. */
static void note_first(struct legacy_index *index, bool *has_come, const char *name)
{
    if (*has_come)
        note_duplicate(index, name);
    *has_come = true;
}

/* The value of "details": the model's offset and kind from it. */
static enum walk_result walk_details(struct byte_window *window, struct node *model)
{
    struct json_walk walk = {0};
    bool is_end = true;
    model->kind = LEGACY_UNSUPPORTED;
    if (byte_window_at(window, 0) != '[')
        return json_walk_skip(window);
    model->offset = window->offset;
    enum walk_result result = json_walk_element(&walk, window, &is_end);
    if (result != WALK_OK || is_end)
        return result;
    model->kind = LEGACY_DETAILS;
    while (result == WALK_OK && !is_end) {
        result = json_walk_skip(window);
        if (result == WALK_OK)
            result = json_walk_element(&walk, window, &is_end);
    }
    return result;
}

static enum walk_result member_of_model(struct legacy_index *index, struct byte_window *window,
                                        struct slice key, void *arg)
{
    struct node *model = arg;
    if (!slice_equal(key, SLICE("details")))
        return json_walk_skip(window);
    note_first(index, &model->has_content, "details");
    return walk_details(window, model);
}

static enum walk_result member_of_models(struct legacy_index *index, struct byte_window *window,
                                         struct slice key, void *arg)
{
    struct node *endpoint = arg;
    struct node *model = add_node(index, &endpoint->children, key);
    if (!model)
        return WALK_FAILED;
    model->offset = window->offset;
    model->kind = LEGACY_BROKEN;
    if (byte_window_at(window, 0) != '{')
        return json_walk_skip(window);
    model->kind = LEGACY_UNSUPPORTED;
    return walk_members(index, window, member_of_model, model);
}

static enum walk_result member_of_endpoint(struct legacy_index *index, struct byte_window *window,
                                           struct slice key, void *arg)
{
    struct node *endpoint = arg;
    if (!slice_equal(key, SLICE("models")))
        return json_walk_skip(window);
    note_first(index, &endpoint->has_content, "models");
    endpoint->children = NULL;
    endpoint->kind = LEGACY_BROKEN;
    if (byte_window_at(window, 0) != '{')
        return json_walk_skip(window);
    endpoint->kind = LEGACY_DETAILS;
    return walk_members(index, window, member_of_models, endpoint);
}

static enum walk_result member_of_apis(struct legacy_index *index, struct byte_window *window,
                                       struct slice key, void *arg)
{
    struct node *endpoint = add_node(index, arg, key);
    if (!endpoint)
        return WALK_FAILED;
    endpoint->offset = window->offset;
    endpoint->kind = LEGACY_BROKEN;
    if (byte_window_at(window, 0) != '{')
        return json_walk_skip(window);
    return walk_members(index, window, member_of_endpoint, endpoint);
}

/* The value of "apis": its endpoints; NULL when it is empty or no object. */
static enum walk_result walk_apis(struct legacy_index *index, struct byte_window *window,
                                  struct node **out_endpoints)
{
    *out_endpoints = NULL;
    if (byte_window_at(window, 0) != '{')
        return json_walk_skip(window);
    return walk_members(index, window, member_of_apis, out_endpoints);
}

/* What is known of the object at the top while the walk goes on. */
struct top {
    struct node *usage_endpoints;
    struct node *endpoints;
    bool has_snake_hash;
    bool has_apis;
    bool usage_has_apis;
};

static enum walk_result member_of_usage(struct legacy_index *index, struct byte_window *window,
                                        struct slice key, void *arg)
{
    struct top *top = arg;
    if (!slice_equal(key, SLICE("apis")))
        return json_walk_skip(window);
    note_first(index, &top->usage_has_apis, "usage.apis");
    return walk_apis(index, window, &top->usage_endpoints);
}

static enum walk_result walk_usage(struct legacy_index *index, struct byte_window *window,
                                   struct top *top)
{
    note_first(index, &index->has_usage, "usage");
    top->usage_endpoints = NULL;
    top->usage_has_apis = false;
    index->usage_is_object = byte_window_at(window, 0) == '{';
    if (!index->usage_is_object)
        return json_walk_skip(window);
    return walk_members(index, window, member_of_usage, top);
}

static bool is_one_of(struct slice key, const char *const *names)
{
    for (; *names; names++)
        if (slice_equal(key, slice_of_cstr(*names)))
            return true;
    return false;
}

/* An event_hash counts unless it is null or a blank string. */
static enum walk_result walk_hash(struct byte_window *window, bool *out_counts)
{
    size_t len;
    enum walk_result result = json_walk_measure(window, LIMIT_LEGACY_KEY_BYTES, &len);
    if (result == WALK_TOO_LONG) {
        *out_counts = true;
        return json_walk_skip(window);
    }
    if (result != WALK_OK)
        return result;
    struct slice text = slice_first(byte_window_bytes(window), len);
    if (len >= 2 && text.data[0] == '"')
        *out_counts = slice_trim((struct slice){text.data + 1, len - 2}).len > 0;
    else
        *out_counts = !slice_equal(text, SLICE("null"));
    byte_window_consume(window, len);
    return WALK_OK;
}

static enum walk_result member_of_top(struct legacy_index *index, struct byte_window *window,
                                      struct slice key, void *arg)
{
    struct top *top = arg;
    static const char *const totals[] = {"total_requests", "success_count", "failure_count", NULL};
    static const char *const event_members[] = {
        "model",          "model_name",      "modelName",
        "alias",          "requested_model", "requestedModel",
        "resolved_model", "resolvedModel",   "tokens",
        "endpoint",       "request_id",      "requestId",
        "input_tokens",   "inputTokens",     "output_tokens",
        "outputTokens",   "provider",        NULL};
    bool counts = false;
    index->has_totals |= is_one_of(key, totals);
    index->has_event_members |= is_one_of(key, event_members);
    if (slice_equal(key, SLICE("event_hash"))) {
        enum walk_result result = walk_hash(window, &counts);
        top->has_snake_hash = true;
        index->has_event_hash = counts;
        return result;
    }
    if (slice_equal(key, SLICE("eventHash"))) {
        enum walk_result result = walk_hash(window, &counts);
        if (!top->has_snake_hash)
            index->has_event_hash = counts;
        return result;
    }
    if (slice_equal(key, SLICE("usage")))
        return walk_usage(index, window, top);
    if (slice_equal(key, SLICE("apis"))) {
        note_first(index, &top->has_apis, "apis");
        return walk_apis(index, window, &top->endpoints);
    }
    return json_walk_skip(window);
}

/* --- from nodes to the list of models --- */

/* By key; equal keys in the order of the file. */
static int compare_nodes(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a;
    const struct node *y = *(struct node *const *)b;
    int order = slice_compare(x->key, y->key);
    return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

static int compare_offsets(const void *a, const void *b)
{
    int64_t x = (*(struct legacy_model *const *)a)->offset;
    int64_t y = (*(struct legacy_model *const *)b)->offset;
    return (x > y) - (x < y);
}

/* The nodes of a list in byte order of their keys, in the arena; of equal keys the last.
 * map is what a key that comes twice is called by, before its rank. */
static struct node **sorted(struct legacy_index *index, struct node *list, const char *map,
                            size_t *out_count)
{
    size_t count = 0;
    size_t kept = 0;
    for (struct node *node = list; node; node = node->next)
        count++;
    struct node **nodes = arena_alloc(&index->arena, count * sizeof *nodes);
    if (!nodes)
        return NULL;
    for (struct node *node = list; node; node = node->next)
        nodes[kept++] = node;
    if (count > 0)
        qsort(nodes, count, sizeof *nodes, compare_nodes);
    kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && slice_equal(nodes[i]->key, nodes[i + 1]->key))
            note_duplicate_at(index, map, kept + 1);
        else
            nodes[kept++] = nodes[i];
    }
    *out_count = kept;
    return nodes;
}

static bool add_model(struct legacy_index *index, const struct node *endpoint, size_t endpoint_at,
                      const struct node *model, size_t model_at)
{
    struct legacy_model *entry = arena_alloc(&index->arena, sizeof *entry);
    if (!entry)
        return false;
    entry->kind = model ? model->kind : LEGACY_BROKEN;
    entry->endpoint = endpoint->key;
    entry->model = model ? model->key : slice_empty();
    entry->endpoint_rank = (int64_t)endpoint_at + 1;
    entry->model_rank = (int64_t)model_at + 1;
    entry->offset = model ? model->offset : endpoint->offset;
    entry->next = index->models;
    index->models = entry;
    index->count++;
    return true;
}

static bool list_models(struct legacy_index *index, struct node *endpoint_list)
{
    char models_map[64];
    size_t endpoint_count = 0;
    struct node **endpoints = sorted(index, endpoint_list, "apis.", &endpoint_count);
    for (size_t i = 0; endpoints && i < endpoint_count; i++) {
        size_t model_count = 0;
        if (endpoints[i]->kind == LEGACY_BROKEN) {
            if (!add_model(index, endpoints[i], i, NULL, 0))
                return false;
            continue;
        }
        (void)snprintf(models_map, sizeof models_map, "apis.<%zu>.models.", i + 1);
        struct node **models = sorted(index, endpoints[i]->children, models_map, &model_count);
        if (!models)
            return false;
        for (size_t k = 0; k < model_count; k++)
            if (!add_model(index, endpoints[i], i, models[k], k))
                return false;
    }
    return endpoints != NULL;
}

/* Order the list by offset: so the details are read in one pass over the file. */
static bool order_models(struct legacy_index *index)
{
    size_t at = 0;
    struct legacy_model **models = arena_alloc(&index->arena, index->count * sizeof *models);
    if (!models)
        return false;
    for (struct legacy_model *model = index->models; model; model = model->next)
        models[at++] = model;
    if (at > 0)
        qsort(models, at, sizeof *models, compare_offsets);
    index->models = NULL;
    while (at > 0) {
        models[--at]->next = index->models;
        index->models = models[at];
    }
    return true;
}

enum walk_result legacy_index_build(struct legacy_index *index, struct byte_window *window)
{
    struct top top = {0};
    memset(index, 0, sizeof *index);
    arena_init(&index->arena, LIMIT_LEGACY_INDEX_BYTES);
    enum walk_result result = walk_members(index, window, member_of_top, &top);
    index->usage_has_apis = top.usage_endpoints != NULL;
    index->has_apis = top.endpoints != NULL;
    index->is_export = index->usage_has_apis;
    if (result != WALK_OK)
        return result;
    if (!list_models(index, index->is_export ? top.usage_endpoints : top.endpoints) ||
        !order_models(index))
        return WALK_FAILED;
    return WALK_OK;
}

void legacy_index_clear(struct legacy_index *index)
{
    arena_clear(&index->arena);
    memset(index, 0, sizeof *index);
}
