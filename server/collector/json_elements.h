/* The elements of a JSON array as raw text, one after the other.
 *
 * Called by http_queue.c. The text may be cut short: the elements that are whole are
 * given out, because the gateway has forgotten them. Only strings and brackets are
 * followed; whether an element is JSON is for its reader to find out. Pure. */
#ifndef CPA_SERVER_COLLECTOR_JSON_ELEMENTS_H
#define CPA_SERVER_COLLECTOR_JSON_ELEMENTS_H

#include <stdbool.h>

#include "ext/text.h"

struct json_elements {
    struct slice rest; /* not yet given out */
    bool is_array;     /* the text began with '[' */
    bool is_complete;  /* the closing ']' was reached */
};

void json_elements_init(struct json_elements *elements, struct slice text);
/* The next whole element, trimmed, borrowed from the text; false when there is none. */
bool json_elements_next(struct json_elements *elements, struct slice *out_element);

#endif
