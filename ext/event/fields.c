/* Members by name; see fields.h. */
#include "ext/event/fields.h"

#include <string.h>

#include "ext/limits.h"

_Static_assert(KEY_COUNT <= UINT8_MAX, "KEYS() holds keys in bytes");

static const struct slice key_names[KEY_COUNT] = {
#define X(name) {#name, sizeof #name - 1},
    EVENT_KEYS(X)
#undef X
};

/* KEY_COUNT when the name is none of ours. */
static unsigned find_key(struct slice name)
{
    unsigned low = 0;
    unsigned high = KEY_COUNT;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct slice *key = &key_names[middle];
        int order = key->len != name.len ? (key->len < name.len ? -1 : 1)
                                         : memcmp(key->data, name.data, name.len);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return KEY_COUNT;
}

void fields_read(struct fields *out_fields, const struct json *object, enum fields_style style)
{
    memset(out_fields, 0, sizeof *out_fields);
    out_fields->style = style;
    if (!object || object->type != JSON_OBJECT)
        return;
    for (const struct json *member = object->first; member; member = member->next) {
        unsigned key = find_key(member->key);
        if (key != KEY_COUNT)
            out_fields->value[key] = member;
    }
}

const struct json *fields_first(const struct fields *fields, const uint8_t *keys)
{
    for (; *keys != KEY_COUNT; keys++)
        if (fields->value[*keys])
            return fields->value[*keys];
    return NULL;
}

bool fields_has(const struct fields *fields, const uint8_t *keys)
{
    return fields_first(fields, keys) != NULL;
}

const struct json *fields_object(const struct fields *fields, const uint8_t *keys)
{
    const struct json *value = fields_first(fields, keys);
    return value && value->type == JSON_OBJECT ? value : NULL;
}

/* --- text --- */

/* What append writes, in the arena. */
static struct slice build(struct arena *arena, const struct json *value,
                          void (*append)(struct text *, const struct json *))
{
    struct text text;
    text_init(&text, LIMIT_EVENT_ARENA_BYTES);
    append(&text, value);
    struct slice built = arena_take_text(arena, &text);
    text_clear(&text);
    return built;
}

static bool is_integer_literal(struct slice number)
{
    for (size_t i = 0; i < number.len; i++)
        if (number.data[i] == '.' || number.data[i] == 'e' || number.data[i] == 'E')
            return false;
    return true;
}

/* Integral numbers within 64 bits as integers, others in plain decimals. */
static void append_number(struct text *text, const struct json *number)
{
    int64_t integer;
    double value = json_number_double(number);
    if (slice_to_int64(number->text, &integer, NULL))
        text_add_int64(text, integer);
    else if (value >= -0x1p63 && value < 0x1p63 && value == (double)(int64_t)value)
        text_add_int64(text, (int64_t)value);
    else
        json_write_double_plain(text, value);
}

static struct slice number_str(struct arena *arena, const struct json *number,
                               enum fields_style style)
{
    /* A plain integer is its own text, but for "-0". */
    bool is_own_text =
        style == FIELDS_OF_EXPORT || (number->text.len < 19 && is_integer_literal(number->text) &&
                                      !slice_equal(number->text, SLICE("-0")));
    return is_own_text ? number->text : build(arena, number, append_number);
}

struct slice fields_str(struct arena *arena, const struct fields *fields, const uint8_t *keys)
{
    const struct json *value = fields_first(fields, keys);
    if (!value)
        return slice_empty();
    switch (value->type) {
    case JSON_STRING:
        return slice_trim(value->text);
    case JSON_NUMBER:
        return number_str(arena, value, fields->style);
    case JSON_TRUE:
        return SLICE("true");
    case JSON_FALSE:
        return SLICE("false");
    case JSON_NULL:
        return slice_empty();
    default:
        return fields->style == FIELDS_OF_EXPORT ? slice_empty()
                                                 : build(arena, value, json_write_printed);
    }
}

/* --- integers --- */

/* 0 for text that is no integer; the nearest limit for one out of range. */
static int64_t text_int(struct slice text)
{
    int64_t value;
    bool is_saturated;
    return slice_to_int64(text, &value, &is_saturated) || is_saturated ? value : 0;
}

int64_t fields_value_int(const struct json *value, enum fields_style style)
{
    if (!value)
        return 0;
    if (value->type == JSON_STRING)
        return text_int(slice_trim(value->text));
    if (value->type != JSON_NUMBER)
        return 0;
    return style == FIELDS_OF_EXPORT ? text_int(value->text) : json_number_int64(value);
}

int64_t fields_int(const struct fields *fields, const uint8_t *keys)
{
    return fields_value_int(fields_first(fields, keys), fields->style);
}

int64_t fields_first_int(const struct fields *fields, const uint8_t *keys)
{
    for (; *keys != KEY_COUNT; keys++) {
        int64_t value = fields_value_int(fields->value[*keys], fields->style);
        if (value != 0)
            return value;
    }
    return 0;
}

struct optional_int64 fields_optional_int(const struct fields *fields, const uint8_t *keys)
{
    const struct json *value = fields_first(fields, keys);
    if (!value || value->type == JSON_NULL)
        return (struct optional_int64){false, 0};
    return (struct optional_int64){true, fields_value_int(value, fields->style)};
}
