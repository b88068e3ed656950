/* When inspections run: the object codexInspection.schedule. Part of inspection_config. */
#ifndef CPA_SERVER_SETTINGS_INSPECTION_SCHEDULE_H
#define CPA_SERVER_SETTINGS_INSPECTION_SCHEDULE_H

#include <cjson/cJSON.h>

#include "ext/text.h"
#include "server/settings/inspection_config.h"

/* Merge the submitted schedule (may be NULL) over the config's. The first type error is
 * kept in *error. */
void inspection_schedule_merge(struct inspection_config *config, const cJSON *submitted,
                               char **error);
/* Append the named object. */
void inspection_schedule_write(struct text *out, const struct inspection_config *config);

#endif
