/*
 * The answer to GET /v0/management/config: every key of the simulated release in its
 * order, with the two live settings and the generated client keys filled in.
 */
#include "tools/gateway-sim/management.h"

static const char before_keys[] =
    "{\"proxy-url\":\"\",\"disable-image-generation\":false,\"force-model-prefix\":false,"
    "\"request-log\":false,\"claude-code\":{\"disable-cloaking-model-list\":false},\"api-keys\":[";

static const char before_statistics[] =
    "],\"passthrough-headers\":false,\"streaming\":{},"
    "\"tls\":{\"enable\":false,\"cert\":\"\",\"key\":\"\"},"
    "\"credential-concurrency\":{\"lifecycle-config-revision\":0,"
    "\"observation-barrier-revision\":0,\"cpa-heartbeat-timeout\":3000000000,"
    "\"cpa-cancel-bound\":5000000000,\"reclaim-grace\":5000000000,"
    "\"cleanup-interval\":5000000000,\"release-flush-interval\":250000000,"
    "\"release-max-backoff\":2000000000,\"busy-retry-min\":250000000,"
    "\"busy-retry-max\":1000000000,\"max-limit\":1000000},"
    "\"credential-in-flight\":{\"snapshot-interval\":\"2s\",\"stale-after\":\"10s\","
    "\"max-part-bytes\":262144,\"max-part-count\":64,\"max-revision-bytes\":16777216,"
    "\"max-aggregate-groups\":100000,\"max-details\":10000,\"max-string-bytes\":256,"
    "\"staging-retention\":\"1m\"},"
    "\"plugins\":{\"enabled\":false,\"dir\":\"plugins\",\"configs\":{}},\"debug\":false,"
    "\"pprof\":{\"enable\":false,\"addr\":\"127.0.0.1:8316\"},\"commercial-mode\":false,"
    "\"logging-to-file\":false,\"logs-max-total-size-mb\":0,\"error-logs-max-files\":10,"
    "\"usage-statistics-enabled\":";

static const char before_retention[] = ",\"redis-usage-queue-retention-seconds\":";

static const char after_retention[] =
    ",\"disable-cooling\":true,\"save-cooldown-status\":false,"
    "\"transient-error-cooldown-seconds\":0,\"auth-auto-refresh-workers\":0,"
    "\"request-retry\":0,\"max-retry-credentials\":0,\"max-retry-interval\":0,"
    "\"quota-exceeded\":{\"switch-project\":false,\"switch-preview-model\":false,"
    "\"antigravity-credits\":false},\"routing\":{},\"ws-auth\":true,\"antigravity\":{},"
    "\"gemini-api-key\":[{\"api-key\":\"sim-gemini-key-0001\","
    "\"base-url\":\"http://127.0.0.1:9901/gemini\","
    "\"models\":[{\"name\":\"gemini-2.5-flash\",\"alias\":\"gemini-flash\"}]}],"
    "\"interactions-api-key\":null,"
    "\"codex-api-key\":[{\"api-key\":\"sk-codex-key-0001\","
    "\"base-url\":\"http://127.0.0.1:9901/codex\",\"proxy-url\":\"\","
    "\"models\":[{\"name\":\"gpt-5-codex\",\"alias\":\"codex-team\"},"
    "{\"name\":\"gpt-5.4\",\"alias\":\"gpt-5.4\"}]}],"
    "\"xai-api-key\":null,\"xai\":{\"inject-x-search\":false},"
    "\"codex\":{\"identity-confuse\":false,\"disable-codex-cloaking\":false,"
    "\"stream-bootstrap-buffering\":false,\"optimize-multi-agent-v2\":false,"
    "\"live-media-relay\":{\"enabled\":false,\"max-sessions\":0,"
    "\"disable-private-remote-ips\":false,\"public-ip\":\"\",\"udp-port-min\":0,"
    "\"udp-port-max\":0,\"ice-servers\":null}},"
    "\"codex-header-defaults\":{\"user-agent\":\"\",\"beta-features\":\"\"},"
    "\"claude-api-key\":[{\"api-key\":\"sk-ant-key-0001\","
    "\"base-url\":\"http://127.0.0.1:9901/claude\",\"proxy-url\":\"\","
    "\"models\":[{\"name\":\"claude-sonnet-4-5\",\"alias\":\"claude-sonnet\"}]}],"
    "\"claude-header-defaults\":{\"user-agent\":\"\",\"package-version\":\"\","
    "\"runtime-version\":\"\",\"os\":\"\",\"arch\":\"\",\"timeout\":\"\",\"timezone\":\"\"},"
    "\"disable-claude-cloak-mode\":false,"
    "\"openai-compatibility\":[{\"name\":\"openrouter-sim\","
    "\"base-url\":\"http://127.0.0.1:9901/oai/v1\","
    "\"api-key-entries\":[{\"api-key\":\"sk-or-key-0001\"},{\"api-key\":\"sk-or-key-0002\"}],"
    "\"models\":[{\"name\":\"moonshotai/kimi-k2\",\"alias\":\"kimi-k2\"},"
    "{\"name\":\"deepseek/deepseek-r1\",\"alias\":\"r1\"}]}],"
    "\"vertex-api-key\":null,"
    "\"payload\":{\"default\":null,\"default-raw\":null,\"override\":null,"
    "\"override-raw\":null,\"filter\":null}}";

void config_put_json(struct bytes *out, const struct gateway *gateway)
{
    const struct population *population = &gateway->generator.population;
    int i;

    BYTES_LITERAL(out, before_keys);
    for (i = 0; i < population->key_count; i++) {
        bytes_text(out, i == 0 ? "\"" : ",\"");
        bytes_text(out, population->keys[i]);
        BYTES_LITERAL(out, "\"");
    }
    BYTES_LITERAL(out, before_statistics);
    bytes_text(out, gateway->has_statistics ? "true" : "false");
    BYTES_LITERAL(out, before_retention);
    bytes_int(out, gateway->queue.retention_ms / 1000);
    BYTES_LITERAL(out, after_retention);
}
