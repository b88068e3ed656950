/* Rules of upload sessions: see session_store.h. */
#include "server/transfer/session_store.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "server/document.h"
#include "server/log.h"
#include "server/memory.h"
#include "server/transfer/limits.h"
#include "server/transfer/session.h"
#include "server/transfer/session_folder.h"

static const char cancelled_text[] = "usage import cancelled";

struct entry {
    struct session_store *store;
    struct session session;
    bool is_busy;           /* a chunk is being written */
    bool is_running;        /* its import runs, or waits for a thread */
    bool is_removed;        /* only its files are left (rule 5) */
    atomic_bool is_aborted; /* the chunk or import at work is to end */
    struct task task;
};

struct session_store {
    struct session_store_options options;
    struct session_folder folder;
    pthread_mutex_t lock; /* of everything below, and of the entries */
    pthread_cond_t idle;  /* a chunk has ended */
    struct entry *entries[LIMIT_SESSIONS_KEPT];
    size_t count;
};

/* --- answers --- */

enum session_error {
    ERROR_INVALID,
    ERROR_NOT_FOUND,
    ERROR_CONFLICT,
    ERROR_TOO_LARGE,
    ERROR_QUOTA,
    ERROR_LIMIT,
    ERROR_UNAVAILABLE
};

static const struct {
    int status;
    const char *code;
} errors[] = {
    [ERROR_INVALID] = {400, "usage_import_session_invalid_request"},
    [ERROR_NOT_FOUND] = {404, "usage_import_session_not_found"},
    [ERROR_CONFLICT] = {409, "usage_import_session_conflict"},
    [ERROR_TOO_LARGE] = {413, "usage_import_session_too_large"},
    [ERROR_QUOTA] = {507, "usage_import_session_quota_exceeded"},
    [ERROR_LIMIT] = {429, "usage_import_session_limit_exceeded"},
    [ERROR_UNAVAILABLE] = {500, "usage_import_session_unavailable"},
};

static int refuse(struct text *out, enum session_error error, const char *message)
{
    document_open(out, NULL, '{');
    document_add_text(out, "code", errors[error].code);
    document_add_text(out, "error", message);
    document_close(out, '}');
    text_add_char(out, '\n');
    return errors[error].status;
}

static int refuse_failure(struct text *out, int failure)
{
    char message[128];
    (void)snprintf(message, sizeof message, "usage import session storage failed: %s",
                   strerror(failure));
    log_line("%s", message);
    return refuse(out, ERROR_UNAVAILABLE, message);
}

static int refuse_unknown(struct text *out)
{
    return refuse(out, ERROR_NOT_FOUND, "usage import session not found");
}

static int show(struct text *out, const struct session *session, int status)
{
    session_write(out, session, false);
    text_add_char(out, '\n');
    return status;
}

/* --- entries; under the lock --- */

static int64_t now_ms(const struct session_store *store)
{
    return store->options.now_ms(store->options.arg);
}

static struct entry *find(struct session_store *store, struct slice id)
{
    for (size_t i = 0; i < store->count; i++) {
        struct entry *entry = store->entries[i];
        if (!entry->is_removed && slice_equal(slice_of_cstr(entry->session.id), id))
            return entry;
    }
    return NULL;
}

static struct entry *find_by_key(struct session_store *store, struct slice key)
{
    for (size_t i = 0; i < store->count; i++) {
        struct entry *entry = store->entries[i];
        if (!entry->is_removed && slice_equal(slice_of_cstr(entry->session.resume_key), key))
            return entry;
    }
    return NULL;
}

static bool is_live(const struct entry *entry)
{
    return !entry->is_removed && (entry->is_busy || session_is_live(&entry->session));
}

/* Take the session over as a new entry. The store has room. */
static struct entry *add_entry(struct session_store *store, struct session *taken)
{
    struct entry *entry = memory_zeroed(sizeof *entry);
    entry->store = store;
    entry->session = *taken;
    atomic_init(&entry->is_aborted, false);
    *taken = (struct session){0};
    store->entries[store->count++] = entry;
    return entry;
}

static void free_entry(struct entry *entry)
{
    session_clear(&entry->session);
    free(entry);
}

/* Remove the files; the entry goes with them, at the latest when that succeeds. */
static void remove_entry(struct session_store *store, size_t index)
{
    struct entry *entry = store->entries[index];
    int part = session_folder_remove_part(&store->folder, entry->session.id);
    int metadata = session_folder_remove_metadata(&store->folder, entry->session.id);
    entry->is_removed = true;
    if (part != 0 || metadata != 0)
        return;
    free_entry(entry);
    store->entries[index] = store->entries[--store->count];
}

