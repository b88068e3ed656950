/*
 * What is answered to an HTTP request: the table of contents of both HTTP surfaces, the
 * gateway's own (management.c) and the simulation's controls under /sim/ (control.c).
 */
#ifndef TOOLS_GATEWAY_SIM_ROUTES_H
#define TOOLS_GATEWAY_SIM_ROUTES_H

#include "tools/gateway-sim/gateway.h"
#include "tools/gateway-sim/http.h"

struct route {
    const char *methods; /* separated by blanks */
    const char *path;
    int since; /* first release that has it; 0: all */
    void (*answer)(struct gateway *gateway, const struct http_request *request,
                   struct http_answer *out, struct message_list *taken);
};

/* Ends with a row whose path is NULL. */
extern const struct route management_routes[];
extern const struct route control_routes[];

/*
 * Fills *out, whose body the caller clears. Popped events are added to `taken`: they stand
 * in the body, but are not written yet.
 */
void route_answer(struct gateway *gateway, const struct http_request *request,
                  const char *peer_ip_cstr, struct http_answer *out, struct message_list *taken);

/* Sets a status and the body {"error":"<text>"}. */
void route_error(struct http_answer *out, int status, const char *text_cstr);

/* The JSON content type, as gin writes it. */
extern const char route_json_type[];

#endif
