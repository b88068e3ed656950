"""Upload sessions: the goldens, the rules of each call, resuming after a kill, cancelling."""
import json
import os
import shutil
import stat
import tempfile

from ledger import ADMIN_KEY, Ledger, equal, run_all, wait_until
from transfer_goldens import expand, load, result_of

SESSIONS = "/v0/management/usage/import-sessions"
KEYS = ["id", "filename", "status", "size_bytes", "received_bytes", "chunk_size_bytes",
        "created_at_ms", "updated_at_ms", "expires_at_ms", "retryable"]


def call(ledger, method, tail="", body=None):
    return ledger.request(method, SESSIONS + tail, body=body, key=ADMIN_KEY)


def create(ledger, size, **more):
    answer = call(ledger, "POST", body={"filename": "a.jsonl", "size_bytes": size, **more})
    equal(answer.status, 201, f"create: {answer.body}")
    return answer.json()


def chunk(ledger, session, offset, body):
    return call(ledger, "PUT", f"/{session['id']}/chunk?offset={offset}", body)


def upload(ledger, body, **more):
    """A session with all bytes of body; its last state."""
    session = create(ledger, len(body), **more)
    while session["received_bytes"] < len(body):
        begin = session["received_bytes"]
        session = chunk(ledger, session, begin,
                        body[begin:begin + session["chunk_size_bytes"]]).json()
    return session


def get(ledger, session):
    return call(ledger, "GET", f"/{session['id']}").json()


def complete(ledger, session):
    return call(ledger, "POST", f"/{session['id']}/complete")


def ended(ledger, session):
    """The session when its import has ended."""
    def look():
        now = get(ledger, session)
        return now["status"] != "processing" and now

    return wait_until(look, "the end of the import")


def refused(answer, status, code, text):
    equal((answer.status, answer.json()), (status, {"code": code, "error": text}), text)
    equal(answer.body[-1:], b"\n", "last byte")


def lines(prefix, count):
    return b"".join(json.dumps({"event_hash": f"{prefix}{i}", "timestamp_ms": 1000 + i,
                                "model": "m"}).encode() + b"\n" for i in range(count))


def goldens():
    with Ledger(USAGE_IMPORT_MAX_SESSIONS="100") as ledger:
        for number, golden in enumerate(load()):
            if golden.get("session") == "none":
                continue
            session = upload(ledger, expand(golden["input"], number, "S"))
            equal(session["status"], "ready", golden["id"])
            equal(complete(ledger, session).status, 202, golden["id"])
            session = ended(ledger, session)
            fails = golden["status"] != 200 or golden.get("session") == "failed"
            equal((session["status"], session["retryable"]),
                  ("failed" if fails else "completed", False), f"{golden['id']}: {session}")
            wanted = dict(golden)
            if "session_format" in golden:
                wanted.update(format=golden["session_format"], counts=[0, 0, 0, 0], warnings=False)
            got = session["result"]
            error = got.pop("error", None)
            equal(got, result_of(wanted), golden["id"])
            text = golden.get("session_error", golden.get("error"))
            if text is not None:
                shown = session["error"] if fails else error
                assert text in shown, f"{golden['id']}: {shown!r} instead of {text!r}"
            equal("error" in session, fails, f"{golden['id']}: error of the session")


def an_upload_in_chunks():
    with Ledger(USAGE_IMPORT_CHUNK_BYTES="1000") as ledger:
        body = lines("c", 50)
        session = create(ledger, len(body))
        equal(list(session), KEYS, "members in order")
        equal((session["status"], session["received_bytes"], session["chunk_size_bytes"]),
              ("uploading", 0, 1000), "new session")
        equal(session["expires_at_ms"] - session["updated_at_ms"], 1440 * 60000, "life")
        conflict = "usage_import_session_conflict"
        refused(complete(ledger, session), 409, conflict, "usage import upload is not complete")
        refused(chunk(ledger, session, 5, b"x"), 409, conflict,
                "usage import offset mismatch: expected 0")
        refused(chunk(ledger, session, 0, b""), 400, "usage_import_session_invalid_request",
                "usage import chunk must not be empty")
        refused(chunk(ledger, session, 0, b"x" * 1001), 413, "usage_import_session_too_large",
                "usage import chunk exceeds the allowed size")
        for offset in ("-1", "x", "", "1.5"):
            refused(chunk(ledger, session, offset, b"x"), 400, "request_failed",
                    "usage import chunk offset is invalid")
        equal(chunk(ledger, session, 0, body[:1]).json()["received_bytes"], 1, "one byte")
        equal(chunk(ledger, session, 1, iter([body[1:500], body[500:1001]])).json()
              ["received_bytes"], 1001, "chunked transfer encoding")
        at = 1001
        while at < len(body):
            session = chunk(ledger, session, at, body[at:at + 1000]).json()
            at = session["received_bytes"]
        equal((session["status"], at), ("ready", len(body)), "whole")
        refused(chunk(ledger, session, at, b"x"), 409, conflict,
                "usage import session is not accepting chunks")
        equal(complete(ledger, session).status, 202, "complete")
        session = ended(ledger, session)
        equal((session["status"], session["result"]["added"]), ("completed", 50), "end")
        again = complete(ledger, session)
        equal((again.status, again.json()), (200, session), "complete again")
        equal(call(ledger, "DELETE", f"/{session['id']}").json(), session, "delete what is done")


