/* The embedded page, gzip-compressed by the build. Read only; no trailing NUL. */
#ifndef CPA_SERVER_HTTP_PAGE_GZIP_H
#define CPA_SERVER_HTTP_PAGE_GZIP_H

#include <stddef.h>

extern const unsigned char page_gzip[];
extern const size_t page_gzip_len; /* bytes */

#endif
