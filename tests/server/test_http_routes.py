"""The table of routes over real connections: statuses, order of the checks, redirects,
CORS, error bodies, the page."""
import gzip
import os
import tempfile

from ledger import Ledger, equal, run_all

NOT_FOUND = b"404 page not found\n"
WRONG_METHOD = b'{"code":"method_not_allowed","error":"method not allowed"}\n'
WRONG_KEY = b'{"code":"invalid_admin_key","error":"invalid admin key"}\n'
UNCONFIGURED = (b'{"code":"usage_service_not_configured",'
                b'"error":"usage service is not configured"}\n')
CORS_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
CORS_HEADERS = "Authorization, Content-Type"

# path, method, with the key, status, body (None: any)
ROUTES = [
    ("/health", "GET", False, 200, b'{"ok":true,"service":"cpa-manager-plus"}\n'),
    ("/health", "HEAD", False, 405, b""),
    ("/health", "POST", False, 405, WRONG_METHOD),
    ("/health/", "GET", False, 404, NOT_FOUND),
    ("/status", "GET", True, 200, None),
    ("/status", "GET", False, 401, WRONG_KEY),
    ("/status", "POST", False, 405, WRONG_METHOD),
    ("/status/", "GET", True, 404, NOT_FOUND),
    ("/usage-service/info", "GET", False, 200, None),
    ("/usage-service/info", "PUT", True, 405, WRONG_METHOD),
    ("/usage-service/info/", "GET", False, 404, NOT_FOUND),
    ("/usage-service/config", "DELETE", False, 405, WRONG_METHOD),
    ("/usage-service/config", "PUT", False, 401, WRONG_KEY),
    ("/usage-service/account-processing-policy", "GET", False, 200, None),
    ("/usage-service/account-processing-policy", "PATCH", False, 401, WRONG_KEY),
    ("/usage-service/account-processing-policy", "PUT", False, 405, WRONG_METHOD),
    ("/setup", "POST", False, 401, WRONG_KEY),
    ("/setup", "GET", False, 405, WRONG_METHOD),
    ("/setup/", "POST", True, 404, NOT_FOUND),
    ("/ledger/v1/latest", "GET", False, 401, WRONG_KEY),
    ("/ledger/v1/latest", "GET", True, 200, None),
    ("/v0/management/usage", "GET", True, 200, None),
    ("/v0/management/usage", "GET", False, 401, WRONG_KEY),
    ("/v0/management/usage/", "GET", True, 200, None),
    ("/v0/management/usage/foo", "GET", True, 200, None),
    ("/v0/management/usage/import", "GET", True, 200, None),
    ("/v0/management/usage/export/", "GET", True, 200, None),
    ("/v0/management/usage/import-sessions/a/b/c", "GET", True, 404, NOT_FOUND),
    ("/v0/management/usage", "POST", False, 401, WRONG_KEY),
    ("/v0/management/usage", "POST", True, 405, WRONG_METHOD),
    ("/v0/management/usage", "HEAD", True, 405, b""),
    ("/v0/management/usage-queue", "GET", True, 428, UNCONFIGURED),
    ("/v0/management/usage-queue", "GET", False, 401, WRONG_KEY),
    ("/v0/management/config", "GET", True, 428, UNCONFIGURED),
    ("/v0/management/config", "GET", False, 401, WRONG_KEY),
    ("/v0/management/api-keys", "GET", False, 428, UNCONFIGURED),
    ("/v0/management/", "GET", False, 401, WRONG_KEY),
    ("/v0/management", "GET", True, 404, NOT_FOUND),
    ("/v0", "GET", True, 404, NOT_FOUND),
    ("/nothing", "GET", False, 404, NOT_FOUND),
    ("/nothing", "POST", False, 404, NOT_FOUND),
    ("/%68ealth", "GET", False, 200, None),
    ("/health%2f", "GET", False, 404, NOT_FOUND),
    ("/health%", "GET", False, 400, b"400 Bad Request\n"),
]


