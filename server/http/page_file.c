#include "server/http/page_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/app.h"
#include "server/http/byte_range.h"
#include "server/http/exchange.h"
#include "server/http/http_date.h"
#include "server/http/limits.h"

/* What the request asks of the file; in the exchange's arena. */
struct page_file_request {
    struct slice range;
    struct slice modified_since;
};

void page_file_take_headers(struct exchange *exchange)
{
    struct page_file_request *request = arena_alloc(&exchange->arena, sizeof *request);
    if (request == NULL)
        return;
    request->range = arena_copy(&exchange->arena, exchange_request_header(exchange, "range"));
    request->modified_since =
        arena_copy(&exchange->arena, exchange_request_header(exchange, "if-modified-since"));
    exchange->state = request;
}

/* Append len bytes of the file from first on. false when it is shorter or unreadable. */
static bool read_part(int fd, int64_t first, int64_t len, struct text *out)
{
    char *bytes = text_reserve(out, (size_t)len);
    int64_t done = 0;
    while (bytes != NULL && done < len) {
        ssize_t got = pread(fd, bytes + done, (size_t)(len - done), (off_t)(first + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += got;
    }
    return bytes != NULL;
}

static void add_text_header(struct exchange *exchange, const char *name, const char *value)
{
    exchange_header(exchange, name, arena_copy(&exchange->arena, slice_of_cstr(value)));
}

/* Status and headers for the file; the part to send in *out_first and *out_len. */
static void decide(struct exchange *exchange, const struct stat *info, int64_t *out_first,
                   int64_t *out_len)
{
    const struct page_file_request *request = exchange->state;
    char text[96];
    char date[HTTP_DATE_SIZE];
    int64_t since_s;
    int64_t size = (int64_t)info->st_size;
    *out_first = 0;
    *out_len = size;
    exchange->status = 200;
    http_date_write((int64_t)info->st_mtime, date);
    add_text_header(exchange, "last-modified", date);
    exchange_header(exchange, "accept-ranges", SLICE("bytes"));
    if (http_date_read(request->modified_since, &since_s) && (int64_t)info->st_mtime <= since_s) {
        exchange->status = 304;
        *out_len = 0;
        return;
    }
    switch (byte_range_parse(request->range, size, out_first, out_len)) {
    case BYTE_RANGE_WHOLE:
        break;
    case BYTE_RANGE_PART:
        exchange->status = 206;
        (void)snprintf(text, sizeof text, "bytes %lld-%lld/%lld", (long long)*out_first,
                       (long long)(*out_first + *out_len - 1), (long long)size);
        add_text_header(exchange, "content-range", text);
        break;
    case BYTE_RANGE_OUTSIDE:
        exchange->status = 416;
        *out_len = 0;
        (void)snprintf(text, sizeof text, "bytes */%lld", (long long)size);
        add_text_header(exchange, "content-range", text);
        break;
    }
}

void page_file_read(struct exchange *exchange)
{
    struct stat info;
    int64_t first;
    int64_t len;
    exchange->is_found = false;
    if (exchange->state == NULL)
        return;
    int fd = open(exchange->app->config.panel_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
        info.st_size <= (off_t)LIMIT_PAGE_FILE_BYTES) {
        decide(exchange, &info, &first, &len);
        exchange->is_found = read_part(fd, first, len, &exchange->body_out) || len == 0;
        if (!exchange->is_found) { /* it shrank under our eyes: the embedded page instead */
            exchange->header_count = 0;
            text_empty(&exchange->body_out);
        }
    }
    close(fd);
}
