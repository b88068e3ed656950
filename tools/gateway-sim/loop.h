/* The loop: sockets, traffic, planned disturbances and signals, on one thread. */
#ifndef TOOLS_GATEWAY_SIM_LOOP_H
#define TOOLS_GATEWAY_SIM_LOOP_H

#include "tools/gateway-sim/gateway.h"

/*
 * Serves on the listening socket until SIGINT, SIGTERM or, if the options say so, the end
 * of standard input. Returns 0, or -1 with a message on standard error.
 */
int loop_run(struct gateway *gateway, int listen_fd);

#endif
