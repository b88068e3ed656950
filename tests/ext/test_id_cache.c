/* ext/store/id_cache: finds what was added, forgets when told and when full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ext/limits.h"
#include "ext/store/id_cache.h"

/* A key with a NUL in it; valid until the next call. */
static struct slice key_of(size_t number)
{
    static char key[32];
    int len = snprintf(key, sizeof key, "k%c%zu", 0, number);
    return (struct slice){key, (size_t)len};
}

static void what_was_added_is_found_across_growth(void **state)
{
    struct id_cache cache;
    (void)state;
    id_cache_init(&cache);
    assert_int_equal(id_cache_find(&cache, key_of(1)), 0);
    for (size_t i = 1; i <= 10000; i++)
        id_cache_add(&cache, key_of(i), (int64_t)i);
    for (size_t i = 1; i <= 10000; i++)
        assert_int_equal(id_cache_find(&cache, key_of(i)), i);
    assert_int_equal(id_cache_find(&cache, key_of(10001)), 0);
    id_cache_clear(&cache);
}

static void the_key_is_a_copy_and_the_empty_key_is_one(void **state)
{
    struct id_cache cache;
    char bytes[] = "abc";
    (void)state;
    id_cache_init(&cache);
    id_cache_add(&cache, (struct slice){bytes, 3}, 7);
    bytes[0] = 'x';
    assert_int_equal(id_cache_find(&cache, SLICE("abc")), 7);
    assert_int_equal(id_cache_find(&cache, SLICE("")), 0);
    id_cache_add(&cache, SLICE(""), 8);
    assert_int_equal(id_cache_find(&cache, slice_empty()), 8);
    id_cache_add(&cache, SLICE("abc"), 9); /* again: the new id counts */
    assert_int_equal(id_cache_find(&cache, SLICE("abc")), 9);
    id_cache_clear(&cache);
}

static void forgetting_forgets_everything(void **state)
{
    struct id_cache cache;
    (void)state;
    id_cache_init(&cache);
    id_cache_forget(&cache); /* nothing was added yet */
    id_cache_add(&cache, SLICE("a"), 1);
    id_cache_forget(&cache);
    assert_int_equal(id_cache_find(&cache, SLICE("a")), 0);
    id_cache_add(&cache, SLICE("a"), 2);
    assert_int_equal(id_cache_find(&cache, SLICE("a")), 2);
    id_cache_clear(&cache);
}

/* Beyond its entries, and beyond its bytes, the cache begins anew and goes on working. */
static void a_full_cache_begins_anew(void **state)
{
    struct id_cache cache;
    (void)state;
    id_cache_init(&cache);
    for (size_t i = 1; i <= LIMIT_ID_CACHE_ENTRIES; i++)
        id_cache_add(&cache, key_of(i), (int64_t)i);
    assert_int_equal(id_cache_find(&cache, key_of(1)), 1); /* at the limit all are there */
    id_cache_add(&cache, key_of(LIMIT_ID_CACHE_ENTRIES + 1), 5);
    assert_int_equal(id_cache_find(&cache, key_of(1)), 0);
    assert_int_equal(id_cache_find(&cache, key_of(LIMIT_ID_CACHE_ENTRIES + 1)), 5);
    id_cache_clear(&cache);
}

static void keys_beyond_its_bytes_are_not_remembered(void **state)
{
    struct id_cache cache;
    size_t len = LIMIT_ID_CACHE_BYTES - 1;
    char *bytes = calloc(1, len + 2);
    (void)state;
    assert_non_null(bytes);
    id_cache_init(&cache);
    id_cache_add(&cache, (struct slice){bytes, len}, 1);
    id_cache_add(&cache, SLICE("b"), 2); /* at the limit */
    assert_int_equal(id_cache_find(&cache, (struct slice){bytes, len}), 1);
    id_cache_add(&cache, SLICE("c"), 3); /* above: not remembered */
    assert_int_equal(id_cache_find(&cache, SLICE("c")), 0);
    assert_int_equal(id_cache_find(&cache, SLICE("b")), 2);
    id_cache_add(&cache, SLICE("c"), 3); /* and the next one begins anew */
    assert_int_equal(id_cache_find(&cache, SLICE("c")), 3);
    assert_int_equal(id_cache_find(&cache, SLICE("b")), 0);
    id_cache_add(&cache, (struct slice){bytes, len + 2}, 4); /* never fits */
    assert_int_equal(id_cache_find(&cache, (struct slice){bytes, len + 2}), 0);
    id_cache_clear(&cache);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_found_across_growth),
        cmocka_unit_test(the_key_is_a_copy_and_the_empty_key_is_one),
        cmocka_unit_test(forgetting_forgets_everything),
        cmocka_unit_test(a_full_cache_begins_anew),
        cmocka_unit_test(keys_beyond_its_bytes_are_not_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
