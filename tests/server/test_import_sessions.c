/* Upload sessions without a server: their clock, imports that fail, chunks at the same
 * time, and what a start makes of every state that an earlier run can leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/document.h"
#include "server/memory.h"
#include "server/transfer/session.h"
#include "server/transfer/session_store.h"
#include "temp_folder.h"

#define TTL_MS 1000

/* A world whose clock and imports the test moves. */
struct world {
    char *folder;
    struct session_store *store;
    int64_t now_ms;
    struct task *waiting; /* the import that was started and has not run */
    bool is_full;         /* no import can be started */
    struct import_result next_result;
    bool was_wanted; /* what the import was told at its end */
    struct text out; /* the last answer */
    char id[SESSION_ID_LEN + 1];
};

static int64_t world_now(void *arg)
{
    return ((struct world *)arg)->now_ms;
}

static bool world_start(void *arg, struct task *task)
{
    struct world *world = arg;
    if (!world->is_full)
        world->waiting = task;
    return !world->is_full;
}

static void world_import(void *arg, const char *path, bool (*is_wanted)(void *session),
                         void *session, struct import_result *out_result)
{
    struct world *world = arg;
    assert_int_equal(access(path, R_OK), 0);
    world->was_wanted = is_wanted(session);
    *out_result = world->next_result;
}

static void world_open(struct world *world)
{
    const struct session_store_options options = {.folder = world->folder,
                                                  .chunk_bytes = 4,
                                                  .quota_bytes = 100,
                                                  .max_sessions = 2,
                                                  .ttl_ms = TTL_MS,
                                                  .now_ms = world_now,
                                                  .start = world_start,
                                                  .import = world_import,
                                                  .arg = world};
    char *error = NULL;
    world->store = session_store_open(&options, &error);
    if (world->store == NULL)
        fail_msg("%s", error);
}

static int setup(void **state)
{
    struct world *world = memory_zeroed(sizeof *world);
    world->folder = temp_folder_new();
    world->now_ms = 1000;
    text_init(&world->out, 65536);
    world_open(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    session_store_close(world->store);
    temp_folder_free(world->folder);
    text_clear(&world->out);
    free(world);
    return 0;
}

static void restart(struct world *world)
{
    session_store_close(world->store);
    world_open(world);
}

/* --- calls and what they answered --- */

static struct slice id_of(const struct world *world)
{
    return slice_of_cstr(world->id);
}

static void create(struct world *world, int64_t size_bytes)
{
    text_empty(&world->out);
    assert_int_equal(
        session_store_create(world->store, SLICE("a"), size_bytes, slice_empty(), &world->out),
        201);
    memcpy(world->id, world->out.data + strlen("{\"id\":\""), SESSION_ID_LEN);
}

static int chunk(struct world *world, int64_t offset, const char *bytes)
{
    text_empty(&world->out);
    return session_store_chunk(world->store, id_of(world), offset, slice_of_cstr(bytes),
                               (int64_t)strlen(bytes), &world->out);
}

static int complete(struct world *world)
{
    text_empty(&world->out);
    return session_store_complete(world->store, id_of(world), &world->out);
}

static int cancel(struct world *world)
{
    text_empty(&world->out);
    return session_store_delete(world->store, id_of(world), &world->out);
}

static int get(struct world *world)
{
    text_empty(&world->out);
    return session_store_get(world->store, id_of(world), &world->out);
}

static void run_import(struct world *world, enum import_verdict verdict)
{
    import_result_fail(&world->next_result, verdict, verdict == IMPORT_DONE ? "" : "because");
    world->next_result.added = 3;
    struct task *task = world->waiting;
    world->waiting = NULL;
    task->run(task);
}

static void assert_out(const struct world *world, const char *part)
{
    if (strstr(world->out.data, part) == NULL)
        fail_msg("no %s in %s", part, world->out.data);
}

static void assert_status(struct world *world, const char *status)
{
    char part[64];
    assert_int_equal(get(world), 200);
    (void)snprintf(part, sizeof part, "\"status\":\"%s\"", status);
    assert_out(world, part);
}

static char *path_of(const struct world *world, const char *suffix)
{
    return memory_format("%s/%s%s", world->folder, world->id, suffix);
}

static bool has_file(const struct world *world, const char *suffix)
{
    char *path = path_of(world, suffix);
    bool is_there = access(path, F_OK) == 0;
    free(path);
    return is_there;
}

static void set_part(const struct world *world, const char *content)
{
    char *path = path_of(world, ".part");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fputs(content, file) >= 0 && fclose(file) == 0, 1);
    free(path);
}

