/* The life of the collector's connection: its states and the moves between them.
 *
 *              +------------------------------------------------------------+
 *              v                                                            |
 *   STOPPED -> CONNECTING -> AUTHENTICATING -> SUBSCRIBING -> LISTENING --> |
 *      ^  \        |               |    \        |   ^   |        |         |
 *      |   \       |               |     v       v   |   |        |         |
 *      |    \      |               |     POPPING ----+   |        |       WAITING
 *      |     \     v               v        |            |        |         ^
 *      |      +-> FETCHING <-------+--------+------------+        |         |
 *      |             |                                            |         |
 *      |             +--------------------------------------------+---------+
 *      +------ ENDING <------- from every state but STOPPED
 *
 * LISTENING is a subscription; POPPING takes from the queue over RESP, FETCHING over
 * HTTP. WAITING is a pause after a failure, short at first, long after a refused key.
 * From POPPING and FETCHING the mode "auto" probes upward every PROBE_INTERVAL_MS and
 * comes back when the better transport is still missing. */
#ifndef CPA_SERVER_COLLECTOR_STATE_H
#define CPA_SERVER_COLLECTOR_STATE_H

#include <stdbool.h>

enum collector_state {
    COLLECTOR_STOPPED,
    COLLECTOR_CONNECTING,
    COLLECTOR_AUTHENTICATING,
    COLLECTOR_SUBSCRIBING,
    COLLECTOR_LISTENING,
    COLLECTOR_POPPING,
    COLLECTOR_FETCHING,
    COLLECTOR_WAITING,
    COLLECTOR_ENDING,
    COLLECTOR_STATE_COUNT
};

/* "connecting", ...; static text. */
const char *collector_state_name(enum collector_state state);
/* Whether the diagram has this move. */
bool collector_state_allows(enum collector_state from, enum collector_state to);

#endif
