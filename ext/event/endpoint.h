/* Endpoint, method and path, each filled from the others where it is missing (ingest
 * specification, section 13). Called by event.c. Pure. */
#ifndef USAGE_EXT_EVENT_ENDPOINT_H
#define USAGE_EXT_EVENT_ENDPOINT_H

#include "ext/event/event.h"

/* Complete event->endpoint, method and path. With arena->failed when memory ran out. */
void endpoint_complete(struct arena *arena, struct event *event);

#endif