static void upload(struct world *world)
{
    create(world, 6);
    assert_int_equal(chunk(world, 0, "abcd"), 200);
    assert_int_equal(chunk(world, 4, "ef"), 200);
    assert_out(world, "\"status\":\"ready\"");
}

/* --- tests --- */

static void a_session_expires_when_nothing_happens(void **state)
{
    struct world *world = *state;
    create(world, 6);
    assert_out(world, "\"expires_at_ms\":2000,");
    world->now_ms = 1999;
    assert_int_equal(get(world), 200); /* which lengthens nothing */
    assert_int_equal(chunk(world, 0, "abcd"), 200);
    assert_out(world, "\"expires_at_ms\":2999,");
    world->now_ms = 2998;
    assert_int_equal(get(world), 200);
    world->now_ms = 2999;
    assert_int_equal(get(world), 404);
    assert_false(has_file(world, ".part"));
    assert_false(has_file(world, ".json"));
}

static void a_running_import_does_not_expire(void **state)
{
    struct world *world = *state;
    upload(world);
    assert_int_equal(complete(world), 202);
    world->now_ms = 1000000;
    session_store_purge(world->store);
    assert_status(world, "processing");
    run_import(world, IMPORT_DONE);
    assert_status(world, "completed");
    assert_out(world, "\"expires_at_ms\":1001000,");
    world->now_ms = 1001000;
    session_store_purge(world->store);
    assert_false(has_file(world, ".json"));
}

static void a_failed_store_can_be_retried(void **state)
{
    struct world *world = *state;
    upload(world);
    assert_int_equal(complete(world), 202);
    assert_int_equal(complete(world), 202); /* the same answer, not a second import */
    run_import(world, IMPORT_NOT_STORED);
    assert_status(world, "failed");
    assert_out(world, "\"retryable\":true,\"error\":\"because\",\"result\":{");
    assert_true(has_file(world, ".part"));
    assert_int_equal(complete(world), 202);
    assert_null(strstr(world->out.data, "result"));
    run_import(world, IMPORT_DONE);
    assert_status(world, "completed");
    assert_out(world, "\"added\":3");
    assert_false(has_file(world, ".part"));
    assert_int_equal(complete(world), 200);
}

static void an_unusable_file_fails_for_good(void **state)
{
    struct world *world = *state;
    upload(world);
    (void)complete(world);
    run_import(world, IMPORT_UNUSABLE);
    assert_status(world, "failed");
    assert_out(world, "\"retryable\":false,");
    assert_false(has_file(world, ".part"));
    assert_int_equal(complete(world), 409);
    assert_out(world, "usage import session failed and cannot be retried");
    assert_int_equal(cancel(world), 200);
    assert_out(world, "\"status\":\"cancelled\"");
}

static void an_import_that_cannot_start_leaves_it_ready(void **state)
{
    struct world *world = *state;
    upload(world);
    world->is_full = true;
    assert_int_equal(complete(world), 500);
    assert_out(world, "usage_import_session_unavailable");
    assert_status(world, "ready");
}

