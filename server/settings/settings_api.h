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
void settings_answer_clear(struct settings_answer *answer);

#endif
