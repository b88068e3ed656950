/* ext/arena: zeroed, aligned and separate pieces; the ceiling; failure that stays until reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ext/arena.h"

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    struct arena arena;
    unsigned char *pieces[200];
    (void)state;
    arena_init(&arena, 1024 * 1024);
    for (int round = 0; round < 2; round++) { /* the second one in used memory */
        for (size_t i = 0; i < 200; i++) {
            pieces[i] = arena_alloc(&arena, i * 7);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % 8, 0);
            for (size_t at = 0; at < i * 7; at++)
                assert_int_equal(pieces[i][at], 0);
            memset(pieces[i], (int)i, i * 7);
        }
        for (size_t i = 0; i < 200; i++)
            for (size_t at = 0; at < i * 7; at++)
                assert_int_equal(pieces[i][at], i);
        arena_reset(&arena);
    }
    arena_clear(&arena);
}

static void the_ceiling_counts_what_is_handed_out(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 1000);
    assert_non_null(arena_alloc(&arena, 999));
    assert_non_null(arena_alloc(&arena, 1));
    assert_false(arena.failed);
    assert_null(arena_alloc(&arena, 1));
    assert_true(arena.failed);
    assert_false(arena.is_nomem);
    arena_clear(&arena);
}

static void failure_stays_until_reset(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 100);
    assert_null(arena_alloc(&arena, 101));
    assert_null(arena_alloc(&arena, 1));
    assert_int_equal(arena_copy(&arena, SLICE("a")).len, 0);
    arena_reset(&arena);
    assert_false(arena.failed);
    assert_non_null(arena_alloc(&arena, 100));
    arena_clear(&arena);
}

static void a_piece_larger_than_any_block_fits(void **state)
{
    struct arena arena;
    (void)state;
    arena_init(&arena, 1 << 20);
    char *small = arena_alloc(&arena, 3);
    char *large = arena_alloc(&arena, 500000);
    assert_non_null(small);
    assert_non_null(large);
    memset(large, 1, 500000);
    assert_int_equal(small[2], 0);
    arena_clear(&arena);
}

static void text_moves_in_with_its_failure(void **state)
{
    struct arena arena;
    struct text text;
    (void)state;
    arena_init(&arena, 1000);
    text_init(&text, 4);
    text_add_cstr(&text, "abcd");
    struct slice kept = arena_take_text(&arena, &text);
    text_empty(&text);
    text_add_cstr(&text, "wxyz");
    assert_true(slice_equal(kept, SLICE("abcd")));
    text_add_char(&text, '!');
    assert_int_equal(arena_take_text(&arena, &text).len, 0);
    assert_true(arena.failed);
    text_clear(&text);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(the_ceiling_counts_what_is_handed_out),
        cmocka_unit_test(failure_stays_until_reset),
        cmocka_unit_test(a_piece_larger_than_any_block_fits),
        cmocka_unit_test(text_moves_in_with_its_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
