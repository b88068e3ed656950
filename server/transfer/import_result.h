/* What an import came to, in the words of the usage API.
 *
 * Rules
 *  1. total is added and skipped together; what cannot be an event is counted as failed,
 *     and so is the rest of a content that ends early.
 *  2. An import that added or skipped anything is a success. So is one that found only
 *     unusable lines. It is unusable when nothing was stored and the content as a whole
 *     cannot be read, or begins with an object that is no event.
 *  3. Texts that the API prescribes stand alone; others begin with line and byte.
 *  4. warnings are null, but for a legacy snapshot whose endpoints were read.
 *
 * Example: {"format":"usage_service_jsonl","added":2,"skipped":1,"total":3,"failed":0,
 * "unsupported":0,"warnings":null}; a content that ended early adds "error". */
#ifndef CPA_SERVER_TRANSFER_IMPORT_RESULT_H
#define CPA_SERVER_TRANSFER_IMPORT_RESULT_H

#include <cjson/cJSON.h>

#include "ext/jsonl/import.h"

enum import_verdict {
    IMPORT_DONE,
    IMPORT_UNUSABLE,   /* rule 2; the same content fails again */
    IMPORT_NOT_STORED, /* the database failed; the same content may be tried again */
    IMPORT_CANCELLED
};

struct import_result {
    enum import_verdict verdict;
    enum record_format format;
    int64_t added;
    int64_t skipped;
    int64_t failed;
    int64_t unsupported;
    bool has_warnings;
    char error[256]; /* empty when there is none */
};

/* From what import_run returned and reported. is_session: content that a session refuses
 * before its import begins has no format. */
void import_result_make(struct import_result *result, int rc, const struct import_report *report,
                        const struct record_reader *reader, bool is_session);
/* The import did not begin: the message, and whether trying again may help. */
void import_result_fail(struct import_result *result, enum import_verdict verdict,
                        const char *message);
/* Append the result as an object: the named member, or without a name. */
void import_result_write(struct text *out, const char *name, const struct import_result *result);
/* Append the answer to a content that is unusable. */
void import_result_write_refusal(struct text *out, const struct import_result *result);
/* Read what import_result_write wrote; false when it is something else. */
bool import_result_read(const cJSON *object, struct import_result *out_result);

#endif
