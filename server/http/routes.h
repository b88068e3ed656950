/* The table of contents of the HTTP API, and the way of a request to its handler. */
#ifndef CPA_SERVER_HTTP_ROUTES_H
#define CPA_SERVER_HTTP_ROUTES_H

#include "server/http/h2o_api.h"

/* Serve every request of the path (the root) by the table. */
void routes_register(h2o_pathconf_t *path);

#endif
