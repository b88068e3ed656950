/* The longer answers of the gateway's management routes. */
#ifndef TOOLS_GATEWAY_SIM_MANAGEMENT_H
#define TOOLS_GATEWAY_SIM_MANAGEMENT_H

#include "tools/gateway-sim/gateway.h"

/* config_json.c: appends the gateway's configuration with its live settings. */
void config_put_json(struct bytes *out, const struct gateway *gateway);

/*
 * auth_files.c: appends the list of the generated accounts' credential files. Only those
 * of the given file name and auth index, where these are not empty.
 */
void auth_files_put_json(struct bytes *out, const struct gateway *gateway, const char *name_cstr,
                         const char *auth_index_cstr);

#endif
