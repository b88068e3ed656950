"""POST .../usage/import: the goldens, limits, what is kept, and that nobody waits for it."""
import gzip
import json
import os
import socket
import sqlite3
import threading
import time

from ledger import ADMIN_KEY, PATIENCE_S, Ledger, equal, run_all, wait_until
from transfer_goldens import DATA, WARNINGS, expand, load, result_of

IMPORT = "/v0/management/usage/import"
EXPORT = "/v0/management/usage/export"
KEYS = ["format", "added", "skipped", "total", "failed", "unsupported", "warnings"]


def post(ledger, body, **options):
    return ledger.request("POST", IMPORT, body=body, key=ADMIN_KEY, **options)


def check_refusal(golden, answer, name):
    body = answer.json()
    equal(list(body), ["error", "failed", "format", "unsupported", "warnings"], f"{name}: keys")
    _, _, failed, unsupported = golden["counts"]
    equal((body["failed"], body["format"], body["unsupported"], body["warnings"]),
          (failed, golden["format"], unsupported, WARNINGS if golden["warnings"] else None), name)
    wanted = golden["error"]
    assert body["error"].startswith(wanted), f"{name}: error {body['error']!r}, wanted {wanted!r}"
    assert wanted.startswith("line") or body["error"] == wanted, f"{name}: {body['error']!r}"


def check_success(golden, answer, name):
    body = answer.json()
    if "error" in golden:
        assert golden["error"] in body["error"], f"{name}: error {body['error']!r}"
    equal(body, result_of(golden, body.get("error") if "error" in golden else None), name)
    equal(list(body)[:7], KEYS, f"{name}: order of the keys")


def goldens():
    with Ledger() as ledger:
        for number, golden in enumerate(load()):
            answer = post(ledger, expand(golden["input"], number, "P"))
            equal(answer.status, golden["status"], f"{golden['id']}: status of {answer.body[:300]}")
            check = check_success if golden["status"] == 200 else check_refusal
            check(golden, answer, golden["id"])
            equal(answer.body[-1:], b"\n", "last byte")
            if "export" in golden:
                assert golden["export"].encode() in ledger.get(EXPORT).body, golden["id"]


def only_one_path_takes_a_body():
    with Ledger() as ledger:
        for path in ("/v0/management/usage/import/", "/v0/management/usage",
                     "/v0/management/usage/export", "/v0/management/usage/important"):
            answer = ledger.request("POST", path, body=b"{}", key=ADMIN_KEY)
            equal((answer.status, answer.json()),
                  (405, {"code": "method_not_allowed", "error": "method not allowed"}), path)
        equal(ledger.request("PUT", IMPORT, body=b"{}", key=ADMIN_KEY).status, 405, "PUT")
        equal(ledger.get(IMPORT).json()["total_requests"], 0, "GET is the document")
        equal(ledger.request("POST", IMPORT, body=b"{}").json()["code"], "invalid_admin_key", "key")


def bodies_up_to_64_mib():
    limit = 64 * 1024 * 1024
    line = json.dumps({"event_hash": "x", "timestamp_ms": 1, "model": "m"}).encode() + b"\n"
    with Ledger() as ledger:
        for length, status in ((limit - 1, 200), (limit, 200), (limit + 1, 413)):
            answer = post(ledger, line + b" " * (length - len(line)))
            equal(answer.status, status, f"{length} bytes")
        equal(answer.body, b'{"code":"request_failed","error":"http: request body too large"}\n',
              "refusal")
        far = socket.create_connection((ledger.host, ledger.port), PATIENCE_S)
        far.sendall(b"POST " + IMPORT.encode() + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                    ADMIN_KEY.encode() + b"\r\nContent-Length: 1000000000\r\n\r\n")
        equal(far.recv(12), b"HTTP/1.1 413", "a length far beyond the limit")
        far.close()


def chunked_and_compressed_bodies():
    with Ledger() as ledger:
        lines = [json.dumps({"event_hash": f"c{i}", "timestamp_ms": 1 + i, "model": "m"}).encode()
                 + b"\n" for i in range(100)]
        equal(post(ledger, iter(lines)).json()["added"], 100, "chunked")
        equal(post(ledger, gzip.compress(b"".join(lines))).json()["skipped"], 100, "gzip")
        half = gzip.compress(b"".join(lines))[:-20]
        answer = post(ledger, half)
        assert answer.status in (200, 400) and "error" in answer.json(), answer.body


def recorded_load():
    """As the original answered over the same events, but for the times of the import."""
    with Ledger() as ledger:
        with gzip.open(os.path.join(DATA, "load.jsonl.gz")) as file:
            loaded = file.read()
        equal(post(ledger, loaded).json(), dict(zip(KEYS, (
            "usage_service_jsonl", 3475, 0, 3475, 0, 0, None))), "import")
        with gzip.open(os.path.join(DATA, "answers.jsonl.gz")) as file:
            wanted = {answer["name"]: answer["body"] for answer in map(json.loads, file)}
        compare(json.loads(wanted["usage"]), ledger.get("/v0/management/usage").json(), "usage")
        exported = ledger.get(EXPORT).body
        compare([json.loads(line) for line in wanted["export"].splitlines()],
                [json.loads(line) for line in exported.splitlines()], "export")
        equal(post(ledger, loaded).json()["skipped"], 3475, "again")
        equal(post(ledger, exported).json()["skipped"], 3475, "its own export")
        with Ledger() as second:
            equal(post(second, exported).json()["added"], 3475, "export into another")
            equal(second.get(EXPORT).body, exported, "round trip")


