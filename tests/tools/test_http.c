/* HTTP requests: whole ones, cut ones, broken ones, and what is read from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tools/gateway-sim/http.h"

/* Parses the first len bytes from a heap copy, which the caller frees. */
static enum http_status parse(const char *text, size_t len, char **out_copy,
                              struct http_request *out, struct http_fault *fault)
{
    char *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    memcpy(copy, text, len);
    *out_copy = copy;
    fault->status = 0;
    fault->detail = "";
    return http_parse(copy, len, out, fault);
}

static void requests_cut_at_every_byte_need_more(void **state)
{
    static const char *const texts[] = {
        "GET / HTTP/1.0\r\n\r\n",
        "PUT /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        "PUT /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: t\r\n\r\n",
        "PUT /a HTTP/1.1\nHost: x\ncontent-length:5\n\nhello",
    };
    struct http_request request;
    struct http_fault fault;
    char *copy;
    size_t i;
    size_t cut;

    (void)state;
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t len = strlen(texts[i]);

        for (cut = 0; cut < len; cut++) {
            assert_int_equal(parse(texts[i], cut, &copy, &request, &fault), HTTP_NEED_MORE);
            free(copy);
        }
        assert_int_equal(parse(texts[i], len, &copy, &request, &fault), HTTP_REQUEST);
        assert_int_equal(request.total_bytes, len);
        if (i > 0)
            assert_true(http_is(request.body, "hello"));
        free(copy);
    }
}

static int fault_of(const char *text)
{
    struct http_request request;
    struct http_fault fault;
    char *copy;
    enum http_status status = parse(text, strlen(text), &copy, &request, &fault);

    free(copy);
    return status == HTTP_BAD ? fault.status : status == HTTP_REQUEST ? 200 : 0;
}

static void broken_requests_are_refused_at_the_first_bad_line(void **state)
{
    (void)state;
    assert_int_equal(fault_of("AUTH x\r\n"), 400);
    assert_int_equal(fault_of("\r\n"), 400);
    assert_int_equal(fault_of("GET  HTTP/1.1\r\n"), 400);
    assert_int_equal(fault_of("GET x HTTP/1.1\r\n"), 400);
    assert_int_equal(fault_of("G@T / HTTP/1.1\r\n"), 400);
    assert_int_equal(fault_of("GET / HTTP/1.2\r\n"), 505);
    assert_int_equal(fault_of("GET / HTTP/3.0\r\n"), 505);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\nno colon\r\n"), 400);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\nbad name: x\r\n"), 400);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\n\r\n"), 400);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"), 400);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"), 400);
    assert_int_equal(fault_of("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
    assert_int_equal(
        fault_of("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"), 400);
}

static void bodies_are_limited(void **state)
{
    char text[128];

    (void)state;
    snprintf(text, sizeof(text), "PUT / HTTP/1.0\r\nContent-Length: %d\r\n\r\n",
             LIMIT_HTTP_BODY_BYTES);
    assert_int_equal(fault_of(text), 0);
    snprintf(text, sizeof(text), "PUT / HTTP/1.0\r\nContent-Length: %d\r\n\r\n",
             LIMIT_HTTP_BODY_BYTES + 1);
    assert_int_equal(fault_of(text), 413);
}

static void too_many_headers_are_refused(void **state)
{
    struct bytes text;
    int i;

    (void)state;
    bytes_init(&text, 1 << 20);
    BYTES_LITERAL(&text, "GET / HTTP/1.0\r\n");
    for (i = 0; i < LIMIT_HTTP_HEADERS; i++)
        BYTES_LITERAL(&text, "A: b\r\n");
    bytes_append(&text, "\0", 1);
    text.len--;
    assert_int_equal(fault_of(text.data), 0);
    bytes_append(&text, "A: b\r\n", 7);
    assert_int_equal(fault_of(text.data), 431);
    bytes_clear(&text);
}

static void queries_are_decoded(void **state)
{
    static const char text[] =
        "GET /q?a=1&count=%203%20&b=x+y%2fz&long=12345678901234567890&empty= "
        "HTTP/1.0\r\n\r\n";
    struct http_request request;
    struct http_fault fault;
    char value[16];
    char *copy;

    (void)state;
    assert_int_equal(parse(text, strlen(text), &copy, &request, &fault), HTTP_REQUEST);
    assert_true(http_is(request.path, "/q"));
    assert_true(http_query_value(&request, "count", value, sizeof(value)));
    assert_string_equal(value, "3");
    assert_true(http_query_value(&request, "b", value, sizeof(value)));
    assert_string_equal(value, "x y/z");
    assert_true(http_query_value(&request, "long", value, sizeof(value)));
    assert_int_equal(strlen(value), sizeof(value) - 1);
    assert_true(http_query_value(&request, "empty", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_false(http_query_value(&request, "absent", value, sizeof(value)));
    free(copy);
}

static void keep_alive_follows_version_and_header(void **state)
{
    static const struct {
        const char *text;
        bool is_kept;
    } rows[] = {
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: x\r\nConnection: te, Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
    };
    struct http_request request;
    struct http_fault fault;
    char *copy;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(parse(rows[i].text, strlen(rows[i].text), &copy, &request, &fault),
                         HTTP_REQUEST);
        assert_int_equal(http_keeps_alive(&request), rows[i].is_kept);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_cut_at_every_byte_need_more),
        cmocka_unit_test(broken_requests_are_refused_at_the_first_bad_line),
        cmocka_unit_test(bodies_are_limited),
        cmocka_unit_test(too_many_headers_are_refused),
        cmocka_unit_test(queries_are_decoded),
        cmocka_unit_test(keep_alive_follows_version_and_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
