/* The configuration: see config.h. One table row per setting; the few settings that
 * depend on others have a function each. */
#include "server/config.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ext/text.h"
#include "server/config_file.h"
#include "server/document.h"
#include "server/file_path.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/private_file.h"

/* What a load carries around. The first error of a kind is kept. */
struct loader {
    const struct config_input *input;
    struct config_file file;
    struct config *config;
    char *type_error; /* of a value in config.json */
    char *error;      /* of a secret's file */
};

enum setting_kind {
    SETTING_TEXT,
    SETTING_PATH,  /* relative to the folder of config.json when it comes from there */
    SETTING_INT,   /* int, positive */
    SETTING_INT64, /* int64_t, positive */
    SETTING_BOOL,
    SETTING_SWITCH, /* struct config_switch */
};

struct setting {
    enum setting_kind kind;
    const char *json; /* key in config.json; NULL: none */
    const char *variable;
    size_t offset;    /* in struct config */
    int64_t number;   /* the default of numbers and bools */
    const char *text; /* the default of texts */
};

struct secret_setting {
    const char *json; /* key of its file in config.json */
    const char *variable;
    const char *file_variable;
    const char *default_name; /* below /run/secrets */
    size_t offset;
};

#define AT(member) offsetof(struct config, member)

/* clang-format off */
static const struct setting settings[] = {
    /* kind         config.json key              variable                            where                                    default */
    {SETTING_TEXT,   "httpAddr",                  "HTTP_ADDR",                        AT(http_addr),                           0, "0.0.0.0:18317"},
    {SETTING_TEXT,   "cpaUpstreamUrl",            "CPA_UPSTREAM_URL",                 AT(cpa_upstream_url),                    0, ""},
    {SETTING_TEXT,   "collectorMode",             "USAGE_COLLECTOR_MODE",             AT(collector_mode),                      0, "auto"},
    {SETTING_TEXT,   "queue",                     "USAGE_RESP_QUEUE",                 AT(queue),                               0, "usage"},
    {SETTING_TEXT,   "popSide",                   "USAGE_RESP_POP_SIDE",              AT(pop_side),                            0, "right"},
    {SETTING_INT,    "batchSize",                 "USAGE_BATCH_SIZE",                 AT(batch_size),                        100, NULL},
    {SETTING_INT,    "pollIntervalMs",            "USAGE_POLL_INTERVAL_MS",           AT(poll_interval_ms),                  500, NULL},
    {SETTING_INT,    "queryLimit",                "USAGE_QUERY_LIMIT",                AT(query_limit),                     50000, NULL},
    {SETTING_TEXT,   "pprofAddr",                 "CPA_MANAGER_PPROF_ADDR",           AT(pprof_addr),                          0, ""},
    {SETTING_PATH,   "panelPath",                 "PANEL_PATH",                       AT(panel_path),                          0, ""},
    {SETTING_BOOL,   "tlsSkipVerify",             "USAGE_RESP_TLS_SKIP_VERIFY",       AT(tls_skip_verify),                     0, NULL},
    {SETTING_SWITCH, "quotaCooldownEnabled",      "USAGE_QUOTA_COOLDOWN_ENABLED",     AT(quota_cooldown),                      0, NULL},
    {SETTING_SWITCH, "accountActionsEnabled",     "USAGE_ACCOUNT_ACTIONS_ENABLED",    AT(account_actions),                     0, NULL},
    {SETTING_SWITCH, "accountActionsAutoDisable", "USAGE_ACCOUNT_ACTIONS_AUTO_DISABLE", AT(account_auto_disable),              0, NULL},
    {SETTING_BOOL,   NULL,                        "USAGE_DASHBOARD_HOURLY_ROLLUP_ENABLED", AT(has_dashboard_hourly_rollup),    1, NULL},
    {SETTING_INT64,  "usageImportChunkBytes",     "USAGE_IMPORT_CHUNK_BYTES",         AT(import_chunk_bytes),            4194304, NULL},
    {SETTING_INT64,  "usageImportDiskQuotaBytes", "USAGE_IMPORT_DISK_QUOTA_BYTES",    AT(import_disk_quota_bytes),   17179869184, NULL},
    {SETTING_INT,    "usageImportMaxSessions",    "USAGE_IMPORT_MAX_SESSIONS",        AT(import_max_sessions),                 2, NULL},
    {SETTING_INT,    "usageImportSessionTTLMinutes", "USAGE_IMPORT_SESSION_TTL_MINUTES", AT(import_session_ttl_minutes),     1440, NULL},
};

