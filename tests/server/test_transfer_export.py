"""GET .../usage/export: its lines, its range, and clients that are slow, leave or must see
that an answer is not whole."""
import http.client
import json
import socket
import sqlite3

from ledger import ADMIN_KEY, PATIENCE_S, Ledger, equal, run_all

EXPORT = "/v0/management/usage/export"

RAW = (
    '{"timestamp":"2026-07-10T08:09:10.123456789+02:00","latency_ms":1500,"ttft_ms":0,'
    '"source":"user@example.com","auth_index":"0","tokens":{"input_tokens":100,'
    '"output_tokens":20,"reasoning_tokens":3,"cached_tokens":45,"cache_read_tokens":30,'
    '"cache_creation_tokens":5,"total_tokens":123},"failed":true,"fail":{"status_code":429,'
    '"body":"slow down <b>& sk-proj-abcdef123456"},"provider":"openai","model":"gpt-5.5",'
    '"alias":"gpt-5.4(high)","endpoint":"POST /v1/chat/completions","auth_type":"apikey",'
    '"api_key":"test-key","request_id":"ctx-1","service_tier":"priority",'
    '"response_service_tier":"default","executor_type":"OpenAICompatExecutor",'
    '"client_ip":"192.0.2.1","response_headers":{"Retry-After":["30"],"X-Request-Id":["req-abc"]}}')

# What the original exports of it; ours adds what it loses, behind response_metadata.
LINE = (
    '{"request_id":"ctx-1","event_hash":"c2aaf52825172306f1b58595267689a15dc6cec253a4c63abcc507a07'
    'ed2f46c","timestamp_ms":1783663750123,"timestamp":"2026-07-10T06:09:10.123456789Z",'
    '"provider":"openai","executor_type":"OpenAICompatExecutor","model":"gpt-5.4(high)",'
    '"analytics_model":"gpt-5.4","requested_model":"gpt-5.4(high)","resolved_model":"gpt-5.5",'
    '"endpoint":"POST /v1/chat/completions","method":"POST","path":"/v1/chat/completions",'
    '"auth_type":"apikey","auth_index":"0","source":"use***@example.com","source_hash":'
    '"b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514","api_key_hash":'
    '"62af8704764faf8ea82fc61ce9c4c3908b6cb97d463a634e9e587d7c885db0ef","service_tier":"default",'
    '"input_tokens":100,"output_tokens":20,"reasoning_tokens":3,"cached_tokens":45,'
    '"cache_tokens":0,"cache_read_tokens":30,"cache_creation_tokens":5,"total_tokens":123,'
    '"latency_ms":1500,"ttft_ms":0,"failed":true,"fail_status_code":429,"fail_summary":'
    '"slow down \\u003cb\\u003e\\u0026 [redacted]\\n{\\"Retry-After\\":[\\"30\\"],\\"X-Request-Id\\"'
    ':[\\"req-abc\\"]}","header_error_kind":"rate_limit","header_error_code":"retry_after",'
    '"header_trace_id":"req-abc","created_at_ms":NOW,"response_metadata":{"errors":{"kind":'
    '"rate_limit","code":"retry_after","retry_after_seconds":30,"retry_after_recover_at_ms":'
    '1783663780123},"trace":{"primary_trace_id":"req-abc","request_id":"req-abc"}}')


def event(event_hash, timestamp_ms, model="m", **more):
    return {"event_hash": event_hash, "timestamp_ms": timestamp_ms, "model": model,
            "timestamp": "2026-01-02T03:04:05Z", "endpoint": "POST /v1/x", **more}


def many(count):
    return [event(f"h{i}", 1000 + i, f"m{i % 7}", request_id=f"{i:08x}") for i in range(count)]


def hashes(answer):
    return [json.loads(line)["event_hash"] for line in answer.body.splitlines()]


def nothing_is_no_line():
    with Ledger() as ledger:
        answer = ledger.get(EXPORT)
        equal((answer.status, answer.body), (200, b""), "export without events")
        equal(answer.headers["content-type"], "application/x-ndjson", "type")
        equal(answer.headers["content-disposition"],
              'attachment; filename="usage-events.jsonl"', "name of the file")


def the_line_of_a_raw_event():
    with Ledger() as ledger:
        ledger.request("POST", "/v0/management/usage/import", body=RAW, key=ADMIN_KEY)
        line = ledger.get(EXPORT).body.decode()
        created = json.loads(line)["created_at_ms"]
        wanted = LINE.replace("NOW", str(created))
        equal(line[:len(wanted)], wanted, "line")
        equal(json.loads("{" + line[len(wanted) + 1:]),
              {"request_service_tier": "priority", "response_service_tier": "default"},
              "members of ours behind it")
        equal(line[-2:], "}\n", "end")


