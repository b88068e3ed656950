/* Details of legacy snapshots; see legacy.h. */
#include "ext/event/legacy.h"

#include "ext/event/cache_accounting.h"
#include "ext/event/endpoint.h"
#include "ext/event/model.h"
#include "ext/event/readings.h"
#include "ext/event/redact.h"
#include "ext/event/request_text.h"
#include "ext/hash.h"
#include "ext/limits.h"

#define REQUEST_ID_HEX 16 /* of the hash, behind "legacy:" */

bool legacy_is_detail(const struct json *object)
{
    const struct json *format = json_get(object, SLICE("format"));
    const struct json *ordinals = json_get(object, SLICE("ordinals"));
    const struct json *detail = json_get(object, SLICE("detail"));
    return format && format->type == JSON_STRING &&
           slice_equal(format->text, SLICE("legacy_usage_export")) && ordinals &&
           ordinals->type == JSON_ARRAY && ordinals->count == 3 && detail &&
           detail->type == JSON_OBJECT;
}

/* --- redaction by name, as the original's text of the detail has it --- */

static bool is_one_of(struct slice name, const char *const *words)
{
    for (; *words; words++)
        if (slice_equal(name, slice_of_cstr(*words)))
            return true;
    return false;
}

/* A name in lower case, trimmed, with _ for - and space. */
static struct slice fold(struct arena *arena, struct slice name)
{
    name = slice_trim(name);
    char *folded = arena_alloc(arena, name.len);
    if (!folded)
        return slice_empty();
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        folded[i] = c == '-' || c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return (struct slice){folded, name.len};
}

static struct slice text_of(struct arena *arena, const struct json *value)
{
    struct text printed;
    if (value->type == JSON_STRING || value->type == JSON_NUMBER)
        return value->text;
    if (value->type == JSON_NULL)
        return slice_empty();
    text_init(&printed, LIMIT_EVENT_ARENA_BYTES);
    json_write_printed(&printed, value);
    struct slice text = arena_take_text(arena, &printed);
    text_clear(&printed);
    return text;
}

static void set_text(struct json *value, struct slice text)
{
    value->type = JSON_STRING;
    value->text = text;
    value->first = NULL;
    value->count = 0;
}

/* Redact one member; false when its content is to be walked. */
static bool redact_member(struct arena *arena, struct json *member, struct slice name,
                          bool is_in_fail)
{
    static const char *const secrets[] = {
        "api_key",      "apikey",        "authorization", "cookie", "set_cookie",
        "access_token", "refresh_token", "id_token",      "token",  NULL};
    static const char *const ips[] = {"client_ip", "clientip", NULL};
    static const char *const forwards[] = {"x_forwarded_for", "xforwardedfor", NULL};
    static const char *const agents[] = {"user_agent", "useragent", NULL};
    size_t limit = is_one_of(name, ips)        ? LIMIT_CLIENT_IP_BYTES
                   : is_one_of(name, forwards) ? LIMIT_X_FORWARDED_FOR_BYTES
                   : is_one_of(name, agents)   ? LIMIT_USER_AGENT_BYTES
                                               : 0;
    if (is_one_of(name, secrets) || slice_find(name, SLICE("secret")) >= 0)
        set_text(member, SLICE("[redacted]"));
    else if (limit > 0)
        set_text(member, request_text_clean(arena, text_of(arena, member), limit));
    else if (slice_equal(name, SLICE("fail_body")) ||
             (is_in_fail && slice_equal(name, SLICE("body"))))
        set_text(member, redact_summary(arena, text_of(arena, member)));
    else
        return false;
    return true;
}

struct level {
    struct json *at;   /* the next child */
    struct slice name; /* of an array: the name it stands under */
    bool is_array;
    bool is_fail; /* an object directly under "fail" */
    struct level *above;
};

static struct level *enter(struct arena *arena, struct level *above, struct json *container,
                           struct slice name)
{
    struct level *level = arena_alloc(arena, sizeof *level);
    if (!level)
        return above;
    level->at = container->first;
    level->name = name;
    level->is_array = container->type == JSON_ARRAY;
    level->is_fail = slice_equal(name, SLICE("fail"));
    level->above = above;
    return level;
}

/* Redact a tree in place. The stack is the arena's, so depth costs memory only. */
static void redact_tree(struct arena *arena, struct json *object)
{
    struct level *level = enter(arena, NULL, object, slice_empty());
    while (level && !arena->failed) {
        struct json *value = level->at;
        if (!value) {
            level = level->above;
            continue;
        }
        level->at = value->next;
        struct slice name = level->is_array ? level->name : fold(arena, value->key);
        if (!level->is_array && redact_member(arena, value, name, level->is_fail))
            continue;
        if (value->first)
            level = enter(arena, level, value, name);
    }
}