static const struct secret_setting secrets[] = {
    {"managementKeyFile", "CPA_MANAGEMENT_KEY",    "CPA_MANAGEMENT_KEY_FILE",    "cpa_management_key", AT(management_key)},
    {"adminKeyFile",      "CPA_MANAGER_ADMIN_KEY", "CPA_MANAGER_ADMIN_KEY_FILE", "cpa_admin_key",      AT(admin_key)},
    {"dataKeyFile",       "CPA_MANAGER_DATA_KEY",  "CPA_MANAGER_DATA_KEY_FILE",  "cpa_data_key",       AT(data_key)},
};
/* clang-format on */

#undef AT

static void *member(struct config *config, size_t offset)
{
    return (char *)config + offset;
}

/* The trimmed variable; empty when it is unset or blank (rule 2). */
static struct slice variable(const struct loader *loader, const char *name)
{
    return slice_trim(slice_of_cstr(loader->input->environment(loader->input->arg, name)));
}

/* The trimmed text in config.json; empty when absent. */
static struct slice text_in_file(struct loader *loader, const char *key)
{
    if (key == NULL)
        return slice_empty();
    return slice_trim(
        slice_of_cstr(document_text(loader->file.document, key, "", &loader->type_error)));
}

/* A path given in config.json (rule 3), to free(); NULL when absent. */
static char *path_in_file(struct loader *loader, const char *key)
{
    struct slice given = text_in_file(loader, key);
    char *copy = NULL;
    char *joined = NULL;

    if (given.len == 0)
        return NULL;
    copy = memory_copy_slice(given);
    joined = file_path_join(loader->file.folder, copy);
    free(copy);
    return joined;
}

/* A path from its variable, else from config.json, to free(); NULL when in neither. */
static char *given_path(struct loader *loader, const char *variable_name, const char *key)
{
    struct slice named = variable(loader, variable_name);
    char *from_file = path_in_file(loader, key); /* read also when unused: its type is checked */

    if (named.len == 0)
        return from_file;
    free(from_file);
    return memory_copy_slice(named);
}

static char *text_setting(struct loader *loader, const struct setting *setting)
{
    struct slice value = variable(loader, setting->variable);
    struct slice from_file = text_in_file(loader, setting->json);

    if (value.len == 0)
        value = from_file;
    return value.len > 0 ? memory_copy_slice(value) : memory_copy_cstr(setting->text);
}

/* Rule 4, for values up to largest. */
static int64_t number_setting(struct loader *loader, const struct setting *setting, int64_t largest)
{
    int64_t from_file = setting->json == NULL ? 0
                                              : document_int64(loader->file.document, setting->json,
                                                               0, &loader->type_error);
    int64_t value = 0;

    if (slice_to_int64(variable(loader, setting->variable), &value, NULL) && value > 0 &&
        value <= largest)
        return value;
    return from_file > 0 && from_file <= largest ? from_file : setting->number;
}

static bool bool_setting(struct loader *loader, const struct setting *setting, bool *out_is_locked)
{
    struct slice value = variable(loader, setting->variable);
    bool from_file = setting->number != 0;

    if (setting->json != NULL)
        from_file =
            document_bool(loader->file.document, setting->json, from_file, &loader->type_error);
    *out_is_locked = value.len > 0;
    if (value.len == 0)
        return from_file;
    return slice_equal(value, SLICE("1")) || slice_equal_nocase(value, SLICE("true")) ||
           slice_equal_nocase(value, SLICE("yes")) || slice_equal_nocase(value, SLICE("on"));
}

