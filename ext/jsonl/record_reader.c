/* Reads the records of a file; see record_reader.h.
 *
 *     START --first byte '['--> ARRAY --']'--> TAIL
 *       |----any other--------> LINES
 *       '----'{'--> its line is a whole object of its own, no snapshot ------> LINES
 *                   else one walk over the object (legacy_index):
 *                     an event over several lines --> VALUE --> LINES
 *                     a snapshot with details ------> LEGACY
 *                     a snapshot without -----------> REFUSED
 *                     no JSON ----------------------> LINES (each line fails by itself)
 * TAIL, LEGACY, REFUSED and LINES end in END. The walk and the look behind an array need a
 * second reading, so from a pipe only lines, and arrays unchecked, are possible. */
#include "ext/jsonl/record_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ext/alloc.h"
#include "ext/json.h"
#include "ext/jsonl/byte_window.h"
#include "ext/jsonl/legacy_index.h"
#include "ext/limits.h"

enum record_state {
    STATE_START,
    STATE_LINES,
    STATE_ARRAY,
    STATE_VALUE,   /* the first object is at hand, to be taken whole */
    STATE_LEGACY,  /* details are left */
    STATE_REFUSED, /* refusal says why; first the count of what is unsupported */
    STATE_END
};

struct record_reader {
    struct byte_source *source;
    struct byte_window window;
    enum record_state state;
    enum record_format format;
    size_t pending;    /* bytes of the last payload, dropped by the next call */
    char refusal[192]; /* STATE_REFUSED */
    int unsupported;   /* STATE_REFUSED: how many to tell first */
    bool is_strict;    /* a snapshot's structural keys may come once only */
    bool is_first_object;
    struct json_walk array;
    struct legacy_index legacy;
    struct legacy_model *model; /* STATE_LEGACY: the one at hand */
    bool is_in_details;
    struct json_walk details;
    int64_t detail; /* ordinal of the next detail, from 0 */
    int64_t legacy_records;
    struct text payload; /* of a legacy detail */
};

const char *record_format_name(enum record_format format)
{
    switch (format) {
    case RECORD_FORMAT_JSONL:
        return "usage_service_jsonl";
    case RECORD_FORMAT_LEGACY_EXPORT:
        return "legacy_usage_export";
    case RECORD_FORMAT_LEGACY_PAYLOAD:
        return "legacy_usage_payload";
    case RECORD_FORMAT_UNKNOWN:
        break;
    }
    return "";
}

/* --- results --- */

static enum record_result give(struct record_item *item, enum record_result result,
                               const char *format, ...) __attribute__((format(printf, 3, 4)));

static enum record_result give(struct record_item *item, enum record_result result,
                               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(item->error, sizeof item->error, format, arguments);
    va_end(arguments);
    return result;
}

/* The reader's end because of the window: a failed read, or memory. */
static enum record_result give_window_failure(struct record_reader *reader,
                                              struct record_item *item)
{
    reader->state = STATE_END;
    if (reader->window.is_nomem)
        return RECORD_NOMEM;
    return give(item, RECORD_FAILED, "%s", byte_source_error(reader->source));
}

static void locate(const struct record_reader *reader, struct record_item *item)
{
    item->line = reader->window.line;
    item->byte_offset = reader->window.offset;
}

static enum record_result give_too_long(struct record_item *item)
{
    return give(item, RECORD_BAD, "the record is longer than %zu MiB", LIMIT_PAYLOAD_BYTES >> 20);
}

/* Give the first len bytes at hand as a record; the next call drops them. */
static enum record_result give_payload(struct record_reader *reader, struct record_item *item,
                                       size_t len)
{
    item->payload = slice_first(byte_window_bytes(&reader->window), len);
    reader->pending = len;
    return RECORD_OK;
}

/* --- lines --- */

/* The line at hand: *out_len with its line end, if any. False when it is longer than a
 * record may be. */
static bool load_line(struct byte_window *window, size_t *out_len)
{
    size_t searched = 0;
    for (;;) {
        struct slice bytes = byte_window_bytes(window);
        const char *end =
            bytes.len > searched ? memchr(bytes.data + searched, '\n', bytes.len - searched) : NULL;
        *out_len = end ? (size_t)(end - bytes.data) + 1 : bytes.len;
        if (*out_len > LIMIT_PAYLOAD_BYTES + 2)
            return false;
        if (end || !byte_window_more(window))
            return true;
        searched = bytes.len;
    }
}

