/* Reading HTTP requests: see http.h. */
#include "tools/gateway-sim/http.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static const struct http_text no_text = {NULL, 0};

static enum http_status bad(struct http_fault *fault, int status, const char *detail)
{
    fault->status = status;
    fault->detail = detail;
    return HTTP_BAD;
}

bool http_is(struct http_text text, const char *expected_cstr)
{
    return text.len == strlen(expected_cstr) && memcmp(text.data, expected_cstr, text.len) == 0;
}

bool http_is_ignoring_case(struct http_text text, const char *expected_cstr)
{
    return text.len == strlen(expected_cstr) &&
           strncasecmp(text.data, expected_cstr, text.len) == 0;
}

static struct http_text trim(struct http_text text)
{
    while (text.len > 0 && strchr(" \t\r\n", text.data[0]) != NULL) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]) != NULL)
        text.len--;
    return text;
}

/* Splits at the first separator; `rest` is empty with NULL data when there is none. */
static struct http_text split(struct http_text text, char separator, struct http_text *rest)
{
    const char *at = text.len == 0 ? NULL : memchr(text.data, separator, text.len);

    *rest = no_text;
    if (at == NULL)
        return text;
    rest->data = at + 1;
    rest->len = text.len - (size_t)(at - text.data) - 1;
    text.len = (size_t)(at - text.data);
    return text;
}

