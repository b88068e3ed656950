/* The account processing policy: three switches, each from the environment (locked),
 * the database, or the start configuration. */
#ifndef CPA_SERVER_SETTINGS_POLICY_H
#define CPA_SERVER_SETTINGS_POLICY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/text.h"
#include "server/config.h"

enum policy_capability {
    POLICY_QUOTA_COOLDOWN,
    POLICY_ISSUE_QUEUE,
    POLICY_AUTO_DISABLE, /* depends on the issue queue */
    POLICY_CAPABILITY_COUNT
};

enum policy_source { POLICY_STARTUP, POLICY_DATABASE, POLICY_ENV };

struct policy_switch {
    bool is_configured;
    bool is_enabled; /* configured, and what it depends on is enabled */
    enum policy_source source;
};

struct policy {
    struct policy_switch capabilities[POLICY_CAPABILITY_COUNT];
    int64_t updated_at_ms; /* of the database row; 0 without one */
};

/* Read in the caller's transaction. */
int policy_load(sqlite3 *db, const struct config *config, struct policy *out_policy,
                char **out_error);
/* Apply a PATCH body in the caller's (writing) transaction. Returns the HTTP status: 200
 * with *out_policy the new state, else *out_error the message for the error body and
 * nothing saved. */
int policy_patch(sqlite3 *db, const struct config *config, struct slice body, int64_t now_ms,
                 struct policy *out_policy, char **out_error);
/* Body of GET and of a successful PATCH, with the newline. */
void policy_write(struct text *out, const struct policy *policy);

#endif
