/* Sealed secrets and data keys against known answers, and their SQL functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "ext/limits.h"
#include "ext/secret/base64.h"
#include "ext/secret/secret.h"
#include "ext/secret/secret_fn.h"
#include "ext/secret/secret_key.h"

#define ROOM ((size_t)4 * 1024 * 1024)

struct vector {
    const char *data_key; /* as given from outside */
    uint8_t nonce_first;
    uint8_t nonce_step;
    const char *plain;
    const char *derived_hex;
    const char *sealed;
};

static const struct vector vectors[] = {
    {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", 0xa0, 1, "mgmt-key-example",
     "3a803754fc5b8ee382001cb5c822d9fab726ab06c541babe624ddec3e5dca1ff",
     "enc:v1:oKGio6Slpqeoqaqr:6GlQ/aO8MfTTokirsv4B3so4vmhifcHxOk3ZKDAwxiQ"},
    {"0123456789abcdef0123456789abcdef", 0, 0, "management-key",
     "aa3c904fcfac27fceef6964835b5ce8ff5f2bc97c910637ddc6cbbf5a955fde4",
     "enc:v1:AAAAAAAAAAAAAAAA:hW1Qy2raAUvzymdgXVRAA5/uxVYpp7Wl2NfZEJfQ"},
    {"correct horse battery staple", 0x11, 0, "cl\xc3\xa9-\xe7\xa7\x98\xe5\xaf\x86",
     "fe99a137edac8078b9e5d0d408e56f4d44a42dd4f2f333b2c5d84535f53ac59c",
     "enc:v1:ERERERERERERERER:d30hT2SU55WPy8IQMycDJAOmExu094KeOCQ2"},
};

static void assert_key_hex(const uint8_t key[SECRET_KEY_BYTES], const char *hex)
{
    struct text text;

    text_init(&text, ROOM);
    text_add_hex(&text, key, SECRET_KEY_BYTES);
    assert_string_equal(text.data, hex);
    text_clear(&text);
}

static void key_of(const char *value, uint8_t out_key[SECRET_KEY_BYTES])
{
    assert_true(secret_key_from_external(slice_of_cstr(value), out_key));
}

/* Open stored with the first vector's key and compare result and text. */
static void assert_opens(const char *stored, enum secret_result expected, const char *plain)
{
    uint8_t key[SECRET_KEY_BYTES];
    struct text out;

    key_of(vectors[0].data_key, key);
    text_init(&out, ROOM);
    text_add_cstr(&out, "<");
    assert_int_equal(secret_open(slice_of_cstr(stored), key, &out), expected);
    assert_string_equal(out.data + 1, plain);
    secret_wipe_text(&out);
}

static void rule_1_derives_the_known_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t key[SECRET_KEY_BYTES];
        uint8_t derived[SECRET_KEY_BYTES];
        key_of(vectors[i].data_key, key);
        assert_true(secret_key_derive(key, sizeof(key), SLICE("settings-secrets-v1"), derived));
        assert_key_hex(derived, vectors[i].derived_hex);
    }
}

static void rule_2_seals_and_opens_the_known_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        const struct vector *vector = &vectors[i];
        uint8_t key[SECRET_KEY_BYTES];
        uint8_t nonce[SECRET_NONCE_BYTES];
        struct text out;
        for (size_t k = 0; k < sizeof(nonce); k++)
            nonce[k] = (uint8_t)(vector->nonce_first + vector->nonce_step * k);
        key_of(vector->data_key, key);
        text_init(&out, ROOM);
        assert_int_equal(secret_seal_with_nonce(slice_of_cstr(vector->plain), key, nonce, &out),
                         SECRET_OK);
        assert_string_equal(out.data, vector->sealed);
        text_empty(&out);
        assert_int_equal(secret_open(slice_of_cstr(vector->sealed), key, &out), SECRET_OK);
        assert_string_equal(out.data, vector->plain);
        secret_wipe_text(&out);
    }
}

