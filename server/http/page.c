/* Rules
 *  1. The embedded page: strong ETag, Cache-Control: no-cache, gzip when the client
 *     takes it, If-None-Match. Any method.
 *  2. PANEL_PATH (page_file.c) comes first; a file that cannot be opened is as none.
 *  3. No other site may frame the page, and nothing guesses its type. */
#include "server/http/page.h"

#include <stdio.h>

#include "ext/hash.h"
#include "panel_page.h"
#include "server/app.h"
#include "server/http/exchange.h"
#include "server/http/handlers.h"
#include "server/http/page_file.h"
#include "server/http/page_gzip.h"

void page_prepare(struct page *out_page)
{
    uint8_t hash[HASH_BYTES];
    char hex[33];
    hash_sha256((struct slice){(const char *)panel_page, panel_page_len}, hash);
    for (size_t i = 0; i < 16; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    (void)snprintf(out_page->etag, sizeof out_page->etag, "\"%.32s\"", hex);
    (void)snprintf(out_page->gzip_etag, sizeof out_page->gzip_etag, "\"%.32s-z\"", hex);
}

/* Whether the header names gzip and does not forbid it. */
static bool accepts_gzip(struct slice header)
{
    ptrdiff_t at = slice_find(header, SLICE("gzip"));
    if (at < 0)
        return false;
    struct slice rest = slice_trim_ascii(slice_from(header, (size_t)at + 4));
    return !slice_starts_with(rest, SLICE(";q=0")) || slice_starts_with(rest, SLICE(";q=0."));
}

static void add_page_headers(struct exchange *exchange)
{
    exchange->content_type = SLICE("text/html; charset=utf-8");
    exchange_header(exchange, "x-content-type-options", SLICE("nosniff"));
    exchange_header(exchange, "x-frame-options", SLICE("DENY"));
    exchange_header(exchange, "content-security-policy",
                    SLICE("frame-ancestors 'none'; base-uri 'none'; object-src 'none'"));
    exchange_header(exchange, "referrer-policy", SLICE("no-referrer"));
}

static void send_embedded(struct exchange *exchange)
{
    const struct page *page = &exchange->app->page;
    bool is_gzip = accepts_gzip(exchange_request_header(exchange, "accept-encoding"));
    const char *etag = is_gzip ? page->gzip_etag : page->etag;
    struct slice known = exchange_request_header(exchange, "if-none-match");
    exchange->status = 200;
    add_page_headers(exchange);
    exchange_header(exchange, "etag", slice_of_cstr(etag));
    exchange_header(exchange, "cache-control", SLICE("no-cache"));
    exchange_header(exchange, "vary", SLICE("Accept-Encoding"));
    if (known.len > 0 && slice_find(known, slice_of_cstr(etag)) >= 0) {
        exchange->status = 304;
    } else if (is_gzip) {
        exchange_header(exchange, "content-encoding", SLICE("gzip"));
        exchange->static_body = (struct slice){(const char *)page_gzip, page_gzip_len};
    } else {
        exchange->static_body = (struct slice){(const char *)panel_page, panel_page_len};
    }
    exchange_answer(exchange);
}

/* The file has been read, or could not be. */
static void after_file(struct exchange *exchange)
{
    if (!exchange->is_found) {
        send_embedded(exchange);
        return;
    }
    add_page_headers(exchange);
    exchange_answer(exchange);
}

void page_serve(struct exchange *exchange)
{
    if (exchange->app->config.panel_path[0] == '\0') {
        send_embedded(exchange);
        return;
    }
    page_file_take_headers(exchange);
    exchange_task(exchange, page_file_read, after_file);
}
