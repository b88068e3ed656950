/* The manager configuration as JSON. Part of manager_config. */
#ifndef CPA_SERVER_SETTINGS_MANAGER_CONFIG_JSON_H
#define CPA_SERVER_SETTINGS_MANAGER_CONFIG_JSON_H

#include <stdint.h>

#include "ext/text.h"
#include "server/settings/manager_config.h"

/* Append the object with this text as its management key; updated_at_ms 0 leaves the
 * field out. */
void manager_config_json_write(struct text *out, const char *name,
                               const struct manager_config *config, const char *management_key,
                               int64_t updated_at_ms);

#endif