def only_these_paths():
    with Ledger() as ledger:
        session = create(ledger, 5)
        for method, tail in (("GET", ""), ("PUT", ""), ("DELETE", "/"), ("POST", f"/{session['id']}"),
                             ("GET", f"/{session['id']}/chunk"), ("PUT", f"/{session['id']}/complete")):
            equal(call(ledger, method, tail).json()["code"], "method_not_allowed", method + tail)
        for tail in ("/a/b", "/a/chunk/b", "/a/b/c"):
            answer = call(ledger, "GET", tail)
            equal((answer.status, answer.body), (404, b"404 page not found\n"), tail)
        equal(ledger.get("/v0/management/usage/import-sessions-x").json()["total_requests"], 0,
              "another path")
        for tail in ("/nobody", "/" + "0" * 32, "/%2e%2e", "/..%2f..%2fetc"):
            if "%2f" in tail.lower():
                continue
            refused(call(ledger, "GET", tail), 404, "usage_import_session_not_found",
                    "usage import session not found")
        equal(ledger.request("POST", SESSIONS, body="{}").status, 401, "without the key")
        equal(call(ledger, "GET", f"/{session['id']}/").json(), session, "a slash at the end")


def what_create_checks():
    invalid = "usage_import_session_invalid_request"
    with Ledger(USAGE_IMPORT_DISK_QUOTA_BYTES="100", USAGE_IMPORT_MAX_SESSIONS="2") as ledger:
        def ask(body):
            return call(ledger, "POST", body=body)

        for body in ("", "[]", "{bad", '{"filename":"a","size_bytes":1,"x":1}',
                     '{"filename":1,"size_bytes":1}', '{"size_bytes":"1"}', '{"size_bytes":1.5}',
                     '{"size_bytes":1}{}', '{"size_bytes":1,"filename":"' + "x" * 65536 + '"}'):
            answer = ask(body)
            equal((answer.status, answer.json()["code"]), (400, "request_failed"), body[:60])
        for size in (0, -1):
            refused(ask({"size_bytes": size}), 400, invalid,
                    "usage import file size must be greater than zero")
        for key in ("x", "A" * 32, "0" * 31):
            refused(ask({"size_bytes": 1, "resume_key": key}), 400, invalid,
                    "usage import resume key is invalid")
        refused(ask({"size_bytes": 101}), 413, "usage_import_session_too_large",
                "usage import file exceeds the configured disk quota")
        first = create(ledger, 60, resume_key=" " + "a" * 32 + " ")
        refused(ask({"size_bytes": 41}), 507, "usage_import_session_quota_exceeded",
                "usage import disk quota is fully reserved")
        equal(create(ledger, 60, resume_key="a" * 32), first, "the same session")
        for body in ({"filename": "b"}, {"size_bytes": 59}):
            refused(ask({"filename": "a.jsonl", "size_bytes": 60, "resume_key": "a" * 32, **body}),
                    409, "usage_import_session_conflict",
                    "usage import resume key belongs to a different file")
        second = create(ledger, 40)
        refused(ask({"size_bytes": 1}), 429, "usage_import_session_limit_exceeded",
                "usage import active session limit reached")
        cancelled = call(ledger, "DELETE", f"/{second['id']}").json()
        equal((cancelled["status"], cancelled["error"]), ("cancelled", "usage import cancelled"),
              "cancelled")
        refused(complete(ledger, second), 409, "usage_import_session_conflict",
                "usage import session is cancelled")
        names = {"": "usage-import.jsonl", ".": "usage-import.jsonl", " a/b/c.json ": "c.json",
                 "dir/": "dir", "é" * 300: "é" * 240}
        for name, shown in names.items():
            third = call(ledger, "POST", body={"FILENAME": name, "Size_Bytes": 1}).json()
            equal(third["filename"], shown, name)
            call(ledger, "DELETE", f"/{third['id']}")


