/* CPA's own token accounting, token_breakdown version 2, kept as numbers. Called by
 * event.c and exported.c. Pure. */
#ifndef USAGE_EXT_EVENT_BREAKDOWN_H
#define USAGE_EXT_EVENT_BREAKDOWN_H

#include "ext/event/event.h"

/* Read the object; NULL and other values give BREAKDOWN_ABSENT and zeros. */
struct token_breakdown breakdown_read(const struct json *value);

/* The numbers that follow from the event's own counts when nothing is out of the ordinary:
 * input as normalised, output the rest of the total, reasoning inside the output, nothing
 * unclassified. Quality and version are the event's. False, and *out_breakdown untouched,
 * when they leave 64 bits. The rule of the view usage_breakdowns. */
bool breakdown_follow(const struct event *event, struct token_breakdown *out_breakdown);

/* Of an exported line that names the quality and no numbers: the numbers that follow. */
void breakdown_complete(struct event *event, const struct json *value);

#endif
