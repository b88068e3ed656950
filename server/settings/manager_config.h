/* The manager configuration: connection, collector and inspection settings that the API
 * reads and writes, as an object in memory, as the API's JSON and as a stored row.
 *
 * effective = defaults of the start configuration
 *          <- stored row manager_config_v1
 *          <- stored row setup, while the connection is still entirely empty
 *          <- the start configuration's connection, when it manages the connection
 *
 * Owns its texts; management_key is wiped when cleared. */
#ifndef CPA_SERVER_SETTINGS_MANAGER_CONFIG_H
#define CPA_SERVER_SETTINGS_MANAGER_CONFIG_H

#include <cjson/cJSON.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/secret/secret.h"
#include "ext/text.h"
#include "server/collector/collector.h"
#include "server/config.h"
#include "server/settings/inspection_config.h"

struct manager_config {
    char *cpa_base_url;   /* "" when unset */
    char *management_key; /* secret in plain text; "" when unset */
    bool is_enabled;      /* request monitoring */
    char *collector_mode;
    char *queue;
    char *pop_side;
    int64_t batch_size;
    int64_t poll_interval_ms;
    int64_t query_limit;
    bool is_tls_verify_skipped;
    struct inspection_config inspection;
};

enum manager_config_source { MANAGER_CONFIG_NONE, MANAGER_CONFIG_DB, MANAGER_CONFIG_ENV };

struct effective_config {
    struct manager_config config;
    enum manager_config_source source;
};

/* Defaults from the start configuration. */
void manager_config_init(struct manager_config *config, const struct config *start);
void manager_config_clear(struct manager_config *config);
void manager_config_copy(struct manager_config *out_copy, const struct manager_config *config);
/* Replace connection and collector fields by the start configuration's. */
void manager_config_use_start(struct manager_config *config, const struct config *start);
/* URL and key are both there. */
bool manager_config_is_connected(const struct manager_config *config);

/* Merge a submitted or stored object over config. Wrong types: a message to free(),
 * config then half merged; NULL when all is well. submitted may be NULL. */
char *manager_config_merge(struct manager_config *config, const cJSON *submitted);
/* Append the API's JSON object (key in plain text) as the named field, or without a name
 * as a value of its own. */
void manager_config_write(struct text *out, const char *name, const struct manager_config *config);
/* "env", "db" or "". */
const char *manager_config_source_name(enum manager_config_source source);

/* The two rows by themselves, merged over config: for the first start after a move.
 * out_complete: the row has URL and key. Errors as manager_config_load. */
int manager_config_load_row(sqlite3 *db, const uint8_t data_key[SECRET_KEY_BYTES],
                            struct manager_config *config, bool *out_found, char **out_error);
int manager_config_load_setup(sqlite3 *db, const uint8_t data_key[SECRET_KEY_BYTES],
                              struct manager_config *config, bool *out_complete, char **out_error);
/* Read the effective configuration in the caller's transaction. Clear
 * out_effective->config afterwards. SQLITE_OK; or an error, with *out_error one line to
 * free() ("decrypt secret: invalid data key or corrupted ciphertext"). */
int manager_config_load(sqlite3 *db, const struct config *start,
                        const uint8_t data_key[SECRET_KEY_BYTES],
                        struct effective_config *out_effective, char **out_error);
/* Save the row manager_config_v1, its key sealed. */
int manager_config_save(sqlite3 *db, const struct manager_config *config,
                        const uint8_t data_key[SECRET_KEY_BYTES], int64_t now_ms, char **out_error);
/* Save the row setup, its key sealed; an error when URL or key is empty. */
int manager_config_save_setup(sqlite3 *db, const struct manager_config *config,
                              const uint8_t data_key[SECRET_KEY_BYTES], int64_t now_ms,
                              char **out_error);

/* What the collector needs; borrows the texts of config. */
void manager_config_collector(const struct manager_config *config,
                              struct collector_settings *out_settings);
/* Whether the collector is to run at start, and how: true fills *out_config, which
 * manager_config_collector then turns into settings (clear it afterwards). false without
 * *out_error: it stays stopped. */
bool manager_config_collector_at_start(sqlite3 *db, const struct config *start,
                                       const uint8_t data_key[SECRET_KEY_BYTES],
                                       struct manager_config *out_config, char **out_error);

#endif