static void every_sealing_has_its_own_nonce(void **state)
{
    uint8_t key[SECRET_KEY_BYTES] = {1};
    struct text a, b;

    (void)state;
    text_init(&a, ROOM);
    text_init(&b, ROOM);
    assert_int_equal(secret_seal(SLICE("k"), key, &a), SECRET_OK);
    assert_int_equal(secret_seal(SLICE("k"), key, &b), SECRET_OK);
    assert_int_equal(a.len, sizeof("enc:v1:") - 1 + 16 + 1 + 23);
    assert_string_not_equal(a.data, b.data);
    secret_wipe_text(&a);
    secret_wipe_text(&b);
}

static void rule_3_seals_the_trimmed_text_and_leaves_the_rest(void **state)
{
    static const char *const same[] = {"", "enc:v1:anything", "enc:v1:"};
    uint8_t key[SECRET_KEY_BYTES] = {1};
    uint8_t nonce[SECRET_NONCE_BYTES] = {2};
    struct text a, b;

    (void)state;
    text_init(&a, ROOM);
    text_init(&b, ROOM);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        text_empty(&a);
        text_add_char(&a, '>');
        assert_int_equal(secret_seal(slice_of_cstr(same[i]), key, &a), SECRET_OK);
        assert_string_equal(a.data + 1, same[i]);
    }
    text_empty(&a);
    assert_int_equal(secret_seal_with_nonce(SLICE(" \t k\xc2\xa0\n"), key, nonce, &a), SECRET_OK);
    assert_int_equal(secret_seal_with_nonce(SLICE("k"), key, nonce, &b), SECRET_OK);
    assert_string_equal(a.data, b.data);
    text_empty(&a);
    assert_int_equal(secret_seal(SLICE("  \n"), key, &a), SECRET_OK);
    assert_int_equal(a.len, 0);
    secret_wipe_text(&a);
    secret_wipe_text(&b);
}

static void rule_4_plain_text_opens_as_itself(void **state)
{
    (void)state;
    assert_opens("plain-key", SECRET_OK, "plain-key");
    assert_opens("  plain-key\n", SECRET_OK, "plain-key");
    assert_opens("ENC:V1:x", SECRET_OK, "ENC:V1:x");
    assert_opens("", SECRET_OK, "");
    assert_opens("  enc:v1:oKGio6Slpqeoqaqr:6GlQ/aO8MfTTokirsv4B3so4vmhifcHxOk3ZKDAwxiQ\n",
                 SECRET_OK, "mgmt-key-example");
}

static void rule_5_two_parts_and_a_nonce_of_12_bytes(void **state)
{
#define BOX "6GlQ/aO8MfTTokirsv4B3so4vmhifcHxOk3ZKDAwxiQ"
    (void)state;
    assert_opens("enc:v1:", SECRET_BAD_FORMAT, "");
    assert_opens("enc:v1:abc", SECRET_BAD_FORMAT, "");
    assert_opens("enc:v1:oKGio6Slpqeoqaqr:" BOX ":", SECRET_BAD_FORMAT, "");
    assert_opens("enc:v1:oKGio6Slpqeoqaqr:" BOX "=", SECRET_BAD_BASE64, "");
    assert_opens("enc:v1:oKGio6Slpqeo!aqr:" BOX, SECRET_BAD_BASE64, "");
    assert_opens("enc:v1::" BOX, SECRET_BAD_NONCE, "");
    assert_opens("enc:v1:oKGio6Slpqeoqao:" BOX, SECRET_BAD_NONCE, "");        /* 11 */
    assert_opens("enc:v1:oKGio6Slpqeoqaqrrw:" BOX, SECRET_BAD_NONCE, "");     /* 13 */
    assert_opens("enc:v1:oKGio6SlpqeoqaqrrKytrg:" BOX, SECRET_BAD_NONCE, ""); /* 16 */
    assert_opens("enc:v1:oKGio6Slpqeoqaqr:", SECRET_BAD_KEY, "");
    assert_opens("enc:v1:oKGio6Slpqeoqaqr:AAAA", SECRET_BAD_KEY, "");
#undef BOX
}

