/*
 * An event as JSON: the keys of a release, in its order, as compact as Go writes them.
 * Which release brought which key stands beside each key.
 */
#include "tools/gateway-sim/events.h"

#include "tools/gateway-sim/clock.h"
#include "tools/gateway-sim/json_text.h"

static void put_client(struct bytes *out, const struct event *event)
{
    BYTES_LITERAL(out, ",\"client_ip\":\"10.0.");
    bytes_int(out, event->number % 7);
    BYTES_LITERAL(out, ".");
    bytes_int(out, event->number % 200);
    json_put_key_plain(out, "\",\"x_forwarded_for\":\"\",\"user_agent\":", event->user_agent);
}

static void put_tokens(struct bytes *out, const struct event *event, struct release release)
{
    json_put_key_int(out, ",\"tokens\":{\"input_tokens\":", event->input_tokens);
    json_put_key_int(out, ",\"output_tokens\":", event->output_tokens);
    json_put_key_int(out, ",\"reasoning_tokens\":", event->reasoning_tokens);
    json_put_key_int(out, ",\"cached_tokens\":", event->cache_read_tokens);
    if (release_has(release, RELEASE(7, 0, 3)))
        json_put_key_int(out, ",\"cache_read_tokens\":", event->cache_read_tokens);
    if (release_has(release, RELEASE(7, 2, 74)))
        BYTES_LITERAL(out, ",\"cache_read_tokens_present\":true");
    if (release_has(release, RELEASE(7, 0, 3)))
        json_put_key_int(out, ",\"cache_creation_tokens\":", event->cache_creation_tokens);
    json_put_key_int(out, ",\"total_tokens\":", event->total_tokens);
    BYTES_LITERAL(out, "}");
}

static void put_fate(struct bytes *out, const struct event *event, struct release release)
{
    bytes_text(out, event->failure != NULL ? ",\"failed\":true" : ",\"failed\":false");
    if (release_has(release, RELEASE(7, 2, 78)))
        BYTES_LITERAL(out, ",\"generate\":true");
    if (!release_has(release, RELEASE(7, 0, 0)))
        return;
    json_put_key_int(
        out, ",\"fail\":{\"status_code\":", event->failure != NULL ? event->failure->status : 200);
    json_put_key_plain(out, ",\"body\":", event->failure != NULL ? event->failure->body_json : "");
    BYTES_LITERAL(out, "}");
}

static void put_quota(struct bytes *out, const struct event *event)
{
    json_put_key_int(
        out, ",\"X-Codex-Plan-Type\":[\"plus\"],\"X-Codex-Primary-Reset-After-Seconds\":[\"",
        event->primary.reset_after_seconds);
    json_put_key_int(out, "\"],\"X-Codex-Primary-Used-Percent\":[\"", event->primary.used_percent);
    json_put_key_int(out,
                     "\"],\"X-Codex-Primary-Window-Minutes\":[\"300\"],"
                     "\"X-Codex-Secondary-Reset-After-Seconds\":[\"",
                     event->secondary.reset_after_seconds);
    json_put_key_int(out, "\"],\"X-Codex-Secondary-Used-Percent\":[\"",
                     event->secondary.used_percent);
    BYTES_LITERAL(out, "\"],\"X-Codex-Secondary-Window-Minutes\":[\"10080\"]");
}

static void put_headers(struct bytes *out, const struct event *event)
{
    BYTES_LITERAL(out, ",\"response_headers\":{\"Content-Type\":[\"text/event-stream\"]");
    if (event->has_quota)
        put_quota(out, event);
    BYTES_LITERAL(out, ",\"X-Request-Id\":[\"req_");
    bytes_hex(out, (uint64_t)event->number, 12);
    BYTES_LITERAL(out, "\"]}");
}

