/* What setup.h and config_api.h have in common: the world they are given and the answer
 * they make.
 *
 * Their functions read, call CPA and write, so they run on a thread that may wait, one
 * call at a time (the steps between reading and writing are not one transaction).
 * Authentication is done before. Bodies are complete JSON with the newline. */
#ifndef CPA_SERVER_SETTINGS_SETTINGS_API_H
#define CPA_SERVER_SETTINGS_SETTINGS_API_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "ext/secret/secret.h"
#include "ext/text.h"
#include "server/config.h"
#include "server/settings/manager_config.h"

/* Runs run(db, arg) in a transaction and waits: the shape of worker_run. */
typedef int settings_transaction(void *worker, int (*run)(sqlite3 *db, void *arg), void *arg,
                                 char **out_message);

struct settings_context {
    const struct config *config;
    const uint8_t *data_key;     /* SECRET_KEY_BYTES */
    settings_transaction *read;  /* on a reader */
    void *read_worker;           /* its first argument */
    settings_transaction *write; /* on the writer */
    void *write_worker;
    int64_t (*now_ms)(void); /* wall clock */
};

/* What the collector is to do after an answer was made. */
enum settings_collector {
    SETTINGS_COLLECTOR_KEEP,
    SETTINGS_COLLECTOR_START,
    SETTINGS_COLLECTOR_STOP
};

struct settings_answer {
    int status;
    struct text body;
    enum settings_collector collector;
    bool has_config;              /* config is filled; start the collector from it */
    struct manager_config config; /* manager_config_collector(&config, ...) */
};

void settings_answer_init(struct settings_answer *answer);
/* Wipes what it holds; init or an earlier clear must have come before. */
void settings_answer_clear(struct settings_answer *answer);

/* --- for setup.c and config_api.c --- */

/* Make it an error answer. */
void settings_answer_error(struct settings_answer *answer, int status, const char *message);
/* Take config over into the answer and say that the collector starts from it. */
void settings_answer_start(struct settings_answer *answer, struct manager_config *config);
/* Read the effective configuration. false: *out_error is one line to free(). */
bool settings_load(const struct settings_context *context, struct effective_config *out_effective,
                   char **out_error);
/* Save manager_config_v1 and, when the connection is complete, setup; with
 * marks_ready also the bootstrap row as "ready"; all in one transaction. */
bool settings_save(const struct settings_context *context, const struct manager_config *config,
                   bool marks_ready, char **out_error);

#endif
