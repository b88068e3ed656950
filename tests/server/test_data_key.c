/* The data key: where it comes from and how its file is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/memory.h"
#include "server/secrets/data_key.h"
#include "temp_folder.h"

#define KEY_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_TEXT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static int set_up(void **state)
{
    *state = temp_folder_new();
    return 0;
}

static int tear_down(void **state)
{
    temp_folder_free(*state);
    return 0;
}

/* What loading gives: the key in hexadecimal, "absent", or the error; to free(). */
static char *load(const char *folder, const char *external)
{
    char *path = temp_folder_path(folder, "data.key");
    uint8_t key[SECRET_KEY_BYTES];
    char *error = NULL;
    char *outcome = NULL;
    struct text hex;

    text_init(&hex, 1024);
    switch (data_key_load(external, path, key, &error)) {
    case DATA_KEY_OK:
        text_add_hex(&hex, key, sizeof(key));
        outcome = memory_copy_slice(text_slice(&hex));
        break;
    case DATA_KEY_ABSENT:
        outcome = memory_copy_cstr("absent");
        break;
    case DATA_KEY_FAILED:
        outcome = error;
        break;
    }
    text_clear(&hex);
    free(path);
    return outcome;
}

static void assert_file_gives(const char *folder, const char *content, const char *expected)
{
    char *outcome = NULL;

    temp_folder_write(folder, "data.key", content);
    outcome = load(folder, NULL);
    assert_string_equal(outcome, expected);
    free(outcome);
}

static void assert_external_gives(const char *folder, const char *external, const char *expected)
{
    char *outcome = load(folder, external);

    assert_string_equal(outcome, expected);
    free(outcome);
}

static void a_file_holds_a_written_key(void **state)
{
    static const char must[] = "data key must be 32 bytes or base64-encoded 32 bytes";

    assert_file_gives(*state, KEY_TEXT "\n", KEY_HEX);
    assert_file_gives(*state, "  " KEY_TEXT "=\r\n", KEY_HEX);
    assert_file_gives(*state, "-__7__v_-__7__v_-__7__v_-__7__v_-__7__v_-_8",
                      "fbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbff");
    assert_file_gives(*state, "0123456789abcdef0123456789abcdef",
                      "3031323334353637383961626364656630313233343536373839616263646566");
    assert_file_gives(*state, "correct horse battery staple", must);
    assert_file_gives(*state, "-__7__v_-__7__v_-__7__v_-__7__v_-__7__v_-_8=", must);
    assert_file_gives(*state, "", "data key is empty");
    assert_file_gives(*state, " \n", "data key is empty");
}

static void an_external_value_wins_and_may_be_a_pass_phrase(void **state)
{
    temp_folder_write(*state, "data.key", "broken");
    assert_external_gives(*state, KEY_TEXT, KEY_HEX);
    assert_external_gives(*state, KEY_TEXT "=", KEY_HEX);
    assert_external_gives(*state, " correct horse battery staple ",
                          "32fdf93af2d99575b3fdb7cfe0b17ae074145096c8f5c0b6e2e64e039126dc6e");
    assert_external_gives(*state, " ", "data key must be 32 bytes or base64-encoded 32 bytes");
}

static void a_missing_file_is_absent_and_an_unreadable_one_an_error(void **state)
{
    char *outcome = NULL;
    char *error = NULL;
    uint8_t key[SECRET_KEY_BYTES];

    assert_external_gives(*state, "", "absent");
    assert_int_equal(data_key_load(NULL, *state, key, &error), DATA_KEY_FAILED);
    outcome = memory_format("read %s: Is a directory", (const char *)*state);
    assert_string_equal(error, outcome);
    free(outcome);
    free(error);
}

static void a_created_file_is_private_and_reads_back(void **state)
{
    const char *folder = *state;
    char *path = temp_folder_path(folder, "new/data.key");
    char *content = NULL;
    char *error = NULL;
    uint8_t key[SECRET_KEY_BYTES] = {0};
    uint8_t other[SECRET_KEY_BYTES] = {0};

    assert_true(data_key_create(path, key, &error));
    assert_int_equal(temp_folder_mode(folder, "new"), 0700);
    assert_int_equal(temp_folder_mode(folder, "new/data.key"), 0600);
    content = temp_folder_read(folder, "new/data.key");
    assert_int_equal(strlen(content), 44);
    assert_int_equal(content[43], '\n');
    assert_int_equal(data_key_load("", path, other, &error), DATA_KEY_OK);
    assert_memory_equal(key, other, sizeof(key));
    free(content);
    free(path);
}

static void an_existing_file_is_never_overwritten(void **state)
{
    const char *folder = *state;
    char *path = temp_folder_path(folder, "data.key");
    char *error = NULL;
    char *content = NULL;
    uint8_t key[SECRET_KEY_BYTES] = {7};

    temp_folder_write(folder, "data.key", "keep");
    assert_false(data_key_create(path, key, &error));
    assert_non_null(strstr(error, "File exists"));
    assert_int_equal(key[0], 7);
    content = temp_folder_read(folder, "data.key");
    assert_string_equal(content, "keep");
    free(content);
    free(error);
    free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_holds_a_written_key),
        TEST(an_external_value_wins_and_may_be_a_pass_phrase),
        TEST(a_missing_file_is_absent_and_an_unreadable_one_an_error),
        TEST(a_created_file_is_private_and_reads_back),
        TEST(an_existing_file_is_never_overwritten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
