/* Shared by import and export on the command line: see command_line.h. */
#include "server/transfer/command_line.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/clock.h"
#include "server/memory.h"
#include "server/transfer/command.h"

#define BAR_CELLS 24
#define DRAW_EVERY_MS 100

/* --- messages --- */

void command_complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("cpa-ledger: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
}

/* --- flags --- */

static const struct command_flag *find_flag(const struct command_flag *flags, struct slice name)
{
    for (; flags->name != NULL; flags++) {
        if (slice_equal(name, slice_of_cstr(flags->name)) ||
            (flags->short_name != NULL && slice_equal(name, slice_of_cstr(flags->short_name))))
            return flags;
    }
    return NULL;
}

/* Take the flag at *at with its value. false: complained. */
static bool take_flag(int argc, const char **argv, const struct command_flag *flags, int *at)
{
    const char *word = argv[*at];
    const char *equals = strchr(word, '=');
    struct slice name = {word, equals != NULL ? (size_t)(equals - word) : strlen(word)};
    const struct command_flag *flag = find_flag(flags, name);
    if (flag == NULL) {
        command_complain("unknown option %.*s", (int)name.len, name.data);
        return false;
    }
    if (equals == NULL && *at + 1 == argc) {
        command_complain("option %s needs a value", flag->name);
        return false;
    }
    *flag->value = equals != NULL ? equals + 1 : argv[++*at];
    return true;
}

bool command_parse(int argc, const char **argv, const struct command_flag *flags, const char *usage,
                   int *out_count, int *out_status)
{
    bool takes_flags = true; /* until "--" */
    *out_count = 0;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (takes_flags && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            (void)fputs(usage, stdout);
            *out_status = COMMAND_DONE;
            return false;
        }
        if (takes_flags && strcmp(word, "--") == 0) {
            takes_flags = false;
        } else if (!takes_flags || word[0] != '-' || word[1] == '\0') {
            argv[(*out_count)++] = word;
        } else if (!take_flag(argc, argv, flags, &i)) {
            (void)fputs(usage, stderr);
            *out_status = COMMAND_USAGE;
            return false;
        }
    }
    return true;
}

/* --- the database --- */

char *command_db_path(const char *given, const struct config_input *input)
{
    struct config config;
    char *error = NULL;
    if (given != NULL)
        return memory_copy_cstr(given);
    if (!config_load(input, &config, &error)) {
        command_complain("load config: %s", error);
        free(error);
        return NULL;
    }
    char *path = memory_copy_cstr(config.db_path);
    config_clear(&config);
    return path;
}

bool command_open(struct connection *connection, enum worker_kind kind, const char *db_path)
{
    char *error = NULL;
    int rc = connection_open(connection, kind, db_path, command_catch_signals(), &error);
    if (rc != SQLITE_OK)
        command_complain("%s", error);
    free(error);
    return rc == SQLITE_OK;
}

/* --- signals --- */

static atomic_bool is_ending; /* a signal handler has nothing else to write to */

static void on_signal(int number)
{
    (void)number;
    atomic_store(&is_ending, true);
}

const atomic_bool *command_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL); /* cannot fail for these */
    (void)sigaction(SIGTERM, &action, NULL);
    return &is_ending;
}

/* --- progress --- */

void command_progress_init(struct command_progress *progress)
{
    *progress = (struct command_progress){.is_shown = isatty(STDERR_FILENO) == 1};
}

bool command_progress_is_due(struct command_progress *progress)
{
    int64_t now_ms = clock_mono_ms();
    if (!progress->is_shown ||
        (progress->drawn_mono_ms > 0 && now_ms - progress->drawn_mono_ms < DRAW_EVERY_MS))
        return false;
    progress->drawn_mono_ms = now_ms;
    return true;
}

void command_progress_draw(const struct command_progress *progress, int64_t done, int64_t total,
                           const char *text)
{
    static const char full[] = "########################";
    static const char empty[] = "                        ";
    if (!progress->is_shown)
        return;
    if (total <= 0) {
        (void)fprintf(stderr, "\r\033[K%s", text);
        return;
    }
    double part = done < total ? (double)done / (double)total : 1;
    int cells = (int)(part * BAR_CELLS);
    (void)fprintf(stderr, "\r\033[K[%.*s%.*s] %3d%%  %s", cells, full, BAR_CELLS - cells, empty,
                  (int)(part * 100), text);
}

void command_progress_end(const struct command_progress *progress)
{
    if (progress->is_shown)
        (void)fputs("\r\033[K", stderr);
}
