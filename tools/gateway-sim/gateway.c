/* The gateway's state and what happens to an event: see gateway.h. */
#include "tools/gateway-sim/gateway.h"

#include <string.h>

#include "tools/gateway-sim/clock.h"
#include "tools/gateway-sim/limits.h"

static void init_generator(struct gateway *gateway)
{
    const struct options *options = gateway->options;
    struct event_settings settings = {
        .seed = (uint64_t)options->seed,
        .accounts = (int)options->accounts,
        .keys = (int)options->keys,
        .models = (int)options->models,
        .release = options->release,
        .has_token_sha256 = true,
        .is_local_time = true,
        .has_mixed_ids = true,
    };

    events_init(&gateway->generator, &settings);
}

bool gateway_init(struct gateway *gateway, const struct options *options, void (*wake)(void *owner))
{
    memset(gateway, 0, sizeof(*gateway));
    gateway->options = options;
    gateway->epoll_fd = -1;
    gateway->started_ns = clock_wall_ns();
    gateway->has_statistics = options->has_statistics;
    counts_init(&gateway->counts);
    queue_init(&gateway->queue, &gateway->counts);
    queue_set_retention(&gateway->queue, options->retention_seconds);
    subscriber_set_init(&gateway->subscribers, (size_t)options->slots, &gateway->counts, wake);
    auth_init(&gateway->auth, options->key, &gateway->counts);
    gateway->auth.allows_remote = options->allows_remote;
    gateway->auth.ban_ms = options->ban_seconds * 1000;
    random_init(&gateway->scheduler, (uint64_t)options->seed);
    bytes_init(&gateway->scratch, LIMIT_HTTP_BODY_BYTES);
    traffic_init(&gateway->traffic, options->count);
    init_generator(gateway);
    gateway->replay.is_now = options->is_replay_now;
    if (options->replay_path != NULL &&
        !replay_read_file(options->replay_path, &gateway->replay.text))
        return false;
    return options->auth_files_path == NULL ||
           replay_read_file(options->auth_files_path, &gateway->auth_files);
}

void gateway_clear(struct gateway *gateway)
{
    queue_clear(&gateway->queue);
    auth_clear(&gateway->auth);
    events_clear(&gateway->generator);
    bytes_clear(&gateway->replay.text);
    bytes_clear(&gateway->auth_files);
    bytes_clear(&gateway->scratch);
    counts_clear(&gateway->counts);
}

bool gateway_is_managed(const struct gateway *gateway)
{
    return gateway->options->key != NULL && gateway->options->key[0] != '\0';
}

int64_t gateway_now_ms(const struct gateway *gateway)
{
    return clock_mono_us() / 1000 + gateway->advanced_ms;
}

/* Counts a refusal where an event does not pass. */
static bool passes_gates(struct gateway *gateway)
{
    if (!gateway_is_managed(gateway)) {
        gateway->counts.refused_management_off++;
        return false;
    }
    if (!gateway->has_statistics) {
        gateway->counts.refused_statistics_off++;
        return false;
    }
    if (gateway->options->is_home) {
        gateway->counts.sent_home++;
        return false;
    }
    return true;
}

void gateway_publish(struct gateway *gateway, const char *payload, size_t payload_len)
{
    struct counts *counts = &gateway->counts;
    struct message *message;

    if (!passes_gates(gateway))
        return;
    message = message_new(counts, MESSAGE_EVENT, payload, payload_len);
    if (gateway->subscribers.active[CHANNEL_USAGE] > 0) {
        counts->published++;
        counts->given++;
        counts_put_id(&counts->published_ids, payload, payload_len);
        subscriber_set_send(&gateway->subscribers, CHANNEL_USAGE, message);
    } else if (queue_put(&gateway->queue, message, gateway_now_ms(gateway))) {
        counts->published++;
        counts->queued++;
        counts_put_id(&counts->published_ids, payload, payload_len);
    } else {
        counts->refused_queue_full++;
        message->kind = MESSAGE_CONTROL; /* never published, so it cannot be lost either */
    }
    message_unref(message);
}

bool gateway_publish_next(struct gateway *gateway)
{
    struct bytes *payload = &gateway->scratch;
    struct event event;

    bytes_reset(payload);
    if (gateway->options->replay_path != NULL) {
        if (!replay_put_next(&gateway->replay, payload))
            return false;
    } else {
        events_draw(&gateway->generator, clock_wall_ns(), &event);
        events_put_json(payload, &event, &gateway->generator.settings);
    }
    gateway_publish(gateway, payload->data, payload->len);
    return true;
}

static void send_to_subscribers(struct gateway *gateway, enum subscriber_channel channel,
                                enum message_kind kind, const char *payload, size_t payload_len)
{
    struct message *message = message_new(&gateway->counts, kind, payload, payload_len);

    subscriber_set_send(&gateway->subscribers, channel, message);
    message_unref(message);
}

void gateway_publish_error(struct gateway *gateway, const char *payload, size_t payload_len)
{
    gateway->counts.errors_published++;
    send_to_subscribers(gateway, CHANNEL_ERRORS, MESSAGE_ERROR, payload, payload_len);
}

void gateway_refresh(struct gateway *gateway)
{
    static const char refresh[] = "{\"refresh\":true}";

    send_to_subscribers(gateway, CHANNEL_USAGE, MESSAGE_CONTROL, refresh, sizeof(refresh) - 1);
}

struct subscriber *gateway_subscribe(struct gateway *gateway, enum subscriber_channel channel,
                                     void *owner)
{
    static const char support[] = "{\"support_refresh\":true}";
    struct subscriber *subscriber = subscriber_join(&gateway->subscribers, channel, owner);
    struct message *message;

    if (channel == CHANNEL_USAGE && release_has(gateway->options->release, RELEASE(7, 1, 39))) {
        message = message_new(&gateway->counts, MESSAGE_CONTROL, support, sizeof(support) - 1);
        subscriber_place(&gateway->subscribers, subscriber, message);
        message_unref(message);
    }
    return subscriber;
}

void gateway_pop(struct gateway *gateway, int64_t most, struct message_list *out)
{
    int64_t now_ms = gateway_now_ms(gateway);
    struct message *message;

    while (most-- > 0 && (message = queue_take(&gateway->queue, now_ms)) != NULL)
        message_list_add(out, message);
}