static void put_breakdown(struct bytes *out, const struct event *event)
{
    int64_t output_total = event->total_tokens - event->input_total_tokens;

    json_put_key_int(out,
                     ",\"accounting_version\":2,\"token_breakdown\":{\"schema_version\":2,"
                     "\"quality\":\"complete\",\"total_tokens\":",
                     event->total_tokens);
    json_put_key_int(out, ",\"input\":{\"total_tokens\":", event->input_total_tokens);
    json_put_key_int(out, ",\"uncached_tokens\":",
                     event->input_total_tokens - event->cache_read_tokens -
                         event->cache_creation_tokens);
    json_put_key_int(out, ",\"cache_read_tokens\":", event->cache_read_tokens);
    json_put_key_int(out, ",\"cache_write_tokens\":", event->cache_creation_tokens);
    json_put_key_int(out, "},\"output\":{\"total_tokens\":", output_total);
    json_put_key_int(out, ",\"non_reasoning_tokens\":", output_total - event->reasoning_tokens);
    json_put_key_int(out, ",\"reasoning_tokens\":", event->reasoning_tokens);
    BYTES_LITERAL(out, "},\"unclassified_tokens\":0}");
}

static void put_model(struct bytes *out, const struct event *event, struct release release)
{
    json_put_key_plain(out, ",\"provider\":", event->provider->name);
    if (release_has(release, RELEASE(7, 1, 38)))
        json_put_key_plain(out, ",\"executor_type\":", event->provider->executor);
    json_put_key_plain(out, ",\"model\":", event->model->name);
    if (!release_has(release, RELEASE(6, 10, 7)))
        return;
    BYTES_LITERAL(out, ",\"alias\":\"");
    bytes_text(out, event->model->name);
    if (event->names_effort) {
        BYTES_LITERAL(out, "(");
        bytes_text(out, event->reasoning_effort);
        BYTES_LITERAL(out, ")");
    }
    BYTES_LITERAL(out, "\"");
}

/* Only Codex reports the tier that was used, and only on success; "auto" got "default". */
static void put_tiers(struct bytes *out, const struct event *event, struct release release)
{
    const char *used = event->service_tier[0] == 'a' ? "default" : event->service_tier;

    if (release_has(release, RELEASE(7, 1, 27)))
        json_put_key_plain(out, ",\"service_tier\":", event->service_tier);
    if (!release_has(release, RELEASE(7, 2, 65)))
        return;
    if (!release_has(release, RELEASE(7, 2, 74)))
        json_put_key_plain(out, ",\"request_service_tier\":", event->service_tier);
    if (event->model->provider == PROVIDER_CODEX && event->failure == NULL)
        json_put_key_plain(out, ",\"response_service_tier\":", used);
}

static void put_request(struct bytes *out, const struct event *event, struct release release)
{
    json_put_key_plain(out, ",\"endpoint\":", event->provider->endpoint);
    json_put_key_plain(out, ",\"auth_type\":\"oauth\",\"api_key\":", event->client_key);
    BYTES_LITERAL(out, ",\"request_id\":\"");
    bytes_hex(out, event->request_id, 8);
    BYTES_LITERAL(out, "\"");
    if (release_has(release, RELEASE(7, 1, 18)))
        json_put_key_plain(out, ",\"reasoning_effort\":", event->reasoning_effort);
    put_tiers(out, event, release);
}

void events_put_json(struct bytes *out, const struct event *event,
                     const struct event_settings *settings)
{
    struct release release = settings->release;

    BYTES_LITERAL(out, "{\"timestamp\":\"");
    clock_put_rfc3339(out, event->timestamp_ns, settings->is_local_time);
    json_put_key_int(out, "\",\"latency_ms\":", event->latency_ms);
    if (release_has(release, RELEASE(7, 1, 24)))
        json_put_key_int(out, ",\"ttft_ms\":", event->ttft_ms);
    json_put_key_plain(out, ",\"source\":", event->account->email);
    json_put_key_plain(out, ",\"auth_index\":", event->account->auth_index);
    if (settings->has_token_sha256 && release_has(release, RELEASE(7, 2, 116)))
        json_put_key_plain(out, ",\"access_token_sha256\":", event->account->token_sha256);
    if (release_has(release, RELEASE(7, 2, 104)))
        put_client(out, event);
    put_tokens(out, event, release);
    put_fate(out, event, release);
    if (release_has(release, RELEASE(7, 1, 13)))
        put_headers(out, event);
    if (release_has(release, RELEASE(7, 2, 97)))
        put_breakdown(out, event);
    put_model(out, event, release);
    put_request(out, event, release);
    BYTES_LITERAL(out, "}");
}
