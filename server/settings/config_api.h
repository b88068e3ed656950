/* GET and PUT /usage-service/config. */
#ifndef CPA_SERVER_SETTINGS_CONFIG_API_H
#define CPA_SERVER_SETTINGS_CONFIG_API_H

#include "server/settings/settings_api.h"

/* GET: the effective configuration, and CPA's usage settings when it answers. The body
 * holds the management key in plain text: never log it, wipe it. */
void config_api_view(const struct settings_context *context, struct settings_answer *answer);
/* PUT: merge, check with CPA, save. */
void config_api_update(const struct settings_context *context, struct slice body,
                       struct settings_answer *answer);

#endif
