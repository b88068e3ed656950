/* Where the gateway is: its URL, checked and cut for the two ways to reach it. */
#ifndef CPA_SERVER_COLLECTOR_ENDPOINT_H
#define CPA_SERVER_COLLECTOR_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "server/collector/limits.h"

struct endpoint {
    char dial_url[LIMIT_URL_BYTES]; /* scheme://host:port; RESP is spoken on that port */
    char base_url[LIMIT_URL_BYTES]; /* with the path prefix, without a last '/'; for HTTP */
    bool is_tls;
    bool skips_tls_verify;
};

/* http:// or https://, http when there is no scheme; IPv6 literals in brackets; a user,
 * query or fragment is left out. false with a message in out_error:
 * `upstream URL is empty`, `unsupported upstream scheme "ftp"`, `bad upstream URL: ...`. */
bool endpoint_parse(const char *url, bool skips_tls_verify, struct endpoint *out_endpoint,
                    char *out_error, size_t error_size);

#endif
