/* Whether CPA accepts a connection that is about to be saved. */
#ifndef CPA_SERVER_SETTINGS_UPSTREAM_CHECK_H
#define CPA_SERVER_SETTINGS_UPSTREAM_CHECK_H

#include <stdbool.h>

#include "server/settings/manager_config.h"

/* Ask CPA: is the key valid; and, when config->is_enabled, does it keep usage long enough
 * to be collected. ensures_statistics: turn its statistics on unless they are. Blocks for
 * up to three calls. 0 when all is well, else the HTTP status (400, 502) of the answer,
 * with *out_message its text to free(). */
int upstream_check(const struct manager_config *config, bool ensures_statistics,
                   char **out_message);

#endif
