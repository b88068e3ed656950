/* The secrets in the database: see stored_secrets.h. */
#include "server/settings/stored_secrets.h"

#include <stdlib.h>

#include "server/document.h"
#include "server/memory.h"
#include "server/settings/sealed_text.h"
#include "server/settings/settings_row.h"

/* Where they are: the member managementKey of the row, or of an object in it. */
static const struct {
    const char *key;
    const char *object; /* NULL: the row itself */
} places[] = {
    {SETTINGS_SETUP, NULL},
    {SETTINGS_MANAGER_CONFIG, "cpaConnection"},
};

#define PLACE_COUNT (sizeof(places) / sizeof(places[0]))

/* The secret in a place as it is stored, for memory_wipe_cstr; NULL when there is none. */
static int read_place(sqlite3 *db, size_t place, char **out_secret, char **out_error)
{
    char *row = NULL;
    char *reason = NULL;
    cJSON *document = NULL;
    int rc = settings_row_get(db, places[place].key, &row);

    *out_secret = NULL;
    if (rc != SQLITE_OK) {
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
    } else if (row != NULL) {
        const cJSON *object = NULL;
        const char *secret = NULL;
        document = document_parse(slice_of_cstr(row), true, &reason);
        object = places[place].object == NULL
                     ? document
                     : document_object(document, places[place].object, &reason);
        secret = document_text(object, "managementKey", "", &reason);
        if (reason != NULL) {
            *out_error = memory_format("settings row %s: %s", places[place].key, reason);
            rc = SQLITE_CORRUPT;
        } else if (secret[0] != '\0') {
            *out_secret = memory_copy_cstr(secret);
        }
    }
    free(reason);
    document_wipe(document);
    memory_wipe_cstr(row);
    return rc;
}

int stored_secrets_look(sqlite3 *db, struct stored_secrets *out_found, char **out_error)
{
    struct stored_secrets found = {false, false};
    int rc = SQLITE_OK;

    for (size_t i = 0; i < PLACE_COUNT && rc == SQLITE_OK; i++) {
        char *secret = NULL;
        rc = read_place(db, i, &secret, out_error);
        if (secret != NULL && secret_is_sealed(slice_of_cstr(secret)))
            found.has_sealed = true;
        else if (secret != NULL)
            found.has_plain = true;
        memory_wipe_cstr(secret);
    }
    if (rc == SQLITE_OK)
        *out_found = found;
    return rc;
}

int stored_secrets_try(sqlite3 *db, const uint8_t data_key[SECRET_KEY_BYTES], char **out_error)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; i < PLACE_COUNT && rc == SQLITE_OK; i++) {
        char *secret = NULL;
        char *plain = NULL;
        char *reason = NULL;
        rc = read_place(db, i, &secret, out_error);
        if (secret != NULL)
            plain = sealed_text_open(secret, data_key, &reason);
        if (reason != NULL) {
            *out_error = memory_format("the data key does not open the secret in settings row "
                                       "%s: %s",
                                       places[i].key, reason);
            rc = SQLITE_AUTH;
        }
        memory_wipe_cstr(plain);
        memory_wipe_cstr(secret);
        free(reason);
    }
    return rc;
}