static void a_cancelled_import_is_told(void **state)
{
    struct world *world = *state;
    upload(world);
    (void)complete(world);
    assert_int_equal(cancel(world), 202);
    assert_out(world, "\"status\":\"processing\"");
    run_import(world, IMPORT_CANCELLED);
    assert_false(world->was_wanted);
    assert_status(world, "cancelled");
    assert_out(world, "\"error\":\"usage import cancelled\",\"result\":{");
    assert_false(has_file(world, ".part"));
}

static void the_file_must_be_as_it_was_left(void **state)
{
    struct world *world = *state;
    create(world, 6);
    set_part(world, "abc");
    assert_int_equal(chunk(world, 0, "abcd"), 409);
    set_part(world, "");
    upload(world);
    set_part(world, "abcde");
    assert_int_equal(complete(world), 409);
    assert_out(world, "usage import temporary file is incomplete");
}

/* Change a word of the metadata, as an earlier run might have left it. */
static void edit_metadata(const struct world *world, const char *word, const char *other)
{
    char text[4096] = "";
    char *path = path_of(world, ".json");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    char *at = strstr(text, word);
    assert_non_null(at);
    file = fopen(path, "wb");
    assert_non_null(file);
    (void)fwrite(text, 1, (size_t)(at - text), file);
    (void)fputs(other, file);
    (void)fwrite(at + strlen(word), 1, len - (size_t)(at - text) - strlen(word), file);
    (void)fclose(file);
    free(path);
}

#define STATUS(word) "\"status\":\"" word "\""

/* What a start makes of a session; "" when it vanishes. */
static const struct recovery {
    const char *left;      /* status; the session has 6 bytes */
    const char *part;      /* NULL: no file */
    bool is_cancelled;     /* cancel_requested */
    bool is_retryable;     /* of a failed one */
    const char *status;    /* after the start */
    const char *also;      /* stands in the answer, too */
    bool keeps_the_upload; /* the file of bytes is still there */
} recoveries[] = {
    {"uploading", "abc", false, false, "uploading", "\"received_bytes\":3", true},
    {"uploading", "abcdef", false, false, "ready", "\"received_bytes\":6", true},
    {"uploading", "abcdefg", false, false, "failed", "missing or invalid", false},
    {"uploading", NULL, false, false, "failed", "\"retryable\":false", false},
    {"uploading", "abc", true, false, "", "", false},
    {"ready", "abcdef", false, false, "ready", "", true},
    {"ready", "abc", false, false, "uploading", "\"received_bytes\":3", true},
    {"processing", "abcdef", false, false, "ready", "", true},
    {"processing", "abc", false, false, "uploading", "", true},
    {"processing", "abcdef", true, false, "cancelled", "usage import cancelled", false},
    {"failed", "abcdef", false, true, "failed", "\"retryable\":true", true},
    {"failed", "abc", false, true, "uploading", "\"retryable\":false", true},
    {"failed", "abcdef", false, false, "failed", "", false},
    {"completed", "abcdef", false, false, "completed", "", false},
    {"cancelled", "abcdef", true, false, "cancelled", "", false},
};

static void leave(struct world *world, const struct recovery *recovery)
{
    char status[64];
    create(world, 6);
    (void)snprintf(status, sizeof status, STATUS("%s"), recovery->left);
    edit_metadata(world, STATUS("uploading"), status);
    if (recovery->is_cancelled)
        edit_metadata(world, "\"cancel_requested\":false", "\"cancel_requested\":true");
    if (recovery->is_retryable)
        edit_metadata(world, "\"retryable\":false", "\"retryable\":true");
    char *path = path_of(world, ".part");
    assert_int_equal(unlink(path), 0);
    free(path);
    if (recovery->part != NULL)
        set_part(world, recovery->part);
}

