/* The Range header of a request for a file. Pure. */
#ifndef CPA_SERVER_HTTP_BYTE_RANGE_H
#define CPA_SERVER_HTTP_BYTE_RANGE_H

#include <stdint.h>

#include "ext/text.h"

enum byte_range_result {
    BYTE_RANGE_WHOLE, /* no range, several, or not understood: send everything */
    BYTE_RANGE_PART,
    BYTE_RANGE_OUTSIDE /* 416 */
};

/* "bytes=first-last", "bytes=first-" or "bytes=-last_bytes" of a file of that size. Sets
 * *out_first and *out_len for BYTE_RANGE_PART only. */
enum byte_range_result byte_range_parse(struct slice header, int64_t size_bytes, int64_t *out_first,
                                        int64_t *out_len);

#endif
