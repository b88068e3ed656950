/* The RESP commands: see commands.h. */
#include "tools/gateway-sim/commands.h"

#include <string.h>
#include <strings.h>

static struct resp_item trim(struct resp_item item)
{
    while (item.len > 0 && strchr(" \t\r\n\v\f", item.data[0]) != NULL) {
        item.data++;
        item.len--;
    }
    while (item.len > 0 && strchr(" \t\r\n\v\f", item.data[item.len - 1]) != NULL)
        item.len--;
    return item;
}

static bool is_word(struct resp_item item, const char *word)
{
    item = trim(item);
    return item.len == strlen(word) && strncasecmp(item.data, word, item.len) == 0;
}

static void put_lower(struct bytes *out, struct resp_item item)
{
    size_t i;

    for (i = 0; i < item.len; i++) {
        char c = item.data[i];

        c = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        bytes_append(out, &c, 1);
    }
}

/* -ERR <before>'<name>'<after>: the name as it came, or in lower case. */
static void put_name_error(struct bytes *out, const char *before, struct resp_item name,
                           bool is_lowered, const char *after)
{
    BYTES_LITERAL(out, "-ERR ");
    bytes_text(out, before);
    BYTES_LITERAL(out, "'");
    if (is_lowered)
        put_lower(out, trim(name));
    else
        bytes_append(out, name.data, name.len);
    BYTES_LITERAL(out, "'");
    bytes_text(out, after);
    BYTES_LITERAL(out, "\r\n");
}

static void put_wrong_count(struct bytes *out, struct resp_item name)
{
    put_name_error(out, "wrong number of arguments for ", name, true, " command");
}

static void put_unknown(struct bytes *out, struct resp_item name)
{
    put_name_error(out, "unknown command ", name, true, "");
}

static void put_auth_error(struct bytes *out, const struct auth_answer *answer)
{
    BYTES_LITERAL(out, "-ERR ");
    bytes_text(out, answer->text);
    BYTES_LITERAL(out, "\r\n");
}

static void run_auth(struct gateway *gateway, struct session *session,
                     const struct resp_command *command, struct bytes *out)
{
    int64_t now_ms = gateway_now_ms(gateway);
    struct auth_answer answer;
    struct resp_item key;

    if (command->item_count < 2 || command->item_count > 3) {
        if (auth_fail(&gateway->auth, session->ip, now_ms, &answer))
            put_auth_error(out, &answer);
        else
            put_wrong_count(out, command->items[0]);
        return;
    }
    key = command->items[command->item_count - 1];
    auth_check(&gateway->auth, session->ip, key.data, key.len, now_ms, &answer);
    if (answer.status != 200) {
        put_auth_error(out, &answer);
        return;
    }
    session->is_authenticated = true;
    resp_put_simple(out, "OK");
}

/* A whole positive number; false for anything else. */
static bool read_count(struct resp_item item, int64_t *out)
{
    int64_t value = 0;
    size_t i = item.len > 0 && item.data[0] == '+' ? 1 : 0;

    if (i == item.len)
        return false;
    for (; i < item.len; i++) {
        if (item.data[i] < '0' || item.data[i] > '9' || value > INT64_MAX / 10 - 1)
            return false;
        value = value * 10 + (item.data[i] - '0');
    }
    *out = value;
    return value > 0;
}

static void pop_and_put(struct gateway *gateway, int64_t most, bool is_array, struct bytes *out,
                        struct message_list *taken)
{
    size_t i;

    gateway_pop(gateway, most, taken);
    gateway->counts.popped_resp += (int64_t)taken->count;
    if (is_array)
        resp_put_array(out, taken->count);
    else if (taken->count == 0)
        resp_put_nil(out);
    for (i = 0; i < taken->count; i++)
        resp_put_bulk(out, taken->items[i]->payload, taken->items[i]->len);
}

static void run_pop(struct gateway *gateway, const struct resp_command *command, struct bytes *out,
                    struct message_list *taken)
{
    bool has_count = command->item_count == 3;
    int64_t most = 1;

