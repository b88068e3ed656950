/* The process lock: one holder per database, whatever name is used for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/memory.h"
#include "server/private_file.h"
#include "server/process_lock.h"
#include "temp_folder.h"

static int set_up(void **state)
{
    char *made = temp_folder_new();
    *state = realpath(made, NULL); /* the temporary folder itself may be a link */
    free(made);
    return *state == NULL;
}

static int tear_down(void **state)
{
    temp_folder_free(*state);
    return 0;
}

/* Acquire, which must fail with this text (%s: the folder). */
static void acquire_fails(const char *folder, const char *name, const char *format)
{
    struct process_lock lock;
    char *path = temp_folder_path(folder, name);
    char *expected = NULL;
    char *error = NULL;
    const char *hole = strstr(format, "%s");

    assert_non_null(hole);
    expected = memory_format("%.*s%s%s", (int)(hole - format), format, folder, hole + 2);
    assert_false(process_lock_acquire(&lock, path, &error));
    assert_string_equal(error, expected);
    assert_int_equal(lock.fd, -1);
    process_lock_release(&lock);
    free(error);
    free(expected);
    free(path);
}

static void acquire(struct process_lock *lock, const char *folder, const char *name)
{
    char *path = temp_folder_path(folder, name);
    char *error = NULL;

    if (!process_lock_acquire(lock, path, &error))
        fail_msg("%s", error);
    free(path);
}

static void makes_the_folder_and_the_lock_file(void **state)
{
    const char *folder = *state;
    struct process_lock lock;
    char *expected = temp_folder_path(folder, "a/b/usage.sqlite");

    acquire(&lock, folder, "a/./x/../b//usage.sqlite");
    assert_string_equal(lock.db_path, expected);
    assert_int_equal(temp_folder_mode(folder, "a"), 0700);
    assert_int_equal(temp_folder_mode(folder, "a/b"), 0700);
    assert_int_equal(temp_folder_mode(folder, "a/b/usage.sqlite.manager.lock"), 0600);
    assert_int_equal(temp_folder_mode(folder, "a/b/usage.sqlite"), -1);
    process_lock_release(&lock);
    assert_int_equal(temp_folder_mode(folder, "a/b/usage.sqlite.manager.lock"), 0600);
    free(expected);
}

static void a_second_holder_is_refused_until_the_first_is_gone(void **state)
{
    const char *folder = *state;
    struct process_lock lock;

    acquire(&lock, folder, "u.db");
    acquire_fails(folder, "u.db", "manager database process lock is already held for %s/u.db");
    process_lock_release(&lock);
    acquire(&lock, folder, "u.db");
    process_lock_release(&lock);
    process_lock_release(&lock); /* twice is harmless */
}

static void another_process_is_refused_and_death_gives_it_back(void **state)
{
    const char *folder = *state;
    struct process_lock lock;
    char *path = temp_folder_path(folder, "u.db");
    int ready[2];
    int hold[2];
    int status = 0;
    char c = 0;
    pid_t child = 0;

    assert_int_equal(pipe(ready) | pipe(hold), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char *error = NULL;
        bool is_held = process_lock_acquire(&lock, path, &error);
        (void)!write(ready[1], is_held ? "y" : "n", 1);
        (void)!read(hold[0], &c, 1); /* until the parent says so */
        _exit(0);                    /* without giving it back */
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    acquire_fails(folder, "u.db", "manager database process lock is already held for %s/u.db");
    assert_int_equal(write(hold[1], "x", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    acquire(&lock, folder, "u.db");
    process_lock_release(&lock);
    (void)close(ready[0]);
    (void)close(ready[1]);
    (void)close(hold[0]);
    (void)close(hold[1]);
    free(path);
}

static void symbolic_links_lead_to_the_same_lock(void **state)
{
    const char *folder = *state;
    struct process_lock lock;
    char *link_path = temp_folder_path(folder, "alias.db");
    char *folder_link = temp_folder_path(folder, "alias");

    temp_folder_write(folder, "u.db", "");
    assert_int_equal(symlink("u.db", link_path), 0);
    assert_int_equal(symlink(".", folder_link), 0);
    acquire(&lock, folder, "alias.db");
    assert_string_equal(strrchr(lock.db_path, '/'), "/u.db");
    acquire_fails(folder, "u.db", "manager database process lock is already held for %s/u.db");
    acquire_fails(folder, "alias/u.db",
                  "manager database process lock is already held for %s/u.db");
    process_lock_release(&lock);
    free(link_path);
    free(folder_link);
}

static void a_dangling_link_is_refused(void **state)
{
    const char *folder = *state;
    char *link_path = temp_folder_path(folder, "alias.db");

    assert_int_equal(symlink("nowhere.db", link_path), 0);
    acquire_fails(folder, "alias.db", "database path %s/alias.db is a dangling symbolic link");
    free(link_path);
}

static void hard_links_are_refused(void **state)
{
    const char *folder = *state;
    char *path = temp_folder_path(folder, "u.db");
    char *other = temp_folder_path(folder, "other.db");
    struct process_lock lock;

    temp_folder_write(folder, "u.db", "");
    assert_int_equal(link(path, other), 0);
    acquire_fails(folder, "u.db",
                  "manager database has multiple hard links for %s/u.db; replace hard-link "
                  "aliases with one canonical database path");
    assert_int_equal(unlink(other), 0);
    acquire(&lock, folder, "u.db"); /* the refusal gave the lock back */
    process_lock_release(&lock);
    free(path);
    free(other);
}

static void private_files_are_never_overwritten(void **state)
{
    const char *folder = *state;
    char *path = temp_folder_path(folder, "n/e/w");
    char *error = NULL;
    char *content = NULL;

    assert_true(private_file_create(path, SLICE("one"), &error));
    assert_int_equal(temp_folder_mode(folder, "n/e"), 0700);
    assert_int_equal(temp_folder_mode(folder, "n/e/w"), 0600);
    assert_false(private_file_create(path, SLICE("two"), &error));
    assert_non_null(strstr(error, "File exists"));
    memory_replace(&error, NULL);
    assert_true(private_file_ensure(path, &error));
    content = temp_folder_read(folder, "n/e/w");
    assert_string_equal(content, "one");
    free(content);
    memory_replace(&path, temp_folder_path(folder, "n/u.db"));
    assert_true(private_file_ensure(path, &error));
    assert_int_equal(temp_folder_mode(folder, "n/u.db"), 0600);
    free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_the_folder_and_the_lock_file),
        TEST(a_second_holder_is_refused_until_the_first_is_gone),
        TEST(another_process_is_refused_and_death_gives_it_back),
        TEST(symbolic_links_lead_to_the_same_lock),
        TEST(a_dangling_link_is_refused),
        TEST(hard_links_are_refused),
        TEST(private_files_are_never_overwritten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
