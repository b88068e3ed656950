/* Exported lines: events that carry their own hash (ingest specification, section 22; usage
 * API specification, section 4.5). Called by event_normalize. Pure. */
#ifndef USAGE_EXT_EVENT_EXPORTED_H
#define USAGE_EXT_EVENT_EXPORTED_H

#include "ext/event/record.h"

/* The record's own event hash, as given; empty when it has none. The record was read in
 * the style of exports. */
struct slice exported_hash(const struct record *record);

/* Fill event, which is zeroed, from the record. received_at_ms stands for missing times.
 * With record->arena->failed when memory ran out. */
void exported_read(const struct record *record, int64_t received_at_ms, struct event *event);

#endif