static void load_setting(struct loader *loader, const struct setting *setting)
{
    void *to = member(loader->config, setting->offset);
    bool is_locked = false;

    switch (setting->kind) {
    case SETTING_TEXT:
        *(char **)to = text_setting(loader, setting);
        break;
    case SETTING_PATH:
        *(char **)to = given_path(loader, setting->variable, setting->json);
        if (*(char **)to == NULL)
            *(char **)to = memory_copy_cstr(setting->text);
        break;
    case SETTING_INT:
        *(int *)to = (int)number_setting(loader, setting, INT_MAX);
        break;
    case SETTING_INT64:
        *(int64_t *)to = number_setting(loader, setting, INT64_MAX);
        break;
    case SETTING_BOOL:
        *(bool *)to = bool_setting(loader, setting, &is_locked);
        break;
    case SETTING_SWITCH: {
        struct config_switch *value = to;
        value->is_on = bool_setting(loader, setting, &value->is_locked);
        break;
    }
    }
}

/* Read the file of a secret: "" when it is absent and may be. NULL with the error set.
 * name is what named the file, for the message. */
static char *read_secret_file(struct loader *loader, const char *path, const char *name,
                              bool may_be_absent)
{
    char *content = NULL;
    char *reason = NULL;
    char *secret = NULL;
    size_t len = 0;
    enum private_file_result result =
        private_file_read(path, LIMIT_SECRET_FILE_BYTES, &content, &len, &reason);

    if (result == PRIVATE_FILE_OK)
        secret = memory_copy_slice(slice_trim((struct slice){content, len}));
    else if (result == PRIVATE_FILE_ABSENT && may_be_absent)
        secret = memory_copy_cstr("");
    else
        loader->error = memory_format("read %s %s: %s", name, path, reason);
    memory_wipe_cstr(content);
    free(reason);
    return secret;
}

/* Rule 5. */
static void load_secret(struct loader *loader, const struct secret_setting *setting)
{
    struct slice value = variable(loader, setting->variable);
    struct slice file_variable = variable(loader, setting->file_variable);
    const char *folder = loader->input->secrets_dir;
    char *from_file = path_in_file(loader, setting->json);
    char *path = NULL;
    char *secret = NULL;

    if (loader->type_error != NULL || loader->error != NULL) {
        free(from_file);
        return;
    }
    if (value.len > 0) {
        secret = memory_copy_slice(value);
    } else if (file_variable.len > 0) {
        path = memory_copy_slice(file_variable);
        secret = read_secret_file(loader, path, setting->file_variable, false);
    } else if (from_file != NULL) {
        secret = read_secret_file(loader, from_file, setting->json, false);
    } else {
        path = file_path_join(folder != NULL ? folder : "/run/secrets", setting->default_name);
        secret = read_secret_file(loader, path, "secret", true);
    }
    *(char **)member(loader->config, setting->offset) = secret;
    free(path);
    free(from_file);
}

static void load_paths(struct loader *loader)
{
    struct config *config = loader->config;
    bool has_data_variable = variable(loader, "USAGE_DATA_DIR").len > 0;
    bool has_db_variable = variable(loader, "USAGE_DB_PATH").len > 0;

    config->data_dir = given_path(loader, "USAGE_DATA_DIR", "dataDir");
    if (config->data_dir == NULL)
        config->data_dir =
            file_path_join(loader->file.folder != NULL ? loader->file.folder : ".", "data");
    config->db_path = given_path(loader, "USAGE_DB_PATH", "dbPath");
    if (config->db_path != NULL && has_data_variable && !has_db_variable)
        memory_replace(&config->db_path, NULL); /* config.json's gives way to the variable */
    if (config->db_path == NULL)
        config->db_path = file_path_join(config->data_dir, "usage.sqlite");
    config->data_key_path = given_path(loader, "CPA_MANAGER_DATA_KEY_PATH", "dataKeyPath");
    if (config->data_key_path == NULL)
        config->data_key_path = file_path_join(config->data_dir, "data.key");
}

