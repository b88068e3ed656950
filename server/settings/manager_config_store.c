/* The manager configuration in the database: see manager_config.h. */
#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/settings/connection.h"
#include "server/settings/manager_config.h"
#include "server/settings/manager_config_json.h"
#include "server/settings/sealed_text.h"
#include "server/settings/settings_row.h"

/* Read and parse a row. SQLITE_OK with *out_document NULL when there is none. */
static int read_row(sqlite3 *db, const char *key, cJSON **out_document, char **out_error)
{
    char *value = NULL;
    char *reason = NULL;
    int rc = settings_row_get(db, key, &value);

    *out_document = NULL;
    if (rc != SQLITE_OK) {
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
    } else if (value != NULL) {
        *out_document = document_parse(slice_of_cstr(value), true, &reason);
        if (*out_document == NULL) {
            *out_error = memory_format("settings row %s: %s", key, reason);
            rc = SQLITE_CORRUPT;
        }
    }
    free(reason);
    memory_wipe_cstr(value);
    return rc;
}

/* Replace the sealed key by its plain text. */
static int open_key(struct manager_config *config, const uint8_t data_key[SECRET_KEY_BYTES],
                    char **out_error)
{
    char *plain = sealed_text_open(config->management_key, data_key, out_error);

    if (plain == NULL)
        return SQLITE_AUTH;
    memory_wipe_cstr(config->management_key);
    config->management_key = plain;
    return SQLITE_OK;
}

int manager_config_load_row(sqlite3 *db, const uint8_t data_key[SECRET_KEY_BYTES],
                            struct manager_config *config, bool *out_found, char **out_error)
{
    cJSON *document = NULL;
    char *reason = NULL;
    int rc = read_row(db, SETTINGS_MANAGER_CONFIG, &document, out_error);

    *out_found = document != NULL;
    if (rc != SQLITE_OK || document == NULL)
        return rc;
    reason = manager_config_merge(config, document);
    if (reason != NULL) {
        *out_error = memory_format("settings row " SETTINGS_MANAGER_CONFIG ": %s", reason);
        rc = SQLITE_CORRUPT;
    } else {
        rc = open_key(config, data_key, out_error);
    }
    free(reason);
    document_wipe(document);
    return rc;
}

/* Take the fields of a complete row over. */
static char *apply_setup(struct manager_config *config, const cJSON *document, bool *out_complete)
{
    char *error = NULL;
    char *url = connection_url_normalise(document_text(document, "cpaBaseUrl", "", &error));
    struct slice key =
        slice_trim(slice_of_cstr(document_text(document, "managementKey", "", &error)));
    struct slice queue = slice_trim(slice_of_cstr(document_text(document, "queue", "", &error)));
    const char *side = document_text(document, "popSide", "", &error);

    *out_complete = error == NULL && url[0] != '\0' && key.len > 0;
    if (!*out_complete) {
        free(url);
        return error;
    }
    memory_replace(&config->cpa_base_url, url);
    memory_wipe_cstr(config->management_key);
    config->management_key = memory_copy_slice(key);
    if (queue.len > 0)
        memory_replace(&config->queue, memory_copy_slice(queue));
    memory_replace(&config->pop_side, memory_copy_cstr(connection_side(side, config->pop_side)));
    return NULL;
}

int manager_config_load_setup(sqlite3 *db, const uint8_t data_key[SECRET_KEY_BYTES],
                              struct manager_config *config, bool *out_complete, char **out_error)
{
    cJSON *document = NULL;
    char *reason = NULL;
    int rc = read_row(db, SETTINGS_SETUP, &document, out_error);

    *out_complete = false;
    if (rc != SQLITE_OK || document == NULL)
        return rc;
    reason = apply_setup(config, document, out_complete);
    if (reason != NULL) {
        *out_error = memory_format("settings row " SETTINGS_SETUP ": %s", reason);
        rc = SQLITE_CORRUPT;
    } else if (*out_complete) {
        rc = open_key(config, data_key, out_error);
    }
    free(reason);
    document_wipe(document);
    return rc;
}