static void purge(struct session_store *store)
{
    int64_t now = now_ms(store);
    for (size_t i = store->count; i > 0; i--) {
        const struct entry *entry = store->entries[i - 1];
        bool is_at_work =
            entry->is_busy || entry->is_running || entry->session.status == SESSION_PROCESSING;
        if (entry->is_removed || (!is_at_work && now >= entry->session.expires_at_ms))
            remove_entry(store, i - 1);
    }
}

static void touch(struct session_store *store, struct session *session)
{
    session->updated_at_ms = now_ms(store);
    session->expires_at_ms = session->updated_at_ms + store->options.ttl_ms;
}

static int persist(struct session_store *store, const struct session *session)
{
    struct text text;
    text_init(&text, LIMIT_SESSION_METADATA_BYTES);
    session_write(&text, session, true);
    int failure =
        text.failed ? ENOMEM
                    : session_folder_write_metadata(&store->folder, session->id, text_slice(&text));
    text_clear(&text);
    return failure;
}

/* Put the changed session in the entry's place when it is durable, else leave the entry as
 * it is. Both share the file name. */
static int replace(struct session_store *store, struct entry *entry, struct session *changed)
{
    touch(store, changed);
    int failure = persist(store, changed);
    if (failure == 0)
        entry->session = *changed;
    return failure;
}

/* Bytes that are not needed any more; a failure is made good at the next start. */
static void drop_part(struct session_store *store, const struct session *session)
{
    int failure = session_folder_remove_part(&store->folder, session->id);
    if (failure != 0)
        log_line("usage import %s: remove: %s", session->id, strerror(failure));
}

/* --- create --- */

