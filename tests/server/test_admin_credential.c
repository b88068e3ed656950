/* The admin credential: known answers, header forms, the stored row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/secrets/admin_credential.h"

#define KEY "cpamp_ExampleAdminKey0123456789abcdefGH"
#define SALT "EBESExQVFhcYGRobHB0eHw"
#define HASH_1 "veoKaQJyymAo5P86CUTNmnjUfs44RCIOwG0b8fdlSDI"
#define HASH_2 "vmkMGrOG/ZMkX0rYirrjj0sjUDGvgrK1lAQ19jFCwoM"
#define HASH_1000 "v9j82sDVSPWTubFsh7FJU1bK8k1z6hCubSpH2IckrPM"
#define HASH_PBKDF2_1 "dJhO4UeVIe8FqgWtlgnV8TizeQ6yDEBXXEHOTpDbivs"

static bool verifies(const char *salt, const char *hash, int64_t iterations, const char *key)
{
    struct admin_credential credential;

    memset(&credential, 0, sizeof(credential));
    strncpy(credential.salt, salt, sizeof(credential.salt) - 1);
    strncpy(credential.key_hash, hash, sizeof(credential.key_hash) - 1);
    credential.iterations = iterations;
    return admin_credential_verify(&credential, slice_of_cstr(key));
}

static void rule_2_known_answers(void **state)
{
    (void)state;
    assert_true(verifies(SALT, HASH_1, 1, KEY));
    assert_true(verifies(SALT, HASH_1, 0, KEY));
    assert_true(verifies(SALT, HASH_1, -3, KEY));
    assert_true(verifies(SALT, HASH_2, 2, KEY));
    assert_true(verifies(SALT, HASH_1000, 1000, KEY));
    assert_false(verifies(SALT, HASH_PBKDF2_1, 1, KEY));
    assert_false(verifies(SALT, HASH_1, 2, KEY));
    assert_false(verifies(SALT, HASH_2, 1, KEY));
    assert_false(verifies(SALT, HASH_2, 10000001, KEY));
}

static void rule_1_keys_are_trimmed_and_not_empty(void **state)
{
    struct admin_credential credential;

    (void)state;
    assert_true(verifies(SALT, HASH_1, 1, " \t" KEY "\n"));
    assert_false(verifies(SALT, HASH_1, 1, KEY "x"));
    assert_false(verifies(SALT, HASH_1, 1, ""));
    admin_credential_make(&credential, SLICE("  any key at all\n"), "cli", 5);
    assert_true(admin_credential_verify(&credential, SLICE("any key at all")));
    assert_false(admin_credential_verify(&credential, SLICE("any key at al")));
    admin_credential_make(&credential, SLICE(" "), "cli", 5);
    assert_false(admin_credential_verify(&credential, SLICE(" ")));
    assert_false(admin_credential_verify(&credential, SLICE("")));
}

static void rule_3_a_broken_row_never_verifies(void **state)
{
    (void)state;
    assert_false(verifies(SALT "=", HASH_1, 1, KEY));
    assert_false(verifies("?", HASH_1, 1, KEY));
    assert_false(verifies("", HASH_1, 1, KEY));
    assert_false(verifies(SALT, HASH_1 "=", 1, KEY));
    assert_false(verifies(SALT, "", 1, KEY));
    assert_false(verifies(SALT, "veoKaQJyymAo5P86CUTNmnjUfs44RCIOwG0b8fdl", 1, KEY));
    assert_false(verifies(SALT, HASH_1 "AAAA", 1, KEY));
}

static void rule_4_header_forms(void **state)
{
    static const struct {
        const char *header;
        const char *key; /* NULL: there is none */
    } cases[] = {
        {"Bearer K", "K"},
        {"bearer   K  ", "K"},
        {"BEARER K", "K"},
        {"  Bearer K\r\n", "K"},
        {"Bearer a b", "a b"},
        {"Bearer\tK", NULL},
        {"K", NULL},
        {"Basic K", NULL},
        {"", NULL},
        {"Bearer", NULL},
        {"Bearer ", NULL},
        {"Bearer  ", NULL},
        {"BearerK", NULL},
        {"XBearer K", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slice key = slice_empty();
        bool is_found = admin_key_of_header(slice_of_cstr(cases[i].header), &key);
        assert_int_equal(is_found, cases[i].key != NULL);
        if (is_found)
            assert_true(slice_equal(key, slice_of_cstr(cases[i].key)));
    }
}

