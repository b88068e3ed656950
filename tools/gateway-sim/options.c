/* The command line: see options.h. One table drives the parser and --help. */
#include "tools/gateway-sim/options.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gateway-sim/population.h"

enum option_kind {
    OPTION_FLAG,    /* bool, without a value */
    OPTION_SWITCH,  /* bool, on or off */
    OPTION_TEXT,    /* const char * */
    OPTION_WHOLE,   /* int64_t within low..high */
    OPTION_NUMBER,  /* double within low..high */
    OPTION_RELEASE, /* struct release */
};

struct option_row {
    const char *name;
    enum option_kind kind;
    size_t offset; /* of the field in struct options */
    double low;
    double high;
    const char *value; /* how --help calls the value */
    const char *help;
};

#define AT(field) offsetof(struct options, field)

/* clang-format off */
static const struct option_row rows[] = {
    {"--listen", OPTION_TEXT, AT(listen), 0, 0, "HOST:PORT", "address, port 0 for a free one (127.0.0.1:8317)"},
    {"--key", OPTION_TEXT, AT(key), 0, 0, "KEY", "management key (environment MANAGEMENT_PASSWORD; none: not enabled)"},
    {"--allow-remote", OPTION_SWITCH, AT(allows_remote), 0, 0, "on|off", "management from other than loopback addresses (off; on if the key is from the environment)"},
    {"--home", OPTION_SWITCH, AT(is_home), 0, 0, "on|off", "home mode: no queue for anybody (off)"},
    {"--version", OPTION_TEXT, AT(version), 0, 0, "TEXT", "X-CPA-VERSION (dev)"},
    {"--shape", OPTION_RELEASE, AT(release), 0, 0, "VERSION", "release to simulate: event keys and commands (7.2.140)"},
    {"--statistics", OPTION_SWITCH, AT(has_statistics), 0, 0, "on|off", "usage-statistics-enabled at start (on)"},
    {"--retention", OPTION_WHOLE, AT(retention_seconds), 0, 1e6, "SECONDS", "life of a queued event (60)"},
    {"--ban", OPTION_WHOLE, AT(ban_seconds), 1, 86400, "SECONDS", "length of a ban (1800)"},
    {"--slots", OPTION_WHOLE, AT(slots), 1, 1e6, "N", "messages in a subscriber's buffer (256)"},
    {"--rate", OPTION_NUMBER, AT(rate), 0, 1e6, "R", "events per second (0)"},
    {"--burst", OPTION_WHOLE, AT(burst), 0, 1e8, "N", "events per burst (0)"},
    {"--burst-seconds", OPTION_NUMBER, AT(burst_seconds), 0, 86400, "S", "spread of a burst (2)"},
    {"--burst-every", OPTION_NUMBER, AT(burst_every_seconds), 0, 86400, "S", "from burst to burst (0: one, at the start)"},
    {"--stall", OPTION_WHOLE, AT(stall_ms), 0, 3.6e6, "MS", "length of a freeze of the whole gateway (0)"},
    {"--stall-every", OPTION_NUMBER, AT(stall_every_seconds), 0.01, 86400, "S", "from freeze to freeze (30)"},
    {"--disconnect-every", OPTION_NUMBER, AT(disconnect_every_seconds), 0, 86400, "S", "close all subscribers so often (0: never)"},
    {"--count", OPTION_WHOLE, AT(count), 0, 1e12, "N", "stop publishing after N events (never)"},
    {"--seed", OPTION_WHOLE, AT(seed), 0, 9e15, "N", "of the generated events (1)"},
    {"--accounts", OPTION_WHOLE, AT(accounts), 1, POPULATION_MAX_ACCOUNTS, "N", "generated accounts (200)"},
    {"--keys", OPTION_WHOLE, AT(keys), 1, POPULATION_MAX_KEYS, "N", "generated client keys (50)"},
    {"--models", OPTION_WHOLE, AT(models), 1, POPULATION_MAX_MODELS, "N", "generated models (12)"},
    {"--replay", OPTION_TEXT, AT(replay_path), 0, 0, "FILE", "publish these payload lines, once, instead of generated ones"},
    {"--replay-now", OPTION_FLAG, AT(is_replay_now), 0, 0, NULL, "with their timestamps set to the present"},
    {"--auth-files", OPTION_TEXT, AT(auth_files_path), 0, 0, "FILE", "answer GET auth-files with this file, as it is"},
    {"--until-eof", OPTION_FLAG, AT(ends_with_stdin), 0, 0, NULL, "leave when standard input ends"},
};
/* clang-format on */

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static void set_defaults(struct options *options)
{
    memset(options, 0, sizeof(*options));
    options->listen = "127.0.0.1:8317";
    options->key = getenv("MANAGEMENT_PASSWORD");
    options->allows_remote = options->key != NULL && options->key[0] != '\0';
    options->version = "dev";
    options->release.number = RELEASE(7, 2, 140);
    options->has_statistics = true;
    options->retention_seconds = 60;
    options->ban_seconds = 1800;
    options->slots = 256;
    options->burst_seconds = 2;
    options->stall_every_seconds = 30;
    options->count = -1;
    options->seed = 1;
    options->accounts = 200;
    options->keys = 50;
    options->models = POPULATION_MAX_MODELS;
}

