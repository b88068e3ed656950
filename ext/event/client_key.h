/* Client keys in the place of endpoints: CPA before 6.10 counted usage by the client's own
 * key, in clear, and what was imported from it carries that key as its endpoint. Pure. */
#ifndef USAGE_EXT_EVENT_CLIENT_KEY_H
#define USAGE_EXT_EVENT_CLIENT_KEY_H

#include "ext/event/event.h"

/* When event->endpoint is, or may be, a client key: mask it, and put its hash into
 * api_key_hash if that is empty, so that the usage of a key can still be told apart. To be
 * called after the event hash was made. With arena->failed when memory ran out. */
void client_key_hide(struct arena *arena, struct event *event);

#endif
