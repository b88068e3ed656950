/* Words inside texts. Internal to ext/event/. Pure. */
#ifndef USAGE_EXT_EVENT_CONTAINS_H
#define USAGE_EXT_EVENT_CONTAINS_H

#include <stdbool.h>

#include "ext/text.h"

/* Whether text, with ASCII letters of either case, contains one of the words, which are
 * lower case and end with NULL. */
bool contains_any(struct slice text, const char *const *words);

#endif