static void rule_6_nothing_comes_out_of_a_damaged_text(void **state)
{
    static const char good[] =
        "enc:v1:oKGio6Slpqeoqaqr:6GlQ/aO8MfTTokirsv4B3so4vmhifcHxOk3ZKDAwxiQ";

    (void)state;
    for (size_t i = 7; i < sizeof(good) - 2; i++) {
        uint8_t key[SECRET_KEY_BYTES];
        char bad[sizeof(good)];
        struct text out;
        memcpy(bad, good, sizeof(good));
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        key_of(vectors[0].data_key, key);
        text_init(&out, ROOM);
        assert_int_not_equal(secret_open(slice_of_cstr(bad), key, &out), SECRET_OK);
        assert_int_equal(out.len, 0);
        assert_int_not_equal(secret_open((struct slice){good, i}, key, &out), SECRET_OK);
        assert_int_equal(out.len, 0);
        secret_wipe_text(&out);
    }
}

static void limit_of_a_secret(void **state)
{
    uint8_t key[SECRET_KEY_BYTES] = {1};
    char *big = malloc(LIMIT_SECRET_BYTES + 1);
    struct text out;

    (void)state;
    assert_non_null(big);
    memset(big, 'x', LIMIT_SECRET_BYTES + 1);
    text_init(&out, ROOM);
    assert_int_equal(secret_seal((struct slice){big, LIMIT_SECRET_BYTES + 1}, key, &out),
                     SECRET_TOO_LARGE);
    assert_int_equal(out.len, 0);
    assert_int_equal(secret_seal((struct slice){big, LIMIT_SECRET_BYTES}, key, &out), SECRET_OK);
    secret_wipe_text(&out);
    free(big);
}

static void a_data_key_is_read_in_every_form(void **state)
{
    static const struct {
        const char *value;
        const char *hex; /* NULL: not a written key */
    } cases[] = {
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
        {" AAECAwQFBgcICQoLDA0ODxAR\r\nEhMUFRYXGBkaGxwdHh8\n",
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", /* trailing bits are ignored */
         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
        {"-__7__v_-__7__v_-__7__v_-__7__v_-__7__v_-_8",
         "fbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbfffbff"},
        {"0123456789abcdef0123456789abcdef",
         "3031323334353637383961626364656630313233343536373839616263646566"},
        {"-__7__v_-__7__v_-__7__v_-__7__v_-__7__v_-_8=", NULL},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8==", NULL},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg", NULL},    /* 31 bytes */
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", NULL},  /* 33 bytes */
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gA", NULL}, /* 45 characters */
        {"correct horse battery staple", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t key[SECRET_KEY_BYTES];
        bool is_key = secret_key_parse(slice_of_cstr(cases[i].value), key);
        assert_int_equal(is_key, cases[i].hex != NULL);
        if (is_key)
            assert_key_hex(key, cases[i].hex);
    }
}

static void a_value_from_outside_may_be_a_pass_phrase(void **state)
{
    uint8_t key[SECRET_KEY_BYTES];

    (void)state;
    key_of(" correct horse battery staple\n", key);
    assert_key_hex(key, "32fdf93af2d99575b3fdb7cfe0b17ae074145096c8f5c0b6e2e64e039126dc6e");
    assert_false(secret_key_from_external(SLICE(" \n"), key));
}

static void base64_round_trip_of_every_length(void **state)
{
    uint8_t bytes[70];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 37 + 5);
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        uint8_t back[sizeof(bytes)];
        struct text text;
        size_t back_len = 0;
        text_init(&text, ROOM);
        base64_encode_raw(&text, bytes, len);
        assert_int_equal(text.len, base64_raw_len(len));
        assert_true(base64_decode(BASE64_RAW, text_slice(&text), back, len, &back_len));
        assert_int_equal(back_len, len);
        assert_memory_equal(back, bytes, len);
        if (len > 0)
            assert_false(base64_decode(BASE64_RAW, text_slice(&text), back, len - 1, &back_len));
        while (text.len % 4 != 0)
            text_add_char(&text, '=');
        assert_true(base64_decode(BASE64_PADDED, text_slice(&text), back, len, &back_len));
        assert_int_equal(back_len, len);
        text_clear(&text);
    }
}

