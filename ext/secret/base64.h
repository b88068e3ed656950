/* Base64 as the original's data holds it: the decoder skips CR and LF and tolerates
 * non-zero trailing bits, which stricter libraries refuse. */
#ifndef USAGE_EXT_SECRET_BASE64_H
#define USAGE_EXT_SECRET_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ext/text.h"

enum base64_form {
    BASE64_RAW,    /* + / without padding; '=' is an error */
    BASE64_PADDED, /* + / with padding, as many '=' as needed */
    BASE64_URL_RAW /* - _ without padding */
};

/* Characters that encoding len bytes without padding takes. */
size_t base64_raw_len(size_t len);
/* Append the bytes in the form BASE64_RAW. */
void base64_encode_raw(struct text *out, const uint8_t *bytes, size_t len);
/* Decode into at most capacity bytes. Returns false, with *out_len 0, when the text is
 * not of that form or has more bytes than fit. */
bool base64_decode(enum base64_form form, struct slice text, uint8_t *out_bytes, size_t capacity,
                   size_t *out_len);

#endif
