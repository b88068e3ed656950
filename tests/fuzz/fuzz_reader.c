/* Fuzz target: record_reader over arbitrary bytes, plain or gzip.
 *
 * Each input is read three times: from memory, from memory with the rule of import sessions
 * (duplicate keys refused), and from a socket that gives it in pieces of a few bytes. Checked
 * of every reading:
 *   1. it ends, and stays at the end;
 *   2. lines and offsets begin at 1 and 0 and never go back between records that are given;
 *   3. a payload is not empty and within the limit; whatever is no payload has a reason;
 *   4. in pieces the same records come as at once, unless the reader says that it would have
 *      to read again what it cannot. */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ext/hash.h"
#include "ext/jsonl/record_reader.h"
#include "ext/limits.h"

#define PIECES_MAX ((size_t)64) /* what a socket's buffer surely holds */
#define PIECED_BYTES_MAX ((size_t)8192)

struct reading {
    int64_t records;
    int64_t errors;
    bool is_refused;          /* something would have to be read again */
    uint8_t hash[HASH_BYTES]; /* of all payloads, chained */
};

static void chain(struct reading *reading, const struct record_item *item)
{
    uint8_t both[2 * HASH_BYTES];
    memcpy(both, reading->hash, HASH_BYTES);
    hash_sha256(item->payload, both + HASH_BYTES);
    hash_sha256((struct slice){(const char *)both, sizeof both}, reading->hash);
}

static void check_item(const struct record_item *item, enum record_result result)
{
    FUZZ_CHECK(item->line >= 1 && item->byte_offset >= 0);
    FUZZ_CHECK(memchr(item->error, '\0', sizeof item->error));
    if (result == RECORD_OK) {
        FUZZ_CHECK(item->payload.data && item->payload.len > 0);
        FUZZ_CHECK(item->payload.len <= LIMIT_PAYLOAD_BYTES);
        FUZZ_CHECK(item->error[0] == '\0');
    } else {
        FUZZ_CHECK(item->error[0] != '\0');
    }
}

/* Read everything and close the reader. */
static struct reading read_all(struct record_reader *reader)
{
    struct reading reading = {0};
    struct record_item item;
    enum record_result result;
    int64_t line = 1;
    int64_t offset = 0;
    while ((result = record_reader_next(reader, &item)) != RECORD_END) {
        FUZZ_CHECK(result != RECORD_NOMEM);
        check_item(&item, result);
        FUZZ_CHECK(item.line >= line && item.byte_offset >= offset);
        line = item.line;
        offset = item.byte_offset;
        reading.records += result == RECORD_OK;
        reading.errors += result != RECORD_OK;
        reading.is_refused |= strstr(item.error, "from a pipe") != NULL;
        if (result == RECORD_OK)
            chain(&reading, &item);
        if (result == RECORD_FAILED)
            break;
    }
    FUZZ_CHECK(record_reader_next(reader, &item) == RECORD_END);
    FUZZ_CHECK(record_reader_bytes_read(reader) >= 0);
    record_reader_close(reader);
    return reading;
}

static struct reading read_bytes(struct slice bytes, bool is_strict)
{
    struct record_reader *reader = NULL;
    char error[256];
    FUZZ_CHECK(record_reader_open_bytes(bytes, &reader, error, sizeof error));
    if (is_strict)
        record_reader_refuse_duplicates(reader);
    return read_all(reader);
}

/* A packet is read at once and alone, so each is a piece. */
static struct reading read_pieces(struct slice bytes)
{
    struct record_reader *reader = NULL;
    char error[256];
    int ends[2];
    size_t piece_bytes = bytes.len / PIECES_MAX + 1;
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    for (size_t at = 0; at < bytes.len; at += piece_bytes) {
        struct slice piece = slice_first(slice_from(bytes, at), piece_bytes);
        FUZZ_CHECK(send(ends[1], piece.data, piece.len, MSG_DONTWAIT) == (ssize_t)piece.len);
    }
    FUZZ_CHECK(close(ends[1]) == 0);
    FUZZ_CHECK(record_reader_open_fd(ends[0], &reader, error, sizeof error));
    return read_all(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = {(const char *)data, size};
    struct reading whole = read_bytes(bytes, false);
    (void)read_bytes(bytes, true);
    if (size > PIECED_BYTES_MAX)
        return 0;
    struct reading pieces = read_pieces(bytes);
    if (pieces.is_refused)
        return 0;
    FUZZ_CHECK(pieces.records == whole.records && pieces.errors == whole.errors);
    FUZZ_CHECK(memcmp(pieces.hash, whole.hash, sizeof whole.hash) == 0);
    return 0;
}