static void base64_refuses_what_ends_in_the_middle(void **state)
{
    static const char *const bad[] = {"A",    "AAAAA", "AA=", "AA==", "A\n",
                                      "AA A", "AA-A",  "=",   "AAA=A"};
    uint8_t bytes[16];
    size_t len = 5;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(base64_decode(BASE64_RAW, slice_of_cstr(bad[i]), bytes, sizeof(bytes), &len));
        assert_int_equal(len, 0);
    }
    assert_false(base64_decode(BASE64_PADDED, SLICE("AAA"), bytes, sizeof(bytes), &len));
    assert_false(base64_decode(BASE64_PADDED, SLICE("AA="), bytes, sizeof(bytes), &len));
    assert_false(base64_decode(BASE64_PADDED, SLICE("A==="), bytes, sizeof(bytes), &len));
    assert_false(base64_decode(BASE64_PADDED, SLICE("AAAA===="), bytes, sizeof(bytes), &len));
    assert_true(base64_decode(BASE64_PADDED, SLICE("AA=\n="), bytes, sizeof(bytes), &len));
    assert_int_equal(len, 1);
}

/* --- SQL --- */

static sqlite3 *open_with_functions(void)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(sqlite3_create_function(db, "usage_secret_open", 2,
                                             SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, secret_open_fn,
                                             NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_create_function(db, "usage_secret_seal", 2,
                                             SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, secret_seal_fn,
                                             NULL, NULL),
                     SQLITE_OK);
    return db;
}

/* The first value of the statement, or "error: ...", or "NULL"; memory to free(). */
static char *sql_value(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    char *value = NULL;
    char room[512];

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        snprintf(room, sizeof(room), "error: %s", sqlite3_errmsg(db));
    else if (sqlite3_column_type(stmt, 0) == SQLITE_NULL)
        snprintf(room, sizeof(room), "NULL");
    else
        snprintf(room, sizeof(room), "%s", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    value = strdup(room);
    assert_non_null(value);
    return value;
}

static void sql_opens_and_seals(void **state)
{
#define SEALED "'enc:v1:oKGio6Slpqeoqaqr:6GlQ/aO8MfTTokirsv4B3so4vmhifcHxOk3ZKDAwxiQ'"
#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    static const struct {
        const char *sql;
        const char *value;
    } cases[] = {
        {"SELECT usage_secret_open(" SEALED ", '" KEY "')", "mgmt-key-example"},
        {"SELECT usage_secret_open(" SEALED ", CAST('" KEY "' || char(10) AS BLOB))",
         "mgmt-key-example"},
        {"SELECT usage_secret_open(" SEALED ", x'" HEX "')", "mgmt-key-example"},
        {"SELECT usage_secret_open(" SEALED ", 'another key')",
         "error: decrypt secret: invalid data key or corrupted ciphertext"},
        {"SELECT usage_secret_open(" SEALED ", CAST('another key' AS BLOB))",
         "error: data key must be 32 bytes or base64-encoded 32 bytes"},
        {"SELECT usage_secret_open(" SEALED ", NULL)",
         "error: data key must be 32 bytes or base64-encoded 32 bytes"},
        {"SELECT usage_secret_open(" SEALED ", 42)",
         "error: data key must be 32 bytes or base64-encoded 32 bytes"},
        {"SELECT usage_secret_open(" SEALED ", '')",
         "error: data key must be 32 bytes or base64-encoded 32 bytes"},
        {"SELECT usage_secret_open(NULL, '" KEY "')", "NULL"},
        {"SELECT usage_secret_open('', '" KEY "')", ""},
        {"SELECT usage_secret_open('enc:v1:x', '" KEY "')",
         "error: invalid encrypted secret format"},
        {"SELECT usage_secret_open(usage_secret_seal(' s3cret ', 'p'), 'p')", "s3cret"},
        {"SELECT usage_secret_seal('s', 'p') <> usage_secret_seal('s', 'p')", "1"},
        {"SELECT usage_secret_seal(NULL, 'p')", "NULL"},
    };
    sqlite3 *db = open_with_functions();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *value = sql_value(db, cases[i].sql);
        assert_string_equal(value, cases[i].value);
        free(value);
    }
    sqlite3_close(db);
