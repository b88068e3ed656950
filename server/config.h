/* Configuration of the program: environment variable, else config.json, else default.
 *
 * Loaded once at start, constant afterwards and shared by all threads.
 *
 * Rules
 *  1. config.json: the path in CPA_MANAGER_CONFIG (created with defaults when it is
 *     missing, by the server only), else "config.json" beside the executable if it is
 *     there, else none. Nothing else is ever created.
 *  2. A variable that is blank after trimming counts as unset.
 *  3. Relative paths in config.json start at its folder, those of variables at the
 *     working directory. Without dataDir the data goes to "data" beside config.json, or
 *     to ./data without one.
 *  4. Numbers that are not positive integers fall through to the next source.
 *  5. A secret: its variable, else the file named by its *_FILE variable, else the file
 *     named in config.json, else /run/secrets/.... A named file that cannot be read is
 *     an error; the last one may be absent. */
#ifndef CPA_SERVER_CONFIG_H
#define CPA_SERVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A switch that the account processing policy may override in the database, unless
 * the environment set it. */
struct config_switch {
    bool is_on;
    bool is_locked; /* its environment variable is set */
};

struct config {
    char *file_path;      /* config.json in use; NULL when none */
    bool is_file_created; /* by this load */
    char *http_addr;      /* host:port to listen on */
    char *data_dir;
    char *db_path;
    char *data_key_path;    /* generated key file */
    char *cpa_upstream_url; /* as given; "" when unset */
    char *management_key;   /* secret; "" when unset */
    char *admin_key;        /* secret; "" when unset */
    char *data_key;         /* secret from outside; "" when unset */
    char *collector_mode;   /* "auto" "http" "resp" "subscribe" */
    char *queue;
    char *pop_side; /* as given */
    int batch_size;
    int poll_interval_ms;
    int query_limit;     /* rows */
    char *pprof_addr;    /* accepted, checked to be loopback, otherwise unused */
    char *panel_path;    /* "" serves the embedded page */
    char **cors_origins; /* may be empty: then no CORS headers at all */
    size_t cors_origin_count;
    bool tls_skip_verify;
    struct config_switch quota_cooldown;
    struct config_switch account_actions;
    struct config_switch account_auto_disable;
    bool has_dashboard_hourly_rollup;
    int64_t import_chunk_bytes;
    int64_t import_disk_quota_bytes;
    int import_max_sessions;
    int import_session_ttl_minutes;
};

/* Where a load looks. */
struct config_input {
    const char *(*environment)(void *arg, const char *name); /* NULL when unset */
    void *arg;
    const char *executable_dir; /* NULL: there is none to look in */
    const char *secrets_dir;    /* NULL: /run/secrets */
    bool may_create_file;       /* rule 1; offline commands say false */
};

/* The process's own: getenv and the folder of /proc/self/exe. *out_dir is the text that
 * input borrows, to free() after the load. */
void config_input_of_process(struct config_input *input, bool may_create_file, char **out_dir);
/* Fill *out_config, whatever it held before. false: *out_error is one line to free(),
 * without the "load config: " that callers put before it; *out_config is then zeroed. */
bool config_load(const struct config_input *input, struct config *out_config, char **out_error)
    __attribute__((warn_unused_result));
/* Wipe the secrets and free the rest; zeroed is allowed. */
void config_clear(struct config *config);
/* URL and management key are both given, by whatever source: the connection is
 * "managed by environment variables" and the API refuses to change it. */
bool config_manages_connection(const struct config *config);
/* pprof_addr is empty or names localhost or a loopback address. false: *out_error is one
 * line to free(), without the "configure pprof: " of the caller. */
bool config_pprof_is_local(const struct config *config, char **out_error)
    __attribute__((warn_unused_result));

#endif
