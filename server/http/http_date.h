/* Dates in HTTP headers: "Sun, 06 Nov 1994 08:49:37 GMT". Pure. */
#ifndef CPA_SERVER_HTTP_HTTP_DATE_H
#define CPA_SERVER_HTTP_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"

#define HTTP_DATE_SIZE 30

/* NUL-terminated, without the locale. seconds since 1970, years 1970 to 9999. */
void http_date_write(int64_t seconds, char out_date[HTTP_DATE_SIZE]);
/* false when the text is not in exactly that form. */
bool http_date_read(struct slice text, int64_t *out_seconds);

#endif
