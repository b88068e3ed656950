/* Small JSON documents: reading members by the rules of the API, writing fields in order.
 *
 * Reading: member names match in any case, the last of several wins, null is absent.
 * A member of another type is an error: the first one is kept in *error ("batchSize must
 * be an integer", to free()) and later reads do nothing, so a run of reads needs one
 * check at its end.
 *
 * Writing: fields are appended to a builder; commas follow from what stands there. */
#ifndef CPA_SERVER_DOCUMENT_H
#define CPA_SERVER_DOCUMENT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

/* Parse the first value of the text, which must be an object; whole: nothing but white
 * space may follow. Freed with cJSON_Delete. NULL: *out_error is "EOF" for an empty
 * text, else what is wrong, to free(). */
cJSON *document_parse(struct slice text, bool whole, char **out_error);
/* As cJSON_Delete, but every text in it is overwritten first. */
void document_wipe(cJSON *document);

/* The member of an object, or NULL when it is absent or null, or object is NULL. */
const cJSON *document_get(const cJSON *object, const char *name);
/* Each returns the default when the member is absent. */
const char *document_text(const cJSON *object, const char *name, const char *absent, char **error);
int64_t document_int64(const cJSON *object, const char *name, int64_t absent, char **error);
bool document_bool(const cJSON *object, const char *name, bool absent, char **error);
double document_number(const cJSON *object, const char *name, double absent, char **error);
/* NULL when absent. */
const cJSON *document_object(const cJSON *object, const char *name, char **error);
/* An array of texts only; NULL when absent. */
const cJSON *document_text_array(const cJSON *object, const char *name, char **error);

/* Open an object or array as the named field, or as the next element without a name. */
void document_open(struct text *out, const char *name, char bracket);
void document_close(struct text *out, char bracket);
void document_add_text(struct text *out, const char *name, const char *value);
void document_add_text_unless_empty(struct text *out, const char *name, const char *value);
void document_add_int64(struct text *out, const char *name, int64_t value);
void document_add_int64_unless_0(struct text *out, const char *name, int64_t value);
void document_add_number(struct text *out, const char *name, double value);
void document_add_bool(struct text *out, const char *name, bool value);
void document_add_bool_if_true(struct text *out, const char *name, bool value);

#endif