static void generated_keys_use_the_whole_alphabet(void **state)
{
    int seen[256] = {0};
    char before[ADMIN_KEY_SIZE] = "";

    (void)state;
    for (int i = 0; i < 200; i++) {
        char key[ADMIN_KEY_SIZE];
        admin_key_generate(key);
        assert_int_equal(strlen(key), 42);
        assert_memory_equal(key, "cmp_admin_", 10);
        assert_string_not_equal(key, before);
        for (size_t k = 10; k < 42; k++)
            seen[(unsigned char)key[k]]++;
        memcpy(before, key, sizeof(before));
    }
    for (int c = 0; c < 256; c++) {
        bool is_letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        /* 6400 characters over 62 letters: 103 each; under 20 does not happen by chance */
        assert_true(is_letter ? seen[c] >= 20 : seen[c] == 0);
    }
}

static void the_row_reads_back_in_its_order(void **state)
{
    static const char row[] = "{\"version\":1,\"salt\":\"" SALT "\",\"keyHash\":\"" HASH_2
                              "\",\"iterations\":2,\"createdAtMs\":1786000000000,"
                              "\"rotatedAtMs\":1786000000001,\"source\":\"cli-generated\"}";
    struct admin_credential credential;
    struct text text;

    (void)state;
    text_init(&text, 4096);
    assert_true(admin_credential_read(SLICE(row), &credential));
    assert_true(admin_credential_verify(&credential, SLICE(KEY)));
    admin_credential_write(&text, &credential);
    assert_string_equal(text.data, row);
    credential.rotated_at_ms = 0;
    credential.source[0] = '\0';
    text_empty(&text);
    admin_credential_write(&text, &credential);
    assert_string_equal(text.data, "{\"version\":1,\"salt\":\"" SALT "\",\"keyHash\":\"" HASH_2
                                   "\",\"iterations\":2,\"createdAtMs\":1786000000000}");
    text_clear(&text);
}

static void a_new_credential_has_a_fresh_salt(void **state)
{
    struct admin_credential a, b;

    (void)state;
    admin_credential_make(&a, SLICE("k"), "env", 7);
    admin_credential_make(&b, SLICE("k"), "env", 7);
    assert_int_equal(a.version, 1);
    assert_int_equal(a.iterations, 1);
    assert_int_equal(a.created_at_ms, 7);
    assert_int_equal(a.rotated_at_ms, 0);
    assert_string_equal(a.source, "env");
    assert_int_equal(strlen(a.salt), 22);
    assert_int_equal(strlen(a.key_hash), 43);
    assert_string_not_equal(a.salt, b.salt);
    assert_string_not_equal(a.key_hash, b.key_hash);
}

static void a_row_that_is_none_is_refused(void **state)
{
    static const char row[] = "{\"version\":1,\"salt\":\"" SALT "\"}";
    static const char *const bad[] = {
        "[]", "{\"version\":\"1\"}", "{\"salt\":5}", "{} {}",
        "{\"salt\":\"0123456789012345678901234567890123456789012345678901234567890123\"}"};
    struct admin_credential credential = {.version = 77};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(admin_credential_read(slice_of_cstr(bad[i]), &credential));
    for (size_t len = 0; len < sizeof(row) - 1; len++)
        assert_false(admin_credential_read((struct slice){row, len}, &credential));
    assert_int_equal(credential.version, 77);
    assert_true(admin_credential_read(SLICE(row), &credential));
    assert_false(admin_credential_verify(&credential, SLICE(KEY)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_1_keys_are_trimmed_and_not_empty),
        cmocka_unit_test(rule_2_known_answers),
        cmocka_unit_test(rule_3_a_broken_row_never_verifies),
        cmocka_unit_test(rule_4_header_forms),
        cmocka_unit_test(generated_keys_use_the_whole_alphabet),
        cmocka_unit_test(the_row_reads_back_in_its_order),
        cmocka_unit_test(a_new_credential_has_a_fresh_salt),
        cmocka_unit_test(a_row_that_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