def all_events_in_order_of_time():
    with Ledger(USAGE_QUERY_LIMIT="3") as ledger:
        ledger.fill([event("h1", 1000, "m1"), event("h2", 5000, "m0"), event("h3", 3000, "m1"),
                     event("h4", 3000, "m0"), event("h5", 2000, "m1", failed=True)])
        equal(hashes(ledger.get(EXPORT)), ["h1", "h5", "h3", "h4", "h2"], "all")
        equal(hashes(ledger.get(EXPORT + "?limit=3")), ["h3", "h4", "h2"], "the newest three")
        equal(hashes(ledger.get(EXPORT + "?limit=2")), ["h4", "h2"], "the newest two")
        equal(hashes(ledger.get(EXPORT + "?from_ms=2000&to_ms=5000")), ["h5", "h3", "h4"], "range")
        equal(hashes(ledger.get(EXPORT + "?from_ms=2000&to_ms=5000&limit=1")), ["h4"], "both")
        equal(hashes(ledger.get(EXPORT + "?from_ms=6000")), [], "nothing in the range")
        equal(hashes(ledger.get(EXPORT + "?format=csv")), ["h1", "h5", "h3", "h4", "h2"],
              "a parameter that is none of ours")


def bad_values_are_refused():
    with Ledger() as ledger:
        for query in ("from_ms=x", "to_ms=1.5", "limit=0", "limit=-1", "limit=", "from_ms=",
                      "to_ms=99999999999999999999"):
            answer = ledger.get(f"{EXPORT}?{query}")
            equal((answer.status, answer.json()["code"]), (400, "request_failed"), query)
            assert "content-disposition" not in answer.headers, query


def only_the_path_as_sent_counts():
    with Ledger() as ledger:
        for path, is_export in (("", True), ("/", False), ("/more", False)):
            got = ledger.get(EXPORT + path).headers["content-type"]
            equal(got, "application/x-ndjson" if is_export else "application/json", path)
        equal(ledger.get("/v0/management/usage/any/export").headers["content-type"],
              "application/x-ndjson", "any path that ends so")
        for method in ("HEAD", "PUT", "DELETE"):
            equal(ledger.request(method, EXPORT, key=ADMIN_KEY).status, 405, method)
        equal(ledger.request("GET", EXPORT).status, 401, "without the key")


def open_client(ledger):
    """A client that asks for the export and then takes nothing of it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(PATIENCE_S)
    client.connect((ledger.host, ledger.port))
    client.sendall(f"GET {EXPORT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                   f"Authorization: Bearer {ADMIN_KEY}\r\n\r\n".encode())
    return client


def memory_kib(ledger):
    with open(f"/proc/{ledger.process.pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def slow_clients_hold_nothing_and_get_everything():
    with Ledger() as ledger:
        ledger.fill(many(20000))
        whole = ledger.get(EXPORT).body
        equal(len(whole.splitlines()), 20000, "lines")
        before = memory_kib(ledger)
        clients = [open_client(ledger) for _ in range(8)]
        for client in clients:
            equal(client.recv(8), b"HTTP/1.1", "begin")
        grown = memory_kib(ledger) - before
        assert grown < 8 * 1024 * 2, f"eight slow clients take {grown} KiB"
        ledger.fill([event("late", 999999)])  # they hold no lock, and it is not theirs
        with sqlite3.connect(ledger.db_path) as db:
            busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        db.close()
        equal(busy, 0, "a checkpoint that waits for readers")
        for client in clients[1:]:
            client.close()
        answer = http.client.HTTPResponse(Replay(clients[0], b"HTTP/1.1"))
        answer.begin()
        equal(answer.read(), whole, "what the slow client got")
        clients[0].close()
        equal(hashes(ledger.get(EXPORT + "?limit=1")), ["late"], "the event after it")


class Replay:
    """A socket whose first bytes were read already."""

    def __init__(self, client, seen):
        self.file = client.makefile("rb")
        self.seen = seen

    def makefile(self, _mode):
        return self

    def read(self, size=-1):
        return self.file.read(size)

    def readinto(self, memory):
        return self.file.readinto(memory)

    def readline(self, limit=-1):
        seen, self.seen = self.seen, b""
        return seen + self.file.readline(limit)

    def flush(self):
        pass

    def close(self):
        self.file.close()


def an_error_in_the_middle_is_no_clean_end():
    with Ledger() as ledger:
        ledger.fill(many(20000))
        client = open_client(ledger)
        equal(client.recv(8), b"HTTP/1.1", "begin")
        with sqlite3.connect(ledger.db_path) as db:
            db.execute("DELETE FROM bundle_what")
        db.close()
        answer = http.client.HTTPResponse(Replay(client, b"HTTP/1.1"))
        answer.begin()
        try:
            answer.read()
            raise SystemExit("an answer that is not whole ended as if it were")
        except (http.client.IncompleteRead, ConnectionResetError):
            pass
        client.close()
        answer = ledger.get(EXPORT)
        equal(answer.status, 500, "an error at the beginning")
        assert "content-disposition" not in answer.headers


if __name__ == "__main__":
    run_all(nothing_is_no_line, the_line_of_a_raw_event, all_events_in_order_of_time,
            bad_values_are_refused, only_the_path_as_sent_counts,
            slow_clients_hold_nothing_and_get_everything, an_error_in_the_middle_is_no_clean_end)
