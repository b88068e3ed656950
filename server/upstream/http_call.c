/* One HTTP call: see http_call.h. */
#include "server/upstream/http_call.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/secret/secret.h"
#include "server/limits.h"
#include "server/loopback.h"
#include "server/memory.h"

/* The headers of an answer; curl itself stops at about this much. */
#define HEADERS_ROOM ((size_t)512 * 1024)

struct http_caller {
    CURL *easy;
};

/* What the callbacks of one call share. */
struct transfer {
    const struct http_request *request;
    struct http_response *response;
    bool is_body_too_large;
};

bool http_call_global_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

struct http_caller *http_caller_new(void)
{
    struct http_caller *caller = NULL;
    CURL *easy = curl_easy_init();

    if (easy == NULL)
        return NULL;
    caller = memory_zeroed(sizeof(*caller));
    caller->easy = easy;
    return caller;
}

void http_caller_free(struct http_caller *caller)
{
    if (caller == NULL)
        return;
    curl_easy_cleanup(caller->easy);
    free(caller);
}

/* --- the answer --- */

void http_response_init(struct http_response *response)
{
    memset(response, 0, sizeof(*response));
    text_init(&response->headers, HEADERS_ROOM);
    text_init(&response->body, 0);
}

void http_response_clear(struct http_response *response)
{
    secret_wipe_text(&response->body); /* CPA's configuration holds keys */
    text_clear(&response->headers);
    http_response_init(response);
}

/* Take the next line of *rest, without its end. */
static struct slice next_line(struct slice *rest)
{
    ptrdiff_t end = slice_find(*rest, SLICE("\n"));
    size_t len = end < 0 ? rest->len : (size_t)end;
    struct slice line = slice_first(*rest, len);

    *rest = slice_from(*rest, len + 1);
    return line;
}

bool http_response_header(const struct http_response *response, struct slice name,
                          struct slice *out_value)
{
    struct slice rest = text_slice(&response->headers);

    while (rest.len > 0) {
        struct slice line = next_line(&rest);
        if (line.len > name.len && line.data[name.len] == ':' &&
            slice_equal_nocase(slice_first(line, name.len), name)) {
            *out_value = slice_trim_ascii(slice_from(line, name.len + 1));
            return true;
        }
    }
    return false;
}

/* --- callbacks --- */

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t len = size * count;

    text_add(&transfer->response->body, (struct slice){data, len});
    transfer->is_body_too_large = transfer->response->body.failed;
    return transfer->is_body_too_large ? 0 : len;
}

/* Keep a header line; a status line begins a new answer (after a redirect, or 100). */
static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    struct http_response *response = transfer->response;
    struct slice line = slice_trim_ascii((struct slice){data, size * count});

    if (slice_starts_with(line, SLICE("HTTP/"))) {
        ptrdiff_t space = slice_find(line, SLICE(" "));
        struct slice status = space < 0 ? slice_empty() : slice_from(line, (size_t)space + 1);
        (void)snprintf(response->status_line, sizeof(response->status_line), "%.*s",
                       (int)slice_first(status, sizeof(response->status_line) - 1).len,
                       status.data != NULL ? status.data : "");
        text_empty(&response->headers);
    } else if (line.len > 0) {
        text_add(&response->headers, line);
        text_add_char(&response->headers, '\n');
    }
    return response->headers.failed ? 0 : size * count;
}

static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    const struct transfer *transfer = arg;
    const atomic_bool *cancel = transfer->request->cancel;

    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return cancel != NULL && atomic_load(cancel);
}

/* --- the request --- */

/* Append a line to *lines. false when curl has no memory. */
static bool add_line(struct curl_slist **lines, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*lines, line);

    if (longer != NULL)
        *lines = longer;
    return longer != NULL;
}

/* The request's headers; the secret stands in the last line. */
static bool make_headers(const struct http_request *request, struct curl_slist **out_lines)
{
    const char *const *header = request->headers;
    bool is_made = add_line(out_lines, "Expect:"); /* no waiting for "100 Continue" */
    char *line = NULL;

    for (; is_made && header != NULL && *header != NULL; header++)
        is_made = add_line(out_lines, *header);
    if (is_made && request->bearer != NULL) {
        line = memory_format("Authorization: Bearer %s", request->bearer);
        is_made = add_line(out_lines, line);
        memory_wipe_cstr(line);
    }
    return is_made;
}

