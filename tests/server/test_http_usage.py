"""The usage document and the latest events: content, limits, streaming, and that one slow
client holds up nobody."""
import json
import socket
import threading

from ledger import ADMIN_KEY, PATIENCE_S, Ledger, equal, run_all, wait_until

EMPTY = b'{"total_requests":0,"success_count":0,"failure_count":0,"total_tokens":0,"apis":{}}\n'


def exported(event_hash, timestamp_ms, model, total, **more):
    """An event as the export writes it."""
    return {"event_hash": event_hash, "timestamp_ms": timestamp_ms, "model": model,
            "timestamp": "2026-01-02T03:04:05Z", "endpoint": "POST /v1/x", "total_tokens": total,
            **more}


def many(count, **more):
    return [exported(f"h{i}", 1000 + i, f"m{i % 3}", 1, **more) for i in range(count)]


def empty_document():
    with Ledger() as ledger:
        answer = ledger.get("/v0/management/usage")
        equal((answer.status, answer.body), (200, EMPTY), "document without events")
        equal(answer.headers["content-type"], "application/json", "type")
        equal(answer.headers["content-length"], "84", "length")


def newest_events_in_groups():
    with Ledger(USAGE_QUERY_LIMIT="3") as ledger:
        ledger.fill([
            exported("h1", 1000, "m1", 1), exported("h2", 5000, "m0", 2),
            exported("h3", 3000, "m1", 3), exported("h4", 3000, "m0", 4),
            exported("h5", 2000, "m1", 5, failed=True)])
        body = ledger.get("/v0/management/usage").body
        head = (b'{"total_requests":3,"success_count":3,"failure_count":0,"total_tokens":9,'
                b'"apis":{"POST /v1/x":{"models":{"m0":{"details":[')
        detail = (b'{"timestamp":"2026-01-02T03:04:05Z","source":"","requested_model":"m0",'
                  b'"cache_input_mode":"included_in_input","tokens":{"input_tokens":0,'
                  b'"output_tokens":0,"reasoning_tokens":0,"cached_tokens":0,"cache_tokens":0,'
                  b'"cache_read_tokens":0,"cache_creation_tokens":0,"total_tokens":2},"failed":false}')
        equal(body[:len(head) + len(detail)], head + detail, "head and first detail")
        models = json.loads(body)["apis"]["POST /v1/x"]["models"]
        totals = {model: [detail["tokens"]["total_tokens"] for detail in group["details"]]
                  for model, group in models.items()}
        equal(totals, {"m0": [2, 4], "m1": [3]}, "totals in order")


def groups_and_members():
    with Ledger() as ledger:
        ledger.fill([
            exported("a1", 1000, "zeta(high)", 1, endpoint="POST /v1/b", failed=True,
                     fail_status_code=429, fail_summary="too <many>", latency_ms=0, ttft_ms=7,
                     source="m:sk-...abc", auth_index="ix", service_tier="flex",
                     reasoning_effort="high", resolved_model="zeta-2"),
            exported("a2", 2000, "alpha", 10, endpoint="POST /v1/b", input_tokens=5,
                     cached_tokens=9, cache_read_tokens=4, cache_creation_tokens=2),
            exported("a3", 3000, "alpha", 100, endpoint="")])
        document = ledger.get("/v0/management/usage").json()
        equal({name: document[name] for name in document if name != "apis"},
              {"total_requests": 3, "success_count": 2, "failure_count": 1, "total_tokens": 111},
              "totals")
        equal(list(document["apis"]), ["-", "POST /v1/b"], "endpoints")
        models = document["apis"]["POST /v1/b"]["models"]
        equal(list(models), ["alpha", "zeta"], "models, without thinking suffix")
        detail = models["zeta"]["details"][0]
        equal({name: detail[name] for name in ("failed", "fail_status_code", "fail_summary",
                                               "latency_ms", "ttft_ms", "auth_index",
                                               "requested_model", "resolved_model")},
              {"failed": True, "fail_status_code": 429, "fail_summary": "too <many>",
               "latency_ms": 0, "ttft_ms": 7, "auth_index": "ix", "requested_model": "zeta(high)",
               "resolved_model": "zeta-2"}, "members")
        tokens = models["alpha"]["details"][0]["tokens"]
        equal((tokens["cached_tokens"], tokens["cache_tokens"], tokens["cache_read_tokens"]),
              (3, 3, 4), "cached tokens that are neither read nor creation")
        equal("latency_ms" in models["alpha"]["details"][0], False, "latency that is not known")


def long_document_is_whole():
    with Ledger() as ledger:
        ledger.fill(many(5000))
        answer = ledger.get("/v0/management/usage")
        equal(answer.headers.get("transfer-encoding"), "chunked", "encoding")
        document = answer.json()
        equal(document["total_requests"], 5000, "requests")
        details = [detail for group in document["apis"]["POST /v1/x"]["models"].values()
                   for detail in group["details"]]
        equal(len(details), 5000, "details")
        equal(answer.body[-1:], b"\n", "last byte")
        # without chunks the end of the connection is the end of the document
        with socket.create_connection((ledger.host, ledger.port), PATIENCE_S) as old:
            old.sendall(b"GET /v0/management/usage HTTP/1.0\r\n"
                        b"Authorization: Bearer " + ADMIN_KEY.encode() + b"\r\n\r\n")
            received = b"".join(iter(lambda: old.recv(65536), b""))
        equal(received.split(b"\r\n\r\n", 1)[1], answer.body, "document of HTTP/1.0")


