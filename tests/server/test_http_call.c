/* Calls to other servers: bounds, errors, where the secret goes. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/loopback.h"
#include "server/memory.h"
#include "server/upstream/http_call.h"
#include "stub_upstream.h"

struct world {
    struct stub_upstream *stub;
    struct http_caller *caller;
    struct http_request request; /* a GET of its url */
    struct http_response response;
    char *url;
};

static void target(struct world *world, const char *path)
{
    memory_replace(&world->url, memory_format("%s%s", stub_upstream_url(world->stub), path));
    world->request.url = world->url;
}

static int set_up(void **state)
{
    struct world *world = memory_zeroed(sizeof(*world));

    world->stub = stub_upstream_start();
    world->caller = http_caller_new();
    world->request = (struct http_request){.method = "GET",
                                           .connect_timeout_ms = 5000,
                                           .total_timeout_ms = 20000,
                                           .body_limit_bytes = 1000};
    http_response_init(&world->response);
    target(world, "/x");
    *state = world;
    return world->caller == NULL;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    http_response_clear(&world->response);
    http_caller_free(world->caller);
    stub_upstream_stop(world->stub);
    free(world->url);
    free(world);
    return 0;
}

static void assert_asked(struct world *world, const char *expected)
{
    char *log = stub_upstream_log(world->stub);

    assert_string_equal(log, expected);
    free(log);
}

/* The call must fail with a text that contains part. */
static void call_fails(struct world *world, const char *part)
{
    assert_false(http_call(world->caller, &world->request, &world->response));
    if (strstr(world->response.error, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", part, world->response.error);
    assert_int_equal(world->response.status, 0);
}

static void an_answer_has_status_headers_and_body(void **state)
{
    struct world *world = *state;
    struct slice value = slice_empty();

    stub_upstream_answer(world->stub, "GET /x",
                         "HTTP/1.1 401 Unauthorized\r\nX-Cpa-Version:  7.1 \r\n"
                         "Content-Length: 4\r\n\r\nbody");
    world->request.bearer = "the key";
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_int_equal(world->response.status, 401);
    assert_string_equal(world->response.status_line, "401 Unauthorized");
    assert_string_equal(world->response.body.data, "body");
    assert_true(http_response_header(&world->response, SLICE("x-cpa-version"), &value));
    assert_true(slice_equal(value, SLICE("7.1")));
    assert_false(http_response_header(&world->response, SLICE("x-cpa"), &value));
    assert_asked(world, "GET /x|Bearer the key|\n");
}

static void a_put_sends_its_body_and_headers(void **state)
{
    static const char *const headers[] = {"Authorization: Basic z", NULL};
    struct world *world = *state;

    stub_upstream_json(world->stub, "PUT /x", "204 No Content", "");
    world->request.method = "PUT";
    world->request.headers = headers;
    world->request.body = SLICE("{\"a\":1}");
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_int_equal(world->response.status, 204);
    assert_asked(world, "PUT /x|Basic z|{\"a\":1}\n");
    /* nothing of it is left for the next call */
    world->request = (struct http_request){.method = "GET",
                                           .url = world->url,
                                           .connect_timeout_ms = 5000,
                                           .total_timeout_ms = 20000,
                                           .body_limit_bytes = 10};
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_asked(world, "GET /x||\n");
}

static void the_body_has_a_limit(void **state)
{
    struct world *world = *state;

    stub_upstream_json(world->stub, "GET /x", "200 OK", "0123456789");
    world->request.body_limit_bytes = 10;
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_int_equal(world->response.body.len, 10);
    world->request.body_limit_bytes = 9;
    call_fails(world, "the answer is too large");
}

static void a_server_that_does_not_answer_is_given_up(void **state)
{
    struct world *world = *state;

    stub_upstream_answer(world->stub, "GET /x", NULL);
    world->request.total_timeout_ms = 50;
    call_fails(world, "timed out");
}

static void *cancel_soon(void *arg)
{
    struct world *world = arg;
    atomic_bool *cancel = (atomic_bool *)(uintptr_t)world->request.cancel;
    char *log = stub_upstream_log(world->stub);

    while (log[0] == '\0') { /* the request has arrived */
        free(log);
        log = stub_upstream_log(world->stub);
    }
    free(log);
    atomic_store(cancel, true);
    return NULL;
}

static void a_waiting_call_can_be_cancelled(void **state)
{
    struct world *world = *state;
    atomic_bool cancel = false;
    pthread_t thread;

    stub_upstream_answer(world->stub, "GET /x", NULL);
    world->request.cancel = &cancel;
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, world), 0);
    call_fails(world, "cancelled");
    pthread_join(thread, NULL);
}

static void nobody_there(void **state)
{
    struct world *world = *state;
    char *expected = memory_format("Get \"%s\": ", world->url);

    stub_upstream_stop(world->stub);
    call_fails(world, expected);
    assert_non_null(strstr(world->response.error, "connect"));
    world->stub = stub_upstream_start();
    free(expected);
}

static void what_is_no_url_is_refused_and_not_shown(void **state)
{
    static const char *const bad[] = {
        "s3cret",         "http://", "http://a b/", "ftp://127.0.0.1/", "file:///etc/passwd",
        "http://h:99999/"};
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        world->request.url = bad[i];
        call_fails(world, "Get \"");
        assert_null(strstr(world->response.error, "s3cret"));
    }
    assert_asked(world, "");
}

