#include "server/http/json_out.h"

#include <math.h>

#include "ext/json.h"

void json_out_key(struct json_out *json, struct slice key)
{
    if (json->needs_comma)
        text_add_char(json->text, ',');
    json->needs_comma = true;
    if (key.data == NULL)
        return;
    json_write_string(json->text, key);
    text_add_char(json->text, ':');
}

void json_out_open(struct json_out *json, const char *key, char bracket)
{
    json_out_key(json, slice_of_cstr(key));
    text_add_char(json->text, bracket);
    json->needs_comma = false;
}

void json_out_close(struct json_out *json, char bracket)
{
    text_add_char(json->text, bracket);
    json->needs_comma = true;
}

void json_out_null(struct json_out *json, const char *key)
{
    json_out_raw(json, key, SLICE("null"));
}

void json_out_bool(struct json_out *json, const char *key, bool value)
{
    json_out_raw(json, key, value ? SLICE("true") : SLICE("false"));
}

void json_out_int64(struct json_out *json, const char *key, int64_t value)
{
    json_out_key(json, slice_of_cstr(key));
    text_add_int64(json->text, value);
}

void json_out_double(struct json_out *json, const char *key, double value)
{
    json_out_key(json, slice_of_cstr(key));
    if (isfinite(value))
        json_write_double(json->text, value);
    else
        text_add(json->text, SLICE("null"));
}

void json_out_string(struct json_out *json, const char *key, struct slice value)
{
    json_out_key(json, slice_of_cstr(key));
    json_write_string(json->text, value);
}

void json_out_cstr(struct json_out *json, const char *key, const char *value)
{
    json_out_string(json, key, slice_of_cstr(value));
}

void json_out_raw(struct json_out *json, const char *key, struct slice value)
{
    json_out_key(json, slice_of_cstr(key));
    text_add(json->text, value);
}