#undef SEALED
#undef KEY
#undef HEX
}

static void raw_key_bytes_are_not_trimmed(void **state)
{
    /* 0x20 at both ends was once taken for white space */
    static const char sql[] =
        "SELECT usage_secret_open(usage_secret_seal('s', k), k) FROM (SELECT "
        "x'2001020304050607080910111213141516171819202122232425262728293020' AS k)";
    sqlite3 *db = open_with_functions();
    char *value = sql_value(db, sql);

    (void)state;
    assert_string_equal(value, "s");
    free(value);
    sqlite3_close(db);
}

/* --- failing memory --- */

static sqlite3_mem_methods real_memory;
static int allocations_until_failure = -1; /* -1: never */
static int live_allocations;

static void *failing_malloc(int size)
{
    void *memory = NULL;

    if (allocations_until_failure == 0)
        return NULL;
    if (allocations_until_failure > 0)
        allocations_until_failure--;
    memory = real_memory.xMalloc(size);
    live_allocations += memory != NULL;
    return memory;
}

static void *failing_realloc(void *old, int size)
{
    if (allocations_until_failure == 0)
        return NULL;
    if (allocations_until_failure > 0)
        allocations_until_failure--;
    return real_memory.xRealloc(old, size);
}

static void counting_free(void *memory)
{
    live_allocations--;
    real_memory.xFree(memory);
}

static int install_failing_memory(void **state)
{
    sqlite3_mem_methods methods;

    (void)state;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK)
        return -1;
    methods = real_memory;
    methods.xMalloc = failing_malloc;
    methods.xRealloc = failing_realloc;
    methods.xFree = counting_free;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK ? 0 : -1;
}

static void every_failed_allocation_is_an_ordinary_error(void **state)
{
    uint8_t key[SECRET_KEY_BYTES] = {1};
    enum secret_result result = SECRET_NO_MEMORY;

    (void)state;
    assert_int_equal(sqlite3_initialize(), SQLITE_OK);
    for (int n = 0; result != SECRET_OK; n++) {
        struct text sealed, plain;
        int before = live_allocations;
        assert_in_range(n, 0, 100);
        text_init(&sealed, ROOM);
        text_init(&plain, ROOM);
        allocations_until_failure = n;
        result = secret_seal(SLICE("secret"), key, &sealed);
        if (result == SECRET_OK)
            result = secret_open(text_slice(&sealed), key, &plain);
        allocations_until_failure = -1;
        assert_true(result == SECRET_OK || result == SECRET_NO_MEMORY);
        secret_wipe_text(&sealed);
        secret_wipe_text(&plain);
        assert_int_equal(live_allocations, before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_1_derives_the_known_keys),
        cmocka_unit_test(rule_2_seals_and_opens_the_known_texts),
        cmocka_unit_test(every_sealing_has_its_own_nonce),
        cmocka_unit_test(rule_3_seals_the_trimmed_text_and_leaves_the_rest),
        cmocka_unit_test(rule_4_plain_text_opens_as_itself),
        cmocka_unit_test(rule_5_two_parts_and_a_nonce_of_12_bytes),
        cmocka_unit_test(rule_6_nothing_comes_out_of_a_damaged_text),
        cmocka_unit_test(limit_of_a_secret),
        cmocka_unit_test(a_data_key_is_read_in_every_form),
        cmocka_unit_test(a_value_from_outside_may_be_a_pass_phrase),
        cmocka_unit_test(base64_round_trip_of_every_length),
        cmocka_unit_test(base64_refuses_what_ends_in_the_middle),
        cmocka_unit_test(sql_opens_and_seals),
        cmocka_unit_test(raw_key_bytes_are_not_trimmed),
        cmocka_unit_test(every_failed_allocation_is_an_ordinary_error),
    };

    return cmocka_run_group_tests(tests, install_failing_memory, NULL);
}
