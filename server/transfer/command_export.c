/* cpa-ledger export: the ledger's events as JSONL. See command.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ext/event/timestamp.h"
#include "ext/jsonl/export_file.h"
#include "server/transfer/command.h"
#include "server/transfer/command_line.h"

static const char usage[] =
    "usage: cpa-ledger export [--db-path FILE] [-o FILE] [--from TIME] [--to TIME] [--limit N]\n"
    "\n"
    "Writes the ledger's events as JSONL, oldest first, to standard output or to FILE, which\n"
    "appears, or is replaced, when it is whole.\n"
    "\n"
    "-o, --output FILE  where to\n"
    "--from TIME        the first time that is exported: milliseconds since 1970, or a date as\n"
    "                   2026-01-31, or a time as 2026-01-31T08:00:00+01:00 (UTC without offset)\n"
    "--to TIME          the first time that is not\n"
    "--limit N          only the newest N events of these\n"
    "--db-path FILE     the database, instead of the configured one\n"
    "\n"
    "Status: 0 done, 1 failed, 2 usage.\n";

struct export_flags {
    const char *db_path;
    const char *output;
    const char *from;
    const char *to;
    const char *limit;
};

struct export_watch {
    const atomic_bool *is_ending;
    struct command_progress line;
};

/* --- flags --- */

/* Milliseconds, a date or a time; NULL leaves *out_ms alone. false: complained. */
static bool take_time(const char *flag, const char *value, int64_t *out_ms)
{
    struct timestamp time;
    struct slice text = slice_trim(slice_of_cstr(value));
    char day[32];
    if (value == NULL || slice_to_int64(text, out_ms, NULL))
        return true;
    if (text.len == strlen("2026-01-31")) {
        (void)snprintf(day, sizeof day, "%.*sT00:00:00Z", (int)text.len, text.data);
        text = slice_of_cstr(day);
    }
    if (!timestamp_parse(text, &time)) {
        command_complain("%s: \"%.64s\" is no time", flag, value);
        return false;
    }
    *out_ms = time.ms;
    return true;
}

static bool take_limit(const char *value, int64_t *out_limit)
{
    if (value == NULL || (slice_to_int64(slice_of_cstr(value), out_limit, NULL) && *out_limit > 0))
        return true;
    command_complain("--limit: \"%.64s\" is no positive number", value);
    return false;
}

/* --- the export --- */

static bool on_piece(void *arg, const struct export_report *report)
{
    struct export_watch *watch = arg;
    char text[128];
    if (command_progress_is_due(&watch->line)) {
        (void)snprintf(text, sizeof text, "%lld events  %.1f MB", (long long)report->events,
                       (double)report->bytes / 1e6);
        command_progress_draw(&watch->line, 0, 0, text);
    }
    return !atomic_load(watch->is_ending);
}

static int export_events(sqlite3 *db, const struct export_options *options, const char *output)
{
    struct export_watch watch = {.is_ending = command_catch_signals()};
    const struct export_progress progress = {.piece = on_piece, .arg = &watch};
    struct export_report report;
    command_progress_init(&watch.line);
    if (output == NULL && isatty(STDOUT_FILENO) == 1)
        watch.line.is_shown = false; /* the events themselves are there */
    int rc = output != NULL ? export_file(db, output, options, &progress, &report)
                            : export_fd(db, STDOUT_FILENO, options, &progress, &report);
    command_progress_end(&watch.line);
    if (rc == SQLITE_OK) {
        if (watch.line.is_shown)
            (void)fprintf(stderr, "%lld events, %.1f MB in %.1f s\n", (long long)report.events,
                          (double)report.bytes / 1e6, (double)report.elapsed_ms / 1000);
        return COMMAND_DONE;
    }
    command_complain("%s", rc == SQLITE_INTERRUPT      ? "interrupted"
                           : report.failure[0] != '\0' ? report.failure
                                                       : sqlite3_errmsg(db));
    return COMMAND_FAILED;
}

static int export_from(const char *db_path, const struct export_options *options,
                       const char *output)
{
    struct connection connection;
    if (!command_open(&connection, WORKER_READER, db_path))
        return COMMAND_FAILED;
    int status = export_events(connection.db, options, output);
    connection_close(&connection);
    return status;
}

int export_command(int argc, char *const *argv, const struct config_input *input)
{
    struct export_flags given = {0};
    const struct command_flag flags[] = {
        {"--db-path", NULL, &given.db_path}, {"--output", "-o", &given.output},
        {"--from", NULL, &given.from},       {"--to", NULL, &given.to},
        {"--limit", NULL, &given.limit},     {NULL, NULL, NULL}};
    struct export_options options = {.from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const char **words = calloc((size_t)argc + 1, sizeof *words);
    int count = 0;
    int status = COMMAND_FAILED;
    char *db_path = NULL;
    if (words == NULL)
        return COMMAND_FAILED;
    for (int i = 0; i < argc; i++)
        words[i] = argv[i];
    if (!command_parse(argc, words, flags, usage, &count, &status))
        goto done;
    status = COMMAND_USAGE;
    if (count > 0) {
        command_complain("unexpected argument \"%s\"; -o names the file", words[0]);
        (void)fputs(usage, stderr);
        goto done;
    }
    if (!take_time("--from", given.from, &options.from_ms) ||
        !take_time("--to", given.to, &options.to_ms) || !take_limit(given.limit, &options.limit))
        goto done;
    status = COMMAND_FAILED;
    db_path = command_db_path(given.db_path, input);
    if (db_path != NULL)
        status = export_from(db_path, &options, given.output);
done:
    free(db_path);
    free(words);
    return status;
}
