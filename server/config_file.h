/* config.json: finding it, creating it, reading it. Part of config.c. */
#ifndef CPA_SERVER_CONFIG_FILE_H
#define CPA_SERVER_CONFIG_FILE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "server/config.h"

struct config_file {
    char *path;      /* NULL when there is none */
    char *folder;    /* absolute, where its relative paths start; NULL without a path */
    cJSON *document; /* NULL when there is none, or none yet */
    bool is_created;
};

/* Rule 1 of config.h. false: *out_error, and nothing to clear. */
bool config_file_open(const struct config_input *input, struct config_file *out_file,
                      char **out_error);
void config_file_clear(struct config_file *file);

#endif
