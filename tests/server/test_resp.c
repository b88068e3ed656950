/* server/collector/resp.c and push.c: the wire format, cut at every byte. */
#include "server/collector/resp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "server/collector/push.h"

/* The tokens of a reader as one line: "A2@0 B:hello@1 N@1. " and so on; a dot marks the
 * end of a reply, "!" an error with its text. */
struct transcript {
    char text[4096];
    size_t len;
};

static void note(struct transcript *transcript, const char *text)
{
    size_t len = strlen(text);
    assert_true(transcript->len + len < sizeof transcript->text);
    memcpy(transcript->text + transcript->len, text, len + 1);
    transcript->len += len;
}

static void note_token(struct transcript *transcript, const struct resp_token *token)
{
    char line[512];
    switch (token->type) {
    case RESP_INTEGER:
        (void)snprintf(line, sizeof line, "I%lld", (long long)token->number);
        break;
    case RESP_ARRAY:
        (void)snprintf(line, sizeof line, "A%lld", (long long)token->number);
        break;
    case RESP_NULL:
        (void)snprintf(line, sizeof line, "N");
        break;
    default:
        (void)snprintf(line, sizeof line, "%c:%.*s", "SEIBNA"[token->type], (int)token -> text.len,
                       token->text.len > 0 ? token->text.data : "");
        break;
    }
    note(transcript, line);
    (void)snprintf(line, sizeof line, "@%zu%s ", token->depth, token->ends_reply ? "." : "");
    note(transcript, line);
}

static void feed(struct resp_reader *reader, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t room = 0;
        char *space = resp_reader_space(reader, &room);
        size_t part = room < len ? room : len;
        assert_non_null(space);
        memcpy(space, bytes, part);
        resp_reader_fill(reader, part);
        bytes += part;
        len -= part;
    }
}

/* Read all tokens that are there; false after an error. */
static bool take_all(struct resp_reader *reader, struct transcript *transcript)
{
    struct resp_token token;
    enum resp_result result;
    while ((result = resp_reader_next(reader, &token)) == RESP_TOKEN)
        note_token(transcript, &token);
    if (result == RESP_BAD) {
        note(transcript, "!");
        note(transcript, reader->error);
    }
    return result != RESP_BAD;
}

/* The bytes in two parts, cut at every place, and one by one, give the same tokens. */
static void expect(const char *bytes, size_t len, const char *expected)
{
    for (size_t cut = 0; cut <= len + 1; cut++) {
        struct resp_reader reader;
        struct transcript transcript = {.len = 0};
        resp_reader_init(&reader);
        if (cut <= len) {
            feed(&reader, bytes, cut);
            if (take_all(&reader, &transcript)) {
                feed(&reader, bytes + cut, len - cut);
                (void)take_all(&reader, &transcript);
            }
        } else {
            bool is_good = true;
            for (size_t at = 0; at < len && is_good; at++) {
                feed(&reader, bytes + at, 1);
                is_good = take_all(&reader, &transcript);
            }
        }
        assert_string_equal(transcript.text, expected);
        resp_reader_clear(&reader);
    }
}

#define EXPECT(bytes, expected) expect(bytes, sizeof(bytes) - 1, expected)

static void every_form_is_read(void **state)
{
    (void)state;
    EXPECT("", "");
    EXPECT("+OK\r\n", "S:OK@0. ");
    EXPECT("-ERR invalid management key\r\n", "E:ERR invalid management key@0. ");
    EXPECT(":-12\r\n", "I-12@0. ");
    EXPECT("$5\r\nhe\r\no\r\n", "B:he\r\no@0. ");
    EXPECT("$0\r\n\r\n", "B:@0. ");
    EXPECT("$-1\r\n_\r\n*-1\r\n", "N@0. N@0. N@0. ");
    EXPECT("*0\r\n", "A0@0. ");
    EXPECT("*3\r\n$7\r\nmessage\r\n$5\r\nusage\r\n$2\r\n{}\r\n+OK\r\n",
           "A3@0 B:message@1 B:usage@1 B:{}@1. S:OK@0. ");
    EXPECT("*2\r\n*1\r\n:1\r\n*2\r\n*0\r\n_\r\n", "A2@0 A1@1 I1@2 A2@1 A0@2 N@2. ");
}

static void a_token_waits_for_all_its_bytes(void **state)
{
    (void)state;
    EXPECT("$5\r\nhell", "");
    EXPECT("$5\r\nhello\r", "");
    EXPECT("+OK\r", "");
    EXPECT("*2\r\n$1\r\na\r\n$3\r\nab", "A2@0 B:a@1 ");
}

