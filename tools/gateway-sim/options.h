/*
 * The command line. An unknown word, a missing value or a value out of range ends the
 * program with one line that says what was expected.
 */
#ifndef TOOLS_GATEWAY_SIM_OPTIONS_H
#define TOOLS_GATEWAY_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/gateway-sim/release.h"

struct options {
    const char *listen;              /* HOST:PORT */
    const char *key;                 /* management key; NULL or "": management is not enabled */
    bool allows_remote;              /* management from other addresses than loopback */
    bool is_home;                    /* home mode */
    const char *version;             /* X-CPA-VERSION */
    struct release release;          /* what is simulated */
    bool has_statistics;             /* usage-statistics-enabled at start */
    int64_t retention_seconds;       /* redis-usage-queue-retention-seconds */
    int64_t ban_seconds;             /* after five failures */
    int64_t slots;                   /* messages in a subscriber's buffer */
    double rate;                     /* events per second */
    int64_t burst;                   /* events per burst; 0: none */
    double burst_seconds;            /* over which a burst is spread */
    double burst_every_seconds;      /* 0: one burst, at the start */
    int64_t stall_ms;                /* length of a freeze; 0: none */
    double stall_every_seconds;      /* from one freeze to the next */
    double disconnect_every_seconds; /* 0: never */
    int64_t count;                   /* stop publishing after so many; -1: never */
    int64_t seed;                    /* of the generated events */
    int64_t accounts;
    int64_t keys;
    int64_t models;
    const char *replay_path;     /* NULL: generated events */
    bool is_replay_now;          /* rewrite the timestamps of replayed lines */
    const char *auth_files_path; /* NULL: generated */
    bool ends_with_stdin;        /* leave when standard input ends */
};

enum options_outcome {
    OPTIONS_RUN,
    OPTIONS_DONE, /* --help was asked for and given */
    OPTIONS_BAD,  /* a message was written to standard error */
};

/* Fills *out from the defaults, the environment (MANAGEMENT_PASSWORD) and argv. */
enum options_outcome options_parse(int argc, char **argv, struct options *out);

#endif
