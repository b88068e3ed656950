/* Which CORS headers an answer gets. Pure.
 *
 * Rules, for the configured list L and the request's Origin O:
 *  1. L empty: no CORS headers at all.
 *  2. The allowed origin is the first item of L that is "*" or equals O, else the first.
 *  3. Allowed "*": Allow-Origin "*". Equal to O: Allow-Origin O and Vary: Origin. Else
 *     neither.
 *  4. Methods and headers are always said. */
#ifndef CPA_SERVER_HTTP_CORS_H
#define CPA_SERVER_HTTP_CORS_H

#include <stdbool.h>
#include <stddef.h>

#include "ext/text.h"

#define CORS_METHODS "GET, POST, PUT, PATCH, DELETE, OPTIONS"
#define CORS_HEADERS "Authorization, Content-Type"

struct cors_decision {
    bool has_headers;          /* rule 1 */
    struct slice allow_origin; /* borrowed from L; empty: leave the header out */
    bool varies;               /* Vary: Origin */
};

/* origin is empty when the request has none. */
struct cors_decision cors_decide(char *const *origins, size_t origin_count, struct slice origin);

#endif
