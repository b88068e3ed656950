/* h2o, as this program uses it: its own event loop on epoll. The two macros must be the
 * same in every file that includes h2o.h, so this is the only one that does. */
#ifndef CPA_SERVER_HTTP_H2O_API_H
#define CPA_SERVER_HTTP_H2O_API_H

#define H2O_USE_LIBUV 0
#define H2O_USE_EPOLL 1
#include <h2o.h>
#include <h2o/http1.h>

/* H2O_STRLIT's argument pair, as a value. */
#define IOVEC(literal) ((h2o_iovec_t){(char *)(uintptr_t)(literal), sizeof(literal) - 1})

#endif
