/* Writing HTTP answers: see http.h. */
#include "tools/gateway-sim/http.h"

#include "tools/gateway-sim/clock.h"

/* Go stops buffering an answer here and starts to send it in chunks. */
static const size_t buffered_bytes = 2048;

static const struct status_row {
    int status;
    const char *text;
} status_texts[] = {
    {200, "OK"},
    {204, "No Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {413, "Request Entity Too Large"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {501, "Not Implemented"},
    {505, "HTTP Version Not Supported"},
};

static const char *status_text(int status)
{
    size_t i;

    for (i = 0; i < sizeof(status_texts) / sizeof(status_texts[0]); i++)
        if (status_texts[i].status == status)
            return status_texts[i].text;
    return "Internal Server Error";
}

static void put_status(struct bytes *out, int status)
{
    bytes_int(out, status);
    BYTES_LITERAL(out, " ");
    bytes_text(out, status_text(status));
}

static void put_header(struct bytes *out, const char *name_and_colon, const char *value)
{
    bytes_text(out, name_and_colon);
    bytes_text(out, value);
    BYTES_LITERAL(out, "\r\n");
}

static void put_cors(struct bytes *out)
{
    put_header(out, "Access-Control-Allow-Headers: ", "*");
    put_header(out, "Access-Control-Allow-Methods: ", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    put_header(out, "Access-Control-Allow-Origin: ", "*");
    put_header(out, "Access-Control-Expose-Headers: ",
               "X-CPA-TRACE-ID, X-CPA-VERSION, X-CPA-COMMIT, X-CPA-BUILD-DATE, "
               "X-CPA-SUPPORT-PLUGIN, X-CPA-HOME-VERSION, X-CPA-HOME-BUILD-DATE, "
               "X-SERVER-VERSION, X-SERVER-BUILD-DATE, Location, Retry-After, X-Request-Id, "
               "OpenAI-Request-Id");
}

static void put_versions(struct bytes *out, const struct http_answer *answer)
{
    put_header(out, "X-Cpa-Build-Date: ", "unknown");
    put_header(out, "X-Cpa-Commit: ", "none");
    if (answer->has_plugin_header)
        put_header(out, "X-Cpa-Support-Plugin: ", "1");
    put_header(out, "X-Cpa-Version: ", answer->version);
}

static void put_date(struct bytes *out, int64_t wall_ns)
{
    BYTES_LITERAL(out, "Date: ");
    clock_put_http_date(out, wall_ns);
    BYTES_LITERAL(out, "\r\n");
}

static void put_chunk(struct bytes *out, const struct bytes *body)
{
    int digits = 1;

    while (digits < 15 && body->len >> (4 * digits) != 0)
        digits++;
    bytes_hex(out, body->len, digits);
    BYTES_LITERAL(out, "\r\n");
    bytes_append(out, body->data, body->len);
    BYTES_LITERAL(out, "\r\n0\r\n\r\n");
}

bool http_put_answer(struct bytes *out, const struct http_request *request,
                     const struct http_answer *answer, int64_t wall_ns)
{
    bool is_head = http_is(request->method, "HEAD");
    bool is_new = request->minor_version == 1;
    bool is_long = answer->body.len > buffered_bytes;
    bool is_kept = http_keeps_alive(request) && (is_new || !is_long);

    bytes_text(out, is_new ? "HTTP/1.1 " : "HTTP/1.0 ");
    put_status(out, answer->status);
    BYTES_LITERAL(out, "\r\n");
    if (answer->has_cors)
        put_cors(out);
    if (answer->content_type != NULL)
        put_header(out, "Content-Type: ", answer->content_type);
    if (answer->version != NULL)
        put_versions(out, answer);
    put_date(out, wall_ns);
    if (!is_long && answer->status != 204 && (!is_head || answer->body.len > 0)) {
        BYTES_LITERAL(out, "Content-Length: ");
        bytes_int(out, (int64_t)answer->body.len);
        BYTES_LITERAL(out, "\r\n");
    }
    if (is_new && !is_kept)
        put_header(out, "Connection: ", "close");
    if (!is_new && is_kept)
        put_header(out, "Connection: ", "keep-alive");
    if (is_new && is_long)
        put_header(out, "Transfer-Encoding: ", "chunked");
    BYTES_LITERAL(out, "\r\n");
    if (is_new && is_long && !is_head)
        put_chunk(out, &answer->body);
    else if (!is_head)
        bytes_append(out, answer->body.data, answer->body.len);
    return is_kept;
}

void http_put_fault(struct bytes *out, const struct http_fault *fault)
{
    const char *colon = fault->detail[0] == '\0' ? "" : ": ";

    BYTES_LITERAL(out, "HTTP/1.1 ");
    put_status(out, fault->status);
    bytes_text(out, colon);
    bytes_text(out, fault->detail);
    BYTES_LITERAL(out, "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n");
    if (fault->status == 501) {
        BYTES_LITERAL(out, "Unsupported transfer encoding");
        return;
    }
    put_status(out, fault->status);
    bytes_text(out, colon);
    bytes_text(out, fault->detail);
}
