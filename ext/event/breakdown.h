/* CPA's own token accounting, token_breakdown version 2, kept as numbers. Called by
 * event.c and exported.c. Pure. */
#ifndef USAGE_EXT_EVENT_BREAKDOWN_H
#define USAGE_EXT_EVENT_BREAKDOWN_H

#include "ext/event/event.h"

/* Read the object; NULL and other values give BREAKDOWN_ABSENT and zeros. */
struct token_breakdown breakdown_read(const struct json *value);

#endif
