/* The data key: 32 bytes that seal the secrets in the database.
 *
 * From outside (config: data_key) or from the key file, which is created on the first
 * start. Whether a missing file may be created is the caller's decision, because it
 * depends on the database (settings/bootstrap.h). */
#ifndef CPA_SERVER_SECRETS_DATA_KEY_H
#define CPA_SERVER_SECRETS_DATA_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "ext/secret/secret_key.h"

enum data_key_result {
    DATA_KEY_OK,
    DATA_KEY_ABSENT, /* no external key and no file */
    DATA_KEY_FAILED  /* *out_error says why */
};

/* Load an existing key. external may be NULL or "". Errors are one line to free(),
 * without the "load data key: " that callers put before it. */
enum data_key_result data_key_load(const char *external, const char *path,
                                   uint8_t out_key[SECRET_KEY_BYTES], char **out_error);
/* Create the file (0600, synced, never over an existing one) with 32 random bytes. */
bool data_key_create(const char *path, uint8_t out_key[SECRET_KEY_BYTES], char **out_error);

#endif