def files_are_private_and_vanish():
    with Ledger() as ledger:
        folder = os.path.join(ledger.folder, "usage-imports")
        session = upload(ledger, lines("f", 3))
        part = os.path.join(folder, session["id"] + ".part")
        metadata = os.path.join(folder, session["id"] + ".json")
        for path, mode in ((folder, 0o700), (part, 0o600), (metadata, 0o600)):
            equal(stat.S_IMODE(os.stat(path).st_mode), mode, path)
        equal(sorted(os.listdir(folder)), sorted(map(os.path.basename, (part, metadata))), "files")
        complete(ledger, session)
        equal(ended(ledger, session)["status"], "completed", "status")
        wait_until(lambda: os.listdir(folder) == [os.path.basename(metadata)], "only the result")
        half = create(ledger, 10)
        chunk(ledger, half, 0, b"12345")
        os.remove(os.path.join(folder, half["id"] + ".part"))
        os.symlink("/dev/null", os.path.join(folder, half["id"] + ".part"))
        answer = chunk(ledger, half, 5, b"67890")
        equal((answer.status, answer.json()["code"]), (500, "usage_import_session_unavailable"),
              "a link in the place of the bytes")


def a_kill_in_the_middle_is_taken_up():
    folder = tempfile.mkdtemp(prefix="ledger-")
    try:
        body = lines("k", 120000)
        with Ledger(folder, USAGE_IMPORT_CHUNK_BYTES="100000000") as ledger:
            half = create(ledger, 10, resume_key="b" * 32)
            chunk(ledger, half, 0, b"12345")
            doomed = upload(ledger, body)
            complete(ledger, doomed)
            wait_until(lambda: ledger.get("/status").json()["events"], "the first events")
            kill(ledger)
        with open(os.path.join(folder, "usage-imports", half["id"] + ".part"), "ab") as part:
            part.write(b"67")  # synced, but the answer never came
        for stray in ("c" * 32 + ".part", "d" * 32 + ".json", ".usage-import-x.tmp"):
            with open(os.path.join(folder, "usage-imports", stray), "w", encoding="ascii") as file:
                file.write("{}")
        with Ledger(folder) as ledger:
            names = os.listdir(os.path.join(folder, "usage-imports"))
            equal(len(names), 4, f"only what belongs to sessions: {names}")
            before = ledger.get("/status").json()["events"]
            assert 0 < before < 120000, f"{before} events of an import that was killed"
            equal(get(ledger, doomed)["status"], "ready", "killed in the middle")
            resumed = create(ledger, 10, resume_key="b" * 32)
            equal((resumed["id"], resumed["status"], resumed["received_bytes"]),
                  (half["id"], "uploading", 7), "resumed")
            equal(chunk(ledger, resumed, 7, b"890").json()["status"], "ready", "rest")
            equal(complete(ledger, doomed).status, 202, "complete again")
            result = ended(ledger, doomed)["result"]
            equal((result["added"], result["skipped"]), (120000 - before, before), "result")
            equal(ledger.get("/status").json()["events"], 120000, "nothing lost, nothing doubled")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def kill(ledger):
    """End it as a crash does; `with` then finds it ended in order."""
    ledger.process.kill()
    ledger.process.wait()
    ledger.reader.join()
    ledger.stop = lambda: 0


def cancelling_in_the_middle():
    with Ledger(USAGE_IMPORT_CHUNK_BYTES="100000000") as ledger:
        session = upload(ledger, lines("x", 150000))
        complete(ledger, session)
        wait_until(lambda: ledger.get("/status").json()["events"], "the first events")
        answer = call(ledger, "DELETE", f"/{session['id']}")
        equal((answer.status, answer.json()["status"]), (202, "processing"), "cancel")
        session = ended(ledger, session)
        equal((session["status"], session["error"]), ("cancelled", "usage import cancelled"), "end")
        added = session["result"]["added"]
        assert 0 < added < 150000, added
        equal(ledger.get("/status").json()["events"], added, "what was committed stays")
        equal(call(ledger, "DELETE", f"/{session['id']}").status, 200, "cancel again")


def stopping_leaves_it_ready():
    folder = tempfile.mkdtemp(prefix="ledger-")
    try:
        with Ledger(folder, USAGE_IMPORT_CHUNK_BYTES="100000000") as ledger:
            session = upload(ledger, lines("s", 150000))
            complete(ledger, session)
            wait_until(lambda: ledger.get("/status").json()["events"], "the first events")
        with Ledger(folder) as ledger:
            equal(get(ledger, session)["status"], "ready", "status after the restart")
            call(ledger, "DELETE", f"/{session['id']}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def a_folder_that_cannot_be_used_stops_the_start():
    folder = tempfile.mkdtemp(prefix="ledger-")
    try:
        for make in (lambda path: os.symlink("/tmp", path), lambda path: open(path, "w").close()):
            path = os.path.join(folder, "usage-imports")
            make(path)
            ledger = Ledger(folder)
            try:
                with ledger:
                    raise SystemExit("it started")
            except AssertionError:
                pass
            equal(ledger.process.wait(), 1, "exit status")
            assert any("usage imports: " in line for line in ledger.lines), ledger.lines
            os.remove(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    run_all(goldens, an_upload_in_chunks, only_these_paths, what_create_checks,
            files_are_private_and_vanish, a_kill_in_the_middle_is_taken_up,
            cancelling_in_the_middle, stopping_leaves_it_ready,
            a_folder_that_cannot_be_used_stops_the_start)
