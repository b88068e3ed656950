/* Model names (ingest specification, section 13). event_analytics_model, declared in
 * event.h, is defined here too. Pure. */
#ifndef USAGE_EXT_EVENT_MODEL_H
#define USAGE_EXT_EVENT_MODEL_H

#include "ext/text.h"

/* The first that is not empty, else "-". */
struct slice model_display(struct slice requested, struct slice resolved);

#endif