int manager_config_load(sqlite3 *db, const struct config *start,
                        const uint8_t data_key[SECRET_KEY_BYTES],
                        struct effective_config *out_effective, char **out_error)
{
    struct effective_config effective = {.source = MANAGER_CONFIG_NONE};
    bool is_found = false;
    bool is_complete = false;
    int rc = SQLITE_OK;

    manager_config_init(&effective.config, start);
    rc = manager_config_load_row(db, data_key, &effective.config, &is_found, out_error);
    if (rc == SQLITE_OK && is_found)
        effective.source = MANAGER_CONFIG_DB;
    if (rc == SQLITE_OK && effective.config.cpa_base_url[0] == '\0' &&
        effective.config.management_key[0] == '\0')
        rc = manager_config_load_setup(db, data_key, &effective.config, &is_complete, out_error);
    if (is_complete)
        effective.source = MANAGER_CONFIG_DB;
    if (rc == SQLITE_OK && config_manages_connection(start)) {
        manager_config_use_start(&effective.config, start);
        effective.source = MANAGER_CONFIG_ENV;
    }
    if (rc != SQLITE_OK) {
        manager_config_clear(&effective.config);
        return rc;
    }
    *out_effective = effective;
    return SQLITE_OK;
}

/* Save the finished row and clear the builder. */
static int put_row(sqlite3 *db, const char *key, struct text *row, int64_t now_ms, char **out_error)
{
    int rc = row->failed ? SQLITE_TOOBIG : settings_row_put(db, key, row->data, now_ms);

    if (row->failed)
        *out_error = memory_format("settings row %s is too large", key);
    else if (rc != SQLITE_OK)
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
    text_clear(row);
    return rc;
}

int manager_config_save(sqlite3 *db, const struct manager_config *config,
                        const uint8_t data_key[SECRET_KEY_BYTES], int64_t now_ms, char **out_error)
{
    char *sealed = sealed_text_seal(config->management_key, data_key, out_error);
    struct text row;

    if (sealed == NULL)
        return SQLITE_ERROR;
    text_init(&row, LIMIT_DOCUMENT_BYTES);
    manager_config_json_write(&row, NULL, config, sealed, now_ms);
    free(sealed);
    return put_row(db, SETTINGS_MANAGER_CONFIG, &row, now_ms, out_error);
}

int manager_config_save_setup(sqlite3 *db, const struct manager_config *config,
                              const uint8_t data_key[SECRET_KEY_BYTES], int64_t now_ms,
                              char **out_error)
{
    char *sealed = NULL;
    struct text row;

    if (!manager_config_is_connected(config)) {
        *out_error = memory_copy_cstr("cpaBaseUrl and managementKey are required");
        return SQLITE_MISUSE;
    }
    sealed = sealed_text_seal(config->management_key, data_key, out_error);
    if (sealed == NULL)
        return SQLITE_ERROR;
    text_init(&row, LIMIT_DOCUMENT_BYTES);
    document_open(&row, NULL, '{');
    document_add_text(&row, "cpaBaseUrl", config->cpa_base_url);
    document_add_text(&row, "managementKey", sealed);
    document_add_text_unless_empty(&row, "queue", config->queue);
    document_add_text_unless_empty(&row, "popSide", config->pop_side);
    document_close(&row, '}');
    free(sealed);
    return put_row(db, SETTINGS_SETUP, &row, now_ms, out_error);
}

bool manager_config_collector_at_start(sqlite3 *db, const struct config *start,
                                       const uint8_t data_key[SECRET_KEY_BYTES],
                                       struct manager_config *out_config, char **out_error)
{
    struct effective_config effective;
    bool runs = false;

    if (manager_config_load(db, start, data_key, &effective, out_error) != SQLITE_OK)
        return false;
    runs = manager_config_is_connected(&effective.config) &&
           (effective.source == MANAGER_CONFIG_ENV || effective.config.is_enabled);
    if (runs)
        *out_config = effective.config; /* handed over */
    else
        manager_config_clear(&effective.config);
    return runs;
}
