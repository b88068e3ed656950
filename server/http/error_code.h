/* Error bodies of the HTTP API: {"code":"<code>","error":"<message>"} and a newline.
 * The code follows from the message by a fixed, ordered list of substrings. */
#ifndef CPA_SERVER_HTTP_ERROR_CODE_H
#define CPA_SERVER_HTTP_ERROR_CODE_H

#include "ext/text.h"

/* The code for a message; static text, "request_failed" when nothing fits. */
const char *error_code_of(const char *message);
/* Append the whole body. */
void error_body_write(struct text *out, const char *message);

#endif
