/* Whether a host is this machine itself. */
#ifndef CPA_SERVER_LOOPBACK_H
#define CPA_SERVER_LOOPBACK_H

#include <stdbool.h>

/* "localhost" in any case, 127.0.0.0/8 or ::1, the latter also in brackets. */
bool loopback_is_host(const char *host);

#endif
