#include "server/collector/resp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room asked for when nothing is known about the next token. */
#define RESP_ROOM_BYTES ((size_t)64 * 1024)
/* A buffer that grew beyond this for one large bulk is given back once it is empty. */
#define RESP_KEEP_BYTES ((size_t)1024 * 1024)
#define RESP_LIMIT_BYTES (LIMIT_BULK_BYTES + LIMIT_LINE_BYTES + 2 * RESP_ROOM_BYTES)

const char *resp_type_name(enum resp_type type)
{
    static const char *const names[] = {
        [RESP_SIMPLE] = "simple string", [RESP_ERROR] = "error", [RESP_INTEGER] = "integer",
        [RESP_BULK] = "bulk string",     [RESP_NULL] = "null",   [RESP_ARRAY] = "array",
    };
    return names[type];
}

void resp_reader_init(struct resp_reader *reader)
{
    memset(reader, 0, sizeof *reader);
}

void resp_reader_clear(struct resp_reader *reader)
{
    if (reader->data != NULL)
        explicit_bzero(reader->data, reader->size);
    free(reader->data);
    resp_reader_init(reader);
}

static void move_to_front(struct resp_reader *reader)
{
    if (reader->start == 0)
        return;
    memmove(reader->data, reader->data + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->start = 0;
}

static bool grow_to(struct resp_reader *reader, size_t size)
{
    char *data = realloc(reader->data, size);
    if (data == NULL)
        return false;
    reader->data = data;
    reader->size = size;
    return true;
}

char *resp_reader_space(struct resp_reader *reader, size_t *out_room)
{
    size_t wanted = reader->end - reader->start + RESP_ROOM_BYTES;
    if (wanted < reader->need)
        wanted = reader->need;
    if (reader->start == reader->end) {
        reader->start = reader->end = 0;
        if (reader->size > RESP_KEEP_BYTES && wanted <= RESP_KEEP_BYTES) {
            free(reader->data);
            reader->data = NULL;
            reader->size = 0;
        }
    }
    if (reader->size - reader->start < wanted)
        move_to_front(reader);
    if (reader->size < wanted) {
        size_t size = wanted > 2 * reader->size ? wanted : 2 * reader->size;
        if (size > RESP_LIMIT_BYTES)
            size = RESP_LIMIT_BYTES; /* wanted itself is below: a bulk, its header, the room */
        if (!grow_to(reader, size))
            return NULL;
    }
    *out_room = reader->size - reader->end;
    return reader->data + reader->end;
}

void resp_reader_fill(struct resp_reader *reader, size_t len)
{
    reader->end += len;
}

void resp_quote_byte(char out_quoted[16], unsigned char byte)
{
    static const char escaped[] = "\a\b\f\n\r\t\v\\'";
    static const char letters[] = "abfnrtv\\'";
    const char *found = byte == 0 ? NULL : strchr(escaped, byte);
    if (found != NULL)
        (void)snprintf(out_quoted, 16, "'\\%c'", letters[found - escaped]);
    else if (byte < 0x20 || byte == 0x7f)
        (void)snprintf(out_quoted, 16, "'\\x%02x'", byte);
    else if (byte < 0x80)
        (void)snprintf(out_quoted, 16, "'%c'", byte);
    else if (byte <= 0xa0 || byte == 0xad) /* not printable in Go's sense */
        (void)snprintf(out_quoted, 16, "'\\u%04x'", byte);
    else
        (void)snprintf(out_quoted, 16, "'%c%c'", 0xc0 | (byte >> 6), 0x80 | (byte & 0x3f));
}

static enum resp_result bad(struct resp_reader *reader, const char *what)
{
    (void)snprintf(reader->error, sizeof reader->error, "%s", what);
    return RESP_BAD;
}

static enum resp_result bad_number(struct resp_reader *reader, char prefix, struct slice line)
{
    int shown = line.len > 32 ? 32 : (int)line.len;
    (void)snprintf(reader->error, sizeof reader->error, "bad RESP number after '%c': \"%.*s\"",
                   prefix, shown, line.data);
    return RESP_BAD;
}

static enum resp_result bad_size(struct resp_reader *reader, const char *what, int64_t size,
                                 int64_t limit)
{
    (void)snprintf(reader->error, sizeof reader->error, "RESP %s of %lld is over the limit of %lld",
                   what, (long long)size, (long long)limit);
    return RESP_BAD;
}

/* The line that begins after the prefix at start, without its CR LF. */
static enum resp_result read_line(struct resp_reader *reader, struct slice *out_line,
                                  size_t *out_next)
{
    const char *from = reader->data + reader->start + 1;
    size_t len = reader->end - reader->start - 1;
    const char *feed = len == 0 ? NULL : memchr(from, '\n', len);
    size_t line_len = feed == NULL ? len : (size_t)(feed - from);
    if (line_len > LIMIT_LINE_BYTES)
        return bad_size(reader, "line", (int64_t)line_len, (int64_t)LIMIT_LINE_BYTES);
    if (feed == NULL)
        return RESP_MORE;
    if (line_len == 0 || from[line_len - 1] != '\r')
        return bad(reader, "RESP line does not end with CR LF");
    *out_line = (struct slice){from, line_len - 1};
    *out_next = reader->start + 1 + line_len + 1;
    return RESP_TOKEN;
}

/* token->number is the announced length, next the first byte of the bulk. */
static enum resp_result read_bulk(struct resp_reader *reader, struct resp_token *token,
                                  size_t *next)
{
    size_t len = 0;
    if (token->number == -1) {
        token->type = RESP_NULL;
        return RESP_TOKEN;
    }
    if (token->number > (int64_t)LIMIT_BULK_BYTES)
        return bad_size(reader, "bulk string", token->number, (int64_t)LIMIT_BULK_BYTES);
    len = (size_t)token->number;
    if (reader->end - *next < len + 2) {
        reader->need = *next - reader->start + len + 2;
        return RESP_MORE;
    }
    if (memcmp(reader->data + *next + len, "\r\n", 2) != 0)
        return bad(reader, "RESP bulk string does not end with CR LF");
    token->text = (struct slice){reader->data + *next, len};
    *next += len + 2;
    return RESP_TOKEN;
}

static enum resp_result read_array(struct resp_reader *reader, struct resp_token *token)
{
    if (token->number == -1) {
        token->type = RESP_NULL;
        return RESP_TOKEN;
    }
    if (token->number > LIMIT_ARRAY_ITEMS)
        return bad_size(reader, "array", token->number, LIMIT_ARRAY_ITEMS);
    if (token->number > 0 && reader->depth == LIMIT_REPLY_DEPTH)
        return bad(reader, "RESP arrays are nested too deeply");
    return RESP_TOKEN;
}

static enum resp_result read_value(struct resp_reader *reader, char prefix, struct slice line,
                                   size_t *next, struct resp_token *token)
{
    token->text = line;
    if (prefix == '+' || prefix == '-') {
        token->type = prefix == '+' ? RESP_SIMPLE : RESP_ERROR;
        return RESP_TOKEN;
    }
    token->text = slice_empty();
    if (prefix == '_') {
        token->type = RESP_NULL;
        return line.len == 0 ? RESP_TOKEN : bad_number(reader, prefix, line);
    }
    if (!slice_to_int64(line, &token->number, NULL))
        return bad_number(reader, prefix, line);
    token->type = prefix == ':' ? RESP_INTEGER : prefix == '$' ? RESP_BULK : RESP_ARRAY;
    if (token->type == RESP_INTEGER)
        return RESP_TOKEN;
    if (token->number < -1)
        return bad_number(reader, prefix, line);
    return token->type == RESP_BULK ? read_bulk(reader, token, next) : read_array(reader, token);
}

/* Count the value into the arrays that are open around it. */
static void close_value(struct resp_reader *reader, struct resp_token *token)
{
    token->depth = reader->depth;
    if (token->type == RESP_ARRAY && token->number > 0)
        reader->left[reader->depth++] = token->number;
    else
        while (reader->depth > 0 && --reader->left[reader->depth - 1] == 0)
            reader->depth--;
    token->ends_reply = reader->depth == 0;
}

enum resp_result resp_reader_next(struct resp_reader *reader, struct resp_token *out_token)
{
    struct resp_token token = {.type = RESP_NULL};
    struct slice line = slice_empty();
    size_t next = 0;
    enum resp_result result = RESP_MORE;
    char prefix = '\0';

    if (reader->error[0] != '\0')
        return RESP_BAD;
    if (reader->end - reader->start < (reader->need > 0 ? reader->need : 1))
        return RESP_MORE;
    reader->need = 0;
    prefix = reader->data[reader->start];
    if (prefix == '\0' || strchr("+-:$*_", prefix) == NULL) {
        char quoted[16];
        resp_quote_byte(quoted, (unsigned char)prefix);
        (void)snprintf(reader->error, sizeof reader->error, "unsupported RESP prefix %s", quoted);
        return RESP_BAD;
    }
    result = read_line(reader, &line, &next);
    if (result == RESP_TOKEN)
        result = read_value(reader, prefix, line, &next, &token);
    if (result != RESP_TOKEN)
        return result;
    close_value(reader, &token);
    reader->start = next;
    *out_token = token;
    return RESP_TOKEN;
}

void resp_write_command(struct text *out, const struct slice *words, size_t count)
{
    text_add_char(out, '*');
    text_add_int64(out, (int64_t)count);
    text_add(out, SLICE("\r\n"));
    for (size_t i = 0; i < count; i++) {
        text_add_char(out, '$');
        text_add_int64(out, (int64_t)words[i].len);
        text_add(out, SLICE("\r\n"));
        text_add(out, words[i]);
        text_add(out, SLICE("\r\n"));
    }
}