static void a_start_takes_up_every_state(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof recoveries / sizeof recoveries[0]; i++) {
        const struct recovery *recovery = &recoveries[i];
        print_message("%s, %s\n", recovery->left, recovery->part ? recovery->part : "no file");
        leave(world, recovery);
        restart(world);
        if (recovery->status[0] == '\0') {
            assert_int_equal(get(world), 404);
            assert_false(has_file(world, ".json"));
        } else {
            assert_status(world, recovery->status);
            assert_out(world, recovery->also);
        }
        assert_int_equal(has_file(world, ".part"), recovery->keeps_the_upload);
        (void)cancel(world);
        world->now_ms += TTL_MS;
    }
}

static void invalid_metadata_goes_with_its_file(void **state)
{
    static const char *const edits[][2] = {
        {STATUS("uploading"), STATUS("other")},
        {"\"size_bytes\":6", "\"size_bytes\":-6"},
        {"\"size_bytes\":6", "\"size_bytes\":\"6\""},
        {"\"received_bytes\":0", "\"received_bytes\":7"},
        {"\"id\":\"", "\"id\":\"x"},
        {"\"retryable\":false", "\"retryable\":0"},
        {"{", ""},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        create(world, 6);
        edit_metadata(world, edits[i][0], edits[i][1]);
        restart(world);
        assert_int_equal(get(world), 404);
        assert_false(has_file(world, ".json"));
        assert_false(has_file(world, ".part"));
    }
}

static void an_expired_session_is_not_taken_up(void **state)
{
    struct world *world = *state;
    create(world, 6);
    world->now_ms += TTL_MS;
    restart(world);
    assert_int_equal(get(world), 404);
    assert_false(has_file(world, ".json"));
}

static void a_result_survives_a_start(void **state)
{
    struct world *world = *state;
    upload(world);
    (void)complete(world);
    import_result_fail(&world->next_result, IMPORT_DONE, "");
    world->next_result.format = RECORD_FORMAT_LEGACY_EXPORT;
    world->next_result.has_warnings = true;
    world->next_result.unsupported = 2;
    world->waiting->run(world->waiting);
    assert_int_equal(get(world), 200);
    char *before = memory_copy_cstr(world->out.data);
    restart(world);
    assert_int_equal(get(world), 200);
    assert_string_equal(world->out.data, before);
    free(before);
}

static void a_file_that_stays_blocks_nobody(void **state)
{
    struct world *world = *state;
    create(world, 60);
    char *path = path_of(world, ".part");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* which unlink does not remove */
    world->now_ms += TTL_MS;
    assert_int_equal(get(world), 404);
    create(world, 60); /* its room is free */
    assert_int_equal(rmdir(path), 0);
    session_store_purge(world->store); /* and now it goes */
    assert_int_equal(access(path, F_OK), -1);
    free(path);
}

/* --- at the same time --- */

static void *write_chunks(void *arg)
{
    struct world *world = arg;
    struct text out;
    text_init(&out, 65536);
    for (int64_t at = 0; at < 96;) {
        text_empty(&out);
        int status = session_store_chunk(world->store, id_of(world), at, SLICE("abcd"), 4, &out);
        if (status == 200)
            at += 4;
        else if (strstr(out.data, "expected") != NULL)
            at = strtoll(strstr(out.data, "expected ") + 9, NULL, 10); /* another was first */
        else if (strstr(out.data, "already in progress") == NULL)
            break;
    }
    text_clear(&out);
    return NULL;
}

static void two_writers_make_one_file(void **state)
{
    struct world *world = *state;
    pthread_t threads[2];
    create(world, 96);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_chunks, world), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_status(world, "ready");
    assert_out(world, "\"received_bytes\":96,");
}

