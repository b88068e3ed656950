/* Where CPA is and the key to it; small rules that setup, configuration and collector
 * share. */
#ifndef CPA_SERVER_SETTINGS_CONNECTION_H
#define CPA_SERVER_SETTINGS_CONNECTION_H

#include <stdint.h>

/* Base URL of CPA: trimmed, scheme added, trailing '/' and the suffixes /v0/management
 * and /v0 removed. Memory to free(). */
char *connection_url_normalise(const char *url);
/* "http" "resp" "subscribe" (trimmed, any case), else "auto"; static text. */
const char *connection_mode(const char *mode);
/* "left" or "right" (trimmed, any case), else fallback if that is "left", else "right";
 * static text. */
const char *connection_side(const char *side, const char *fallback);
/* The first positive of a and b, else c. */
int64_t connection_positive(int64_t a, int64_t b, int64_t c);

#endif
