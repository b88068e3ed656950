/* cpa-ledger: keeps the books of an LLM gateway. Commands and signals; the server itself
 * is app.c. Exit codes: 0 done, 1 it failed (one line on stderr says why), 2 usage; import
 * has one more. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/app.h"
#include "server/log.h"
#include "server/settings/admin_store.h"
#include "server/transfer/command.h"
#include "server/upstream/http_call.h"

static const char usage_text[] =
    "usage: cpa-ledger [serve]\n"
    "       cpa-ledger import [--db-path FILE] [--gateway NAME] FILE...\n"
    "       cpa-ledger export [--db-path FILE] [-o FILE] [--from TIME] [--to TIME] [--limit N]\n"
    "       cpa-ledger reset-admin-key [--admin-key KEY | --admin-key-file FILE] [--db-path FILE]\n"
    "       cpa-ledger version\n"
    "\n"
    "serve            collect usage events and serve the page and the API (the default)\n"
    "import           add the events of files, also while the server runs\n"
    "export           write the events as JSONL, also while the server runs\n"
    "reset-admin-key  replace the admin key while the server is stopped\n"
    "version          print the version\n"
    "\n"
    "Configured by environment variables and config.json; HTTP_ADDR is where it listens\n"
    "(0.0.0.0:18317), USAGE_DATA_DIR where it keeps its data (./data).\n";

/* --- serve --- */

/* Wait for the signal that ends the server; all threads have both blocked. */
static int wait_for_end(const sigset_t *signals)
{
    int received = 0;
    while (sigwait(signals, &received) != 0)
        continue;
    return received;
}

static int serve(int argc, char **argv)
{
    if (argc > 0) {
        (void)fprintf(stderr, "cpa-ledger: unexpected argument \"%s\"\n%s", argv[0], usage_text);
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* a client that left is an error of the write */

    struct app app;
    char *error = NULL;
    if (!app_start(&app, &error)) {
        log_line("%s", error);
        free(error);
        return 1;
    }
    int received = wait_for_end(&signals);
    log_line("stopping: %s", received == SIGINT ? "interrupted" : "terminated");
    app_stop(&app);
    return 0;
}

/* --- the other commands --- */

static int reset_admin_key(int argc, char **argv)
{
    struct config_input input;
    char *executable_dir = NULL;
    config_input_of_process(&input, false, &executable_dir);
    int status = admin_reset_command(argc, argv, &input, stdout, stderr);
    free(executable_dir);
    return status;
}

/* Run a command that needs to know where the configuration is looked for. */
static int with_config(int argc, char **argv,
                       int (*run)(int argc, char *const *argv, const struct config_input *input))
{
    struct config_input input;
    char *executable_dir = NULL;
    config_input_of_process(&input, false, &executable_dir);
    int status = run(argc, argv, &input);
    free(executable_dir);
    return status;
}

static int import_files(int argc, char **argv)
{
    return with_config(argc, argv, import_command);
}

static int export_events(int argc, char **argv)
{
    return with_config(argc, argv, export_command);
}

static int print_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    (void)puts("cpa-ledger " CPA_LEDGER_VERSION);
    return 0;
}

static int print_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    (void)fputs(usage_text, stdout);
    return 0;
}

struct command {
    const char *word;
    int (*run)(int argc, char **argv); /* with what follows the word */
};

static const struct command commands[] = {
    {"serve", serve},
    {"import", import_files},
    {"export", export_events},
    {"reset-admin-key", reset_admin_key},
    {"reset-admin-password", reset_admin_key},
    {"version", print_version},
    {"--version", print_version},
    {"help", print_help},
    {"--help", print_help},
    {"-h", print_help},
};

int main(int argc, char **argv)
{
    if (sodium_init() < 0 || !http_call_global_init()) {
        log_line("libsodium or libcurl cannot be used");
        return 1;
    }
    if (argc < 2)
        return serve(0, NULL);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].word) == 0)
            return commands[i].run(argc - 2, argv + 2);
    }
    (void)fprintf(stderr, "cpa-ledger: unknown command \"%s\"\n%s", argv[1], usage_text);
    return 2;
}
