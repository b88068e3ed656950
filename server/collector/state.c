#include "server/collector/state.h"

#define TO(state) (1U << COLLECTOR_##state)

static const struct {
    const char *name;
    unsigned moves; /* bits of the states that may follow */
} states[COLLECTOR_STATE_COUNT] = {
    /* clang-format off */
    [COLLECTOR_STOPPED]        = {"stopped",        TO(CONNECTING) | TO(FETCHING)},
    [COLLECTOR_CONNECTING]     = {"connecting",     TO(AUTHENTICATING) | TO(FETCHING) | TO(WAITING) | TO(ENDING)},
    [COLLECTOR_AUTHENTICATING] = {"authenticating", TO(SUBSCRIBING) | TO(POPPING) | TO(FETCHING) | TO(WAITING) | TO(ENDING)},
    [COLLECTOR_SUBSCRIBING]    = {"subscribing",    TO(LISTENING) | TO(POPPING) | TO(FETCHING) | TO(WAITING) | TO(ENDING)},
    [COLLECTOR_LISTENING]      = {"listening",      TO(WAITING) | TO(ENDING)},
    [COLLECTOR_POPPING]        = {"popping",        TO(SUBSCRIBING) | TO(FETCHING) | TO(WAITING) | TO(ENDING)},
    [COLLECTOR_FETCHING]       = {"fetching",       TO(CONNECTING) | TO(WAITING) | TO(ENDING)},
    [COLLECTOR_WAITING]        = {"waiting",        TO(CONNECTING) | TO(FETCHING) | TO(ENDING)},
    [COLLECTOR_ENDING]         = {"ending",         TO(STOPPED)},
    /* clang-format on */
};

const char *collector_state_name(enum collector_state state)
{
    return states[state].name;
}

bool collector_state_allows(enum collector_state from, enum collector_state to)
{
    return (states[from].moves & (1U << to)) != 0;
}
