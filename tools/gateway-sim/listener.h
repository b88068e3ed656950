/* The listening socket. */
#ifndef TOOLS_GATEWAY_SIM_LISTENER_H
#define TOOLS_GATEWAY_SIM_LISTENER_H

#include <stddef.h>

/*
 * Listens on HOST:PORT ("127.0.0.1:0", "[::1]:8317"); port 0 picks a free one. Returns the
 * socket, or -1 with a message on standard error. out gets "host:port" as it really is.
 */
int listener_open(const char *listen_cstr, char *out, size_t out_size);

/* Accepts one connection without blocking: its socket, or -1. out gets the peer's address. */
int listener_accept(int fd, char *out_ip, size_t out_ip_size);

#endif
