/* Setup and configuration against the simulated gateway instead of a stand-in. */
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
#include "server/settings/config_api.h"
#include "server/settings/setup.h"
#include "server/upstream/http_call.h"
#include "settings_world.h"

struct gateway {
    struct settings_world *world;
    pid_t pid;
    int stdin_fd; /* the gateway ends with it */
    char *url;
};

/* Start the gateway with its standard input and output on pipes. */
static pid_t spawn(int *out_stdin, int *out_stdout)
{
    char *path = memory_format("%s/tools/gateway-sim/gateway-sim", getenv("USAGE_BUILD_DIR"));
    int in[2];
    int out[2];
    pid_t pid = 0;

    if (pipe(in) != 0 || pipe(out) != 0)
        abort();
    pid = fork();
    if (pid == 0) {
        (void)dup2(in[0], 0);
        (void)dup2(out[1], 1);
        (void)close(in[1]);
        (void)close(out[0]);
        (void)execl(path, path, "--listen", "127.0.0.1:0", "--until-eof", "--key", "k",
                    "--statistics", "off", "--retention", "90", (char *)NULL);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    *out_stdin = in[1];
    *out_stdout = out[0];
    free(path);
    return pid;
}

static int set_up(void **state)
{
    struct gateway *gateway = memory_zeroed(sizeof(*gateway));
    void *world = NULL;
    char host[64] = "";
    int stdout_fd = -1;
    FILE *said = NULL;

    if (settings_world_set_up(&world) != 0)
        return -1;
    gateway->world = world;
    gateway->pid = spawn(&gateway->stdin_fd, &stdout_fd);
    said = fdopen(stdout_fd, "r");
    if (said == NULL || fscanf(said, "gateway-sim listening on %63s", host) != 1)
        return -1;
    (void)fclose(said);
    gateway->url = memory_format("http://%s", host);
    *state = gateway;
    return 0;
}

static int tear_down(void **state)
{
    struct gateway *gateway = *state;
    void *world = gateway->world;
    int status = 0;

    (void)close(gateway->stdin_fd);
    (void)waitpid(gateway->pid, &status, 0);
    (void)settings_world_tear_down(&world);
    free(gateway->url);
    free(gateway);
    return status;
}

static void setup(struct gateway *gateway, const char *key)
{
    struct settings_world *world = gateway->world;
    char *body =
        memory_format("{\"cpaBaseUrl\":\"%s/\",\"cpaManagementKey\":\"%s\"}", gateway->url, key);

    settings_answer_clear(&world->answer);
    setup_apply(&world->context, slice_of_cstr(body), &world->answer);
    free(body);
}

static void assert_view_ends(struct gateway *gateway, const char *tail)
{
    struct settings_world *world = gateway->world;
    struct slice body = slice_empty();

    settings_answer_clear(&world->answer);
    config_api_view(&world->context, &world->answer);
    assert_int_equal(world->answer.status, 200);
    body = text_slice(&world->answer.body);
    if (!slice_ends_with(body, slice_of_cstr(tail)))
        fail_msg("%s does not end with %s", body.data, tail);
}

static void a_gateway_is_bound_and_told_to_keep_statistics(void **state)
{
    struct gateway *gateway = *state;
    char *expected = memory_format("{\"ok\":true,\"upstream\":\"%s\"}\n", gateway->url);

    setup(gateway, "k");
    assert_string_equal(gateway->world->answer.body.data, expected);
    assert_int_equal(gateway->world->answer.collector, SETTINGS_COLLECTOR_START);
    assert_view_ends(gateway, ",\"source\":\"db\",\"cpaUsage\":{\"usageStatisticsEnabled\":true,"
                              "\"redisUsageQueueRetentionSeconds\":90,"
                              "\"retentionSourceDefault\":false}}\n");
    free(expected);
}

static void a_gateway_refuses_a_wrong_key(void **state)
{
    struct gateway *gateway = *state;

    setup(gateway, "wrong");
    settings_world_expect_error(gateway->world, 502, "management_api_validation_failed",
                                "management API validation failed: 401 Unauthorized");
    assert_view_ends(gateway, ",\"source\":\"\"}\n");
}

static int begin(void **state)
{
    (void)state;
    return !http_call_global_init();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_gateway_is_bound_and_told_to_keep_statistics),
        TEST(a_gateway_refuses_a_wrong_key),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