/* Drop the rest of a line of any length. */
static void skip_line(struct byte_window *window)
{
    do {
        struct slice bytes = byte_window_bytes(window);
        const char *end = bytes.len ? memchr(bytes.data, '\n', bytes.len) : NULL;
        byte_window_consume(window, end ? (size_t)(end - bytes.data) + 1 : bytes.len);
        if (end)
            return;
    } while (byte_window_more(window));
}

static enum record_result next_line(struct record_reader *reader, struct record_item *item)
{
    struct byte_window *window = &reader->window;
    for (;;) {
        size_t len;
        locate(reader, item);
        if (!load_line(window, &len)) {
            skip_line(window);
            return window->failed ? give_window_failure(reader, item) : give_too_long(item);
        }
        if (window->failed)
            return give_window_failure(reader, item);
        if (len == 0) {
            reader->state = STATE_END;
            return RECORD_END;
        }
        struct slice raw = slice_first(byte_window_bytes(window), len);
        struct slice line = slice_trim(raw);
        if (line.len == 0) {
            byte_window_consume(window, len);
            continue;
        }
        item->payload = line;
        item->byte_offset += line.data - raw.data;
        reader->pending = len;
        if (line.len <= LIMIT_PAYLOAD_BYTES)
            return RECORD_OK;
        return give_too_long(item);
    }
}

/* --- arrays --- */

static enum record_result end_of_walk(struct record_reader *reader, struct record_item *item,
                                      enum walk_result result, const char *what)
{
    locate(reader, item);
    if (reader->window.failed)
        return give_window_failure(reader, item);
    reader->state = STATE_END;
    if (result == WALK_FAILED)
        return RECORD_NOMEM;
    return give(item, RECORD_FAILED,
                result == WALK_END ? "%s ends in the middle" : "%s is not JSON", what);
}

static enum record_result next_element(struct record_reader *reader, struct record_item *item)
{
    struct byte_window *window = &reader->window;
    bool is_end;
    size_t len;
    enum walk_result result = json_walk_element(&reader->array, window, &is_end);
    if (result != WALK_OK)
        return end_of_walk(reader, item, result, "the array");
    if (is_end) {
        reader->state = STATE_END;
        return RECORD_END;
    }
    locate(reader, item);
    result = json_walk_measure(window, LIMIT_PAYLOAD_BYTES, &len);
    if (result == WALK_TOO_LONG) {
        result = json_walk_skip(window);
        if (result == WALK_OK)
            return give_too_long(item);
    }
    if (result != WALK_OK)
        return end_of_walk(reader, item, result, "the array");
    return give_payload(reader, item, len);
}

/* --- legacy snapshots --- */

/* Drop bytes up to an offset; it lies ahead. */
static bool advance(struct byte_window *window, int64_t offset)
{
    while (window->offset < offset) {
        size_t held = byte_window_bytes(window).len;
        int64_t left = offset - window->offset;
        if (held == 0 && !byte_window_more(window))
            return false;
        byte_window_consume(window, (int64_t)held < left ? held : (size_t)left);
    }
    return true;
}

static void add_member(struct text *out, const char *name, struct slice value)
{
    text_add_cstr(out, name);
    json_write_string(out, value);
}

/* The payload of a detail, as event_normalize reads it. */
static enum record_result give_detail(struct record_reader *reader, struct record_item *item,
                                      size_t len)
{
    const struct legacy_model *model = reader->model;
    struct text *out = &reader->payload;
    text_empty(out);
    add_member(out, "{\"format\":\"legacy_usage_export\",\"endpoint\":", model->endpoint);
    add_member(out, ",\"model\":", model->model);
    text_add_cstr(out, ",\"ordinals\":[");
    text_add_int64(out, model->endpoint_rank);
    text_add_char(out, ',');
    text_add_int64(out, model->model_rank);
    text_add_char(out, ',');
    text_add_int64(out, reader->detail++);
    text_add_cstr(out, "],\"detail\":");
    text_add(out, slice_first(byte_window_bytes(&reader->window), len));
    text_add_char(out, '}');
    reader->pending = len;
    if (out->failed)
        return RECORD_NOMEM;
    item->payload = text_slice(out);
    reader->legacy_records++;
    return RECORD_OK;
}

