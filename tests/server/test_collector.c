/* server/collector: the parts without a socket or a database. */
#include "server/collector/collector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "server/collector/backoff.h"
#include "server/collector/endpoint.h"
#include "server/collector/failure.h"
#include "server/collector/http_queue.h"
#include "server/collector/json_elements.h"
#include "server/collector/payload.h"
#include "server/collector/state.h"

static void modes_are_read_in_any_spelling(void **state)
{
    (void)state;
    assert_int_equal(collector_mode_of(" Subscribe "), COLLECTOR_SUBSCRIBE);
    assert_int_equal(collector_mode_of("HTTP"), COLLECTOR_HTTP);
    assert_int_equal(collector_mode_of("resp\n"), COLLECTOR_RESP);
    assert_int_equal(collector_mode_of("auto"), COLLECTOR_AUTO);
    assert_int_equal(collector_mode_of("websocket"), COLLECTOR_AUTO);
    assert_int_equal(collector_mode_of(NULL), COLLECTOR_AUTO);
    assert_string_equal(collector_mode_name(COLLECTOR_SUBSCRIBE), "subscribe");
}

static void rule_1_pauses_grow_and_begin_anew(void **state)
{
    static const int64_t expected_ms[] = {50, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
    struct backoff backoff = {0};
    (void)state;
    for (size_t i = 0; i < sizeof expected_ms / sizeof *expected_ms; i++)
        assert_int_equal(backoff_next_ms(&backoff), expected_ms[i]);
    backoff_reset(&backoff);
    assert_int_equal(backoff_next_ms(&backoff), 50);
}

/* The gateway counts to five within two hours after the last failure. */
static void rule_2_a_wrong_key_never_adds_up_to_a_ban(void **state)
{
    struct backoff backoff = {0};
    int64_t idle_ms = 0;
    int counted = 1;
    (void)state;
    for (int i = 0; i < 20; i++) {
        idle_ms = backoff_refused_ms(&backoff, SLICE("ERR invalid management key"));
        assert_true(idle_ms >= 5 * 60 * 1000);
        counted = idle_ms > 2 * 3600 * 1000 ? 1 : counted + 1;
        assert_true(counted <= 2);
    }
    backoff_reset_refusals(&backoff);
    assert_int_equal(backoff_refused_ms(&backoff, SLICE("missing management key")), 5 * 60 * 1000);
}

static void rule_3_a_ban_is_waited_for(void **state)
{
    struct backoff backoff = {0};
    (void)state;
    assert_int_equal(
        backoff_refused_ms(&backoff, SLICE("ERR IP banned due to too many failed attempts. "
                                           "Try again in 29m58s")),
        1800 * 1000);
    assert_int_equal(
        backoff_refused_ms(&backoff, SLICE("usage queue request failed: 403 Forbidden: "
                                           "{\"error\":\"IP banned. Try again in 45s\"}")),
        47 * 1000);
}

static void rule_4_settings_of_the_gateway_are_asked_for_again_soon(void **state)
{
    struct backoff backoff = {0};
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(backoff_refused_ms(&backoff, SLICE("ERR remote management disabled")),
                         60 * 1000);
}

static void go_durations_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"29m58s", 1798000},     {"30m0s", 1800000}, {"45s", 45000}, {"1h2m3s", 3723000},
                {"1.5s", 1500},          {"300ms", 300},     {"0s", 0},      {"900us", 0},
                {"99999999h", 86400000}, {"7s; more", 7000}};
    static const char *const bad[] = {"", "x", "5", "s", ".s", "-5s"};
    int64_t ms = 0;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(backoff_go_duration_ms(slice_of_cstr(good[i].text), &ms));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(backoff_go_duration_ms(slice_of_cstr(bad[i]), &ms));
}

/* Every state can be left for the ordered end, nothing follows STOPPED but a new start,
 * and nobody speaks to the gateway before it logged in. */
