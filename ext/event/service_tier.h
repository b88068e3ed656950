/* The service tier that counts (ingest specification, section 13). Called by event.c.
 * Pure. */
#ifndef USAGE_EXT_EVENT_SERVICE_TIER_H
#define USAGE_EXT_EVENT_SERVICE_TIER_H

#include "ext/event/event.h"

/* Compute event->service_tier, which holds what is known so far (empty for a raw event),
 * and then the request tier where it is empty. Doing it again changes nothing, unless a
 * snapshot that names Codex has come in between. */
void service_tier_apply(struct event *event);

#endif
