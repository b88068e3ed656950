/* Who takes payloads, and the control payloads among them. */
#ifndef CPA_SERVER_COLLECTOR_PAYLOAD_H
#define CPA_SERVER_COLLECTOR_PAYLOAD_H

#include <stdbool.h>

#include "ext/text.h"

/* Takes one raw payload; copies what it keeps. */
struct payload_sink {
    void (*take)(void *context, struct slice payload);
    void *context;
};

enum payload_kind {
    PAYLOAD_BLANK,   /* nothing but white space */
    PAYLOAD_EVENT,   /* for the extension to judge, also when it is not JSON */
    PAYLOAD_REFRESH, /* {"refresh":true}: the gateway's credentials changed */
    PAYLOAD_GREETING /* {"support_refresh":true}: says that such refreshes will come */
};

enum payload_kind payload_kind_of(struct slice payload);

#endif
