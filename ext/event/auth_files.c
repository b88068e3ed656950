/* A gateway's list of credential files; see auth_files.h. */
#include "ext/event/auth_files.h"

#include <string.h>

struct list {
    struct auth_file *files;
    size_t count;
};

/* A value as trimmed text; what is neither text, number nor truth value has none. */
static struct slice text_of(const struct json *value)
{
    if (!value)
        return slice_empty();
    switch (value->type) {
    case JSON_STRING:
    case JSON_NUMBER:
        return slice_trim(value->text);
    case JSON_TRUE:
        return SLICE("true");
    case JSON_FALSE:
        return SLICE("false");
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return slice_empty();
}

/* The trimmed text of the first of the keys (NULL ends them) that is not empty. */
static struct slice first_text(const struct json *entry, const char *const *keys)
{
    for (; *keys; keys++) {
        struct slice text = text_of(json_get(entry, slice_of_cstr(*keys)));
        if (text.len > 0)
            return text;
    }
    return slice_empty();
}

static bool has_any(struct slice text, const char *characters)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] && strchr(characters, text.data[i]))
            return true;
    return false;
}

/* An account that is a key would be stored in the clear with every event. */
static bool looks_secret(struct slice text)
{
    return !has_any(text, "@ /\\") &&
           (slice_starts_with(text, SLICE("sk-")) || slice_starts_with(text, SLICE("AIza")) ||
            (text.len >= 32 && text.len <= 512));
}

static struct slice account_of(const struct json *entry, struct slice label, struct slice name)
{
    static const char *const keys[] = {"account", "email"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct slice text = text_of(json_get(entry, slice_of_cstr(keys[i])));
        if (text.len > 0 && !looks_secret(text))
            return text;
    }
    return label.len > 0 ? label : name;
}

static void add_entry(struct list *list, const struct json *entry)
{
    static const char *const index_keys[] = {"auth_index", "authIndex", "auth-index", NULL};
    static const char *const name_keys[] = {"name", NULL};
    static const char *const given_label_keys[] = {"label", NULL};
    static const char *const label_keys[] = {"label", "name", "email", NULL};
    static const char *const provider_keys[] = {"provider", "type", NULL};
    static const char *const project_keys[] = {"project_id", "projectId", "gemini_virtual_project",
                                               "geminiVirtualProject", NULL};
    struct auth_file file = {.auth_index = first_text(entry, index_keys)};
    if (file.auth_index.len == 0)
        return;
    file.file = first_text(entry, name_keys);
    file.account = account_of(entry, first_text(entry, given_label_keys), file.file);
    file.label = first_text(entry, label_keys);
    if (file.label.len == 0)
        file.label = file.account;
    file.provider = first_text(entry, provider_keys);
    file.project_id = first_text(entry, project_keys);
    list->files[list->count++] = file;
}

static void add_array(struct list *list, const struct json *array)
{
    for (const struct json *entry = array->first; entry; entry = entry->next)
        if (entry->type == JSON_OBJECT)
            add_entry(list, entry);
}

static bool is_entry(const struct json *object)
{
    return json_get(object, SLICE("name")) || json_get(object, SLICE("file_name")) ||
           json_get(object, SLICE("fileName")) || json_get(object, SLICE("id"));
}

bool auth_files_read(struct arena *arena, const struct json *body, struct auth_file **out_files,
                     size_t *out_count)
{
    static const char *const array_keys[] = {"auth_files", "authFiles", "files", "items", "data"};
    const size_t array_key_count = sizeof array_keys / sizeof *array_keys;
    const struct json *arrays[sizeof array_keys / sizeof *array_keys + 1];
    size_t array_count = 0;
    size_t most = 1;
    if (body->type == JSON_ARRAY)
        arrays[array_count++] = body;
    for (size_t i = 0; body->type == JSON_OBJECT && i < array_key_count; i++) {
        const struct json *array = json_get(body, slice_of_cstr(array_keys[i]));
        if (array && array->type == JSON_ARRAY)
            arrays[array_count++] = array;
    }
    if (array_count == 0 && !(body->type == JSON_OBJECT && is_entry(body)))
        return false;
    for (size_t i = 0; i < array_count; i++)
        most += arrays[i]->count;
    struct list list = {arena_alloc(arena, most * sizeof *list.files), 0};
    if (!list.files)
        return false;
    for (size_t i = 0; i < array_count; i++)
        add_array(&list, arrays[i]);
    if (array_count == 0)
        add_entry(&list, body);
    *out_files = list.files;
    *out_count = list.count;
    return !arena->failed;
}
