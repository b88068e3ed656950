/* POST /setup: bind the server to a CPA and say whether to collect. */
#ifndef CPA_SERVER_SETTINGS_SETUP_H
#define CPA_SERVER_SETTINGS_SETUP_H

#include "server/settings/settings_api.h"

/* Answer a request with this body (already authenticated). */
void setup_apply(const struct settings_context *context, struct slice body,
                 struct settings_answer *answer);

#endif
