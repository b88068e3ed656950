/* The secrets in the database, looked at without knowing what else is there. */
#ifndef CPA_SERVER_SETTINGS_STORED_SECRETS_H
#define CPA_SERVER_SETTINGS_STORED_SECRETS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/secret/secret.h"

struct stored_secrets {
    bool has_sealed;
    bool has_plain; /* written by a version that did not seal */
};

/* What is there. SQLITE_OK, or an error with *out_error. */
int stored_secrets_look(sqlite3 *db, struct stored_secrets *out_found, char **out_error);
/* Try the key on all of them. SQLITE_OK; SQLITE_AUTH when one does not open, with
 * *out_error naming its row; or another error with *out_error. */
int stored_secrets_try(sqlite3 *db, const uint8_t data_key[SECRET_KEY_BYTES], char **out_error);

#endif