static void the_table_of_moves_has_no_way_around_the_login(void **state)
{
    (void)state;
    for (enum collector_state from = COLLECTOR_CONNECTING; from < COLLECTOR_ENDING; from++)
        assert_true(collector_state_allows(from, COLLECTOR_ENDING));
    for (enum collector_state to = COLLECTOR_STOPPED; to < COLLECTOR_STATE_COUNT; to++) {
        assert_int_equal(collector_state_allows(COLLECTOR_ENDING, to), to == COLLECTOR_STOPPED);
        assert_int_equal(collector_state_allows(to, COLLECTOR_AUTHENTICATING),
                         to == COLLECTOR_CONNECTING);
        assert_int_equal(collector_state_allows(to, COLLECTOR_LISTENING),
                         to == COLLECTOR_SUBSCRIBING);
    }
    assert_false(collector_state_allows(COLLECTOR_CONNECTING, COLLECTOR_SUBSCRIBING));
    assert_false(collector_state_allows(COLLECTOR_STOPPED, COLLECTOR_ENDING));
    assert_string_equal(collector_state_name(COLLECTOR_POPPING), "popping");
}

static void expect_endpoint(const char *url, const char *dial_url, const char *base_url,
                            bool is_tls)
{
    struct endpoint endpoint;
    char error[256] = "";
    assert_true(endpoint_parse(url, false, &endpoint, error, sizeof error));
    assert_string_equal(endpoint.dial_url, dial_url);
    assert_string_equal(endpoint.base_url, base_url);
    assert_int_equal(endpoint.is_tls, is_tls);
}

static void expect_no_endpoint(const char *url, const char *expected)
{
    struct endpoint endpoint;
    char error[256] = "";
    assert_false(endpoint_parse(url, false, &endpoint, error, sizeof error));
    assert_string_equal(error, expected);
}

static void urls_become_endpoints(void **state)
{
    (void)state;
    expect_endpoint("http://gw.example:8317", "http://gw.example:8317", "http://gw.example:8317",
                    false);
    expect_endpoint(" gw.example:8317/ ", "http://gw.example:8317", "http://gw.example:8317",
                    false);
    expect_endpoint("gw.example", "http://gw.example:80", "http://gw.example:80", false);
    expect_endpoint("https://gw.example/a/b/?x=1#y", "https://gw.example:443",
                    "https://gw.example:443/a/b", true);
    expect_endpoint("http://[::1]:8317/", "http://[::1]:8317", "http://[::1]:8317", false);
    expect_endpoint("https://[2001:db8::7]", "https://[2001:db8::7]:443",
                    "https://[2001:db8::7]:443", true);
    expect_endpoint("http://me:secret@gw.example:1/", "http://gw.example:1", "http://gw.example:1",
                    false);
    expect_no_endpoint("  ", "upstream URL is empty");
    expect_no_endpoint(NULL, "upstream URL is empty");
    expect_no_endpoint("ftp://gw.example", "unsupported upstream scheme \"ftp\"");
}

static void url_limit_one_below_at_and_above(void **state)
{
    char url[LIMIT_URL_BYTES + 2];
    char error[256] = "";
    struct endpoint endpoint;
    (void)state;
    for (size_t len = LIMIT_URL_BYTES - 18; len <= LIMIT_URL_BYTES; len++) {
        memset(url, 'p', sizeof url);
        memcpy(url, "http://h:1/", 11);
        url[len] = '\0';
        assert_int_equal(endpoint_parse(url, false, &endpoint, error, sizeof error),
                         len < LIMIT_URL_BYTES - 16);
    }
    assert_string_equal(error, "upstream URL is too long");
}

static void expect_failure(const char *reply, enum failure_kind kind)
{
    struct failure failure;
    assert_int_equal(failure_of_reply(&failure, slice_of_cstr(reply)), kind);
    assert_string_equal(failure.text, reply);
}

static void replies_say_what_to_do(void **state)
{
    (void)state;
    expect_failure("ERR unknown command 'subscribe'", FAILURE_UNSUPPORTED);
    expect_failure("ERR unsupported channel 'x'", FAILURE_UNSUPPORTED);
    expect_failure("ERR RESP AUTH disabled; use mTLS", FAILURE_UNSUPPORTED);
    expect_failure("ERR redis usage output disabled in home mode", FAILURE_UNSUPPORTED);
    expect_failure("ERR invalid management key", FAILURE_REFUSED);
    expect_failure("ERR missing management key", FAILURE_REFUSED);
    expect_failure("ERR remote management key not set", FAILURE_REFUSED);
    expect_failure("ERR remote management disabled", FAILURE_REFUSED);
    expect_failure("ERR IP banned due to too many failed attempts. Try again in 5s",
                   FAILURE_REFUSED);
    expect_failure("NOAUTH Authentication required.", FAILURE_REFUSED);
    expect_failure("ERR protocol error", FAILURE_BROKEN);
    expect_failure("", FAILURE_BROKEN);
}