static enum record_result next_detail(struct record_reader *reader, struct record_item *item,
                                      bool *out_is_given)
{
    struct byte_window *window = &reader->window;
    bool is_end;
    size_t len;
    *out_is_given = true;
    enum walk_result result = json_walk_element(&reader->details, window, &is_end);
    if (result == WALK_OK && is_end) {
        reader->is_in_details = false;
        reader->model = reader->model->next;
        *out_is_given = false;
        return RECORD_OK;
    }
    locate(reader, item);
    if (result == WALK_OK)
        result = json_walk_measure(window, LIMIT_PAYLOAD_BYTES / 2, &len);
    if (result == WALK_TOO_LONG) {
        reader->detail++;
        result = json_walk_skip(window);
        if (result == WALK_OK)
            return give_too_long(item);
    }
    if (result != WALK_OK)
        return end_of_walk(reader, item, result, "the snapshot");
    if (byte_window_at(window, 0) != '{') {
        reader->detail++;
        reader->pending = len;
        return give(item, RECORD_BAD, "a detail is not an object");
    }
    return give_detail(reader, item, len);
}

static enum record_result end_of_legacy(struct record_reader *reader, struct record_item *item)
{
    reader->state = STATE_END;
    if (reader->legacy_records > 0)
        return RECORD_END;
    locate(reader, item);
    return give(item, RECORD_FAILED, "legacy usage export does not contain request details");
}

static enum record_result next_legacy(struct record_reader *reader, struct record_item *item)
{
    while (reader->model) {
        const struct legacy_model *model = reader->model;
        bool is_given;
        if (reader->is_in_details) {
            enum record_result result = next_detail(reader, item, &is_given);
            if (is_given)
                return result;
            continue;
        }
        if (!advance(&reader->window, model->offset))
            return end_of_walk(reader, item, WALK_END, "the snapshot");
        locate(reader, item);
        if (model->kind == LEGACY_DETAILS) {
            reader->is_in_details = true;
            reader->details = (struct json_walk){0};
            reader->detail = 0;
            continue;
        }
        reader->model = model->next;
        if (model->kind == LEGACY_UNSUPPORTED)
            return give(item, RECORD_UNSUPPORTED, "a model without request details");
        return give(item, RECORD_BAD, "an endpoint or model of the snapshot is not an object");
    }
    return end_of_legacy(reader, item);
}

/* --- the beginning --- */

static enum record_state refuse(struct record_reader *reader, enum record_format format,
                                int unsupported, const char *reason)
{
    reader->format = format;
    reader->unsupported = unsupported;
    (void)snprintf(reader->refusal, sizeof reader->refusal, "%s", reason);
    return STATE_REFUSED;
}

/* Drop a byte order mark at the beginning. */
static void skip_byte_order_mark(struct byte_window *window)
{
    if (byte_window_at(window, 0) == 0xef && byte_window_at(window, 1) == 0xbb &&
        byte_window_at(window, 2) == 0xbf)
        byte_window_consume(window, 3);
}

/* Back to the first byte that is not white space. */
static bool begin_again(struct record_reader *reader)
{
    if (!byte_window_rewind(&reader->window))
        return false;
    skip_byte_order_mark(&reader->window);
    (void)byte_window_skip_space(&reader->window); /* known to be there */
    return true;
}

/* Whether the first line is an object of its own that is no snapshot. */
static bool first_line_is_event(struct record_reader *reader)
{
    static const struct slice snapshot_keys[] = {{"usage", 5},
                                                 {"apis", 4},
                                                 {"total_requests", 14},
                                                 {"success_count", 13},
                                                 {"failure_count", 13}};
    struct arena arena;
    struct json_error error;
    size_t len;
    if (!load_line(&reader->window, &len) || reader->window.failed)
        return false;
    arena_init(&arena, LIMIT_EVENT_ARENA_BYTES);
    const struct json *object = json_parse(
        &arena, slice_trim(slice_first(byte_window_bytes(&reader->window), len)), &error);
    bool is_event = object != NULL;
    for (size_t i = 0; is_event && i < sizeof snapshot_keys / sizeof *snapshot_keys; i++)
        is_event = !json_get(object, snapshot_keys[i]);
    if (arena.is_nomem)
        reader->window.failed = reader->window.is_nomem = true; /* whoever looks next tells */
    arena_clear(&arena);
    return is_event;
}

