/* ext/event/identity: account keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ext/event/event.h"

static void the_first_case_that_holds_names_the_account(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        const char *file, *index, *source, *account, *label, *snapshot, *provider, *project;
        const char *key;
    } rows[] = {
        {"team.json", "abc1", "", "", "", "", "", "", "file-index:7465616D2E6A736F6E:61626331"},
        {"a.json", "a1", "x", "y", "z", "codex", "kimi", "p", "file-index:612E6A736F6E:6131"},
        {"", "", "eve@example.net", "eve@example.net", "", "grok", "", "",
         "account:786169:657665406578616D706C652E6E6574"},
        {"", "", "eve@example.net", "eve@example.net", "", "", "grok", "",
         "account:786169:657665406578616D706C652E6E6574"},
        {"", "", "legacy.json", "", "", "vertex", "", "p-1",
         "file-project:6C65676163792E6A736F6E:766572746578:702D31"},
        {"f", "", "", "a", "l", "X_AI", "", "", "file-account:66:786169:61"},
        {"f", "", "", "", "l", " ", " Open_AI ", "", "file-label:66:6F70656E2D6169:6C"},
        {"f", "", "", "", "", "", "", "", "file:66:"},
        {"", "i", "s", "s", "", "p", "", "", "auth-index:70:69"},
        {"", "", "s", "a", "s", "p", "", "", "account:70:61"},
        {"", "", "", "", "l", "p", "", "", "label:70:6C"},
        {"", "", "", "a", "l", "p", "", " j ", "project:70:6A"},
        {"", "", "m:sk-a...0001", "", "", "", "", "", "file:6D3A736B2D612E2E2E30303031:"},
        {"", "", "", "", "", "codex", "codex", "", NULL},
        {" ", " ", " ", " ", " ", "", "", " ", NULL},
    };
    /* clang-format on */
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event event = {
            .auth_file_snapshot = slice_of_cstr(rows[i].file),
            .auth_index = slice_of_cstr(rows[i].index),
            .source = slice_of_cstr(rows[i].source),
            .account_snapshot = slice_of_cstr(rows[i].account),
            .auth_label_snapshot = slice_of_cstr(rows[i].label),
            .auth_provider_snapshot = slice_of_cstr(rows[i].snapshot),
            .provider = slice_of_cstr(rows[i].provider),
            .auth_project_id_snapshot = slice_of_cstr(rows[i].project),
        };
        struct slice key = event_account_key(&arena, &event);
        struct slice prefix = SLICE("usage-account-history:2:");
        struct slice expected = slice_of_cstr(rows[i].key);
        if (rows[i].key ? !slice_starts_with(key, prefix) ||
                              !slice_equal(slice_from(key, prefix.len), expected)
                        : key.len != 0)
            fail_msg("row %d: got %.*s", (int)i, (int)key.len, key.data);
    }
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_case_that_holds_names_the_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
