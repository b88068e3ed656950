/*
 * usage-generate: prints usage events, one payload a line, for benchmarks and tests. The
 * same arguments give the same lines.
 *
 *   usage-generate 1000000 > events.jsonl
 *   usage-generate 5000 --days 2 --end 2026-11-20T00:00:00Z --seed 7 --accounts 20
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/gateway-sim/events.h"
#include "tools/gateway-sim/wave.h"

/* Events are written in pieces of this size. */
static const size_t piece_bytes = 1 << 20;

struct arguments {
    double count;
    double days;
    double seed;
    double accounts;
    double keys;
    double models;
    int64_t end_ns;
};

/* 2026-11-20T00:00:00Z */
static const int64_t default_end_ns = INT64_C(1795132800) * 1000000000;

static int complain(const char *word, const char *expected, const char *got)
{
    fprintf(stderr, "usage-generate: %s expects %s, not \"%.40s\"\n", word, expected, got);
    return -1;
}

static int read_number(const char *word, const char *text, double low, double high, double *out)
{
    char expected[64];
    char *end;
    double value = strtod(text, &end);

    if (end != text && *end == '\0' && value >= low && value <= high) {
        *out = value;
        return 0;
    }
    snprintf(expected, sizeof(expected), "a number from %.0f to %.0f", low, high);
    return complain(word, expected, text);
}

static int read_end(const char *text, int64_t *out_ns)
{
    struct tm tm;
    int len = 0;

    memset(&tm, 0, sizeof(tm));
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &len) != 6 ||
        len == 0 || text[len] != '\0')
        return complain("--end", "a time such as 2026-11-20T00:00:00Z", text);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *out_ns = (int64_t)timegm(&tm) * 1000000000;
    return 0;
}

static int read_option(const char *word, const char *text, struct arguments *out)
{
    if (strcmp(word, "--days") == 0)
        return read_number(word, text, 0.01, 36500, &out->days);
    if (strcmp(word, "--seed") == 0)
        return read_number(word, text, 0, 9e15, &out->seed);
    if (strcmp(word, "--accounts") == 0)
        return read_number(word, text, 1, POPULATION_MAX_ACCOUNTS, &out->accounts);
    if (strcmp(word, "--keys") == 0)
        return read_number(word, text, 1, POPULATION_MAX_KEYS, &out->keys);
    if (strcmp(word, "--models") == 0)
        return read_number(word, text, 1, POPULATION_MAX_MODELS, &out->models);
    if (strcmp(word, "--end") == 0)
        return read_end(text, &out->end_ns);
    return complain("an option",
                    "--days, --end, --seed, --accounts, --keys or --models and a value", word);
}

static int read_arguments(int argc, char **argv, struct arguments *out)
{
    int i;

    *out = (struct arguments){
        .days = 30, .seed = 1, .accounts = 200, .keys = 50, .models = 12, .end_ns = default_end_ns};
    if (argc < 2)
        return complain("usage-generate",
                        "COUNT [--days N] [--end TIME] [--seed N] "
                        "[--accounts N] [--keys N] [--models N]",
                        "");
    if (read_number("COUNT", argv[1], 0, 4e9, &out->count) != 0)
        return -1;
    for (i = 2; i < argc; i += 2)
        if (read_option(argv[i], i + 1 < argc ? argv[i + 1] : "", out) != 0)
            return -1;
    return 0;
}

static int write_all(const char *data, size_t data_len)
{
    while (data_len > 0) {
        ssize_t written = write(STDOUT_FILENO, data, data_len);

        if (written < 0 && errno != EINTR) {
            fprintf(stderr, "usage-generate: cannot write: %s\n", strerror(errno));
            return -1;
        }
        if (written > 0) {
            data += written;
            data_len -= (size_t)written;
        }
    }
    return 0;
}

static int generate(struct event_generator *generator, struct wave *wave, int64_t count)
{
    struct bytes out;
    int status = 0;
    int64_t i;

    bytes_init(&out, 2 * piece_bytes);
    for (i = 0; i < count && status == 0; i++) {
        struct event event;

        events_draw(generator, wave_next_ns(wave), &event);
        events_put_json(&out, &event, &generator->settings);
        BYTES_LITERAL(&out, "\n");
        if (out.len >= piece_bytes) {
            status = write_all(out.data, out.len);
            bytes_reset(&out);
        }
    }
    if (status == 0)
        status = write_all(out.data, out.len);
    bytes_clear(&out);
    return status;
}

int main(int argc, char **argv)
{
    struct event_generator generator;
    struct event_settings settings;
    struct arguments arguments;
    struct wave wave;
    int status;

    if (read_arguments(argc, argv, &arguments) != 0)
        return 2;
    settings = (struct event_settings){
        .seed = (uint64_t)arguments.seed,
        .accounts = (int)arguments.accounts,
        .keys = (int)arguments.keys,
        .models = (int)arguments.models,
        .release = {RELEASE(7, 2, 140)},
    };
    events_init(&generator, &settings);
    wave_init(&wave, &generator.random, (int64_t)arguments.count, arguments.days, arguments.end_ns);
    status = generate(&generator, &wave, (int64_t)arguments.count);
    wave_clear(&wave);
    events_clear(&generator);
    return status == 0 ? 0 : 1;
}
