/* A gateway's list of credential files (ingest specification, section 8). Pure. */
#ifndef USAGE_EXT_EVENT_AUTH_FILES_H
#define USAGE_EXT_EVENT_AUTH_FILES_H

#include <stdbool.h>

#include "ext/arena.h"
#include "ext/json.h"
#include "ext/text.h"

/* What an event's account snapshot takes from one credential file. Empty: nothing. */
struct auth_file {
    struct slice auth_index; /* join key; never empty */
    struct slice account;    /* never something that looks like a key */
    struct slice label;
    struct slice file;
    struct slice provider;
    struct slice project_id;
};

/* The entries of an answer to GET /v0/management/auth-files, in order: an array of
 * objects; an object holding arrays under auth_files, authFiles, files, items, data; or
 * one entry object. Entries without an index are left out; an index can
 * come twice, then the last is meant. *out_files is an array of *out_count in the arena. false when
 * body is none of these, or with arena->failed. */
bool auth_files_read(struct arena *arena, const struct json *body, struct auth_file **out_files,
                     size_t *out_count);

#endif
