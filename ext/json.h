/* JSON values, read exactly.
 *
 * Called by everything in ext that reads JSON. Numbers keep their text, so 64-bit
 * integers stay exact; strings are length-counted and may hold NUL. The rules are
 * those of CPA's own decoder (ingest specification, section 11): duplicate keys, the
 * last wins; each invalid UTF-8 byte and each lone surrogate becomes U+FFFD; nothing
 * but white space may follow the value; at most LIMIT_JSON_DEPTH levels. Ours: at most
 * LIMIT_JSON_NODES values ("too many values"), so that a small text cannot fill memory. */
#ifndef USAGE_EXT_JSON_H
#define USAGE_EXT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/arena.h"
#include "ext/text.h"

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    struct slice text;  /* JSON_STRING: decoded bytes. JSON_NUMBER: as written */
    struct slice key;   /* of a member; decoded, its data never NULL. NULL elsewhere */
    struct json *first; /* JSON_ARRAY, JSON_OBJECT: elements or members in order; a
                         * repeated key stands once, at its first place with its last
                         * value */
    struct json *next;  /* the next element or member */
    size_t count;       /* elements or members */
};

struct json_error {
    size_t offset;     /* byte at which reading stopped */
    char message[160]; /* e.g. "invalid character 'o' in literal null (expecting 'u')",
                          "unexpected end of JSON input" */
};

/* A number that overflows a double ("1e999") is an error too, as in CPA's decoder:
 * "json: cannot unmarshal number 1e999 into Go value of type float64". */

/* Parse the whole text into values that live in the arena. The values may borrow from
 * text, which must outlive them. Returns NULL with *out_error filled when the text is
 * not JSON, or NULL with arena->failed when memory ran out. */
struct json *json_parse(struct arena *arena, struct slice text, struct json_error *out_error);

/* The member, or NULL (also when object is NULL or not an object). */
const struct json *json_get(const struct json *object, struct slice key);

/* A number's value: truncated toward zero and saturated at the int64 limits when
 * outside; integers in int64 range are exact. */
int64_t json_number_int64(const struct json *number);
/* A number as the nearest double. */
double json_number_double(const struct json *number);

/* Writing. Strings are escaped as Go's encoder does: \" \\ \n \r \t \b \f, other
 * controls as \u00xx, < > & as \u003c \u003e \u0026, U+2028 and U+2029 as \u2028 and
 * \u2029, invalid UTF-8 as \ufffd; everything else raw. */
void json_write_string(struct text *out, struct slice string); /* with the quotes */
/* Shortest text that reads back as the same double; integers plain below 1e21, the
 * exponent form below 1e-6 and from 1e21 ("1e-7", "1e+21"). value must be finite. */
void json_write_double(struct text *out, double value);
/* The same without the exponent form. */
void json_write_double_plain(struct text *out, double value);
/* The value, compact, keys of every object sorted by bytes; numbers as
 * json_write_double would write them, integers of int64 exactly. out->failed is set
 * when memory runs out. */
void json_write_sorted(struct text *out, const struct json *value);
/* As json_write_sorted, with numbers as they were written. */
void json_write_sorted_literal(struct text *out, const struct json *value);
/* The value as Go's fmt prints it: "[a <nil> true]", "map[k:v k2:1e+06]", keys sorted,
 * strings bare. out->failed as above. */
void json_write_printed(struct text *out, const struct json *value);
/* The number form of json_write_printed: the exponent form below 1e-4 and from 1e6, with
 * at least two digits in the exponent ("1e+06"). */
void json_write_double_printed(struct text *out, double value);

#endif