def route_table():
    with Ledger() as ledger:
        for path, method, has_key, status, body in ROUTES:
            key = ledger.admin_key if has_key else None
            answer = ledger.request(method, path, key=key)
            what = f"{method} {path} {'with' if has_key else 'without'} the key"
            equal(answer.status, status, what)
            if body is not None:
                equal(answer.body, body, what)
            if answer.status == 404:
                equal(answer.headers["content-type"], "text/plain; charset=utf-8", what)
                equal(answer.headers["x-content-type-options"], "nosniff", what)
            elif answer.status != 400:
                equal(answer.headers["content-type"], "application/json", what)


def root_and_unclean_paths_redirect():
    with Ledger() as ledger:
        for method in ("GET", "HEAD", "POST"):
            answer = ledger.request(method, "/?x=1")
            equal(answer.status, 307, f"{method} /")
            equal(answer.headers["location"], "/management.html", "location of /")
        for path, location in (("//health", "/health"), ("/a/./b", "/a/b"), ("/a/../b/", "/b/"),
                               ("/a//b?q=1&r=//", "/a/b?q=1&r=//"), ("//evil.test/", "/evil.test/"),
                               ("/a%2f//b", "/a%2f/b")):
            answer = ledger.request("GET", path)
            equal((answer.status, answer.headers.get("location")), (301, location), path)
            equal("access-control-allow-origin" in answer.headers, False, "CORS of a redirect")


def check_cors(answer, allowed, varies, what):
    equal(answer.headers.get("access-control-allow-origin"), allowed, f"{what}: origin")
    equal(answer.headers.get("vary"), "Origin" if varies else None, f"{what}: vary")
    equal(answer.headers.get("access-control-allow-methods"), CORS_METHODS, f"{what}: methods")
    equal(answer.headers.get("access-control-allow-headers"), CORS_HEADERS, f"{what}: headers")


def cors_headers_follow_the_table():
    a, b = "https://a.test", "https://b.test"
    table = {
        None: [(a, "*", False), (None, "*", False)],
        "*": [(a, "*", False), (None, "*", False)],
        a: [(a, a, True), (b, None, False), (None, None, False)],
        f"{a},*": [(a, a, True), (b, "*", False)],
        f"*,{a}": [(a, "*", False)],
    }
    for origins, cases in table.items():
        environment = {} if origins is None else {"USAGE_CORS_ORIGINS": origins}
        with Ledger(**environment) as ledger:
            for origin, allowed, varies in cases:
                headers = {} if origin is None else {"Origin": origin}
                for method, path, status in (("GET", "/health", 200), ("GET", "/status", 401),
                                             ("POST", "/status", 405), ("OPTIONS", "/status", 204)):
                    answer = ledger.request(method, path, headers=headers)
                    equal(answer.status, status, path)
                    check_cors(answer, allowed, varies, f"{origins} {origin} {method} {path}")


def empty_origin_list_means_no_cors_headers():
    with Ledger(USAGE_CORS_ORIGINS=",") as ledger:
        answer = ledger.request("GET", "/health", headers={"Origin": "https://a.test"})
        equal([name for name in answer.headers if name.startswith("access-control")], [], "CORS")


def options_is_always_answered():
    with Ledger() as ledger:
        for path in ("/health", "/setup", "/v0/management/usage", "/v0/management/config",
                     "/v0/management/api-keys", "/nothing", "/v1/models"):
            answer = ledger.request("OPTIONS", path)
            equal((answer.status, answer.body), (204, b""), path)
            equal(answer.headers.get("content-length"), None, path)
            check_cors(answer, "*", False, path)
        equal(ledger.request("OPTIONS", "/management.html").status, 200, "OPTIONS of the page")
        for path in ("/nothing", "/", "/management.html"):
            equal("access-control-allow-origin" in ledger.get(path).headers, False, path)