/* The next sync of a file waits until it is released. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_armed;
    bool is_reached;
} hold = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
    pthread_mutex_lock(&hold.lock);
    if (hold.is_armed && !hold.is_reached) {
        hold.is_reached = true;
        pthread_cond_broadcast(&hold.changed);
        while (hold.is_armed)
            pthread_cond_wait(&hold.changed, &hold.lock);
    }
    pthread_mutex_unlock(&hold.lock);
    return __real_fsync(fd);
}

/* Begin a chunk on a thread; it is then in the middle of its writing. */
static pthread_t begin_chunk(struct world *world)
{
    pthread_t thread;
    hold.is_armed = true;
    hold.is_reached = false;
    assert_int_equal(pthread_create(&thread, NULL, write_chunks, world), 0);
    pthread_mutex_lock(&hold.lock);
    while (!hold.is_reached)
        pthread_cond_wait(&hold.changed, &hold.lock);
    pthread_mutex_unlock(&hold.lock);
    return thread;
}

static void release_chunk(void)
{
    pthread_mutex_lock(&hold.lock);
    hold.is_armed = false;
    pthread_cond_broadcast(&hold.changed);
    pthread_mutex_unlock(&hold.lock);
}

static void a_session_takes_one_chunk_at_a_time(void **state)
{
    struct world *world = *state;
    create(world, 96);
    pthread_t thread = begin_chunk(world);
    assert_int_equal(chunk(world, 0, "abcd"), 409);
    assert_out(world, "usage import chunk is already in progress");
    assert_int_equal(complete(world), 409);
    assert_out(world, "usage import chunk is still in progress");
    world->now_ms += TTL_MS; /* it is at work, so it stays */
    assert_status(world, "uploading");
    char busy[SESSION_ID_LEN + 1];
    memcpy(busy, world->id, sizeof busy);
    create(world, 4); /* and others are not held up */
    assert_int_equal(chunk(world, 0, "abcd"), 200);
    memcpy(world->id, busy, sizeof busy);
    release_chunk();
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_status(world, "ready");
}

static void *cancel_main(void *arg)
{
    struct world *world = arg;
    assert_int_equal(cancel(world), 200);
    return NULL;
}

static void a_cancel_waits_for_the_chunk_at_work(void **state)
{
    struct world *world = *state;
    pthread_t canceller;
    create(world, 96);
    pthread_t writer = begin_chunk(world);
    assert_int_equal(pthread_create(&canceller, NULL, cancel_main, world), 0);
    release_chunk();
    assert_int_equal(pthread_join(canceller, NULL), 0);
    assert_out(world, "\"status\":\"cancelled\"");
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_status(world, "cancelled");
    assert_false(has_file(world, ".part"));
}

static void names_are_cut_to_what_can_be_shown(void **state)
{
    static const char *const names[][2] = {
        {"", "usage-import.jsonl"},
        {" . ", "usage-import.jsonl"},
        {"/", "usage-import.jsonl"},
        {"a/b.json", "b.json"},
        {"a/", "a"},
        {" \xe3\x80\x80x ", "x"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *name = session_filename(slice_of_cstr(names[i][0]));
        assert_string_equal(name, names[i][1]);
        free(name);
    }
    char *name = session_filename(SLICE("a\0b"));
    assert_string_equal(name, "ab");
    free(name);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(a_session_expires_when_nothing_happens),
        WITH_WORLD(a_running_import_does_not_expire),
        WITH_WORLD(a_failed_store_can_be_retried),
        WITH_WORLD(an_unusable_file_fails_for_good),
        WITH_WORLD(an_import_that_cannot_start_leaves_it_ready),
        WITH_WORLD(a_cancelled_import_is_told),
        WITH_WORLD(the_file_must_be_as_it_was_left),
        WITH_WORLD(a_start_takes_up_every_state),
        WITH_WORLD(invalid_metadata_goes_with_its_file),
        WITH_WORLD(an_expired_session_is_not_taken_up),
        WITH_WORLD(a_result_survives_a_start),
        WITH_WORLD(a_file_that_stays_blocks_nobody),
        WITH_WORLD(two_writers_make_one_file),
        WITH_WORLD(a_session_takes_one_chunk_at_a_time),
        WITH_WORLD(a_cancel_waits_for_the_chunk_at_work),
        cmocka_unit_test(names_are_cut_to_what_can_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
