/* Small JSON documents: see document.h. cJSON reads, the builder writes. */
#include "server/document.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ext/json.h"
#include "server/memory.h"

/* Numbers pass through doubles, which hold every integer up to here. */
#define EXACT_INTEGER 9007199254740992.0

/* Depth is bounded by the parser's own nesting limit. */
static void wipe_texts(cJSON *item)
{
    cJSON *child = NULL;

    if (cJSON_IsString(item))
        explicit_bzero(item->valuestring, strlen(item->valuestring));
    cJSON_ArrayForEach(child, item)
    {
        wipe_texts(child);
    }
}

void document_wipe(cJSON *document)
{
    wipe_texts(document);
    cJSON_Delete(document);
}

cJSON *document_parse(struct slice text, bool whole, char **out_error)
{
    const char *end = NULL;
    cJSON *value = NULL;
    struct slice rest = slice_trim_ascii(text);

    if (rest.len == 0) {
        *out_error = memory_copy_cstr("EOF");
        return NULL;
    }
    value = cJSON_ParseWithLengthOpts(text.data, text.len, &end, 0);
    if (value == NULL) {
        *out_error = memory_format("invalid JSON at byte %zu",
                                   end != NULL ? (size_t)(end - text.data) : (size_t)0);
        return NULL;
    }
    rest = slice_trim_ascii(slice_from(text, (size_t)(end - text.data)));
    if (whole && rest.len > 0)
        *out_error = memory_copy_cstr("something follows the JSON value");
    else if (!cJSON_IsObject(value))
        *out_error = memory_copy_cstr("JSON value is not an object");
    else
        return value;
    document_wipe(value);
    return NULL;
}

const cJSON *document_get(const cJSON *object, const char *name)
{
    const cJSON *item = NULL;
    const cJSON *found = NULL;

    cJSON_ArrayForEach(item, object)
    {
        if (item->string != NULL && strcasecmp(item->string, name) == 0)
            found = item;
    }
    return cJSON_IsNull(found) ? NULL : found;
}

static const cJSON *typed(const cJSON *object, const char *name, bool (*is_type)(const cJSON *),
                          const char *type, char **error)
{
    const cJSON *item = *error != NULL ? NULL : document_get(object, name);

    if (item == NULL || is_type(item))
        return item;
    *error = memory_format("%s must be %s", name, type);
    return NULL;
}

static bool is_text(const cJSON *item)
{
    return cJSON_IsString(item);
}

static bool is_bool(const cJSON *item)
{
    return cJSON_IsBool(item);
}

static bool is_number(const cJSON *item)
{
    return cJSON_IsNumber(item) && isfinite(item->valuedouble);
}

static bool is_integer(const cJSON *item)
{
    return is_number(item) && fabs(item->valuedouble) <= EXACT_INTEGER &&
           trunc(item->valuedouble) == item->valuedouble;
}

static bool is_object(const cJSON *item)
{
    return cJSON_IsObject(item);
}

static bool is_text_array(const cJSON *item)
{
    const cJSON *element = NULL;

    if (!cJSON_IsArray(item))
        return false;
    cJSON_ArrayForEach(element, item)
    {
        if (!cJSON_IsString(element))
            return false;
    }
    return true;
}

const char *document_text(const cJSON *object, const char *name, const char *absent, char **error)
{
    const cJSON *item = typed(object, name, is_text, "a string", error);

    return item != NULL ? item->valuestring : absent;
}

int64_t document_int64(const cJSON *object, const char *name, int64_t absent, char **error)
{
    const cJSON *item = typed(object, name, is_integer, "an integer", error);

    return item != NULL ? (int64_t)item->valuedouble : absent;
}

bool document_bool(const cJSON *object, const char *name, bool absent, char **error)
{
    const cJSON *item = typed(object, name, is_bool, "true or false", error);

    return item != NULL ? cJSON_IsTrue(item) : absent;
}

double document_number(const cJSON *object, const char *name, double absent, char **error)
{
    const cJSON *item = typed(object, name, is_number, "a number", error);

    return item != NULL ? item->valuedouble : absent;
}

const cJSON *document_object(const cJSON *object, const char *name, char **error)
{
    return typed(object, name, is_object, "an object", error);
}

const cJSON *document_text_array(const cJSON *object, const char *name, char **error)
{
    return typed(object, name, is_text_array, "an array of strings", error);
}

/* A comma unless this is the first in its bracket, then the name. */
static void begin(struct text *out, const char *name)
{
    char last = out->len > 0 ? out->data[out->len - 1] : '[';

    if (last != '{' && last != '[' && last != ':')
        text_add_char(out, ',');
    if (name == NULL)
        return;
    json_write_string(out, slice_of_cstr(name));
    text_add_char(out, ':');
}

void document_open(struct text *out, const char *name, char bracket)
{
    begin(out, name);
    text_add_char(out, bracket);
}

void document_close(struct text *out, char bracket)
{
    text_add_char(out, bracket);
}

void document_add_text(struct text *out, const char *name, const char *value)
{
    begin(out, name);
    json_write_string(out, slice_of_cstr(value));
}

void document_add_text_unless_empty(struct text *out, const char *name, const char *value)
{
    if (value[0] != '\0')
        document_add_text(out, name, value);
}

void document_add_int64(struct text *out, const char *name, int64_t value)
{
    begin(out, name);
    text_add_int64(out, value);
}

void document_add_int64_unless_0(struct text *out, const char *name, int64_t value)
{
    if (value != 0)
        document_add_int64(out, name, value);
}

void document_add_number(struct text *out, const char *name, double value)
{
    begin(out, name);
    json_write_double(out, value);
}

void document_add_bool(struct text *out, const char *name, bool value)
{
    begin(out, name);
    text_add_cstr(out, value ? "true" : "false");
}

void document_add_bool_if_true(struct text *out, const char *name, bool value)
{
    if (value)
        document_add_bool(out, name, true);
}
