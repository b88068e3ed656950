/* What the tests of the configuration API act in: a ledger, a start configuration, a
 * stand-in for CPA, and one answer at a time. */
#ifndef CPA_TESTS_SERVER_SETTINGS_WORLD_H
#define CPA_TESTS_SERVER_SETTINGS_WORLD_H

#include "ledger.h"
#include "server/settings/settings_api.h"
#include "stub_upstream.h"

#define WORLD_NOW_MS 1786000000000

struct settings_world {
    sqlite3 *db;
    struct config config;
    struct stub_upstream *stub; /* answers as a CPA with the key "k" that keeps 60 s */
    struct settings_context context;
    struct settings_answer answer;
};

/* For cmocka: *state becomes the world. */
int settings_world_set_up(void **state);
int settings_world_tear_down(void **state);
/* Make the environment manage the connection. */
void settings_world_manage(struct settings_world *world, const char *url, const char *key);
/* The text with every %s replaced by the stand-in's URL; to free(). */
char *settings_world_text(const struct settings_world *world, const char *text);
/* The answer's status and body, the latter after settings_world_text. */
void settings_world_expect(const struct settings_world *world, int status, const char *body);
/* The answer is the error body for this code and message. */
void settings_world_expect_error(const struct settings_world *world, int status, const char *code,
                                 const char *message);
/* What CPA was asked since the last look. */
void settings_world_expect_asked(const struct settings_world *world, const char *expected);

#define WORLD_GET_CONFIG "GET /v0/management/config|Bearer k|\n"
#define WORLD_PUT_ENABLE "PUT /v0/management/usage-statistics-enabled|Bearer k|{\"value\":true}\n"

#endif
