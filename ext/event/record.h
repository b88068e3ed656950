/* A payload's objects, and the readings that raw events and exported lines share (ingest
 * specification, sections 12 and 15). Internal to ext/event/. Pure. */
#ifndef USAGE_EXT_EVENT_RECORD_H
#define USAGE_EXT_EVENT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/arena.h"
#include "ext/event/event.h"
#include "ext/event/fields.h"
#include "ext/event/timestamp.h"

struct record {
    struct arena *arena;
    const struct json *payload;
    struct fields top;
    struct fields tokens; /* of the object at "tokens"; empty when there is none */
    struct fields usage;  /* the same of "usage" */
    struct fields fail;   /* the same of "fail" */
};

/* Read the members of payload, which is an object, and of the objects in it. */
void record_read(struct record *out_record, struct arena *arena, const struct json *payload,
                 enum fields_style style);

/* Read numbers the other way from now on. */
void record_set_style(struct record *record, enum fields_style style);

/* The record's time where it has a readable one. False, and *out_time untouched, where it
 * has not. */
bool record_time(const struct record *record, struct timestamp *out_time);

/* The raw token counts, as given, and what CPA itself accounts. */
void record_counts(const struct record *record, struct event *event);
/* The cache mode that the record states; false when it states none. */
bool record_cache_mode(const struct record *record, enum cache_mode *out_mode);
/* The first positive total of tokens, usage and the record itself; 0 when there is none. */
int64_t record_positive_total(const struct record *record);

/* The status of a failed request, or what CPA gives a successful one; 0 unknown. */
int64_t record_fail_status(const struct record *record);
/* The failure's body and behind it the response headers as JSON. Not redacted: for
 * redact_summary only, never to be stored. In the arena. */
struct slice record_fail_text(const struct record *record);

/* Response metadata of the record, for the event that was read from it so far. */
const struct response_metadata *record_metadata(const struct record *record,
                                                const struct event *event);

#endif
