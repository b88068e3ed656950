/* Texts that a client chose freely (addresses, user agent), made fit to show (ingest
 * specification, section 11, "request-metadata clean"). Called by event.c and by the
 * redaction of payloads. Pure. */
#ifndef USAGE_EXT_EVENT_REQUEST_TEXT_H
#define USAGE_EXT_EVENT_REQUEST_TEXT_H

#include <stddef.h>

#include "ext/arena.h"
#include "ext/text.h"

/* Each run of white space and of characters that show nothing becomes one space, none at
 * the ends; a result of more than limit bytes is cut before limit - 3 and ends in "...".
 * text itself when nothing is to be done, otherwise in the arena. limit > 3. */
struct slice request_text_clean(struct arena *arena, struct slice text, size_t limit);

#endif
