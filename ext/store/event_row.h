/* From a normalised event to its rows.
 *
 * Called by the usage_ingest table, inside the caller's transaction. */
#ifndef USAGE_EXT_STORE_EVENT_ROW_H
#define USAGE_EXT_STORE_EVENT_ROW_H

#include <stdbool.h>

#include "ext/event/event.h"
#include "ext/store/dictionary.h"

/* Insert the event unless its time and hash are known. On SQLITE_OK *out_added tells
 * whether it was new. The arena serves as scratch. */
int event_row_add(struct dictionary *dictionary, struct arena *arena, const struct event *event,
                  int64_t gateway_id, bool *out_added);

#endif
