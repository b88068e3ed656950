/* RESP frames: what is a command, what is not one yet, and what never will be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tools/gateway-sim/limits.h"
#include "tools/gateway-sim/resp.h"

/* Parses from a heap copy of the exact size, so that a sanitizer sees one byte too many. */
static enum resp_status parse(const char *text, size_t len, struct resp_command *out)
{
    char *copy = malloc(len + 1);
    enum resp_status status;
    size_t i;

    assert_non_null(copy);
    memcpy(copy, text, len);
    copy = realloc(copy, len > 0 ? len : 1);
    assert_non_null(copy);
    status = resp_parse(copy, len, out);
    for (i = 0; i < RESP_KEPT_ITEMS; i++)
        if (out->items[i].data != NULL)
            out->items[i].data = text + (out->items[i].data - copy);
    free(copy);
    return status;
}

static void assert_item(const struct resp_command *command, size_t index, const char *expected)
{
    assert_int_equal(command->items[index].len, strlen(expected));
    assert_memory_equal(command->items[index].data, expected, strlen(expected));
}

static void frames_cut_at_every_byte_need_more(void **state)
{
    static const char *const frames[] = {
        "*2\r\n$4\r\nAUTH\r\n$13\r\nmgmt-secret-1\r\n",
        "*3\n$4\nLPOP\r\n+usage\r\n:2\n",
        "*1\r\n$-1\r\n",
        "*1\r\n$0\r\n\r\n",
        "*0\r\n",
    };
    struct resp_command command;
    size_t i;
    size_t cut;

    (void)state;
    for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        size_t len = strlen(frames[i]);

        for (cut = 0; cut < len; cut++)
            assert_int_equal(parse(frames[i], cut, &command), RESP_NEED_MORE);
        assert_int_equal(parse(frames[i], len, &command), RESP_COMMAND);
        assert_int_equal(command.frame_bytes, len);
    }
}

static void elements_may_be_bulk_simple_or_integer(void **state)
{
    static const char frame[] = "*4\r\n$4\r\nLPOP\r\n+usage \r\n:12\n$-1\r\n*1\r\n";
    struct resp_command command;

    (void)state;
    assert_int_equal(parse(frame, strlen(frame), &command), RESP_COMMAND);
    assert_int_equal(command.item_count, 4);
    assert_int_equal(command.frame_bytes, strlen(frame) - 4);
    assert_item(&command, 0, "LPOP");
    assert_item(&command, 1, "usage ");
    assert_item(&command, 2, "12");
    assert_item(&command, 3, "");
}

static void bulk_data_is_taken_as_it_is(void **state)
{
    static const char frame[] = "*1\r\n$6\r\n\r\n\0*1\n\r\n";
    struct resp_command command;

    (void)state;
    assert_int_equal(parse(frame, sizeof(frame) - 1, &command), RESP_COMMAND);
    assert_int_equal(command.items[0].len, 6);
    assert_memory_equal(command.items[0].data, "\r\n\0*1\n", 6);
}

static void the_end_inside_a_bulk_is_told_apart(void **state)
{
    static const char frame[] = "*1\r\n$4\r\nPING\r\n";
    struct resp_command command;
    size_t cut;

    (void)state;
    for (cut = 0; cut < sizeof(frame) - 1; cut++) {
        (void)parse(frame, cut, &command);
        assert_int_equal(command.is_inside_bulk, cut > strlen("*1\r\n$4\r\n"));
    }
}

static void broken_frames_are_refused(void **state)
{
    static const char *const frames[] = {
        "x",
        "$4\r\nPING\r\n",
        "*x\r\n",
        "*\r\n",
        "*1x\r\n",
        "*1\r\n!x\r\n",
        "*1\r\n\r\n",
        "*1\r\n$x\r\n",
        "*1\r\n$\r\n",
        "*1 \r\n",
        "*1\r\n$4\r\nPINGxx",
        "*1\r\n$4\nPING\n*",
        "*99999999999\r\n",
        "*1\r\n$99999999999\r\n",
    };
    struct resp_command command;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
        assert_int_equal(parse(frames[i], strlen(frames[i]), &command), RESP_BAD);
}

static void limits_hold_at_their_edge(void **state)
{
    struct resp_command command;
    struct bytes text;
    int i;

    (void)state;
    bytes_init(&text, 1 << 22);
    for (i = 0; i < 2; i++) {
        bytes_reset(&text);
        BYTES_LITERAL(&text, "*1\r\n$");
        bytes_int(&text, LIMIT_RESP_ITEM_BYTES + i);
        BYTES_LITERAL(&text, "\r\n");
        assert_int_equal(resp_parse(text.data, text.len, &command),
                         i == 0 ? RESP_NEED_MORE : RESP_BAD);
        bytes_reset(&text);
        BYTES_LITERAL(&text, "*");
        bytes_int(&text, LIMIT_RESP_ITEMS + i);
        BYTES_LITERAL(&text, "\r\n");
        assert_int_equal(resp_parse(text.data, text.len, &command),
                         i == 0 ? RESP_NEED_MORE : RESP_BAD);
    }
    bytes_reset(&text);
    BYTES_LITERAL(&text, "*1\r\n+");
    while (text.len < 5 + LIMIT_RESP_LINE_BYTES - 1)
        BYTES_LITERAL(&text, "x");
    assert_int_equal(resp_parse(text.data, text.len, &command), RESP_NEED_MORE);
    BYTES_LITERAL(&text, "x");
    assert_int_equal(resp_parse(text.data, text.len, &command), RESP_BAD);
    bytes_clear(&text);
}

static void more_elements_than_are_kept_are_counted(void **state)
{
    static const char frame[] = "*6\r\n+a\r\n+b\r\n+c\r\n+d\r\n+e\r\n+f\r\n";
    struct resp_command command;

    (void)state;
    assert_int_equal(parse(frame, strlen(frame), &command), RESP_COMMAND);
    assert_int_equal(command.item_count, 6);
    assert_int_equal(command.frame_bytes, strlen(frame));
    assert_item(&command, 3, "d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_cut_at_every_byte_need_more),
        cmocka_unit_test(elements_may_be_bulk_simple_or_integer),
        cmocka_unit_test(bulk_data_is_taken_as_it_is),
        cmocka_unit_test(the_end_inside_a_bulk_is_told_apart),
        cmocka_unit_test(broken_frames_are_refused),
        cmocka_unit_test(limits_hold_at_their_edge),
        cmocka_unit_test(more_elements_than_are_kept_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
