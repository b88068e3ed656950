#include "server/collector/inbox.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "server/clock.h"
#include "server/collector/condition.h"
#include "server/collector/thread.h"
#include "server/log.h"
#include "server/memory.h"

/* Between two log lines about a batch that keeps failing. */
#define COMPLAINT_GAP_MS 60000

struct inbox {
    struct worker *writer; /* borrowed */
    pthread_t thread;
    pthread_mutex_t mutex;    /* guards all below; never held while the database works */
    pthread_cond_t changed;   /* for the thread: payloads, holds, flushes */
    pthread_cond_t committed; /* for those who wait for room or for the end */
    struct batch *head;       /* the oldest batch; the newest, tail, is being filled */
    struct batch *tail;
    size_t weight;              /* bytes of all batches, the one being committed included */
    int64_t pending;            /* payloads of all batches, likewise */
    int64_t hold_until_mono_ms; /* inbox_hold */
    int64_t retry_at_mono_ms;   /* the end of the pause after a failure */
    int64_t last_start_mono_ms; /* of a commit */
    int64_t retry_pause_ms;     /* 0 after a success */
    int64_t last_complaint_mono_ms;
    unsigned attempts; /* of the batch at the head, that failed */
    unsigned flushes;  /* callers inside inbox_flush */
    bool is_ending;
    struct inbox_status status;
};

static void append(struct inbox *inbox, struct batch *batch)
{
    batch->next = NULL;
    if (inbox->tail == NULL)
        inbox->head = batch;
    else
        inbox->tail->next = batch;
    inbox->tail = batch;
}

static void push_front(struct inbox *inbox, struct batch *batch)
{
    batch->next = inbox->head;
    inbox->head = batch;
    if (inbox->tail == NULL)
        inbox->tail = batch;
}

static struct batch *take_front(struct inbox *inbox)
{
    struct batch *batch = inbox->head;
    inbox->head = batch->next;
    if (inbox->head == NULL)
        inbox->tail = NULL;
    batch->next = NULL;
    return batch;
}

void inbox_put(struct inbox *inbox, struct slice payload, int64_t received_at_ms)
{
    size_t weight = 0;
    bool was_empty = false;
    pthread_mutex_lock(&inbox->mutex);
    was_empty = inbox->head == NULL;
    if (inbox->tail == NULL || !batch_has_room(inbox->tail, payload.len))
        append(inbox, batch_new());
    else
        weight = batch_weight(inbox->tail);
    batch_add(inbox->tail, payload, received_at_ms);
    inbox->weight += batch_weight(inbox->tail) - weight;
    inbox->pending++;
    if (was_empty || inbox->pending == COMMIT_GAP_ITEMS)
        pthread_cond_signal(&inbox->changed);
    pthread_mutex_unlock(&inbox->mutex);
}

/* When the commit of what waits may start; now or earlier means at once. */
static int64_t start_mono_ms(const struct inbox *inbox)
{
    const bool is_hurried = inbox->flushes > 0 || inbox->pending >= COMMIT_GAP_ITEMS;
    int64_t start = is_hurried ? 0 : inbox->last_start_mono_ms + COMMIT_GAP_MS;
    if (start < inbox->hold_until_mono_ms)
        start = inbox->hold_until_mono_ms;
    if (start < inbox->retry_at_mono_ms)
        start = inbox->retry_at_mono_ms;
    return start;
}

/* Wait for a batch whose time has come; NULL when the inbox ends. Called locked. */
static struct batch *next_batch(struct inbox *inbox)
{
    while (!inbox->is_ending) {
        int64_t start = inbox->head == NULL ? INT64_MAX : start_mono_ms(inbox);
        if (start <= clock_mono_ms())
            return take_front(inbox);
        (void)condition_wait_until(&inbox->changed, &inbox->mutex, start); /* looked at again */
    }
    return NULL;
}

static void finish(struct inbox *inbox, struct batch *batch, const struct ingest_counts *counts)
{
    inbox->weight -= batch_weight(batch);
    inbox->pending -= (int64_t)batch->count;
    inbox->status.counts.added += counts->added;
    inbox->status.counts.skipped += counts->skipped;
    inbox->status.counts.dead += counts->dead;
    if (counts->added + counts->skipped > 0)
        inbox->status.last_inserted_at_ms = clock_wall_ms();
    if (inbox->status.error[0] != '\0')
        log_line("collector: the database stores events again");
    inbox->status.error[0] = '\0';
    inbox->retry_pause_ms = 0;
    inbox->attempts = 0;
    pthread_cond_broadcast(&inbox->committed);
    batch_free(batch);
}

/* Whether such a failure has nothing to do with what is in the batch. Memory is not among
 * them: it may be the size of one payload that there is none for. */
static bool is_of_database(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_READONLY:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_NOTADB:
    case SQLITE_ABORT:
        return true;
    default:
        return false;
    }
}

/* Rule 4. */
static void put_back(struct inbox *inbox, struct batch *batch, int rc)
{
    struct batch *second = NULL;
    if (is_of_database(rc) || inbox->attempts < 2) {
        push_front(inbox, batch);
        return;
    }
    inbox->attempts = 1; /* the halves are suspects from their first failure on */
    second = batch_split(batch);
    if (second == NULL) {
        append(inbox, batch);
        return;
    }
    inbox->weight += batch_weight(second);
    push_front(inbox, second);
    push_front(inbox, batch);
}