def embedded_page_is_cached_by_tag():
    with Ledger() as ledger:
        plain = ledger.request("GET", "/management.html")
        packed = ledger.request("GET", "/management.html", headers={"Accept-Encoding": "br, gzip"})
        equal(plain.status, 200, "page")
        equal(plain.headers["content-type"], "text/html; charset=utf-8", "type")
        equal(plain.headers["cache-control"], "no-cache", "cache")
        equal(plain.headers["x-content-type-options"], "nosniff", "nosniff")
        equal(plain.headers["x-frame-options"], "DENY", "frames")
        assert "frame-ancestors 'none'" in plain.headers["content-security-policy"]
        equal(plain.headers["vary"], "Accept-Encoding", "vary")
        assert plain.body.lower().startswith(b"<!doctype html>"), plain.body[:40]
        equal(packed.headers["content-encoding"], "gzip", "encoding")
        equal(gzip.decompress(packed.body), plain.body, "unpacked page")
        assert len(packed.body) < len(plain.body)
        assert packed.headers["etag"] != plain.headers["etag"]
        for answer, encoding in ((plain, "identity"), (packed, "gzip")):
            again = ledger.request("GET", "/management.html", headers={
                "If-None-Match": answer.headers["etag"], "Accept-Encoding": encoding})
            equal((again.status, again.body), (304, b""), "page known by its tag")
        refused = ledger.request("GET", "/management.html", headers={"Accept-Encoding": "gzip;q=0"})
        equal(refused.body, plain.body, "page without gzip")
        head = ledger.request("HEAD", "/management.html")
        equal((head.status, head.body), (200, b""), "HEAD of the page")
        equal(head.headers["content-length"], str(len(plain.body)), "length of the page")


def page_file_is_served_in_parts():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "panel.html")
        with open(path, "wb") as file:
            file.write(b"<html>0123456789</html>")
        os.utime(path, (784111777, 784111777))
        with Ledger(PANEL_PATH=path) as ledger:
            def get(method="GET", **headers):
                named = {name.replace("_", "-"): value for name, value in headers.items()}
                return ledger.request(method, "/management.html", headers=named)

            answer = get()
            equal((answer.status, answer.body), (200, b"<html>0123456789</html>"), "file")
            equal(answer.headers["content-type"], "text/html; charset=utf-8", "type")
            equal(answer.headers["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT", "time")
            equal(answer.headers["accept-ranges"], "bytes", "ranges")
            equal("etag" in answer.headers, False, "tag")
            equal(get(If_Modified_Since="Sun, 06 Nov 1994 08:49:37 GMT").status, 304, "unchanged")
            equal(get(If_Modified_Since="Sun, 06 Nov 1994 08:49:36 GMT").status, 200, "changed")
            part = get(Range="bytes=6-9")
            equal((part.status, part.body), (206, b"0123"), "part")
            equal(part.headers["content-range"], "bytes 6-9/23", "range of the part")
            outside = get(Range="bytes=23-")
            equal((outside.status, outside.headers["content-range"]), (416, "bytes */23"), "outside")
            head = get("HEAD")
            equal((head.status, head.body, head.headers["content-length"]), (200, b"", "23"), "HEAD")
            with open(path, "wb") as file:
                file.write(b"new")
            equal(get().body, b"new", "file that has changed")
            os.unlink(path)
            answer = get()
            equal((answer.status, "etag" in answer.headers), (200, True), "embedded page instead")


def bodies_are_bounded():
    with Ledger() as ledger:
        answer = ledger.request("POST", "/setup", key=ledger.admin_key, body=b" " * (1024 * 1024 + 1))
        equal(answer.status, 413, "body of more than 1 MiB")
        equal(answer.json()["code"], "request_failed", "code")
        answer = ledger.request("POST", "/setup", key=ledger.admin_key, body=b" " * (1024 * 1024))
        equal(answer.status, 400, "body of 1 MiB")


def requests_are_logged_without_their_query():
    with Ledger() as ledger:
        ledger.request("GET", "/nothing?secret=1", headers={"Authorization": "Bearer hush-hush"})
        ledger.wait_for_line(r"http GET /nothing status=404 duration=\d+\.\d{3}ms remote=127\.0\.0\.1:\d+$")
        equal([line for line in ledger.lines if "secret=1" in line or "hush" in line], [], "log")


run_all(route_table, root_and_unclean_paths_redirect, cors_headers_follow_the_table,
        empty_origin_list_means_no_cors_headers, options_is_always_answered,
        embedded_page_is_cached_by_tag, page_file_is_served_in_parts, bodies_are_bounded,
        requests_are_logged_without_their_query)
