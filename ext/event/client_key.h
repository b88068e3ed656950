/* Client keys in the place of endpoints, or within them: CPA before 6.10 counted usage by
 * the client's own key, in clear, and what was imported from it carries that key as its
 * endpoint; Gemini's clients send theirs in the query of the URL. Pure. */
#ifndef USAGE_EXT_EVENT_CLIENT_KEY_H
#define USAGE_EXT_EVENT_CLIENT_KEY_H

#include "ext/event/event.h"

/* Values of query parameters that carry keys (key, api_key, apikey, token, access_token; in
 * any case) become [redacted] in event->endpoint and path: "/v1beta/models/g:gen?key=AIza".
 * Called, as the next one, after the event hash was made. */
void client_key_hide_parameters(struct arena *arena, struct event *event);

/* When event->endpoint is, or may be, a client key: mask it, and put its hash into
 * api_key_hash if that is empty, so that the usage of a key can still be told apart. To be
 * called after the event hash was made. With arena->failed when memory ran out. */
void client_key_hide(struct arena *arena, struct event *event);

#endif