static void retry_later(struct inbox *inbox, struct batch *batch, int rc, const char *message)
{
    const int64_t now_mono_ms = clock_mono_ms();
    inbox->attempts++;
    inbox->retry_pause_ms =
        inbox->retry_pause_ms == 0 ? COMMIT_RETRY_FIRST_MS : 2 * inbox->retry_pause_ms;
    if (inbox->retry_pause_ms > COMMIT_RETRY_LAST_MS)
        inbox->retry_pause_ms = COMMIT_RETRY_LAST_MS;
    inbox->retry_at_mono_ms = now_mono_ms + inbox->retry_pause_ms;
    (void)snprintf(inbox->status.error, sizeof inbox->status.error, "%s",
                   message != NULL ? message : sqlite3_errstr(rc));
    if (inbox->last_complaint_mono_ms == 0 ||
        now_mono_ms - inbox->last_complaint_mono_ms >= COMPLAINT_GAP_MS) {
        inbox->last_complaint_mono_ms = now_mono_ms;
        log_line("collector: could not store %zu events, will try again: %s", batch->count,
                 inbox->status.error);
    }
    put_back(inbox, batch, rc);
}

static void *commit_batches(void *arg)
{
    struct inbox *inbox = arg;
    struct batch *batch = NULL;
    pthread_mutex_lock(&inbox->mutex);
    while ((batch = next_batch(inbox)) != NULL) {
        struct ingest_counts counts = {0};
        char *message = NULL;
        int rc = SQLITE_OK;
        inbox->last_start_mono_ms = clock_mono_ms();
        pthread_mutex_unlock(&inbox->mutex);
        rc = ingest_batch(inbox->writer, batch, &counts, &message);
        pthread_mutex_lock(&inbox->mutex);
        if (rc == SQLITE_OK)
            finish(inbox, batch, &counts);
        else
            retry_later(inbox, batch, rc, message);
        free(message);
    }
    pthread_mutex_unlock(&inbox->mutex);
    return NULL;
}

bool inbox_wait_room(struct inbox *inbox, int64_t until_mono_ms)
{
    bool has_room = false;
    pthread_mutex_lock(&inbox->mutex);
    while (inbox->weight >= LIMIT_PENDING_BYTES &&
           condition_wait_until(&inbox->committed, &inbox->mutex, until_mono_ms))
        ;
    has_room = inbox->weight < LIMIT_PENDING_BYTES;
    pthread_mutex_unlock(&inbox->mutex);
    return has_room;
}

void inbox_hold(struct inbox *inbox, int64_t until_mono_ms)
{
    pthread_mutex_lock(&inbox->mutex);
    inbox->hold_until_mono_ms = until_mono_ms;
    pthread_cond_signal(&inbox->changed);
    pthread_mutex_unlock(&inbox->mutex);
}

void inbox_release(struct inbox *inbox)
{
    inbox_hold(inbox, 0);
}

bool inbox_flush(struct inbox *inbox, int64_t until_mono_ms)
{
    bool is_empty = false;
    pthread_mutex_lock(&inbox->mutex);
    inbox->flushes++;
    inbox->hold_until_mono_ms = 0;
    pthread_cond_signal(&inbox->changed);
    while (inbox->pending > 0 &&
           condition_wait_until(&inbox->committed, &inbox->mutex, until_mono_ms))
        ;
    inbox->flushes--;
    is_empty = inbox->pending == 0;
    pthread_mutex_unlock(&inbox->mutex);
    return is_empty;
}

void inbox_status(struct inbox *inbox, struct inbox_status *out_status)
{
    pthread_mutex_lock(&inbox->mutex);
    *out_status = inbox->status;
    out_status->pending = inbox->pending;
    pthread_mutex_unlock(&inbox->mutex);
}

/* Rule 7. */
static void commit_rest(struct inbox *inbox)
{
    const int64_t last_mono_ms = clock_mono_ms() + COMMIT_REST_MS;
    int64_t progress_mono_ms = clock_mono_ms();
    struct inbox_status status;
    int64_t pending = 0;
    inbox_status(inbox, &status);
    for (;;) {
        const int64_t now_mono_ms = clock_mono_ms();
        if (status.pending != pending)
            progress_mono_ms = now_mono_ms;
        pending = status.pending;
        if (pending == 0 || status.error[0] != '\0' || now_mono_ms >= last_mono_ms ||
            now_mono_ms - progress_mono_ms >= COMMIT_STALL_MS)
            return;
        (void)inbox_flush(inbox, now_mono_ms + 200); /* the status tells how it went */
        inbox_status(inbox, &status);
    }
}

struct inbox *inbox_new(struct worker *writer)
{
    struct inbox *inbox = memory_zeroed(sizeof *inbox);
    inbox->writer = writer;
    pthread_mutex_init(&inbox->mutex, NULL);
    condition_init(&inbox->changed);
    condition_init(&inbox->committed);
    thread_start(&inbox->thread, "inbox", commit_batches, inbox);
    return inbox;
}

void inbox_free(struct inbox *inbox)
{
    if (inbox == NULL)
        return;
    commit_rest(inbox);
    pthread_mutex_lock(&inbox->mutex);
    inbox->is_ending = true;
    pthread_cond_signal(&inbox->changed);
    pthread_mutex_unlock(&inbox->mutex);
    pthread_join(inbox->thread, NULL);
    if (inbox->pending > 0)
        log_line("collector: gave up %lld events that could not be stored",
                 (long long)inbox->pending);
    while (inbox->head != NULL)
        batch_free(take_front(inbox));
    pthread_cond_destroy(&inbox->committed);
    pthread_cond_destroy(&inbox->changed);
    pthread_mutex_destroy(&inbox->mutex);
    free(inbox);
}
