/* Management authentication and its ban list: see auth.h. */
#include "tools/gateway-sim/auth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gateway-sim/limits.h"

static const int max_failures = 5;
static const int64_t ban_ms = (int64_t)30 * 60 * 1000;
static const int64_t idle_ms = (int64_t)2 * 60 * 60 * 1000;

void auth_init(struct auth *auth, const char *key, struct counts *counts)
{
    memset(auth, 0, sizeof(*auth));
    auth->key = key;
    auth->ban_ms = ban_ms;
    auth->counts = counts;
}

void auth_clear(struct auth *auth)
{
    free(auth->entries);
    auth->entries = NULL;
    auth->entry_count = 0;
}

static struct auth_entry *find_entry(struct auth *auth, const char *ip)
{
    size_t i;

    for (i = 0; i < auth->entry_count; i++)
        if (strcmp(auth->entries[i].ip, ip) == 0)
            return &auth->entries[i];
    return NULL;
}

static void forget_entry(struct auth *auth, struct auth_entry *entry)
{
    *entry = auth->entries[--auth->entry_count];
}

static void forget_idle(struct auth *auth, int64_t now_ms)
{
    struct auth_entry *oldest = NULL;
    size_t i = auth->entry_count;

    while (i-- > 0) {
        struct auth_entry *entry = &auth->entries[i];

        if (entry->banned_until_ms <= now_ms && entry->seen_ms < now_ms - idle_ms)
            forget_entry(auth, entry);
    }
    if (auth->entry_count < LIMIT_BAN_ENTRIES)
        return;
    for (i = 0; i < auth->entry_count; i++)
        if (oldest == NULL || auth->entries[i].seen_ms < oldest->seen_ms)
            oldest = &auth->entries[i];
    forget_entry(auth, oldest);
}

static struct auth_entry *make_entry(struct auth *auth, const char *ip, int64_t now_ms)
{
    struct auth_entry *entry = find_entry(auth, ip);

    if (entry != NULL)
        return entry;
    forget_idle(auth, now_ms);
    auth->entries =
        bytes_must_realloc(auth->entries, (auth->entry_count + 1) * sizeof(*auth->entries));
    entry = &auth->entries[auth->entry_count++];
    memset(entry, 0, sizeof(*entry));
    snprintf(entry->ip, sizeof(entry->ip), "%s", ip);
    return entry;
}

/* A Go duration of whole seconds, at most hours: "29m58s", "30m0s", "45s". */
static void put_duration(char *out, size_t out_size, int64_t duration_ms)
{
    int64_t seconds = (duration_ms + 500) / 1000;

    if (seconds >= 3600)
        snprintf(out, out_size, "%" PRId64 "h%" PRId64 "m%" PRId64 "s", seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
    else if (seconds >= 60)
        snprintf(out, out_size, "%" PRId64 "m%" PRId64 "s", seconds / 60, seconds % 60);
    else
        snprintf(out, out_size, "%" PRId64 "s", seconds);
}

/* Rules 1 and 2. */
static bool is_banned(struct auth *auth, const char *ip, int64_t now_ms, struct auth_answer *out)
{
    struct auth_entry *entry = find_entry(auth, ip);
    char left[32];

    if (entry == NULL || entry->banned_until_ms == 0)
        return false;
    if (entry->banned_until_ms <= now_ms) {
        forget_entry(auth, entry);
        return false;
    }
    put_duration(left, sizeof(left), entry->banned_until_ms - now_ms);
    out->status = 403;
    snprintf(out->text, sizeof(out->text),
             "IP banned due to too many failed attempts. Try again in %s", left);
    return true;
}

static void count_failure(struct auth *auth, const char *ip, int64_t now_ms)
{
    struct auth_entry *entry = make_entry(auth, ip, now_ms);

    entry->seen_ms = now_ms;
    auth->counts->auth_failures++;
    if (++entry->failures < max_failures)
        return;
    entry->failures = 0;
    entry->banned_until_ms = now_ms + auth->ban_ms;
    auth->counts->auth_bans++;
}

static void refuse(struct auth_answer *out, int status, const char *text)
{
    out->status = status;
    snprintf(out->text, sizeof(out->text), "%s", text);
}

/* Reads every byte of the longer text, whatever the first difference. */
static bool is_same_key(const char *key, size_t key_len, const char *given, size_t given_len)
{
    size_t longer = key_len > given_len ? key_len : given_len;
    unsigned difference = key_len == given_len ? 0 : 1;
    size_t i;

    for (i = 0; i < longer; i++) {
        unsigned a = i < key_len ? (unsigned char)key[i] : 0;
        unsigned b = i < given_len ? (unsigned char)given[i] : 0;

        difference |= a ^ b;
    }
    return difference == 0;
}

static bool is_local(const char *ip)
{
    return strcmp(ip, "127.0.0.1") == 0 || strcmp(ip, "::1") == 0;
}

void auth_check(struct auth *auth, const char *ip_cstr, const char *key, size_t key_len,
                int64_t now_ms, struct auth_answer *out)
{
    struct auth_entry *entry;

    if (is_banned(auth, ip_cstr, now_ms, out))
        return;
    if (!is_local(ip_cstr) && !auth->allows_remote) {
        refuse(out, 403, "remote management disabled");
        return;
    }
    if (key_len == 0) {
        count_failure(auth, ip_cstr, now_ms);
        refuse(out, 401, "missing management key");
        return;
    }
    if (!is_same_key(auth->key, strlen(auth->key), key, key_len)) {
        count_failure(auth, ip_cstr, now_ms);
        refuse(out, 401, "invalid management key");
        return;
    }
    entry = find_entry(auth, ip_cstr);
    if (entry != NULL)
        forget_entry(auth, entry);
    out->status = 200;
    out->text[0] = '\0';
}

bool auth_fail(struct auth *auth, const char *ip_cstr, int64_t now_ms, struct auth_answer *out)
{
    if (is_banned(auth, ip_cstr, now_ms, out))
        return true;
    count_failure(auth, ip_cstr, now_ms);
    return false;
}
