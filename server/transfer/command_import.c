/* cpa-ledger import: files of usage data into the ledger. See command.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ext/jsonl/import.h"
#include "ext/limits.h"
#include "server/transfer/command.h"
#include "server/transfer/command_line.h"

static const char usage[] =
    "usage: cpa-ledger import [--db-path FILE] [--gateway NAME] FILE...\n"
    "\n"
    "Adds the events of each FILE (JSONL, a JSON array, a legacy snapshot; plain or gzip) to\n"
    "the ledger; \"-\" is standard input, which takes lines only when it is a pipe. Events that\n"
    "are there already are skipped, so the same file can be imported again.\n"
    "\n"
    "--db-path FILE   the database, instead of the configured one\n"
    "--gateway NAME   the gateway that the events came from (default)\n"
    "\n"
    "Status: 0 done, 1 a file failed, 2 usage, 3 done but some records could not be imported.\n";

struct import_flags {
    const char *db_path;
    const char *gateway;
};

struct file_progress {
    const char *name;
    const atomic_bool *is_ending;
    struct command_progress line;
};

/* --- progress --- */

static bool on_progress(void *arg, const struct import_report *report, int64_t bytes_total)
{
    struct file_progress *progress = arg;
    char text[256];
    if (command_progress_is_due(&progress->line)) {
        (void)snprintf(text, sizeof text, "%.100s  %lld added  %lld skipped  %lld failed",
                       progress->name, (long long)report->added, (long long)report->skipped,
                       (long long)report->failed);
        command_progress_draw(&progress->line, report->bytes, bytes_total, text);
    }
    return !atomic_load(progress->is_ending);
}

static void show_errors(const char *name, const struct import_report *report)
{
    for (int i = 0; i < report->error_count; i++) {
        const struct import_error *error = &report->errors[i];
        command_complain("%s: line %lld, byte %lld: %s", name, (long long)error->line,
                         (long long)error->byte_offset, error->text);
    }
    if (report->failed > report->error_count)
        command_complain("%s: and %lld more", name,
                         (long long)(report->failed - report->error_count));
}

static void show_summary(const struct file_progress *progress, const struct import_report *report)
{
    if (progress->line.is_shown)
        (void)fprintf(stderr, "%s: %lld added, %lld skipped, %lld failed in %.1f s\n",
                      progress->name, (long long)report->added, (long long)report->skipped,
                      (long long)report->failed, (double)report->elapsed_ms / 1000);
}

/* --- one file --- */

static bool open_reader(const char *name, struct record_reader **out_reader)
{
    char reason[256] = "";
    bool is_open = false;
    int fd = -1;
    if (strcmp(name, "-") != 0)
        is_open = record_reader_open_file(name, out_reader, reason, sizeof reason);
    else if ((fd = dup(STDIN_FILENO)) >= 0)
        is_open = record_reader_open_fd(fd, out_reader, reason, sizeof reason);
    else
        (void)snprintf(reason, sizeof reason, "standard input: %s", strerror(errno));
    if (!is_open)
        command_complain("%s", reason);
    return is_open;
}

static enum command_status judge(const struct file_progress *progress, int rc,
                                 const struct import_report *report)
{
    const char *reason = report->failure[0] != '\0' ? report->failure : sqlite3_errstr(rc);
    if (rc == SQLITE_OK && report->is_complete)
        return report->failed > 0 ? COMMAND_DONE_IN_PART : COMMAND_DONE;
    command_complain("%s: %s (%lld added, %lld skipped before that)", progress->name,
                     report->is_cancelled ? "interrupted" : reason, (long long)report->added,
                     (long long)report->skipped);
    return COMMAND_FAILED;
}

static enum command_status import_file(sqlite3 *db, const char *name,
                                       const struct import_flags *flags)
{
    struct file_progress progress = {.name = strcmp(name, "-") == 0 ? "standard input" : name,
                                     .is_ending = command_catch_signals()};
    struct import_options options = {
        .gateway = slice_of_cstr(flags->gateway), .progress = on_progress, .arg = &progress};
    struct import_report report;
    struct record_reader *reader = NULL;
    if (!open_reader(name, &reader))
        return COMMAND_FAILED;
    command_progress_init(&progress.line);
    int rc = import_run(db, reader, &options, &report);
    command_progress_end(&progress.line);
    show_errors(progress.name, &report);
    show_summary(&progress, &report);
    record_reader_close(reader);
    return judge(&progress, rc, &report);
}

/* --- all of them --- */

/* A failed file counts more than one with failed records. */
static enum command_status worse(enum command_status a, enum command_status b)
{
    if (a == COMMAND_FAILED || b == COMMAND_FAILED)
        return COMMAND_FAILED;
    return a != COMMAND_DONE ? a : b;
}

static int import_files(const char *db_path, const struct import_flags *flags, const char **files,
                        int count)
{
    struct connection connection;
    enum command_status status = COMMAND_DONE;
    bool is_new = access(db_path, F_OK) != 0;
    if (!command_open(&connection, WORKER_WRITER, db_path))
        return COMMAND_FAILED;
    if (is_new)
        command_complain("new database %s", db_path);
    for (int i = 0; i < count && !atomic_load(command_catch_signals()); i++)
        status = worse(status, import_file(connection.db, files[i], flags));
    connection_close(&connection);
    return (int)status;
}

int import_command(int argc, char *const *argv, const struct config_input *input)
{
    struct import_flags given = {0};
    const struct command_flag flags[] = {{"--db-path", NULL, &given.db_path},
                                         {"--gateway", NULL, &given.gateway},
                                         {NULL, NULL, NULL}};
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
    if (count == 0 ||
        strlen(given.gateway != NULL ? given.gateway : "") > LIMIT_GATEWAY_NAME_BYTES) {
        command_complain(count == 0 ? "no file to import"
                                    : "the name of the gateway is longer than 200 bytes");
        (void)fputs(usage, stderr);
        status = COMMAND_USAGE;
        goto done;
    }
    db_path = command_db_path(given.db_path, input);
    if (db_path != NULL)
        status = import_files(db_path, &given, words, count);
done:
    free(db_path);
    free(words);
    return status;
}