static bool make_id(char out_id[SESSION_ID_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[SESSION_ID_LEN / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++) {
        out_id[2 * i] = digits[bytes[i] >> 4];
        out_id[2 * i + 1] = digits[bytes[i] & 15];
    }
    out_id[SESSION_ID_LEN] = '\0';
    return true;
}

static int64_t chunk_bytes_of(const struct session_store *store, int64_t size_bytes)
{
    int64_t most = store->options.chunk_bytes;
    if (most > (int64_t)LIMIT_SESSION_CHUNK_BYTES)
        most = (int64_t)LIMIT_SESSION_CHUNK_BYTES;
    return most < size_bytes ? most : size_bytes;
}

/* 0 when another session of that size has room, else the status of the refusal. */
static int check_room(const struct session_store *store, int64_t size_bytes, struct text *out)
{
    int64_t live = 0;
    int64_t reserved = 0;
    for (size_t i = 0; i < store->count; i++) {
        if (!is_live(store->entries[i]))
            continue;
        live++;
        reserved += store->entries[i]->session.size_bytes;
    }
    if (size_bytes > store->options.quota_bytes)
        return refuse(out, ERROR_TOO_LARGE, "usage import file exceeds the configured disk quota");
    if (live >= store->options.max_sessions || store->count == LIMIT_SESSIONS_KEPT)
        return refuse(out, ERROR_LIMIT, "usage import active session limit reached");
    if (size_bytes > store->options.quota_bytes - reserved)
        return refuse(out, ERROR_QUOTA, "usage import disk quota is fully reserved");
    return 0;
}

/* The new session with its files; taken becomes the entry's. */
static int store_new(struct session_store *store, struct session *taken, struct text *out)
{
    int failure = make_id(taken->id) ? 0 : errno;
    if (failure == 0)
        failure = session_folder_create_part(&store->folder, taken->id);
    if (failure != 0)
        return refuse_failure(out, failure);
    touch(store, taken);
    taken->created_at_ms = taken->updated_at_ms;
    failure = persist(store, taken);
    if (failure != 0) {
        drop_part(store, taken);
        return refuse_failure(out, failure);
    }
    return show(out, &add_entry(store, taken)->session, 201);
}

/* The session of the same resume key, if it is of the same file. */
static int resume(const struct entry *entry, const struct session *wanted, struct text *out)
{
    if (entry->session.size_bytes != wanted->size_bytes ||
        strcmp(entry->session.filename, wanted->filename) != 0)
        return refuse(out, ERROR_CONFLICT, "usage import resume key belongs to a different file");
    return show(out, &entry->session, 201);
}

int session_store_create(struct session_store *store, struct slice filename, int64_t size_bytes,
                         struct slice resume_key, struct text *out)
{
    struct slice key = slice_trim(resume_key);
    if (size_bytes <= 0)
        return refuse(out, ERROR_INVALID, "usage import file size must be greater than zero");
    if (key.len > 0 && !session_is_id(key))
        return refuse(out, ERROR_INVALID, "usage import resume key is invalid");
    struct session session = {.filename = session_filename(filename),
                              .status = SESSION_UPLOADING,
                              .size_bytes = size_bytes,
                              .chunk_bytes = chunk_bytes_of(store, size_bytes)};
    if (key.len > 0)
        memcpy(session.resume_key, key.data, key.len);
    pthread_mutex_lock(&store->lock);
    purge(store);
    const struct entry *known = key.len > 0 ? find_by_key(store, key) : NULL;
    int status = known != NULL ? resume(known, &session, out) : check_room(store, size_bytes, out);
    if (status == 0)
        status = store_new(store, &session, out);
    pthread_mutex_unlock(&store->lock);
    session_clear(&session);
    return status;
}

/* --- get --- */

int session_store_get(struct session_store *store, struct slice id, struct text *out)
{
    pthread_mutex_lock(&store->lock);
    purge(store);
    const struct entry *entry = find(store, id);
    int status = entry != NULL ? show(out, &entry->session, 200) : refuse_unknown(out);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* --- chunk --- */

/* 0 when the bytes may be written, else the status of the refusal. */
static int check_chunk(const struct session_store *store, const struct entry *entry, int64_t offset,
                       int64_t len, struct text *out)
{
    const struct session *session = &entry->session;
    char message[96];
    int64_t remaining = session->size_bytes - session->received_bytes;
    int64_t file_bytes = 0;
    if (entry->is_busy)
        return refuse(out, ERROR_CONFLICT, "usage import chunk is already in progress");
    if (session->status != SESSION_UPLOADING)
        return refuse(out, ERROR_CONFLICT, "usage import session is not accepting chunks");
    if (offset != session->received_bytes) {
        (void)snprintf(message, sizeof message, "usage import offset mismatch: expected %lld",
                       (long long)session->received_bytes);
        return refuse(out, ERROR_CONFLICT, message);
    }
    if (len == 0)
        return refuse(out, ERROR_INVALID, "usage import chunk must not be empty");
    if (len > session->chunk_bytes || len > remaining)
        return refuse(out, ERROR_TOO_LARGE, "usage import chunk exceeds the allowed size");
    int failure = session_folder_part_size(&store->folder, session->id, &file_bytes);
    if (failure != 0)
        return refuse_failure(out, failure);
    if (file_bytes != offset)
        return refuse(out, ERROR_CONFLICT,
                      "usage import temporary file does not end at the offset");
    return 0;
}

/* The bytes are in the file: the session has them, too. */
static int accept_chunk(struct session_store *store, struct entry *entry, int64_t len,
                        struct text *out)
{
    struct session changed = entry->session;
    changed.received_bytes += len;
    if (changed.received_bytes == changed.size_bytes)
        changed.status = SESSION_READY;
    int failure = replace(store, entry, &changed);
    return failure == 0 ? show(out, &entry->session, 200) : refuse_failure(out, failure);
}

int session_store_chunk(struct session_store *store, struct slice id, int64_t offset,
                        struct slice bytes, int64_t bytes_len, struct text *out)
{
    pthread_mutex_lock(&store->lock);
    purge(store);
    struct entry *entry = find(store, id);
    int status =
        entry != NULL ? check_chunk(store, entry, offset, bytes_len, out) : refuse_unknown(out);
    if (status == 0) {
        entry->is_busy = true; /* from here on the entry stays */
        atomic_store(&entry->is_aborted, false);
        pthread_mutex_unlock(&store->lock);
        int failure = session_folder_append(&store->folder, entry->session.id, offset, bytes,
                                            &entry->is_aborted);
        pthread_mutex_lock(&store->lock);
        entry->is_busy = false;
        pthread_cond_broadcast(&store->idle);
        if (failure == ECANCELED)
            status = refuse(out, ERROR_CONFLICT, cancelled_text);
        else
            status = failure == 0 ? accept_chunk(store, entry, bytes_len, out)
                                  : refuse_failure(out, failure);
    }
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* --- complete --- */

static bool is_wanted(void *arg)
{
    const struct entry *entry = arg;
    return !atomic_load(&entry->is_aborted);
}

/* What the session is after its import. */
static void conclude(struct session *session, const struct import_result *result)
{
    session->has_result = true;
    session->result = *result;
    session->is_retryable = result->verdict == IMPORT_NOT_STORED;
    session->status = result->verdict == IMPORT_DONE ? SESSION_COMPLETED : SESSION_FAILED;
    (void)snprintf(session->error, sizeof session->error, "%s",
                   result->verdict == IMPORT_DONE ? "" : result->error);
    if (session->is_cancel_requested) {
        session->status = SESSION_CANCELLED;
        session->is_retryable = false;
        (void)snprintf(session->error, sizeof session->error, "%s", cancelled_text);
    }
}

/* The import of an entry, on a thread for it. */
static void run_import(struct task *task)
{
    struct entry *entry =
        (struct entry *)(void *)((char *)task - offsetof(struct entry, task)); /* its member */
    struct session_store *store = entry->store;
    struct import_result result;
    char *path = session_folder_part(&store->folder, entry->session.id);
    store->options.import(store->options.arg, path, is_wanted, entry, &result);
    free(path);

    pthread_mutex_lock(&store->lock);
    entry->is_running = false;
    bool is_program_ending =
        result.verdict == IMPORT_CANCELLED && !entry->session.is_cancel_requested;
    if (!is_program_ending) { /* otherwise the next start takes it up (rule 6) */
        conclude(&entry->session, &result);
        touch(store, &entry->session);
        int failure = persist(store, &entry->session);
        if (failure != 0)
            log_line("usage import %s: keep the result: %s", entry->session.id, strerror(failure));
        if (!session_is_live(&entry->session))
            drop_part(store, &entry->session);
    }
    pthread_mutex_unlock(&store->lock);
}

/* 0 when the import may begin, else the status of the answer. */
static int check_complete(const struct session_store *store, const struct entry *entry,
                          struct text *out)
{
    const struct session *session = &entry->session;
    int64_t file_bytes = 0;
    switch (session->status) {
    case SESSION_PROCESSING:
        return show(out, session, 202);
    case SESSION_COMPLETED:
        return show(out, session, 200);
    case SESSION_CANCELLED:
        return refuse(out, ERROR_CONFLICT, "usage import session is cancelled");
    case SESSION_FAILED:
        if (!session->is_retryable)
            return refuse(out, ERROR_CONFLICT, "usage import session failed and cannot be retried");
        break;
    default:
        break;
    }
    if (entry->is_busy)
        return refuse(out, ERROR_CONFLICT, "usage import chunk is still in progress");
    if (session->status == SESSION_UPLOADING)
        return refuse(out, ERROR_CONFLICT, "usage import upload is not complete");
    int failure = session_folder_part_size(&store->folder, session->id, &file_bytes);
    if (failure != 0 || file_bytes != session->size_bytes)
        return refuse(out, ERROR_CONFLICT, "usage import temporary file is incomplete");
    return 0;
}

static int begin_import(struct session_store *store, struct entry *entry, struct text *out)
{
    struct session before = entry->session;
    struct session changed = entry->session;
    changed.status = SESSION_PROCESSING;
    changed.is_retryable = false;
    changed.has_result = false;
    changed.error[0] = '\0';
    int failure = replace(store, entry, &changed);
    if (failure != 0)
        return refuse_failure(out, failure);
    atomic_store(&entry->is_aborted, false);
    entry->task = (struct task){.run = run_import};
    entry->is_running = true;
    if (store->options.start(store->options.arg, &entry->task))
        return show(out, &entry->session, 202);
    entry->is_running = false;
    failure = replace(store, entry, &before);
    return failure != 0 ? refuse_failure(out, failure)
                        : refuse(out, ERROR_UNAVAILABLE, "the server is busy");
}

int session_store_complete(struct session_store *store, struct slice id, struct text *out)
{
    pthread_mutex_lock(&store->lock);
    purge(store);
    struct entry *entry = find(store, id);
    int status = entry != NULL ? check_complete(store, entry, out) : refuse_unknown(out);
    if (status == 0)
        status = begin_import(store, entry, out);
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* --- delete --- */

/* End the chunk that is being written, if there is one. The entry may then be gone. */
static struct entry *find_idle(struct session_store *store, struct slice id)
{
    struct entry *entry = find(store, id);
    while (entry != NULL && entry->is_busy) {
        atomic_store(&entry->is_aborted, true);
        pthread_cond_wait(&store->idle, &store->lock);
        entry = find(store, id);
    }
    return entry;
}

static int cancel(struct session_store *store, struct entry *entry, struct text *out)
{
    struct session changed = entry->session;
    bool is_processing = changed.status == SESSION_PROCESSING;
    if (changed.status == SESSION_COMPLETED || changed.status == SESSION_CANCELLED)
        return show(out, &entry->session, 200);
    changed.is_cancel_requested = true;
    (void)snprintf(changed.error, sizeof changed.error, "%s", cancelled_text);
    if (!is_processing) {
        changed.status = SESSION_CANCELLED;
        changed.is_retryable = false;
    }
    int failure = replace(store, entry, &changed);
    if (failure != 0)
        return refuse_failure(out, failure);
    if (is_processing)
        atomic_store(&entry->is_aborted, true);
    else
        drop_part(store, &entry->session);
    return show(out, &entry->session, is_processing ? 202 : 200);
}

int session_store_delete(struct session_store *store, struct slice id, struct text *out)
{
    pthread_mutex_lock(&store->lock);
    purge(store);
    struct entry *entry = find_idle(store, id);
    int status = entry != NULL ? cancel(store, entry, out) : refuse_unknown(out);
    pthread_mutex_unlock(&store->lock);
    return status;
}

void session_store_purge(struct session_store *store)
{
    pthread_mutex_lock(&store->lock);
    purge(store);
    pthread_mutex_unlock(&store->lock);
}

/* --- rule 6 --- */

/* A live session by what is in its file. */
static void recover_live(struct session_store *store, struct session *session)
{
    int64_t file_bytes = 0;
    int failure = session_folder_part_size(&store->folder, session->id, &file_bytes);
    if (failure != 0 || file_bytes > session->size_bytes) {
        session->status = SESSION_FAILED;
        session->is_retryable = false;
        (void)snprintf(session->error, sizeof session->error,
                       "usage import temporary file is missing or invalid");
        return;
    }
    bool is_whole = file_bytes == session->size_bytes;
    session->received_bytes = file_bytes;
    if (session->status == SESSION_FAILED && is_whole)
        return;
    session->status = is_whole ? SESSION_READY : SESSION_UPLOADING;
    session->is_retryable = false;
    session->has_result = false;
    session->error[0] = '\0';
}

/* Settle what an earlier run left. false: it is to vanish. */
static bool recover(struct session_store *store, struct session *session)
{
    bool was_processing = session->status == SESSION_PROCESSING;
    if (!was_processing && now_ms(store) >= session->expires_at_ms)
        return false;
    if (session->is_cancel_requested && was_processing) {
        session->status = SESSION_CANCELLED;
        (void)snprintf(session->error, sizeof session->error, "%s", cancelled_text);
    } else if (session->is_cancel_requested && session->status != SESSION_CANCELLED) {
        return false;
    } else if (session_is_live(session)) {
        recover_live(store, session);
    }
    return true;
}

static void take_up(void *arg, const char *id, struct slice text)
{
    struct session_store *store = arg;
    struct session session = {0};
    bool is_kept = store->count < LIMIT_SESSIONS_KEPT && session_read(text, &session) &&
                   strcmp(session.id, id) == 0 && recover(store, &session);
    if (is_kept) {
        const struct entry *entry = add_entry(store, &session);
        int failure = persist(store, &entry->session);
        if (failure != 0)
            log_line("usage import %s: take up: %s", id, strerror(failure));
        if (!session_is_live(&entry->session))
            drop_part(store, &entry->session);
    } else if (session_folder_remove_metadata(&store->folder, id) != 0) {
        log_line("usage import %s: its files cannot be removed", id);
    }
    session_clear(&session);
}

static bool has_session(void *arg, const char *id)
{
    return find(arg, slice_of_cstr(id)) != NULL;
}

/* --- life --- */

struct session_store *session_store_open(const struct session_store_options *options,
                                         char **out_error)
{
    struct session_store *store = memory_zeroed(sizeof *store);
    store->options = *options;
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->idle, NULL);
    if (!session_folder_open(&store->folder, options->folder, out_error)) {
        session_store_close(store);
        return NULL;
    }
    int failure = session_folder_scan(&store->folder, take_up, has_session, store);
    if (failure != 0) {
        *out_error = memory_format("read %s: %s", options->folder, strerror(failure));
        session_store_close(store);
        return NULL;
    }
    return store;
}

void session_store_close(struct session_store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->count; i++)
        free_entry(store->entries[i]);
    session_folder_clear(&store->folder);
    pthread_cond_destroy(&store->idle);
    pthread_mutex_destroy(&store->lock);
    free(store);
}