static void add_origin(struct config *config, struct slice origin)
{
    origin = slice_trim(origin);
    if (origin.len == 0)
        return;
    config->cors_origins = memory_resize(config->cors_origins, (config->cors_origin_count + 1) *
                                                                   sizeof(*config->cors_origins));
    config->cors_origins[config->cors_origin_count++] = memory_copy_slice(origin);
}

static void load_origins(struct loader *loader)
{
    struct slice list = variable(loader, "USAGE_CORS_ORIGINS");
    const cJSON *array =
        document_text_array(loader->file.document, "corsOrigins", &loader->type_error);
    const cJSON *item = NULL;

    if (list.len == 0 && array == NULL)
        add_origin(loader->config, SLICE("*"));
    while (list.len > 0) {
        ptrdiff_t comma = slice_find(list, SLICE(","));
        size_t len = comma < 0 ? list.len : (size_t)comma;
        add_origin(loader->config, slice_first(list, len));
        list = slice_from(list, len + 1);
        array = NULL;
    }
    cJSON_ArrayForEach(item, array)
    {
        add_origin(loader->config, slice_of_cstr(item->valuestring));
    }
}

/* Lower case, and "auto" for what is no mode. */
static void settle_mode(struct config *config)
{
    static const char *const modes[] = {"http", "resp", "subscribe"};

    for (char *c = config->collector_mode; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(config->collector_mode, modes[i]) == 0)
            return;
    }
    memory_replace(&config->collector_mode, memory_copy_cstr("auto"));
}

static void load_all(struct loader *loader)
{
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        load_setting(loader, &settings[i]);
    settle_mode(loader->config);
    load_paths(loader);
    load_origins(loader);
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        load_secret(loader, &secrets[i]);
    if (loader->type_error != NULL)
        memory_replace(&loader->error,
                       memory_format("parse config %s: %s", loader->file.path, loader->type_error));
    memory_replace(&loader->type_error, NULL);
}

static const char *process_environment(void *arg, const char *name)
{
    (void)arg;
    return getenv(name);
}

void config_input_of_process(struct config_input *input, bool may_create_file, char **out_dir)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    *out_dir = NULL;
    if (len > 0) {
        path[len] = '\0';
        *out_dir = file_path_folder(path);
    }
    *input = (struct config_input){.environment = process_environment,
                                   .executable_dir = *out_dir,
                                   .may_create_file = may_create_file};
}

bool config_load(const struct config_input *input, struct config *out_config, char **out_error)
{
    struct loader loader = {.input = input, .config = out_config};

    memset(out_config, 0, sizeof(*out_config));
    if (!config_file_open(input, &loader.file, out_error))
        return false;
    load_all(&loader);
    out_config->is_file_created = loader.file.is_created;
    out_config->file_path = loader.file.path;
    loader.file.path = NULL;
    config_file_clear(&loader.file);
    if (loader.error != NULL) {
        config_clear(out_config);
        *out_error = loader.error;
    }
    return loader.error == NULL;
}

void config_clear(struct config *config)
{
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        memory_wipe_cstr(*(char **)member(config, secrets[i].offset));
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (settings[i].kind == SETTING_TEXT || settings[i].kind == SETTING_PATH)
            free(*(char **)member(config, settings[i].offset));
    }
    for (size_t i = 0; i < config->cors_origin_count; i++)
        free(config->cors_origins[i]);
    free(config->cors_origins);
    free(config->file_path);
    free(config->data_dir);
    free(config->db_path);
    free(config->data_key_path);
    memset(config, 0, sizeof(*config));
}

bool config_manages_connection(const struct config *config)
{
    return config->cpa_upstream_url[0] != '\0' && config->management_key[0] != '\0';
}
