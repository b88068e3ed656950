/* Account keys: one text per account, however its events name it (ingest specification,
 * section 21); event_account_key is declared in event.h. */
#include "ext/event/event.h"

#include <string.h>

#include "ext/limits.h"

/* The trimmed inputs. */
struct identity {
    struct slice file, index, project, account, label, provider;
};

/* Lower case, "_" as "-", and one name for xAI. */
static struct slice normal_provider(struct arena *arena, struct slice provider)
{
    struct slice copy = slice_empty();
    char *bytes = arena_alloc(arena, provider.len);
    if (!bytes)
        return copy;
    for (size_t i = 0; i < provider.len; i++) {
        char c = provider.data[i];
        bytes[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    copy = (struct slice){bytes, provider.len};
    return slice_equal(copy, SLICE("x-ai")) || slice_equal(copy, SLICE("grok")) ? SLICE("xai")
                                                                                : copy;
}

static struct identity identity_of(struct arena *arena, const struct event *event)
{
    struct slice snapshot = slice_trim(event->auth_provider_snapshot);
    struct identity identity = {
        .file = slice_trim(event->auth_file_snapshot),
        .index = slice_trim(event->auth_index),
        .project = slice_trim(event->auth_project_id_snapshot),
        .account = slice_trim(event->account_snapshot),
        .label = slice_trim(event->auth_label_snapshot),
        .provider = normal_provider(arena, snapshot.len ? snapshot : slice_trim(event->provider)),
    };
    struct slice source = slice_trim(event->source);
    if (identity.file.len == 0 && !slice_equal(source, identity.account) &&
        !slice_equal(source, identity.label))
        identity.file = source;
    return identity;
}

static void add_part(struct text *key, struct slice part)
{
    static const char hex[] = "0123456789ABCDEF";
    if (part.len > LIMIT_PAYLOAD_BYTES) { /* no event has such a part */
        key->failed = true;
        return;
    }
    text_add_char(key, ':');
    char *room = text_reserve(key, 2 * part.len);
    for (size_t i = 0; room && i < part.len; i++) {
        room[2 * i] = hex[(unsigned char)part.data[i] >> 4];
        room[2 * i + 1] = hex[(unsigned char)part.data[i] & 15];
    }
}

/* Where a file is known it says whose the rest is; the provider tells files apart only
 * where no index does. */
static void add_key(struct text *key, const struct identity *identity)
{
    bool has_file = identity->file.len > 0;
    const struct {
        struct slice value;
        const char *kind, *kind_with_file;
    } rest[] = {
        {identity->project, "project", "file-project"},
        {identity->account, "account", "file-account"},
        {identity->label, "label", "file-label"},
    };
    text_add_cstr(key, "usage-account-history:2:");
    if (identity->index.len > 0) {
        text_add_cstr(key, has_file ? "file-index" : "auth-index");
        add_part(key, has_file ? identity->file : identity->provider);
        add_part(key, identity->index);
        return;
    }
    size_t at = 0;
    while (at < 3 && rest[at].value.len == 0)
        at++;
    text_add_cstr(key, at == 3 ? "file" : has_file ? rest[at].kind_with_file : rest[at].kind);
    if (has_file)
        add_part(key, identity->file);
    add_part(key, identity->provider);
    if (at < 3)
        add_part(key, rest[at].value);
}

struct slice event_account_key(struct arena *arena, const struct event *event)
{
    struct identity identity = identity_of(arena, event);
    struct slice result = slice_empty();
    struct text key;
    if (identity.file.len + identity.index.len + identity.project.len + identity.account.len +
            identity.label.len ==
        0)
        return result;
    text_init(&key, LIMIT_EVENT_ARENA_BYTES);
    add_key(&key, &identity);
    result = arena_take_text(arena, &key);
    text_clear(&key);
    return result;
}
