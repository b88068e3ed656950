/* One log line per answered request:
 * http METHOD PATH status=N duration=D remote=IP:PORT */
#ifndef CPA_SERVER_HTTP_REQUEST_LOG_H
#define CPA_SERVER_HTTP_REQUEST_LOG_H

#include "server/http/h2o_api.h"

/* Log every request of the path. */
void request_log_register(h2o_pathconf_t *path);

#endif