def open_slow_client(ledger):
    """A client that asks for the document and then takes nothing of it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((ledger.host, ledger.port))
    client.sendall(b"GET /v0/management/usage HTTP/1.1\r\nHost: x\r\n"
                   b"Authorization: Bearer " + ADMIN_KEY.encode() + b"\r\n\r\n")
    return client


def slow_clients_hold_up_nobody():
    with Ledger() as ledger:
        ledger.fill(many(20000))
        slow = [open_slow_client(ledger) for _ in range(8)]
        for client in slow:
            equal(client.recv(8), b"HTTP/1.1", "begin of an answer")
        for _ in range(5):
            equal(ledger.get("/status").json()["events"], 20000, "events")
            equal(ledger.get("/ledger/v1/latest?limit=1").status, 200, "latest")
        ledger.fill(many(1, endpoint="POST /v1/later"))  # writing goes on too
        for client in slow[:4]:
            client.close()  # some leave in the middle
        body = slow[4].makefile("rb").read(400000)
        assert len(body) == 400000
        equal(ledger.get("/status").status, 200, "status")
        for client in slow[4:]:
            client.close()


def clients_that_leave_at_once_cost_nothing_lasting():
    with Ledger() as ledger:
        ledger.fill(many(20000))
        for _ in range(20):
            open_slow_client(ledger).close()
        equal(ledger.get("/status").status, 200, "status")


def many_clients_at_once():
    with Ledger() as ledger:
        ledger.fill(many(300))
        failures = []

        def ask():
            try:
                connection = ledger.connect()
                for path in ("/status", "/v0/management/usage", "/ledger/v1/latest", "/health",
                             "/usage-service/info", "/management.html") * 3:
                    equal(ledger.get(path, connection=connection).status, 200, path)
                connection.close()
            except Exception as failure:  # of another thread: told below
                failures.append(failure)

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(failures, [], "failures")


def stopping_finishes_the_answer():
    ledger = Ledger()
    with ledger:
        ledger.fill(many(5000))
        connection = ledger.connect()
        connection.request("GET", "/v0/management/usage",
                           headers={"Authorization": f"Bearer {ADMIN_KEY}"})
        answer = connection.getresponse()
        first = answer.read(10)
        stopper = threading.Thread(target=ledger.stop)
        stopper.start()
        document = json.loads(first + answer.read())
        equal(document["total_requests"], 5000, "requests of an answer during the stop")
        connection.close()
        stopper.join()


def latest_events_and_today():
    with Ledger() as ledger:
        ledger.fill([
            exported("l1", 1000, "old", 7, input_tokens=3),
            exported("l2", 2000, "m(low)", 20, input_tokens=10, cached_tokens=4, output_tokens=5,
                     reasoning_tokens=2, provider="codex", account_snapshot="Mia", ttft_ms=3),
            exported("l3", 3000, "m", 5, failed=True, fail_status_code=500, fail_summary="no")])
        answer = ledger.get("/ledger/v1/latest?from_ms=2000&limit=2").json()
        equal(answer["today"], {"requests": 2, "failures": 1, "input_tokens": 10,
                                "cached_tokens": 4, "output_tokens": 5, "reasoning_tokens": 2,
                                "total_tokens": 25}, "today")
        newest, before = answer["events"]
        equal((newest["timestamp_ms"], newest["failed"], newest["fail_status_code"],
               newest["fail_summary"]), (3000, True, 500, "no"), "newest event")
        equal((before["timestamp_ms"], before["account"], before["provider"], before["ttft_ms"],
               before["latency_ms"], before["total_tokens"], before["failed"]),
              (2000, "Mia", "codex", 3, None, 20, False), "event before")
        equal(len(ledger.get("/ledger/v1/latest").json()["events"]), 3, "without a limit")
        equal(ledger.get("/ledger/v1/latest?limit=0").json()["events"], [], "limit 0")
        for query in ("limit=-1", "limit=x", "from_ms=1.5", "from_ms=99999999999999999999"):
            equal(ledger.get(f"/ledger/v1/latest?{query}").status, 400, query)


def absurd_numbers_do_not_break_totals():
    with Ledger() as ledger:
        huge = 2 ** 63 - 1
        ledger.fill([exported("x1", 1000, "m", huge, input_tokens=huge),
                     exported("x2", 2000, "m", huge, input_tokens=huge)])
        equal(ledger.get("/v0/management/usage").json()["total_tokens"], huge, "saturated total")
        equal(ledger.get("/ledger/v1/latest").json()["today"]["total_tokens"], huge, "today")


def status_counts_events_and_dead_letters():
    with Ledger() as ledger:
        ledger.fill([exported("s1", 1000, "m", 1), exported("s1", 1000, "m", 1), {"hello": 1}])
        status = wait_until(lambda: ledger.get("/status").json(), "status")
        equal((status["events"], status["deadLetters"]), (1, 1), "counts")
        equal(status["collector"]["deadLetters"], 1, "dead letters of the collector")
        equal(list(status), sorted(status), "order of the keys")
        equal(status["service"], "cpa-manager-plus", "service")
        assert status["database"]["databaseBytes"] > 0
        equal(status["dbPath"], ledger.db_path, "path")
        equal(ledger.get("/status?scope=database-maintenance").json(),
              {"databaseMaintenance": status["databaseMaintenance"]}, "maintenance alone")


run_all(empty_document, newest_events_in_groups, groups_and_members, long_document_is_whole,
        slow_clients_hold_up_nobody, clients_that_leave_at_once_cost_nothing_lasting,
        many_clients_at_once, stopping_finishes_the_answer, latest_events_and_today,
        absurd_numbers_do_not_break_totals, status_counts_events_and_dead_letters)