static void what_is_not_resp_is_named(void **state)
{
    (void)state;
    EXPECT("HTTP/1.1 400 Bad Request\r\n", "!unsupported RESP prefix 'H'");
    EXPECT("\n", "!unsupported RESP prefix '\\n'");
    EXPECT("'", "!unsupported RESP prefix '\\''");
    expect("\0x", 2, "!unsupported RESP prefix '\\x00'");
    EXPECT("\x16\x03", "!unsupported RESP prefix '\\x16'");
    EXPECT("\xe4", "!unsupported RESP prefix '\xc3\xa4'");
    EXPECT("\x80", "!unsupported RESP prefix '\\u0080'");
    EXPECT("+OK\r\n#", "S:OK@0. !unsupported RESP prefix '#'");
    EXPECT("*2\r\n$1\r\na\r\n<", "A2@0 B:a@1 !unsupported RESP prefix '<'");
}

static void line_ends_are_checked(void **state)
{
    (void)state;
    EXPECT("+OK\n", "!RESP line does not end with CR LF");
    EXPECT("+\n", "!RESP line does not end with CR LF");
    EXPECT("$2\r\nabcd\r\n", "!RESP bulk string does not end with CR LF");
    EXPECT("$2\r\nab\n\r", "!RESP bulk string does not end with CR LF");
}

static void numbers_are_checked(void **state)
{
    (void)state;
    EXPECT(":\r\n", "!bad RESP number after ':': \"\"");
    EXPECT("$x\r\n", "!bad RESP number after '$': \"x\"");
    EXPECT("$-2\r\n", "!bad RESP number after '$': \"-2\"");
    EXPECT("*99999999999999999999\r\n", "!bad RESP number after '*': \"99999999999999999999\"");
    EXPECT("_x\r\n", "!bad RESP number after '_': \"x\"");
}

static void limits_hold_one_below_at_and_above(void **state)
{
    char bytes[64];
    (void)state;
    EXPECT("$16777217\r\n", "!RESP bulk string of 16777217 is over the limit of 16777216");
    EXPECT("$16777216\r\n", "");
    EXPECT("$16777215\r\n", "");
    EXPECT("*4097\r\n", "!RESP array of 4097 is over the limit of 4096");
    EXPECT("*4096\r\n", "A4096@0 ");
    EXPECT("*4095\r\n", "A4095@0 ");
    EXPECT("*1\r\n*1\r\n*1\r\n*1\r\n*0\r\n", "A1@0 A1@1 A1@2 A1@3 A0@4. ");
    EXPECT("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
           "A1@0 A1@1 A1@2 A1@3 !RESP arrays are nested too deeply");
    (void)snprintf(bytes, sizeof bytes, "%d", LIMIT_ARRAY_ITEMS);
    assert_string_equal(bytes, "4096");
}

static void a_line_without_end_is_given_up(void **state)
{
    struct resp_reader reader;
    struct resp_token token;
    char *bytes = malloc(LIMIT_LINE_BYTES + 2);
    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'x', LIMIT_LINE_BYTES + 2);
    bytes[0] = '+';
    resp_reader_init(&reader);
    feed(&reader, bytes, LIMIT_LINE_BYTES + 1);
    assert_int_equal(resp_reader_next(&reader, &token), RESP_MORE);
    feed(&reader, "x", 1);
    assert_int_equal(resp_reader_next(&reader, &token), RESP_BAD);
    assert_int_equal(resp_reader_next(&reader, &token), RESP_BAD); /* it stays so */
    assert_string_equal(reader.error, "RESP line of 65537 is over the limit of 65536");
    resp_reader_clear(&reader);
    free(bytes);
}

static void the_largest_bulk_fits_and_its_memory_is_given_back(void **state)
{
    struct resp_reader reader;
    struct resp_token token;
    char *bulk = malloc(LIMIT_BULK_BYTES);
    size_t room = 0;
    (void)state;
    assert_non_null(bulk);
    memset(bulk, 'b', LIMIT_BULK_BYTES);
    resp_reader_init(&reader);
    feed(&reader, "+x\r\n$16777216\r\n", 15);
    assert_int_equal(resp_reader_next(&reader, &token), RESP_TOKEN);
    assert_int_equal(resp_reader_next(&reader, &token), RESP_MORE);
    feed(&reader, bulk, LIMIT_BULK_BYTES);
    assert_int_equal(resp_reader_next(&reader, &token), RESP_MORE);
    feed(&reader, "\r\n", 2);
    assert_int_equal(resp_reader_next(&reader, &token), RESP_TOKEN);
    assert_int_equal(token.text.len, LIMIT_BULK_BYTES);
    assert_memory_equal(token.text.data, bulk, LIMIT_BULK_BYTES);
    assert_true(reader.size < LIMIT_BULK_BYTES + 4 * LIMIT_LINE_BYTES);
    assert_non_null(resp_reader_space(&reader, &room));
    assert_true(reader.size <= 1024 * 1024);
    resp_reader_clear(&reader);
    free(bulk);
}