    if (command->item_count < 2 || command->item_count > 3)
        put_wrong_count(out, command->items[0]);
    else if (!is_word(command->items[1], "usage") &&
             release_has(gateway->options->release, RELEASE(7, 1, 44)))
        put_name_error(out, "unsupported channel ", command->items[1], false, "");
    else if (has_count && !read_count(command->items[2], &most))
        resp_put_error(out, "ERR value is not an integer or out of range");
    else
        pop_and_put(gateway, most, has_count, out, taken);
}

static void put_subscription(struct bytes *out, const char *word, const struct session *session,
                             int64_t subscriptions)
{
    resp_put_array(out, 3);
    resp_put_bulk(out, word, strlen(word));
    resp_put_bulk(out, session->channel.data, session->channel.len);
    resp_put_int(out, subscriptions);
}

static void run_subscribe(struct gateway *gateway, struct session *session,
                          const struct resp_command *command, struct bytes *out)
{
    bool is_new = release_has(gateway->options->release, RELEASE(7, 1, 44));
    enum subscriber_channel channel = CHANNEL_USAGE;

    if (command->item_count != 2) {
        put_wrong_count(out, command->items[0]);
        return;
    }
    if (is_new && is_word(command->items[1], "errors")) {
        channel = CHANNEL_ERRORS;
    } else if (is_new && !is_word(command->items[1], "usage")) {
        put_name_error(out, "unsupported channel ", command->items[1], false, "");
        return;
    }
    bytes_reset(&session->channel);
    if (is_new)
        bytes_append(&session->channel, command->items[1].data, command->items[1].len);
    else
        BYTES_LITERAL(&session->channel, "usage");
    put_subscription(out, "subscribe", session, 1);
    session->subscriber = gateway_subscribe(gateway, channel, session->owner);
}

static enum command_outcome run_subscribed(struct gateway *gateway, struct session *session,
                                           const struct resp_command *command, struct bytes *out)
{
    bool is_unsubscribe = is_word(command->items[0], "unsubscribe");

    if (is_unsubscribe || is_word(command->items[0], "quit")) {
        subscriber_leave(&gateway->subscribers, session->subscriber, SUBSCRIBER_END_ASKED);
        session->subscriber = NULL;
        if (is_unsubscribe)
            put_subscription(out, "unsubscribe", session, 0);
        else
            resp_put_simple(out, "OK");
        return COMMAND_CLOSE;
    }
    if (!is_word(command->items[0], "ping")) {
        put_unknown(out, command->items[0]);
        return COMMAND_STAY;
    }
    resp_put_array(out, 2);
    resp_put_bulk(out, "pong", 4);
    if (command->item_count > 1)
        resp_put_bulk(out, command->items[1].data, command->items[1].len);
    else
        resp_put_nil(out);
    return COMMAND_STAY;
}

static void refuse_before_auth(struct gateway *gateway, const struct session *session,
                               struct bytes *out)
{
    struct auth_answer answer;

    if (auth_fail(&gateway->auth, session->ip, gateway_now_ms(gateway), &answer))
        put_auth_error(out, &answer);
    else
        resp_put_error(out, "NOAUTH Authentication required.");
}

enum command_outcome command_run(struct gateway *gateway, struct session *session,
                                 const struct resp_command *command, struct bytes *out,
                                 struct message_list *taken)
{
    struct resp_item name = command->items[0];

    if (command->item_count == 0)
        resp_put_error(out, "ERR empty command");
    else if (session->subscriber != NULL)
        return run_subscribed(gateway, session, command, out);
    else if (is_word(name, "auth"))
        run_auth(gateway, session, command, out);
    else if (!session->is_authenticated)
        refuse_before_auth(gateway, session, out);
    else if (is_word(name, "lpop") || is_word(name, "rpop"))
        run_pop(gateway, command, out, taken);
    else if (is_word(name, "subscribe") && release_has(gateway->options->release, RELEASE(7, 0, 7)))
        run_subscribe(gateway, session, command, out);
    else
        put_unknown(out, name);
    return COMMAND_STAY;
}

void command_put_message(struct bytes *out, const struct session *session,
                         const struct message *message)
{
    resp_put_array(out, 3);
    resp_put_bulk(out, "message", 7);
    resp_put_bulk(out, session->channel.data, session->channel.len);
    resp_put_bulk(out, message->payload, message->len);
}
