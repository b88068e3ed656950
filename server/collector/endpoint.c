#include "server/collector/endpoint.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ext/text.h"
#include "server/memory.h"

/* The text with a scheme before it when it has none; to free(). */
static char *with_scheme(struct slice url)
{
    if (slice_find(url, SLICE("://")) >= 0)
        return memory_copy_slice(url);
    return memory_format("http://%.*s", (int)url.len, url.data);
}

/* One of the parts that must not be passed on. */
static CURLUcode drop(CURLU *parts, CURLUPart part)
{
    CURLUcode rc = curl_url_set(parts, part, NULL, 0);
    return rc == CURLUE_UNKNOWN_PART ? CURLUE_OK : rc;
}

/* The whole URL again, without its last '/'. */
static CURLUcode rebuild(CURLU *parts, char out_url[LIMIT_URL_BYTES])
{
    char *text = NULL;
    size_t len = 0;
    CURLUcode rc = curl_url_get(parts, CURLUPART_URL, &text, CURLU_DEFAULT_PORT);
    if (rc != CURLUE_OK)
        return rc;
    len = strlen(text);
    while (len > 0 && text[len - 1] == '/')
        len--;
    if (len < LIMIT_URL_BYTES) {
        memcpy(out_url, text, len);
        out_url[len] = '\0';
    } else {
        rc = CURLUE_BAD_HOSTNAME;
    }
    curl_free(text);
    return rc;
}

bool endpoint_parse(const char *url, bool skips_tls_verify, struct endpoint *out_endpoint,
                    char *out_error, size_t error_size)
{
    struct slice trimmed = slice_trim(slice_of_cstr(url));
    struct endpoint endpoint = {.skips_tls_verify = skips_tls_verify};
    CURLU *parts = NULL;
    char *full = NULL;
    char *scheme = NULL;
    bool is_good = false;
    CURLUcode rc = CURLUE_OK;

    if (trimmed.len == 0 || trimmed.len >= LIMIT_URL_BYTES - 16) {
        (void)snprintf(out_error, error_size, "upstream URL is %s",
                       trimmed.len == 0 ? "empty" : "too long");
        return false;
    }
    full = with_scheme(trimmed);
    parts = curl_url();
    rc = parts == NULL ? CURLUE_OUT_OF_MEMORY
                       : curl_url_set(parts, CURLUPART_URL, full, CURLU_NON_SUPPORT_SCHEME);
    if (rc == CURLUE_OK)
        rc = curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0);
    if (rc != CURLUE_OK)
        goto done;
    endpoint.is_tls = strcmp(scheme, "https") == 0;
    if (!endpoint.is_tls && strcmp(scheme, "http") != 0) {
        (void)snprintf(out_error, error_size, "unsupported upstream scheme \"%s\"", scheme);
        goto done;
    }
    if ((rc = drop(parts, CURLUPART_USER)) != CURLUE_OK ||
        (rc = drop(parts, CURLUPART_PASSWORD)) != CURLUE_OK ||
        (rc = drop(parts, CURLUPART_QUERY)) != CURLUE_OK ||
        (rc = drop(parts, CURLUPART_FRAGMENT)) != CURLUE_OK ||
        (rc = rebuild(parts, endpoint.base_url)) != CURLUE_OK ||
        (rc = curl_url_set(parts, CURLUPART_PATH, "/", 0)) != CURLUE_OK ||
        (rc = rebuild(parts, endpoint.dial_url)) != CURLUE_OK)
        goto done;
    *out_endpoint = endpoint;
    is_good = true;
done:
    if (rc != CURLUE_OK)
        (void)snprintf(out_error, error_size, "bad upstream URL: %s", curl_url_strerror(rc));
    curl_free(scheme);
    curl_url_cleanup(parts);
    free(full);
    return is_good;
}