/* --- the name of a detail --- */

static void add_string_member(struct text *out, const char *name, struct slice value)
{
    text_add_cstr(out, name);
    json_write_string(out, value);
}

/* The original's text of the detail: keys sorted, number literals kept. */
static void add_raw(struct text *out, const struct json *detail, struct slice endpoint,
                    struct slice model)
{
    text_add_cstr(out, "{\"detail\":");
    json_write_sorted_literal(out, detail);
    add_string_member(out, ",\"endpoint\":", endpoint);
    add_string_member(out, ",\"format\":", SLICE("legacy_usage_export"));
    add_string_member(out, ",\"model\":", model);
    text_add_char(out, '}');
}

struct place {
    struct slice endpoint; /* map keys */
    struct slice model;
    const struct json *ordinals;
};

static struct slice request_id_of(struct arena *arena, struct slice payload,
                                  const struct place *place, struct slice timestamp)
{
    struct json_error error;
    struct text text;
    struct json *again = json_parse(arena, payload, &error); /* redaction changes the tree */
    if (!again)
        return slice_empty(); /* memory: it was parsed before */
    struct json *detail = again->first;
    while (detail && !slice_equal(detail->key, SLICE("detail")))
        detail = detail->next;
    if (!detail)
        return slice_empty();
    redact_tree(arena, detail);
    text_init(&text, LIMIT_EVENT_ARENA_BYTES);
    text_add_cstr(&text, "legacy");
    for (const struct json *ordinal = place->ordinals->first; ordinal; ordinal = ordinal->next) {
        text_add_char(&text, '|');
        text_add(&text, ordinal->text);
    }
    const struct slice parts[] = {place->endpoint, place->model, timestamp};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        text_add_char(&text, '|');
        text_add(&text, parts[i]);
    }
    text_add_char(&text, '|');
    add_raw(&text, detail, place->endpoint, place->model);
    struct slice hash = hash_sha256_hex(arena, arena_take_text(arena, &text));
    text_empty(&text);
    text_add_cstr(&text, "legacy:");
    text_add(&text, slice_first(hash, REQUEST_ID_HEX));
    struct slice request_id = arena_take_text(arena, &text);
    text_clear(&text);
    return request_id;
}

/* --- reading --- */

static struct slice str(const struct record *record, const uint8_t *keys)
{
    return fields_str(record->arena, &record->top, keys);
}

static struct slice member_text(const struct json *object, struct slice key)
{
    const struct json *member = json_get(object, key);
    return member && member->type == JSON_STRING ? member->text : slice_empty();
}

static void read_where(const struct record *record, struct slice endpoint, struct event *event)
{
    event->endpoint = endpoint;
    endpoint_complete(record->arena, event);
}

const char *legacy_read(struct arena *arena, struct slice payload, const struct json *object,
                        int64_t received_at_ms, struct record *out_record, struct event *event)
{
    const struct place place = {
        .endpoint = member_text(object, SLICE("endpoint")),
        .model = member_text(object, SLICE("model")),
        .ordinals = json_get(object, SLICE("ordinals")),
    };
    struct record *record = out_record;
    struct timestamp time;
    record_read(record, arena, json_get(object, SLICE("detail")), FIELDS_OF_EVENT);
    if (!record_time(record, &time))
        return "legacy detail without a readable time";
    record_set_style(record, FIELDS_OF_EXPORT);
    event->timestamp_ms = time.ms;
    event->timestamp_ns = time.ns;
    event->timestamp = timestamp_text(arena, time);
    event->created_at_ms = received_at_ms;
    event->is_exported = true; /* history: today's list of credentials says nothing of it */
    event->provider = str(record, KEYS(KEY_provider, KEY_type, KEY_auth_type, KEY_authType));
    readings_credential(record, event);
    readings_source(record, event);
    event->requested_model = str(record, KEYS(KEY_requested_model, KEY_requestedModel, KEY_alias));
    event->resolved_model = str(record, KEYS(KEY_resolved_model, KEY_resolvedModel));
    event->model = model_display(event->requested_model, place.model);
    readings_tiers(record, event);
    read_where(record, place.endpoint, event);
    readings_how_much(record, event);
    readings_failure(record, event);
    event->request_id = str(record, KEYS(KEY_request_id, KEY_requestId, KEY_id));
    if (event->request_id.len == 0)
        event->request_id = request_id_of(arena, payload, &place, event->timestamp);
    struct event named_by_key = *event; /* the hash names the model by the map key */
    named_by_key.model = place.model;
    event->hash_text = hash_sha256_hex(arena, event_hash_preimage(arena, &named_by_key));
    return NULL;
}