/* The state after the walk over a first object that is no snapshot with details. */
static enum record_state state_of_object(struct record_reader *reader)
{
    static const char no_details[] = "legacy usage export does not contain request details";
    const struct legacy_index *index = &reader->legacy;
    if (!index->has_event_hash && !index->has_event_members) {
        if (index->has_usage && index->usage_is_object)
            return refuse(reader, RECORD_FORMAT_LEGACY_EXPORT, 1, no_details);
        if (index->has_usage)
            return refuse(reader, RECORD_FORMAT_JSONL, 0, no_details);
        if (index->has_totals)
            return refuse(reader, RECORD_FORMAT_LEGACY_PAYLOAD, 1, no_details);
    }
    return begin_again(reader) ? STATE_VALUE
                               : refuse(reader, RECORD_FORMAT_JSONL, 0,
                                        "the first object cannot be read from a pipe");
}

static bool is_snapshot(const struct legacy_index *index)
{
    return !index->has_event_hash &&
           (index->usage_has_apis || (index->has_apis && !index->has_usage));
}

/* The state after the walk over a snapshot with details. */
static enum record_state state_of_snapshot(struct record_reader *reader)
{
    const struct legacy_index *index = &reader->legacy;
    enum record_format format =
        index->is_export ? RECORD_FORMAT_LEGACY_EXPORT : RECORD_FORMAT_LEGACY_PAYLOAD;
    if (byte_window_skip_space(&reader->window) >= 0)
        return refuse(reader, format, 0, "usage import payload contains multiple JSON values");
    if (reader->is_strict && index->duplicate_key[0]) {
        enum record_state state = refuse(reader, format, 0, "");
        (void)snprintf(reader->refusal, sizeof reader->refusal,
                       "usage import legacy object contains duplicate structural key \"%.100s\"",
                       index->duplicate_key);
        return state;
    }
    reader->format = format;
    reader->model = index->models;
    return begin_again(reader) ? STATE_LEGACY
                               : refuse(reader, format, 0, "a snapshot cannot be read from a pipe");
}

static enum record_state state_of_first_object(struct record_reader *reader)
{
    if (first_line_is_event(reader))
        return STATE_LINES;
    enum walk_result result = legacy_index_build(&reader->legacy, &reader->window);
    reader->window.is_nomem |= reader->legacy.arena.is_nomem;
    if (result == WALK_OK)
        return is_snapshot(&reader->legacy) ? state_of_snapshot(reader) : state_of_object(reader);
    if (reader->window.failed)
        return refuse(reader, RECORD_FORMAT_JSONL, 0, byte_source_error(reader->source));
    if (result == WALK_FAILED || is_snapshot(&reader->legacy)) {
        enum record_format format = reader->legacy.usage_has_apis ? RECORD_FORMAT_LEGACY_EXPORT
                                                                  : RECORD_FORMAT_LEGACY_PAYLOAD;
        return refuse(reader, format, 0,
                      result == WALK_END        ? "the snapshot ends in the middle"
                      : result == WALK_SYNTAX   ? "the snapshot is not JSON"
                      : result == WALK_TOO_LONG ? "the snapshot has a key that is too long"
                                                : "the snapshot has too many models");
    }
    return begin_again(reader)
               ? STATE_LINES
               : refuse(reader, RECORD_FORMAT_JSONL, 0,
                        "the first object is not JSON and cannot be read again from a pipe");
}

/* An array must be the only value of the file; whether its elements are any good is seen
 * later, and so is a missing end. */
static enum record_state state_of_array(struct record_reader *reader)
{
    enum walk_result result = json_walk_skip(&reader->window);
    if (result == WALK_OK && byte_window_skip_space(&reader->window) >= 0)
        return refuse(reader, RECORD_FORMAT_JSONL, 0,
                      "usage import payload contains multiple JSON values");
    if (reader->window.failed && reader->window.is_nomem)
        return STATE_ARRAY;
    reader->window.failed = false; /* the second reading tells it where it happens */
    return begin_again(reader)
               ? STATE_ARRAY
               : refuse(reader, RECORD_FORMAT_JSONL, 0, "an array cannot be read from a pipe");
}

static enum record_state first_state(struct record_reader *reader)
{
    skip_byte_order_mark(&reader->window);
    int byte = byte_window_skip_space(&reader->window);
    if (reader->window.failed)
        return STATE_LINES; /* which tells the failure */
    if (byte < 0)
        return refuse(reader, RECORD_FORMAT_UNKNOWN, 0, "empty usage import payload");
    reader->format = RECORD_FORMAT_JSONL;
    reader->is_first_object = byte == '{';
    if (byte == '[')
        return state_of_array(reader);
    return byte == '{' ? state_of_first_object(reader) : STATE_LINES;
}

