/* The account processing policy: see policy.h. */
#include "server/settings/policy.h"

#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/limits.h"
#include "server/memory.h"
#include "server/settings/settings_row.h"

/* clang-format off */
static const struct capability {
    const char *name;     /* in the answer */
    const char *member;   /* in PATCH and in the row */
    const char *variable;
    const char *file_key; /* in config.json */
    size_t offset;        /* of its struct config_switch */
} capabilities[POLICY_CAPABILITY_COUNT] = {
    {"codexQuotaCooldown",   "codexQuotaCooldownEnabled",   "USAGE_QUOTA_COOLDOWN_ENABLED",
     "quotaCooldownEnabled",      offsetof(struct config, quota_cooldown)},
    {"authIssueQueue",       "authIssueQueueEnabled",       "USAGE_ACCOUNT_ACTIONS_ENABLED",
     "accountActionsEnabled",     offsetof(struct config, account_actions)},
    {"authIssueAutoDisable", "authIssueAutoDisableEnabled", "USAGE_ACCOUNT_ACTIONS_AUTO_DISABLE",
     "accountActionsAutoDisable", offsetof(struct config, account_auto_disable)},
};
/* clang-format on */

/* What the database says: a switch each, or nothing. */
struct overrides {
    bool is_set[POLICY_CAPABILITY_COUNT];
    bool is_on[POLICY_CAPABILITY_COUNT];
    int64_t updated_at_ms;
};

static struct config_switch start_value(const struct config *config, size_t capability)
{
    struct config_switch value;

    memcpy(&value, (const char *)config + capabilities[capability].offset, sizeof(value));
    return value;
}

static void read_switches(const cJSON *document, struct overrides *overrides, char **error)
{
    for (size_t i = 0; i < POLICY_CAPABILITY_COUNT; i++) {
        const char *member = capabilities[i].member;
        bool is_on = document_bool(document, member, false, error);
        if (document_get(document, member) == NULL)
            continue;
        overrides->is_set[i] = true;
        overrides->is_on[i] = is_on;
    }
}

static int load_overrides(sqlite3 *db, struct overrides *out_overrides, char **out_error)
{
    struct overrides overrides;
    char *row = NULL;
    char *reason = NULL;
    cJSON *document = NULL;
    int rc = settings_row_get(db, SETTINGS_AUTOMATION, &row);

    memset(&overrides, 0, sizeof(overrides));
    if (rc != SQLITE_OK) {
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
    } else if (row != NULL) {
        document = document_parse(slice_of_cstr(row), true, &reason);
        read_switches(document, &overrides, &reason);
        overrides.updated_at_ms = document_int64(document, "updatedAtMs", 0, &reason);
        if (reason != NULL) {
            *out_error = memory_format("settings row " SETTINGS_AUTOMATION ": %s", reason);
            rc = SQLITE_CORRUPT;
        }
    }
    if (rc == SQLITE_OK)
        *out_overrides = overrides;
    cJSON_Delete(document);
    free(reason);
    free(row);
    return rc;
}

static int save_overrides(sqlite3 *db, const struct overrides *overrides, char **out_error)
{
    struct text row;
    int rc = SQLITE_OK;

    text_init(&row, LIMIT_DOCUMENT_BYTES);
    document_open(&row, NULL, '{');
    for (size_t i = 0; i < POLICY_CAPABILITY_COUNT; i++) {
        if (overrides->is_set[i])
            document_add_bool(&row, capabilities[i].member, overrides->is_on[i]);
    }
    document_add_int64(&row, "updatedAtMs", overrides->updated_at_ms);
    document_close(&row, '}');
    rc = row.failed ? SQLITE_NOMEM
                    : settings_row_put(db, SETTINGS_AUTOMATION, row.data, overrides->updated_at_ms);
    if (rc != SQLITE_OK)
        *out_error = memory_copy_cstr(sqlite3_errmsg(db));
    text_clear(&row);
    return rc;
}

static void settle(const struct config *config, const struct overrides *overrides,
                   struct policy *out_policy)
{
    struct policy_switch *switches = out_policy->capabilities;

