/* The row bootstrap_state_v1 and what is told of it: see bootstrap.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/settings/bootstrap.h"
#include "server/settings/settings_row.h"

/* false when the text is no such row. */
static bool read_state(const char *row, struct bootstrap_state *out_state)
{
    struct bootstrap_state state;
    char *error = NULL;
    cJSON *document = document_parse(slice_of_cstr(row), true, &error);
    bool is_read = false;

    memset(&state, 0, sizeof(state));
    if (document != NULL) {
        (void)snprintf(state.status, sizeof(state.status), "%s",
                       document_text(document, "status", "", &error)); /* known words fit */
        state.is_admin_ready = document_bool(document, "adminReady", false, &error);
        state.is_project_initialized = document_bool(document, "projectInitialized", false, &error);
        state.is_data_key_ready = document_bool(document, "dataKeyReady", false, &error);
        state.is_legacy_migrated = document_bool(document, "migratedLegacy", false, &error);
        state.has_historical_data = document_bool(document, "hasHistoricalData", false, &error);
        state.updated_at_ms = document_int64(document, "updatedAtMs", 0, &error);
        is_read = error == NULL;
    }
    if (is_read)
        *out_state = state;
    free(error);
    cJSON_Delete(document);
    return is_read;
}

int bootstrap_state_load(sqlite3 *db, struct bootstrap_state *out_state)
{
    char *row = NULL;
    int rc = settings_row_get(db, SETTINGS_BOOTSTRAP_STATE, &row);

    if (rc != SQLITE_OK)
        return rc;
    if (row == NULL)
        memset(out_state, 0, sizeof(*out_state));
    else if (!read_state(row, out_state))
        rc = SQLITE_CORRUPT;
    free(row);
    return rc;
}

int bootstrap_state_save(sqlite3 *db, const struct bootstrap_state *state)
{
    struct text row;
    int rc = SQLITE_OK;

    text_init(&row, LIMIT_DOCUMENT_BYTES);
    document_open(&row, NULL, '{');
    document_add_int64(&row, "version", 1);
    document_add_text(&row, "status", state->status);
    document_add_bool(&row, "adminReady", state->is_admin_ready);
    document_add_bool(&row, "projectInitialized", state->is_project_initialized);
    document_add_bool(&row, "dataKeyReady", state->is_data_key_ready);
    document_add_bool(&row, "migratedLegacy", state->is_legacy_migrated);
    document_add_bool(&row, "hasHistoricalData", state->has_historical_data);
    document_add_int64(&row, "updatedAtMs", state->updated_at_ms);
    document_close(&row, '}');
    rc = row.failed
             ? SQLITE_NOMEM
             : settings_row_put(db, SETTINGS_BOOTSTRAP_STATE, row.data, state->updated_at_ms);
    text_clear(&row);
    return rc;
}

void bootstrap_info_write(struct text *out, const struct bootstrap_state *state,
                          bool has_admin_credential, bool is_connected, int64_t started_at_ms)
{
    bool is_initialized = is_connected || state->is_project_initialized;

    document_open(out, NULL, '{');
    document_add_text(out, "service", "cpa-manager-plus");
    document_add_text(out, "mode", "embedded");
    document_add_int64(out, "startedAt", started_at_ms);
    document_add_bool(out, "configured", is_initialized);
    document_add_bool(out, "adminReady", has_admin_credential);
    document_add_bool(out, "projectInitialized", is_initialized);
    document_add_bool(out, "setupRequired", has_admin_credential && !is_initialized);
    document_add_text_unless_empty(out, "migrationStatus", state->status);
    document_add_bool(out, "dataKeyReady", state->is_data_key_ready);
    document_add_bool(out, "hasHistoricalData", state->has_historical_data);
    document_close(out, '}');
    text_add_char(out, '\n');
}
