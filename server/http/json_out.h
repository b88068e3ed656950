/* Writes JSON objects and arrays member by member, commas included.
 *
 * Example:
 *   struct json_out json = {.text = &exchange->body_out};
 *   json_out_open(&json, NULL, '{');
 *   json_out_int64(&json, "events", 3);
 *   json_out_close(&json, '}');           gives {"events":3}
 *
 * A key is NULL for the outermost value and inside arrays. Failure is the text's. */
#ifndef CPA_SERVER_HTTP_JSON_OUT_H
#define CPA_SERVER_HTTP_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

struct json_out {
    struct text *text;
    bool needs_comma; /* before the next member */
};

/* bracket: '{' or '[', and its counterpart to close. */
void json_out_open(struct json_out *json, const char *key, char bracket);
void json_out_close(struct json_out *json, char bracket);
void json_out_null(struct json_out *json, const char *key);
void json_out_bool(struct json_out *json, const char *key, bool value);
void json_out_int64(struct json_out *json, const char *key, int64_t value);
/* Infinity and NaN, which JSON does not have, become null. */
void json_out_double(struct json_out *json, const char *key, double value);
void json_out_string(struct json_out *json, const char *key, struct slice value);
void json_out_cstr(struct json_out *json, const char *key, const char *value);
/* Text that is JSON already. */
void json_out_raw(struct json_out *json, const char *key, struct slice value);
/* A comma if needed, and the key with its colon: for values written by others. */
void json_out_key(struct json_out *json, struct slice key);

#endif