static void print_help(void)
{
    int i;

    puts("gateway-sim: a simulated gateway for tests: usage events over RESP and HTTP on one\n"
         "port, with its own controls under /sim/ (tools/gateway-sim/main.c lists them).\n");
    for (i = 0; i < ROW_COUNT; i++) {
        char word[40];

        snprintf(word, sizeof(word), "%s %s", rows[i].name,
                 rows[i].value == NULL ? "" : rows[i].value);
        printf("  %-24s %s\n", word, rows[i].help);
    }
    puts("  --help                   this text");
}

static bool set_number(const struct option_row *row, const char *text, void *field)
{
    char *end;
    double value;

    errno = 0;
    value = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 || !(value >= row->low && value <= row->high) ||
        (row->kind == OPTION_WHOLE && floor(value) < value)) {
        fprintf(stderr, "gateway-sim: %s expects a %snumber from %g to %g, not \"%.40s\"\n",
                row->name, row->kind == OPTION_WHOLE ? "whole " : "", row->low, row->high, text);
        return false;
    }
    if (row->kind == OPTION_WHOLE)
        *(int64_t *)field = (int64_t)value;
    else
        *(double *)field = value;
    return true;
}

static bool set_switch(const struct option_row *row, const char *text, bool *field)
{
    if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0) {
        fprintf(stderr, "gateway-sim: %s expects on or off, not \"%.40s\"\n", row->name, text);
        return false;
    }
    *field = strcmp(text, "on") == 0;
    return true;
}

static bool set_release(const struct option_row *row, const char *text, struct release *field)
{
    if (!release_parse(text, field)) {
        fprintf(stderr, "gateway-sim: %s expects a version such as 7.2.140, not \"%.40s\"\n",
                row->name, text);
        return false;
    }
    return true;
}

static bool set_field(const struct option_row *row, const char *text, struct options *options)
{
    void *field = (char *)options + row->offset;

    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case OPTION_SWITCH:
        return set_switch(row, text, field);
    case OPTION_TEXT:
        *(const char **)field = text;
        return true;
    case OPTION_WHOLE:
    case OPTION_NUMBER:
        return set_number(row, text, field);
    case OPTION_RELEASE:
        return set_release(row, text, field);
    }
    return false;
}

static const struct option_row *find_row(const char *word)
{
    int i;

    for (i = 0; i < ROW_COUNT; i++)
        if (strcmp(rows[i].name, word) == 0)
            return &rows[i];
    return NULL;
}

enum options_outcome options_parse(int argc, char **argv, struct options *out)
{
    int i;

    set_defaults(out);
    for (i = 1; i < argc; i++) {
        const struct option_row *row = find_row(argv[i]);

        if (strcmp(argv[i], "--help") == 0) {
            print_help();
            return OPTIONS_DONE;
        }
        if (row == NULL) {
            fprintf(stderr, "gateway-sim: unknown word \"%.40s\"; --help lists the options\n",
                    argv[i]);
            return OPTIONS_BAD;
        }
        if (row->kind != OPTION_FLAG && ++i == argc) {
            fprintf(stderr, "gateway-sim: %s expects a value: %s\n", row->name, row->value);
            return OPTIONS_BAD;
        }
        if (!set_field(row, argv[i], out))
            return OPTIONS_BAD;
    }
    return OPTIONS_RUN;
}
