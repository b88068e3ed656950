/*
 * The credential files behind the generated accounts, as GET /v0/management/auth-files
 * lists them: keys in alphabetical order, the codex plan, counts of the events so far.
 */
#include "tools/gateway-sim/management.h"

#include <stdio.h>
#include <string.h>

#include "tools/gateway-sim/clock.h"
#include "tools/gateway-sim/json_text.h"

enum { FILE_NAME_SIZE = 80 };

static void make_name(const struct account *account, char *out)
{
    snprintf(out, FILE_NAME_SIZE, "%s-%s%s.json", population_providers[account->provider].name,
             account->email, account->provider == PROVIDER_CODEX ? "-plus" : "");
}

static void put_time(struct bytes *out, const char *key_with_colon, int64_t wall_ns)
{
    bytes_text(out, key_with_colon);
    BYTES_LITERAL(out, "\"");
    clock_put_rfc3339(out, wall_ns, true);
    BYTES_LITERAL(out, "\"");
}

static void put_codex(struct bytes *out, int number)
{
    char id[24];

    snprintf(id, sizeof(id), "acc-%04d", number);
    json_put_key_plain(out, ",\"id_token\":{\"chatgpt_account_id\":", id);
    BYTES_LITERAL(out, ",\"plan_type\":\"plus\"}");
}

static void put_gemini(struct bytes *out, int number)
{
    char id[24];

    snprintf(id, sizeof(id), "project-%04d", number);
    json_put_key_plain(out, ",\"project_id\":", id);
}

/* "16:30", local time. */
static void put_clock(struct bytes *out, int64_t wall_ns)
{
    struct bytes text;

    bytes_init(&text, 64);
    clock_put_rfc3339(&text, wall_ns, true);
    bytes_append(out, text.data + 11, 5);
    bytes_clear(&text);
}

/* The present ten minutes stand for all requests since the start. */
static void put_recent(struct bytes *out, const struct account *account)
{
    int64_t window_ns = INT64_C(600000000000);
    int64_t start_ns = clock_wall_ns() / window_ns * window_ns;

    BYTES_LITERAL(out, ",\"recent_requests\":[{\"time\":\"");
    put_clock(out, start_ns);
    BYTES_LITERAL(out, "-");
    put_clock(out, start_ns + window_ns);
    json_put_key_int(out, "\",\"success\":", account->succeeded);
    json_put_key_int(out, ",\"failed\":", account->failed);
    BYTES_LITERAL(out, "}]");
}

static void put_file(struct bytes *out, const struct account *account, const char *name, int number,
                     int64_t started_ns)
{
    const char *provider = population_providers[account->provider].name;

    json_put_key_plain(out, "{\"account\":", account->email);
    json_put_key_plain(out, ",\"account_type\":\"oauth\",\"auth_index\":", account->auth_index);
    put_time(out, ",\"created_at\":", started_ns);
    json_put_key_plain(out, ",\"disabled\":false,\"email\":", account->email);
    json_put_key_int(out, ",\"failed\":", account->failed);
    json_put_key_plain(out, ",\"id\":", name);
    if (account->provider == PROVIDER_CODEX)
        put_codex(out, number);
    json_put_key_plain(out, ",\"label\":", account->email);
    put_time(out, ",\"modtime\":", started_ns);
    json_put_key_plain(out, ",\"name\":", name);
    BYTES_LITERAL(out, ",\"path\":\"/root/.cli-proxy-api/");
    bytes_text(out, name);
    BYTES_LITERAL(out, "\"");
    if (account->provider == PROVIDER_GEMINI)
        put_gemini(out, number);
    json_put_key_plain(out, ",\"provider\":", provider);
    put_recent(out, account);
    json_put_key_int(out,
                     ",\"runtime_only\":false,\"size\":512,\"source\":\"file\",\"status\":"
                     "\"active\",\"status_message\":\"\",\"success\":",
                     account->succeeded);
    json_put_key_plain(out, ",\"type\":", provider);
    put_time(out, ",\"unavailable\":false,\"updated_at\":", started_ns);
    BYTES_LITERAL(out, "}");
}

void auth_files_put_json(struct bytes *out, const struct gateway *gateway, const char *name_cstr,
                         const char *auth_index_cstr)
{
    const struct population *population = &gateway->generator.population;
    bool is_first = true;
    int i;

    BYTES_LITERAL(out, "{\"files\":[");
    for (i = 0; i < population->account_count; i++) {
        const struct account *account = &population->accounts[i];
        char name[FILE_NAME_SIZE];

        make_name(account, name);
        if ((name_cstr[0] != '\0' && strcmp(name_cstr, name) != 0) ||
            (auth_index_cstr[0] != '\0' && strcmp(auth_index_cstr, account->auth_index) != 0))
            continue;
        if (!is_first)
            BYTES_LITERAL(out, ",");
        is_first = false;
        put_file(out, account, name, i, gateway->started_ns);
    }
    BYTES_LITERAL(out, "]}");
}
