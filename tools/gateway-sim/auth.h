/*
 * Management authentication, shared by RESP and HTTP, with its ban list.
 *
 * Order of decision: (1) banned address; (2) an expired ban resets the counter; (3) not
 * local and remote management is off; (4) no key given: counted; (5) wrong key: counted;
 * (6) success resets the counter. Five counted failures ban the address for half an
 * hour, the local one too; being refused during a ban does not extend it.
 */
#ifndef TOOLS_GATEWAY_SIM_AUTH_H
#define TOOLS_GATEWAY_SIM_AUTH_H

#include "tools/gateway-sim/counts.h"

enum {
    AUTH_IP_SIZE = 64, /* an address as text, NUL included */
    AUTH_TEXT_SIZE = 128
};

struct auth_entry {
    char ip[AUTH_IP_SIZE];
    int failures;
    int64_t banned_until_ms; /* 0: not banned */
    int64_t seen_ms;
};

struct auth {
    const char *key; /* borrowed; the management key */
    bool allows_remote;
    int64_t ban_ms;
    struct auth_entry *entries; /* one per address with failures */
    size_t entry_count;
    struct counts *counts; /* borrowed */
};

/* status is the HTTP status; text is empty on success. */
struct auth_answer {
    int status; /* 200, 401 or 403 */
    char text[AUTH_TEXT_SIZE];
};

void auth_init(struct auth *auth, const char *key, struct counts *counts);
void auth_clear(struct auth *auth);

/* Decides about a key that came from the address `ip`. key_len 0 means none was given. */
void auth_check(struct auth *auth, const char *ip_cstr, const char *key, size_t key_len,
                int64_t now_ms, struct auth_answer *out);

/*
 * Counts a failure that is not about a key (a command before AUTH). True when the address
 * was already banned: then out holds the ban's text and nothing was counted.
 */
bool auth_fail(struct auth *auth, const char *ip_cstr, int64_t now_ms, struct auth_answer *out);

#endif