    for (size_t i = 0; i < POLICY_CAPABILITY_COUNT; i++) {
        struct config_switch start = start_value(config, i);
        bool is_database = !start.is_locked && overrides->is_set[i];
        switches[i].is_configured = is_database ? overrides->is_on[i] : start.is_on;
        switches[i].is_enabled = switches[i].is_configured;
        switches[i].source =
            is_database ? POLICY_DATABASE : (start.is_locked ? POLICY_ENV : POLICY_STARTUP);
    }
    switches[POLICY_AUTO_DISABLE].is_enabled =
        switches[POLICY_AUTO_DISABLE].is_configured && switches[POLICY_ISSUE_QUEUE].is_enabled;
    out_policy->updated_at_ms = overrides->updated_at_ms;
}

int policy_load(sqlite3 *db, const struct config *config, struct policy *out_policy,
                char **out_error)
{
    struct overrides overrides;
    int rc = load_overrides(db, &overrides, out_error);

    if (rc == SQLITE_OK)
        settle(config, &overrides, out_policy);
    return rc;
}

/* The message for a submitted switch that the environment holds; NULL when none is. */
static char *find_locked(const struct config *config, const struct overrides *submitted)
{
    for (size_t i = 0; i < POLICY_CAPABILITY_COUNT; i++) {
        if (submitted->is_set[i] && start_value(config, i).is_locked)
            return memory_format("%s is locked by environment variable", capabilities[i].file_key);
    }
    return NULL;
}

int policy_patch(sqlite3 *db, const struct config *config, struct slice body, int64_t now_ms,
                 struct policy *out_policy, char **out_error)
{
    struct overrides submitted;
    struct overrides stored;
    cJSON *document = document_parse(body, false, out_error);
    int status = 200;

    memset(&submitted, 0, sizeof(submitted));
    if (document == NULL)
        return 400;
    read_switches(document, &submitted, out_error);
    cJSON_Delete(document);
    if (*out_error != NULL)
        return 400;
    *out_error = find_locked(config, &submitted);
    if (*out_error != NULL)
        return 409;
    if (load_overrides(db, &stored, out_error) != SQLITE_OK)
        return 500;
    for (size_t i = 0; i < POLICY_CAPABILITY_COUNT; i++) {
        if (!submitted.is_set[i])
            continue;
        stored.is_set[i] = true;
        stored.is_on[i] = submitted.is_on[i];
    }
    stored.updated_at_ms = now_ms;
    if (save_overrides(db, &stored, out_error) != SQLITE_OK)
        status = 500;
    else
        settle(config, &stored, out_policy);
    return status;
}

static const char *source_word(enum policy_source source)
{
    switch (source) {
    case POLICY_DATABASE:
        return "database";
    case POLICY_ENV:
        return "env";
    case POLICY_STARTUP:
        break;
    }
    return "startup";
}

/* "database" if any switch is, else "env" if any is. */
static enum policy_source overall_source(const struct policy *policy)
{
    enum policy_source source = POLICY_STARTUP;

    for (size_t i = 0; i < POLICY_CAPABILITY_COUNT; i++) {
        enum policy_source one = policy->capabilities[i].source;
        if (one == POLICY_DATABASE || source == POLICY_STARTUP)
            source = one;
        if (source == POLICY_DATABASE)
            break;
    }
    return source;
}

void policy_write(struct text *out, const struct policy *policy)
{
    document_open(out, NULL, '{');
    document_add_text(out, "source", source_word(overall_source(policy)));
    document_add_int64_unless_0(out, "updatedAtMs", policy->updated_at_ms);
    for (size_t i = 0; i < POLICY_CAPABILITY_COUNT; i++) {
        const struct policy_switch *one = &policy->capabilities[i];
        document_open(out, capabilities[i].name, '{');
        document_add_bool(out, "enabled", one->is_enabled);
        document_add_bool(out, "configured", one->is_configured);
        document_add_text(out, "source", source_word(one->source));
        document_add_bool(out, "locked", one->source == POLICY_ENV);
        document_add_text(out, "envKey", capabilities[i].variable);
        document_add_text(out, "configFileKey", capabilities[i].file_key);
        if (i == POLICY_AUTO_DISABLE)
            document_add_text(out, "dependsOn", capabilities[POLICY_ISSUE_QUEUE].name);
        document_close(out, '}');
    }
    document_close(out, '}');
    text_add_char(out, '\n');
}
