/* Details of legacy snapshots: requests as CPA before 6.10 and older managers kept them
 * (usage API specification, 4.7). Called by event_normalize. Pure.
 *
 * Such a detail has no name of its own: its request id is made from its place in the
 * snapshot and its content, so that the same snapshot always gives the same events. The
 * reader of snapshots hands it over as
 *   {"format":"legacy_usage_export","endpoint":"POST /v1/messages","model":"m",
 *    "ordinals":[1,1,0],"detail":{"timestamp":"...","tokens":{...},...}}
 * with the ranks of endpoint and model, from 1, and the detail's index, from 0. */
#ifndef USAGE_EXT_EVENT_LEGACY_H
#define USAGE_EXT_EVENT_LEGACY_H

#include "ext/event/record.h"

/* Whether the object is such a payload. */
bool legacy_is_detail(const struct json *object);

/* Read the detail: *out_record is its own record, and event, which is zeroed, is filled,
 * its request id and hash too. NULL, or why it can be no event (static text). payload is
 * the text that object was parsed from. With arena->failed when memory ran out. */
const char *legacy_read(struct arena *arena, struct slice payload, const struct json *object,
                        int64_t received_at_ms, struct record *out_record, struct event *event);

#endif