/* A token of RFC 9110, what methods and header names are made of. */
static bool is_token(struct http_text text)
{
    size_t i;

    for (i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return text.len > 0;
}

static enum http_status parse_request_line(struct http_text line, struct http_request *out,
                                           struct http_fault *fault)
{
    struct http_text target;
    struct http_text protocol;

    out->method = split(line, ' ', &target);
    target = split(target, ' ', &protocol);
    if (!is_token(out->method) || target.len == 0 || protocol.len != 8 ||
        memcmp(protocol.data, "HTTP/", 5) != 0 || protocol.data[6] != '.')
        return bad(fault, 400, "");
    if (protocol.data[5] != '1' || (protocol.data[7] != '0' && protocol.data[7] != '1'))
        return bad(fault, 505, "unsupported protocol version");
    out->minor_version = protocol.data[7] - '0';
    out->path = split(target, '?', &out->query);
    if (out->path.data[0] != '/' && !http_is(out->path, "*"))
        return bad(fault, 400, "");
    return HTTP_REQUEST;
}

static enum http_status parse_header(struct http_text line, struct http_request *out,
                                     struct http_fault *fault)
{
    struct http_text value;
    struct http_text name = split(line, ':', &value);

    if (!is_token(name) || value.data == NULL)
        return bad(fault, 400, "");
    if (out->header_count == LIMIT_HTTP_HEADERS)
        return bad(fault, 431, "");
    out->headers[out->header_count].name = name;
    out->headers[out->header_count].value = trim(value);
    out->header_count++;
    return HTTP_REQUEST;
}

/* The line at *at without its LF or CRLF; false when it has not come whole. */
static bool next_line(const char *data, size_t data_len, size_t *at, struct http_text *out)
{
    const char *end = *at == data_len ? NULL : memchr(data + *at, '\n', data_len - *at);

    if (end == NULL)
        return false;
    out->data = data + *at;
    out->len = (size_t)(end - out->data);
    *at += out->len + 1;
    if (out->len > 0 && out->data[out->len - 1] == '\r')
        out->len--;
    return true;
}

/* Refuses a bad request line or header as soon as its line is whole. */
static enum http_status parse_head(const char *data, size_t data_len, struct http_request *out,
                                   struct http_fault *fault)
{
    enum http_status status;
    struct http_text line;
    size_t at = 0;

    if (!next_line(data, data_len, &at, &line))
        return data_len > LIMIT_HTTP_HEAD_BYTES ? bad(fault, 431, "") : HTTP_NEED_MORE;
    status = parse_request_line(line, out, fault);
    while (status == HTTP_REQUEST) {
        if (!next_line(data, data_len, &at, &line))
            return data_len > LIMIT_HTTP_HEAD_BYTES ? bad(fault, 431, "") : HTTP_NEED_MORE;
        if (line.len == 0)
            break;
        status = parse_header(line, out, fault);
    }
    if (status == HTTP_REQUEST)
        out->head_bytes = at;
    return status;
}

static enum http_status parse_sized_body(char *data, size_t data_len, struct http_text length,
                                         struct http_request *out, struct http_fault *fault)
{
    size_t value = 0;
    size_t i;

    if (length.len == 0 || length.len > 12)
        return bad(fault, 400, "");
    for (i = 0; i < length.len; i++) {
        if (length.data[i] < '0' || length.data[i] > '9')
            return bad(fault, 400, "");
        value = value * 10 + (size_t)(length.data[i] - '0');
    }
    if (value > LIMIT_HTTP_BODY_BYTES)
        return bad(fault, 413, "");
    if (data_len - out->head_bytes < value)
        return HTTP_NEED_MORE;
    out->body.data = data + out->head_bytes;
    out->body.len = value;
    out->total_bytes = out->head_bytes + value;
    return HTTP_REQUEST;
}

static bool read_chunk_size(struct http_text line, size_t *out)
{
    struct http_text extension;
    struct http_text digits = trim(split(line, ';', &extension));
    size_t value = 0;
    size_t i;

    if (digits.len == 0 || digits.len > 8)
        return false;
    for (i = 0; i < digits.len; i++) {
        const char *found = strchr("0123456789abcdefABCDEF", digits.data[i]);

        if (found == NULL || *found == '\0')
            return false;
        value = value * 16 + (size_t)(*found <= '9' ? *found - '0' : (*found | 32) - 'a' + 10);
    }
    *out = value;
    return value <= LIMIT_HTTP_BODY_BYTES;
}

/*
 * Walks the chunks once to see whether all of them are there (is_moving false), and once
 * more to push their contents together over the chunk lines.
 */
static enum http_status walk_chunks(char *data, size_t data_len, bool is_moving,
                                    struct http_request *out)
{
    size_t at = out->head_bytes;
    size_t size = 1;
    struct http_text line;

    out->body.data = data + out->head_bytes;
    out->body.len = 0;
    while (size > 0) {
        if (!next_line(data, data_len, &at, &line))
            return HTTP_NEED_MORE;
        if (!read_chunk_size(line, &size) || out->body.len + size > LIMIT_HTTP_BODY_BYTES)
            return HTTP_BAD;
        if (size > 0 && data_len - at < size + 2)
            return HTTP_NEED_MORE;
        if (is_moving && size > 0)
            memmove(data + out->head_bytes + out->body.len, data + at, size);
        out->body.len += size;
        at += size > 0 ? size + 2 : 0;
    }
    do {
        if (!next_line(data, data_len, &at, &line))
            return HTTP_NEED_MORE; /* trailers, then an empty line */
    } while (line.len > 0);
    out->total_bytes = at;
    return HTTP_REQUEST;
}

static enum http_status parse_chunked_body(char *data, size_t data_len, struct http_request *out,
                                           struct http_fault *fault)
{
    enum http_status status = walk_chunks(data, data_len, false, out);

    if (status == HTTP_BAD)
        return bad(fault, 400, "");
    if (status == HTTP_REQUEST)
        status = walk_chunks(data, data_len, true, out);
    return status;
}

enum http_status http_parse(char *data, size_t data_len, struct http_request *out,
                            struct http_fault *out_fault)
{
    struct http_text encoding;
    struct http_text length;
    enum http_status status;

    memset(out, 0, sizeof(*out));
    status = parse_head(data, data_len, out, out_fault);
    if (status != HTTP_REQUEST)
        return status;
    if (out->minor_version == 1 && http_header_value(out, "Host").data == NULL)
        return bad(out_fault, 400, "missing required Host header");
    encoding = http_header_value(out, "Transfer-Encoding");
    if (encoding.data != NULL)
        return http_is_ignoring_case(encoding, "chunked")
                   ? parse_chunked_body(data, data_len, out, out_fault)
                   : bad(out_fault, 501, "");
    length = http_header_value(out, "Content-Length");
    if (length.data != NULL)
        return parse_sized_body(data, data_len, length, out, out_fault);
    out->total_bytes = out->head_bytes;
    return HTTP_REQUEST;
}

struct http_text http_header_value(const struct http_request *request, const char *name_cstr)
{
    size_t i;

    for (i = 0; i < request->header_count; i++)
        if (http_is_ignoring_case(request->headers[i].name, name_cstr))
            return request->headers[i].value;
    return no_text;
}

/* True when a comma-separated header value holds the word. */
static bool has_word(struct http_text value, const char *word)
{
    struct http_text rest = value;

    while (rest.data != NULL)
        if (http_is_ignoring_case(trim(split(rest, ',', &rest)), word))
            return true;
    return false;
}

bool http_keeps_alive(const struct http_request *request)
{
    struct http_text connection = http_header_value(request, "Connection");

    if (has_word(connection, "close"))
        return false;
    return request->minor_version == 1 || has_word(connection, "keep-alive");
}

bool http_expects_continue(const struct http_request *request)
{
    return has_word(http_header_value(request, "Expect"), "100-continue");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode_query(struct http_text value, char *out, size_t out_size)
{
    size_t len = 0;
    size_t i;

    for (i = 0; i < value.len && len + 1 < out_size; i++) {
        char c = value.data[i];

        if (c == '+')
            c = ' ';
        if (c == '%' && i + 2 < value.len && hex_digit(value.data[i + 1]) >= 0 &&
            hex_digit(value.data[i + 2]) >= 0) {
            c = (char)(hex_digit(value.data[i + 1]) * 16 + hex_digit(value.data[i + 2]));
            i += 2;
        }
        out[len++] = c;
    }
    out[len] = '\0';
}

static void trim_cstr(char *text)
{
    struct http_text trimmed = {text, strlen(text)};

    trimmed = trim(trimmed);
    memmove(text, trimmed.data, trimmed.len);
    text[trimmed.len] = '\0';
}

bool http_query_value(const struct http_request *request, const char *name_cstr, char *out,
                      size_t out_size)
{
    struct http_text rest = request->query;

    while (rest.data != NULL) {
        struct http_text value;
        struct http_text name = split(split(rest, '&', &rest), '=', &value);

        if (!http_is(name, name_cstr))
            continue;
        decode_query(value, out, out_size);
        trim_cstr(out);
        return true;
    }
    return false;
}

static bool is_address(struct http_text text)
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (text.len == 0 || text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return inet_pton(AF_INET, copy, &address) == 1 || inet_pton(AF_INET6, copy, &address) == 1;
}

/* The leftmost entry, if all entries are addresses. */
static struct http_text first_address(struct http_text list)
{
    struct http_text rest;
    struct http_text first = trim(split(list, ',', &rest));

    if (!is_address(first))
        return no_text;
    while (rest.data != NULL)
        if (!is_address(trim(split(rest, ',', &rest))))
            return no_text;
    return first;
}

void http_client_ip(const struct http_request *request, const char *peer_ip_cstr, char *out,
                    size_t out_size)
{
    struct http_text found = first_address(http_header_value(request, "X-Forwarded-For"));

    if (found.len == 0)
        found = first_address(http_header_value(request, "X-Real-IP"));
    if (found.len == 0 || found.len >= out_size) {
        found.data = peer_ip_cstr;
        found.len = strlen(peer_ip_cstr);
    }
    memcpy(out, found.data, found.len);
    out[found.len] = '\0';
}