static void a_password_in_the_url_is_not_shown(void **state)
{
    struct world *world = *state;

    memory_replace(&world->url, memory_copy_cstr("http://user:s3cret@127.0.0.1:1/x"));
    world->request.url = world->url;
    call_fails(world, "Get \"http://user:xxxxx@127.0.0.1:1/x\": ");
    assert_null(strstr(world->response.error, "s3cret"));
}

static void a_key_cannot_add_headers(void **state)
{
    struct world *world = *state;

    world->request.bearer = "k\r\nX-Evil: 1";
    call_fails(world, "control character");
    assert_null(strstr(world->response.error, "Evil"));
    assert_asked(world, "");
}

static void redirects_keep_the_key_on_the_host_only(void **state)
{
    struct world *world = *state;
    struct stub_upstream *other = stub_upstream_start();
    struct slice old = slice_empty();
    char *response = memory_format("HTTP/1.1 302 Found\r\nLocation: http://localhost:%s/y\r\n"
                                   "Content-Length: 0\r\nConnection: close\r\n\r\n",
                                   strrchr(stub_upstream_url(other), ':') + 1);
    char *log = NULL;

    stub_upstream_answer(world->stub, "GET /x", response);
    stub_upstream_answer(world->stub, "GET /same",
                         "HTTP/1.1 307 Moved\r\nLocation: /z\r\nContent-Length: 0\r\nX-Old: 1\r\n"
                         "Connection: close\r\n\r\n");
    stub_upstream_json(world->stub, "GET /z", "200 Fine", "{}");
    stub_upstream_json(other, "GET /y", "200 OK", "{}");
    world->request.bearer = "k";
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_int_equal(world->response.status, 302); /* not followed unless asked */
    assert_asked(world, "GET /x|Bearer k|\n");
    world->request.follows_redirects = true;
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_int_equal(world->response.status, 200);
    log = stub_upstream_log(other);
    assert_string_equal(log, "GET /y||\n");
    assert_asked(world, "GET /x|Bearer k|\n");
    target(world, "/same");
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_string_equal(world->response.status_line, "200 Fine");
    assert_false(http_response_header(&world->response, SLICE("X-Old"), &old));
    assert_asked(world, "GET /same|Bearer k|\nGET /z|Bearer k|\n");
    free(log);
    free(response);
    stub_upstream_stop(other);
}

static void endless_redirects_end(void **state)
{
    struct world *world = *state;

    stub_upstream_answer(world->stub, "GET /x",
                         "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n"
                         "Connection: close\r\n\r\n");
    world->request.follows_redirects = true;
    call_fails(world, "redirects");
}

static void proxies_are_used_but_not_for_this_machine(void **state)
{
    struct world *world = *state;

    stub_upstream_json(world->stub, "GET http://cpa.test/", "200 OK", "via proxy");
    stub_upstream_json(world->stub, "GET /x", "200 OK", "direct");
    assert_int_equal(setenv("HTTP_PROXY", stub_upstream_url(world->stub), 1), 0);
    world->request.url = "http://cpa.test/";
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_string_equal(world->response.body.data, "via proxy");
    world->request.url = world->url;
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_string_equal(world->response.body.data, "direct");
    assert_int_equal(unsetenv("HTTP_PROXY"), 0);
    assert_int_equal(setenv("http_proxy", stub_upstream_url(world->stub), 1), 0);
    assert_true(http_call(world->caller, &world->request, &world->response));
    assert_string_equal(world->response.body.data, "direct");
    assert_int_equal(unsetenv("http_proxy"), 0);
}

static void hosts_of_this_machine(void **state)
{
    static const struct {
        const char *host;
        bool is_local;
    } cases[] = {{"localhost", true}, {"LOCALHOST", true},  {"127.0.0.1", true},
                 {"127.1.2.3", true}, {"::1", true},        {"[::1]", true},
                 {"", false},         {"128.0.0.1", false}, {"localhost.example", false},
                 {"[]", false},       {"::", false},        {"0.0.0.0", false}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(loopback_is_host(cases[i].host), cases[i].is_local);
}

static int begin(void **state)
{
    static const char *const proxies[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                          "no_proxy",   "NO_PROXY",   "all_proxy",   "ALL_PROXY"};

    (void)state;
    for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++)
        (void)unsetenv(proxies[i]);
    return !http_call_global_init();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_has_status_headers_and_body),
        TEST(a_put_sends_its_body_and_headers),
        TEST(the_body_has_a_limit),
        TEST(a_server_that_does_not_answer_is_given_up),
        TEST(a_waiting_call_can_be_cancelled),
        TEST(nobody_there),
        TEST(what_is_no_url_is_refused_and_not_shown),
        TEST(a_password_in_the_url_is_not_shown),
        TEST(a_key_cannot_add_headers),
        TEST(redirects_keep_the_key_on_the_host_only),
        TEST(endless_redirects_end),
        TEST(proxies_are_used_but_not_for_this_machine),
        TEST(hosts_of_this_machine),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
