/* What the commands import and export share: their flags, the database, the line of
 * progress, and the signals that end them. */
#ifndef CPA_SERVER_TRANSFER_COMMAND_LINE_H
#define CPA_SERVER_TRANSFER_COMMAND_LINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/config.h"
#include "server/db/connection.h"

/* A flag with a value: "--name VALUE", "--name=VALUE", "-n VALUE". */
struct command_flag {
    const char *name;       /* with its dashes */
    const char *short_name; /* NULL: none */
    const char **value;     /* borrowed from argv */
};

/* Read the flags, which end with a NULL name; what is none is moved to the front of argv.
 * *out_count is the number of these. false: the usage was printed, because it was asked
 * for (*out_status COMMAND_DONE) or something is wrong (COMMAND_USAGE). */
bool command_parse(int argc, const char **argv, const struct command_flag *flags, const char *usage,
                   int *out_count, int *out_status);
/* Print "cpa-ledger: " and the line on stderr. */
void command_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The path given, or the configured one; to free(). NULL: complained. */
char *command_db_path(const char *given, const struct config_input *input);
/* Open it. false: complained. */
bool command_open(struct connection *connection, enum worker_kind kind, const char *db_path);

/* From now on SIGINT and SIGTERM only turn this true. */
const atomic_bool *command_catch_signals(void);

/* The line of progress on stderr; nothing unless stderr is a terminal. */
struct command_progress {
    bool is_shown;
    int64_t drawn_mono_ms; /* 0: not yet */
};

void command_progress_init(struct command_progress *progress);
/* Whether it is time to draw again. */
bool command_progress_is_due(struct command_progress *progress);
/* Draw a bar for done of total (not positive: no bar) and the text behind it. */
void command_progress_draw(const struct command_progress *progress, int64_t done, int64_t total,
                           const char *text);
/* Remove the line. */
void command_progress_end(const struct command_progress *progress);

#endif