/* The first object, written over several lines: one record. Lines follow. */
static enum record_result take_value(struct record_reader *reader, struct record_item *item)
{
    size_t len;
    locate(reader, item);
    reader->state = STATE_LINES;
    enum walk_result result = json_walk_measure(&reader->window, LIMIT_PAYLOAD_BYTES, &len);
    if (result == WALK_TOO_LONG) {
        result = json_walk_skip(&reader->window);
        if (result == WALK_OK)
            return give_too_long(item);
    }
    if (result != WALK_OK)
        return end_of_walk(reader, item, result, "the first object");
    return give_payload(reader, item, len);
}

static enum record_result tell_refusal(struct record_reader *reader, struct record_item *item)
{
    locate(reader, item);
    if (reader->unsupported-- > 0)
        return give(item, RECORD_UNSUPPORTED, "%s", reader->refusal);
    reader->state = STATE_END;
    if (reader->window.is_nomem)
        return RECORD_NOMEM;
    return give(item, RECORD_FAILED, "%s", reader->refusal);
}

enum record_result record_reader_next(struct record_reader *reader, struct record_item *out_item)
{
    memset(out_item, 0, sizeof *out_item);
    byte_window_consume(&reader->window, reader->pending);
    reader->pending = 0;
    if (reader->state == STATE_START)
        reader->state = first_state(reader);
    switch (reader->state) {
    case STATE_LINES:
        return next_line(reader, out_item);
    case STATE_ARRAY:
        return next_element(reader, out_item);
    case STATE_VALUE:
        return take_value(reader, out_item);
    case STATE_LEGACY:
        return next_legacy(reader, out_item);
    case STATE_REFUSED:
        return tell_refusal(reader, out_item);
    case STATE_START:
    case STATE_END:
        break;
    }
    return RECORD_END;
}

/* --- life --- */

static bool open_source(struct byte_source *source, struct record_reader **out_reader, char *error,
                        size_t error_size)
{
    *out_reader = NULL;
    if (!source)
        return false;
    struct record_reader *reader = ext_alloc(sizeof *reader);
    if (!reader) {
        (void)snprintf(error, error_size, BYTE_SOURCE_NOMEM);
        byte_source_close(source);
        return false;
    }
    memset(reader, 0, sizeof *reader);
    reader->source = source;
    byte_window_init(&reader->window, source);
    text_init(&reader->payload, LIMIT_PAYLOAD_BYTES);
    *out_reader = reader;
    return true;
}

bool record_reader_open_file(const char *path, struct record_reader **out_reader, char *error,
                             size_t error_size)
{
    return open_source(byte_source_open(path, error, error_size), out_reader, error, error_size);
}

bool record_reader_open_bytes(struct slice content, struct record_reader **out_reader, char *error,
                              size_t error_size)
{
    return open_source(byte_source_of_bytes(content, error, error_size), out_reader, error,
                       error_size);
}

bool record_reader_open_fd(int fd, struct record_reader **out_reader, char *error,
                           size_t error_size)
{
    return open_source(byte_source_of_fd(fd, error, error_size), out_reader, error, error_size);
}

void record_reader_close(struct record_reader *reader)
{
    if (!reader)
        return;
    legacy_index_clear(&reader->legacy);
    byte_window_clear(&reader->window);
    byte_source_close(reader->source);
    text_clear(&reader->payload);
    ext_free(reader);
}

void record_reader_refuse_duplicates(struct record_reader *reader)
{
    reader->is_strict = true;
}

void record_reader_set_cancel(struct record_reader *reader, bool (*keep_going)(void *arg),
                              void *arg)
{
    reader->window.keep_going = keep_going;
    reader->window.keep_going_arg = arg;
}

bool record_reader_begins_with_object(const struct record_reader *reader)
{
    return reader->is_first_object;
}

enum record_format record_reader_format(const struct record_reader *reader)
{
    return reader->format;
}

int64_t record_reader_bytes_read(const struct record_reader *reader)
{
    return byte_source_taken(reader->source);
}

int64_t record_reader_bytes_total(const struct record_reader *reader)
{
    return byte_source_size(reader->source);
}

bool record_reader_walks_snapshot(const struct record_reader *reader)
{
    return (reader->format == RECORD_FORMAT_LEGACY_EXPORT ||
            reader->format == RECORD_FORMAT_LEGACY_PAYLOAD) &&
           !reader->refusal[0];
}