static void free_headers(struct curl_slist *lines)
{
    for (struct curl_slist *line = lines; line != NULL; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(lines);
}

/* A secret with control characters would add headers of its own. */
static bool is_header_value(const char *value)
{
    for (; *value != '\0'; value++) {
        if (iscntrl((unsigned char)*value) && *value != '\t')
            return false;
    }
    return true;
}

static void set_method(CURL *easy, const struct http_request *request)
{
    if (request->body.data != NULL) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.data);
    }
    if (strcmp(request->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (strcmp(request->method, "GET") != 0 || request->body.data != NULL)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

/* curl reads every proxy variable itself but HTTP_PROXY in capitals, which a CGI client
 * could set; this program is no CGI. */
static void set_proxy(CURL *easy, const char *host, const char *scheme)
{
    const char *proxy = getenv("HTTP_PROXY");

    if (loopback_is_host(host))
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    else if (strcmp(scheme, "http") == 0 && getenv("http_proxy") == NULL && proxy != NULL)
        curl_easy_setopt(easy, CURLOPT_PROXY, proxy);
}

static void set_transfer(CURL *easy, struct transfer *transfer)
{
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
}

static void set_limits(CURL *easy, const struct http_request *request)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->follows_redirects ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)LIMIT_CALL_REDIRECTS);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->total_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request->skips_tls_verify ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request->skips_tls_verify ? 0L : 2L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "cpa-ledger");
}

/* --- errors --- */

/* response->error = `Get "URL": reason`, without the password of the URL. A text that
 * is no URL is not shown: who knows what was pasted there. */
static void fail(struct http_response *response, const char *method, CURLU *url, const char *reason)
{
    char *shown = NULL;
    char *password = NULL;
    char word[16];

    if (curl_url_get(url, CURLUPART_PASSWORD, &password, 0) == CURLUE_OK) {
        explicit_bzero(password, strlen(password));
        curl_free(password);
        (void)curl_url_set(url, CURLUPART_PASSWORD, "xxxxx", 0); /* else the URL is not shown */
    }
    if (curl_url_get(url, CURLUPART_URL, &shown, 0) != CURLUE_OK)
        shown = NULL;
    (void)snprintf(word, sizeof(word), "%s", method);
    for (char *c = word[0] != '\0' ? word + 1 : word; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    (void)snprintf(response->error, sizeof(response->error), "%s \"%.180s\": %s", word,
                   shown != NULL ? shown : "", reason);
    curl_free(shown);
}

/* Run the prepared transfer. NULL, or the reason of the failure; room holds curl's. */
static const char *perform(CURL *easy, const struct transfer *transfer, char *room)
{
    CURLcode code = CURLE_OK;
    long status = 0;

    room[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, room);
    code = curl_easy_perform(easy);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
    if (transfer->is_body_too_large)
        return "the answer is too large";
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return "cancelled";
    if (code != CURLE_OK)
        return room[0] != '\0' ? room : curl_easy_strerror(code);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->response->status = (int)status;
    return NULL;
}

bool http_call(struct http_caller *caller, const struct http_request *request,
               struct http_response *response)
{
    struct transfer transfer = {request, response, false};
    struct curl_slist *headers = NULL;
    CURLU *url = curl_url();
    char *host = NULL;
    char *scheme = NULL;
    const char *reason = NULL;
    char room[CURL_ERROR_SIZE];
    bool is_url = curl_url_set(url, CURLUPART_URL, request->url, 0) == CURLUE_OK &&
                  curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                  curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK;

    http_response_clear(response);
    text_init(&response->body, request->body_limit_bytes);
    if (!is_url) {
        reason = "not a URL";
    } else if (request->bearer != NULL && !is_header_value(request->bearer)) {
        reason = "the key holds a control character";
    } else if (!make_headers(request, &headers)) {
        reason = "out of memory";
    } else {
        curl_easy_reset(caller->easy);
        curl_easy_setopt(caller->easy, CURLOPT_URL, request->url);
        curl_easy_setopt(caller->easy, CURLOPT_HTTPHEADER, headers);
        set_method(caller->easy, request);
        set_proxy(caller->easy, host, scheme);
        set_limits(caller->easy, request);
        set_transfer(caller->easy, &transfer);
        reason = perform(caller->easy, &transfer, room);
    }
    curl_easy_reset(caller->easy); /* forgets the borrowed pointers, keeps connections */
    if (reason != NULL)
        fail(response, request->method, url, reason);
    free_headers(headers);
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(url);
    return reason == NULL;
}