def compare(wanted, got, path):
    """Everything that the original answers is there and equal; more may be. Successes have
    no failure text, and created_at_ms is the time of the import."""
    if isinstance(wanted, dict):
        for name in wanted:
            if name == "created_at_ms" or (name == "fail_summary" and wanted["failed"] is False):
                continue
            assert name in got, f"{path}.{name} is missing"
            compare(wanted[name], got[name], f"{path}.{name}")
        for name in ("fail_body", "raw_json", "client_ip", "user_agent"):
            assert name not in got, f"{path}.{name} must not be there"
    elif isinstance(wanted, list):
        equal(len(got), len(wanted), f"{path}: items")
        for i, (left, right) in enumerate(zip(wanted, got)):
            compare(left, right, f"{path}[{i}]")
    elif isinstance(wanted, float) or isinstance(got, float):
        assert abs(wanted - got) <= 1e-12 * max(1, abs(wanted)), f"{path}: {got}, not {wanted}"
    else:
        equal(got, wanted, path)


SNAPSHOT = {"version": 1, "usage": {"total_requests": 2, "apis": {
    "sk-client-key-0001": {"models": {"claude-sonnet-4-5": {"details": [
        {"timestamp": "2026-03-01T23:59:58.25+08:00", "latency_ms": 1500,
         "source": "carol.secret@example.net", "auth_index": "a1", "failed": True,
         "fail": {"status_code": 401, "body": "Authorization: Bearer abcdefghijklmnop"},
         "response_headers": {"Set-Cookie": "session=cookie-secret-0002"},
         "tokens": {"input_tokens": 1000, "output_tokens": 60}},
        {"timestamp": "2026-03-02T00:00:01+08:00", "source": "sk-proj-upstream-key-0003",
         "api_key": "sk-member-key-0004", "tokens": {"input_tokens": 30}}]}}}}}}


def no_credential_of_a_snapshot_is_stored():
    with Ledger() as ledger:
        equal(post(ledger, json.dumps(SNAPSHOT)).json()["added"], 2, "added")
        exported = ledger.get(EXPORT).body
        document = ledger.get("/v0/management/usage").body
        with sqlite3.connect(ledger.db_path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        files = {name: open(os.path.join(ledger.folder, name), "rb").read()
                 for name in os.listdir(ledger.folder) if name.startswith("usage.sqlite")}
        assert any(len(content) > 10000 for content in files.values()), list(files)
        for secret in (b"client-key-0001", b"carol.secret", b"abcdefghijklmnop",
                       b"cookie-secret-0002", b"upstream-key-0003", b"member-key-0004"):
            for name, content in {**files, "export": exported, "document": document}.items():
                assert secret not in content, f"{secret} is in {name}"


def others_are_served_meanwhile():
    """While a large import runs, events are stored and questions answered."""
    with Ledger() as ledger:
        lines = b"".join(
            json.dumps({"event_hash": f"big{i}", "timestamp_ms": 1000 + i, "model": f"m{i % 50}",
                        "endpoint": "POST /v1/x", "request_id": f"{i:08x}",
                        "input_tokens": i}).encode() + b"\n" for i in range(60000))
        answers = []
        worker = threading.Thread(target=lambda: answers.append(post(ledger, lines)))
        worker.start()
        longest = 0
        rounds = 0
        while worker.is_alive():
            begin = time.monotonic()
            ledger.fill([{"event_hash": f"live{rounds}", "timestamp_ms": 5 + rounds, "model": "m"}])
            equal(ledger.get("/status").status, 200, "status")
            longest = max(longest, time.monotonic() - begin)
            rounds += 1
        worker.join()
        equal(answers[0].json()["added"], 60000, "added")
        equal(ledger.get("/status").json()["events"], 60000 + rounds, "events")
        print(f"  {rounds} commits and answers beside it, the longest took {longest:.2f} s")
        assert rounds > 0


def a_client_that_leaves_ends_its_import():
    with Ledger() as ledger:
        lines = b"".join(
            json.dumps({"event_hash": f"gone{i}", "timestamp_ms": 1000 + i,
                        "model": "m"}).encode() + b"\n" for i in range(200000))
        client = socket.create_connection((ledger.host, ledger.port), PATIENCE_S)
        client.sendall(b"POST " + IMPORT.encode() + b" HTTP/1.1\r\nHost: x\r\nAuthorization: "
                       b"Bearer " + ADMIN_KEY.encode() +
                       f"\r\nContent-Length: {len(lines)}\r\n\r\n".encode() + lines)
        events = lambda: ledger.get("/status").json()["events"]
        wait_until(events, "the first events")
        client.close()
        ledger.wait_for_line("http POST " + IMPORT)
        assert events() < 200000, "it went on to the end"
        stored = events()
        tail = lines[lines.rindex(b"\n", 0, -2000) + 1:]
        equal(post(ledger, tail).json()["added"], tail.count(b"\n"), "the last ones come later")
        equal(events(), stored + tail.count(b"\n"), "events")


if __name__ == "__main__":
    run_all(goldens, only_one_path_takes_a_body, bodies_up_to_64_mib, chunked_and_compressed_bodies,
            recorded_load, no_credential_of_a_snapshot_is_stored, others_are_served_meanwhile,
            a_client_that_leaves_ends_its_import)
