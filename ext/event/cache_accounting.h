/* Cache accounting: whether cached tokens are part of the input or beside it, and the four
 * normalised counts that follow (ingest specification, section 14). Called by event.c
 * and exported.c. Sums saturate instead of wrapping. Pure. */
#ifndef USAGE_EXT_EVENT_CACHE_ACCOUNTING_H
#define USAGE_EXT_EVENT_CACHE_ACCOUNTING_H

#include "ext/event/event.h"

/* The mode of an event that does not state it, from its executor, provider, provider
 * snapshot and models, or else from its cache counts. */
enum cache_mode cache_accounting_infer(const struct event *event);

/* The mode that a text states, in any case. False when it states none. */
bool cache_accounting_mode_of(struct slice text, enum cache_mode *out_mode);

/* What of the cached tokens the finer counts do not cover: the cached count of exports. */
int64_t cache_accounting_extra(const struct event *event);

/* Fill the normalised counts from the raw ones and the mode, and total_tokens when it is
 * not positive. */
void cache_accounting_apply(struct event *event);

#endif
