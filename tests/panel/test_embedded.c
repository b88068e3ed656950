/* The page in the library is the built file, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "panel_page.h"

static void embedded_page_is_the_built_file(void **state)
{
    (void)state;
    FILE *file = fopen(PANEL_PAGE_PATH, "rb");
    assert_non_null(file);
    unsigned char *bytes = malloc(panel_page_len + 1);
    assert_non_null(bytes);
    /* One more than expected is asked for, so that a longer file is noticed. */
    size_t length = fread(bytes, 1, panel_page_len + 1, file);
    (void)fclose(file);
    assert_int_equal(length, panel_page_len);
    assert_memory_equal(bytes, panel_page, panel_page_len);
    free(bytes);
}

static void embedded_page_is_a_whole_document(void **state)
{
    static const char first[] = "<!doctype html>\n";
    static const char last[] = "</html>\n";
    (void)state;
    assert_true(panel_page_len > sizeof(first) + sizeof(last));
    assert_memory_equal(panel_page, first, sizeof(first) - 1);
    assert_memory_equal(panel_page + panel_page_len - (sizeof(last) - 1), last, sizeof(last) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(embedded_page_is_the_built_file),
        cmocka_unit_test(embedded_page_is_a_whole_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