static void control_payloads_are_told_from_events(void **state)
{
    static const struct {
        const char *text;
        enum payload_kind kind;
    } cases[] = {
        {"{\"support_refresh\":true}", PAYLOAD_GREETING},
        {"{\"refresh\":true}", PAYLOAD_REFRESH},
        {" \n{ \"refresh\" : true }\r\n", PAYLOAD_REFRESH},
        {"{\"refresh\":false}", PAYLOAD_EVENT},
        {"{\"refresh\":1}", PAYLOAD_EVENT},
        {"{\"refresh\":true,\"x\":true}", PAYLOAD_EVENT},
        {"{\"Refresh\":true}", PAYLOAD_EVENT},
        {"{\"other\":true}", PAYLOAD_EVENT},
        {"{}", PAYLOAD_EVENT},
        {"[true]", PAYLOAD_EVENT},
        {"{\"refresh\":true", PAYLOAD_EVENT},
        {"", PAYLOAD_BLANK},
        {" \t\r\n", PAYLOAD_BLANK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(payload_kind_of(slice_of_cstr(cases[i].text)), cases[i].kind);
}

/* Collects payloads as "<one><two>". */
struct collected {
    char text[1024];
    size_t len;
};

static void collect(void *context, struct slice payload)
{
    struct collected *collected = context;
    int len = snprintf(collected->text + collected->len, sizeof collected->text - collected->len,
                       "<%.*s>", (int)payload.len, payload.len > 0 ? payload.data : "");
    assert_true(len > 0 && (size_t)len < sizeof collected->text - collected->len);
    collected->len += (size_t)len;
}

static void expect_taken(struct slice body, const char *expected, bool is_whole)
{
    struct collected collected = {.len = 0};
    const struct payload_sink sink = {collect, &collected};
    size_t taken = 0;
    assert_int_equal(http_queue_take(body, &sink, &taken), is_whole);
    assert_string_equal(collected.text, expected);
}

static void queue_answers_give_their_payloads(void **state)
{
    (void)state;
    expect_taken(SLICE("[]"), "", true);
    expect_taken(SLICE(" [ ] \n"), "", true);
    expect_taken(SLICE("[{\"a\":1},{\"b\":[1,{\"c\":\"],[\"}]}]"),
                 "<{\"a\":1}><{\"b\":[1,{\"c\":\"],[\"}]}>", true);
    expect_taken(SLICE("[ {\"n\":9007199254740993} , null , \"\" , \"not json\" ]"),
                 "<{\"n\":9007199254740993}><><not json>", true);
    expect_taken(SLICE("[\"a\\\"]b\\u0041\", 7, true, [1]]"), "<a\"]bA><7><true><[1]>", true);
    expect_taken(SLICE("{\"error\":\"x\"}"), "", false);
    expect_taken(SLICE(""), "", false);
    expect_taken(SLICE("[{\"a\":1}"), "", false);
}

static void a_queue_answer_cut_anywhere_gives_its_whole_elements(void **state)
{
    const struct slice body = SLICE("[{\"a\":\"x,y\"},[2,3],\"s\"]");
    (void)state;
    for (size_t len = 0; len < body.len; len++)
        expect_taken(slice_first(body, len),
                     len > 22   ? "<{\"a\":\"x,y\"}><[2,3]>"
                     : len > 18 ? "<{\"a\":\"x,y\"}><[2,3]>"
                     : len > 12 ? "<{\"a\":\"x,y\"}>"
                                : "",
                     false);
    expect_taken(body, "<{\"a\":\"x,y\"}><[2,3]><s>", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_are_read_in_any_spelling),
        cmocka_unit_test(rule_1_pauses_grow_and_begin_anew),
        cmocka_unit_test(rule_2_a_wrong_key_never_adds_up_to_a_ban),
        cmocka_unit_test(rule_3_a_ban_is_waited_for),
        cmocka_unit_test(rule_4_settings_of_the_gateway_are_asked_for_again_soon),
        cmocka_unit_test(go_durations_are_read),
        cmocka_unit_test(the_table_of_moves_has_no_way_around_the_login),
        cmocka_unit_test(urls_become_endpoints),
        cmocka_unit_test(url_limit_one_below_at_and_above),
        cmocka_unit_test(replies_say_what_to_do),
        cmocka_unit_test(control_payloads_are_told_from_events),
        cmocka_unit_test(queue_answers_give_their_payloads),
        cmocka_unit_test(a_queue_answer_cut_anywhere_gives_its_whole_elements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