static void a_long_stream_needs_one_small_buffer(void **state)
{
    struct resp_reader reader;
    struct resp_token token;
    char message[1400];
    size_t tokens = 0;
    (void)state;
    int len =
        snprintf(message, sizeof message, "*3\r\n+message\r\n+usage\r\n$1300\r\n%1300s\r\n", "x");
    resp_reader_init(&reader);
    for (int i = 0; i < 5000; i++) {
        feed(&reader, message, (size_t)len - 700);
        while (resp_reader_next(&reader, &token) == RESP_TOKEN)
            tokens++;
        feed(&reader, message + len - 700, 700);
        while (resp_reader_next(&reader, &token) == RESP_TOKEN)
            tokens++;
    }
    assert_int_equal(tokens, 4 * 5000);
    assert_true(reader.size <= 256 * 1024);
    resp_reader_clear(&reader);
}

static void commands_are_arrays_of_bulk_strings(void **state)
{
    const struct slice words[] = {SLICE("LPOP"), SLICE("usage"), SLICE(""), SLICE("a\r\nb")};
    struct text out;
    (void)state;
    text_init(&out, 1024);
    resp_write_command(&out, words, 4);
    assert_false(out.failed);
    assert_string_equal(out.data, "*4\r\n$4\r\nLPOP\r\n$5\r\nusage\r\n$0\r\n\r\n$4\r\na\r\nb\r\n");
    text_clear(&out);
}

/* What a subscription makes of bytes: payloads in brackets, "pong", "end", "!error". */
static void expect_pushes(const char *bytes, const char *expected)
{
    struct resp_reader reader;
    struct resp_token token;
    struct push push;
    struct transcript transcript = {.len = 0};
    enum push_event event = PUSH_NOTHING;
    resp_reader_init(&reader);
    push_init(&push);
    feed(&reader, bytes, strlen(bytes));
    while (event != PUSH_BAD && resp_reader_next(&reader, &token) == RESP_TOKEN) {
        struct slice payload = slice_empty();
        char line[256];
        event = push_feed(&push, &token, &payload);
        (void)snprintf(line, sizeof line, "[%.*s]", (int)payload.len,
                       payload.len > 0 ? payload.data : "");
        if (event != PUSH_NOTHING)
            note(&transcript, event == PUSH_PAYLOAD ? line
                              : event == PUSH_PONG  ? "pong"
                              : event == PUSH_ENDED ? "end"
                                                    : "!");
        if (event == PUSH_BAD)
            note(&transcript, push.error);
    }
    assert_string_equal(transcript.text, expected);
    resp_reader_clear(&reader);
}

static void subscriptions_give_payloads_pongs_and_their_end(void **state)
{
    (void)state;
    expect_pushes("*3\r\n$7\r\nmessage\r\n$5\r\nusage\r\n$2\r\n{}\r\n"
                  "*3\r\n$7\r\nMESSAGE\r\n$1\r\nx\r\n$1\r\n1\r\n",
                  "[{}][1]");
    expect_pushes("*4\r\n+message\r\n+usage\r\n+a\r\n+b\r\n*3\r\n+message\r\n+u\r\n+c\r\n",
                  "[a][c]");
    expect_pushes("*3\r\n+message\r\n+usage\r\n$-1\r\n*3\r\n+message\r\n+usage\r\n$0\r\n\r\n", "");
    expect_pushes("*2\r\n$4\r\npong\r\n$-1\r\n+PONG\r\n*1\r\n+Pong\r\n", "pongpongpong");
    expect_pushes("*3\r\n+subscribe\r\n+usage\r\n:1\r\n", "");
    expect_pushes("*3\r\n+unsubscribe\r\n+usage\r\n:0\r\n", "end");
    expect_pushes("+OK\r\n", "end");
}

static void other_pushes_are_errors(void **state)
{
    (void)state;
    expect_pushes("-ERR unknown command 'x'\r\n", "!ERR unknown command 'x'");
    expect_pushes(":1\r\n", "!unexpected integer in a subscription: \"\"");
    expect_pushes("*0\r\n", "!unexpected array in a subscription: \"\"");
    expect_pushes("*2\r\n+hello\r\n+x\r\n", "!unexpected array in a subscription: \"hello\"");
    expect_pushes("*2\r\n+message\r\n+x\r\n", "!unexpected short message in a subscription: \"x\"");
    expect_pushes("*1\r\n*1\r\n+message\r\n", "!unexpected array in a subscription: \"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read),
        cmocka_unit_test(a_token_waits_for_all_its_bytes),
        cmocka_unit_test(what_is_not_resp_is_named),
        cmocka_unit_test(line_ends_are_checked),
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(limits_hold_one_below_at_and_above),
        cmocka_unit_test(a_line_without_end_is_given_up),
        cmocka_unit_test(the_largest_bulk_fits_and_its_memory_is_given_back),
        cmocka_unit_test(a_long_stream_needs_one_small_buffer),
        cmocka_unit_test(commands_are_arrays_of_bulk_strings),
        cmocka_unit_test(subscriptions_give_payloads_pongs_and_their_end),
        cmocka_unit_test(other_pushes_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
