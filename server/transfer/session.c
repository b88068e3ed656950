/* A session as text: see session.h. */
#include "server/transfer/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/document.h"
#include "server/memory.h"
#include "server/transfer/limits.h"

static const char *const status_words[SESSION_STATUS_COUNT] = {"uploading", "ready",  "processing",
                                                               "completed", "failed", "cancelled"};

void session_clear(struct session *session)
{
    free(session->filename);
    *session = (struct session){0};
}

bool session_is_id(struct slice text)
{
    if (text.len != SESSION_ID_LEN)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (hex_digit_value(text.data[i]) < 0)
            return false;
    }
    return true;
}

bool session_is_live(const struct session *session)
{
    switch (session->status) {
    case SESSION_UPLOADING:
    case SESSION_READY:
    case SESSION_PROCESSING:
        return true;
    case SESSION_FAILED:
        return session->is_retryable;
    default:
        return false;
    }
}

/* --- the name --- */

/* Behind the last '/', a trailing one apart. */
static struct slice last_element(struct slice path)
{
    while (path.len > 0 && path.data[path.len - 1] == '/')
        path.len--;
    for (size_t i = path.len; i > 0; i--) {
        if (path.data[i - 1] == '/')
            return slice_from(path, i);
    }
    return path;
}

/* The bytes of the first characters; a byte of the form 10xxxxxx goes on with one. */
static size_t bytes_of_characters(struct slice text, size_t characters)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool begins = ((unsigned char)text.data[i] & 0xc0) != 0x80;
        if (begins && count++ == characters)
            return i;
    }
    return text.len;
}

char *session_filename(struct slice given)
{
    struct slice trimmed = slice_trim(given);
    char *clean = memory_zeroed(trimmed.len + 1);
    struct slice name = {clean, 0};
    for (size_t i = 0; i < trimmed.len; i++) {
        if (trimmed.data[i] != '\0')
            clean[name.len++] = trimmed.data[i];
    }
    name = last_element(name);
    if (name.len == 0 || slice_equal(name, SLICE(".")))
        name = SLICE("usage-import.jsonl");
    name = slice_first(name, bytes_of_characters(name, LIMIT_SESSION_NAME_CHARACTERS));
    char *result = memory_copy_slice(name);
    free(clean);
    return result;
}

/* --- writing --- */

void session_write(struct text *out, const struct session *session, bool with_private)
{
    document_open(out, NULL, '{');
    document_add_text(out, "id", session->id);
    document_add_text(out, "filename", session->filename);
    document_add_text(out, "status", status_words[session->status]);
    document_add_int64(out, "size_bytes", session->size_bytes);
    document_add_int64(out, "received_bytes", session->received_bytes);
    document_add_int64(out, "chunk_size_bytes", session->chunk_bytes);
    document_add_int64(out, "created_at_ms", session->created_at_ms);
    document_add_int64(out, "updated_at_ms", session->updated_at_ms);
    document_add_int64(out, "expires_at_ms", session->expires_at_ms);
    document_add_bool(out, "retryable", session->is_retryable);
    document_add_text_unless_empty(out, "error", session->error);
    if (session->has_result)
        import_result_write(out, "result", &session->result);
    if (with_private) {
        document_add_text(out, "resume_key", session->resume_key);
        document_add_bool(out, "cancel_requested", session->is_cancel_requested);
    }
    document_close(out, '}');
}

/* --- reading --- */

static bool read_status(const char *word, enum session_status *out_status)
{
    for (int i = 0; i < SESSION_STATUS_COUNT; i++) {
        if (strcmp(word, status_words[i]) == 0) {
            *out_status = (enum session_status)i;
            return true;
        }
    }
    return false;
}

/* Copy an id or a resume key; false when it is neither that nor, if allowed, empty. */
static bool read_id(char out_id[SESSION_ID_LEN + 1], const char *text, bool may_be_empty)
{
    struct slice slice = slice_of_cstr(text);
    if (!session_is_id(slice) && !(may_be_empty && slice.len == 0))
        return false;
    (void)snprintf(out_id, SESSION_ID_LEN + 1, "%s", text);
    return true;
}

static bool read_result(const cJSON *object, struct session *session, char **error)
{
    const cJSON *result = document_object(object, "result", error);
    session->has_result = result != NULL;
    return result == NULL || import_result_read(result, &session->result);
}

static bool read_members(const cJSON *object, struct session *session, char **error)
{
    bool is_good =
        read_id(session->id, document_text(object, "id", "", error), false) &&
        read_id(session->resume_key, document_text(object, "resume_key", "", error), true) &&
        read_status(document_text(object, "status", "", error), &session->status);
    session->filename =
        session_filename(slice_of_cstr(document_text(object, "filename", "", error)));
    session->size_bytes = document_int64(object, "size_bytes", 0, error);
    session->received_bytes = document_int64(object, "received_bytes", 0, error);
    session->chunk_bytes = document_int64(object, "chunk_size_bytes", 0, error);
    session->created_at_ms = document_int64(object, "created_at_ms", 0, error);
    session->updated_at_ms = document_int64(object, "updated_at_ms", 0, error);
    session->expires_at_ms = document_int64(object, "expires_at_ms", 0, error);
    session->is_retryable = document_bool(object, "retryable", false, error);
    session->is_cancel_requested = document_bool(object, "cancel_requested", false, error);
    (void)snprintf(session->error, sizeof session->error, "%s",
                   document_text(object, "error", "", error));
    is_good = read_result(object, session, error) && is_good && *error == NULL;
    return is_good && session->size_bytes > 0 && session->chunk_bytes > 0 &&
           session->received_bytes >= 0 && session->received_bytes <= session->size_bytes;
}

bool session_read(struct slice text, struct session *out_session)
{
    char *error = NULL;
    cJSON *object = document_parse(text, true, &error);
    *out_session = (struct session){0};
    bool is_good = object != NULL && read_members(object, out_session, &error);
    if (!is_good)
        session_clear(out_session);
    cJSON_Delete(object);
    free(error);
    return is_good;
}
