/* The RESP commands: what each is answered, before AUTH, after it, and while subscribed. */
#ifndef TOOLS_GATEWAY_SIM_COMMANDS_H
#define TOOLS_GATEWAY_SIM_COMMANDS_H

#include "tools/gateway-sim/gateway.h"
#include "tools/gateway-sim/resp.h"

/* What a RESP connection has reached. */
struct session {
    char ip[AUTH_IP_SIZE]; /* the peer's address */
    bool is_authenticated;
    struct subscriber *subscriber; /* not NULL: subscribe mode */
    struct bytes channel;          /* as the peer wrote it; echoed with each message */
    void *owner;                   /* for the subscriber */
};

enum command_outcome {
    COMMAND_STAY,
    COMMAND_CLOSE, /* after the reply is written */
};

/*
 * Answers one command into out. Popped events are added to `taken`: their reply stands in
 * out, but is not written yet.
 */
enum command_outcome command_run(struct gateway *gateway, struct session *session,
                                 const struct resp_command *command, struct bytes *out,
                                 struct message_list *taken);

/* Appends one published message as a subscriber sees it. */
void command_put_message(struct bytes *out, const struct session *session,
                         const struct message *message);

#endif
