"""Start and end of the program: commands, what survives a restart, what it refuses to
start with."""
import http.server
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading

from ledger import (ADMIN_KEY, PATIENCE_S, PROGRAM, Ledger, clean_environment, equal, run_all,
                    wait_until)


class FakeGateway(http.server.BaseHTTPRequestHandler):
    """As much of CPA as a setup needs; its queue is always empty."""

    def do_GET(self):
        if self.headers.get("Authorization") != "Bearer mgmt-secret-1":
            return self.answer(401, {"error": "invalid management key"})
        if self.path == "/v0/management/config":
            return self.answer(200, {"usage-statistics-enabled": True,
                                     "redis-usage-queue-retention-seconds": 60})
        if self.path.startswith("/v0/management/usage-queue"):
            return self.answer(200, [])
        return self.answer(200, {"files": []})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Gateway:
    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeGateway)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def run(*arguments, **environment):
    return subprocess.run([PROGRAM, *arguments], env=clean_environment(**environment), text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE_S)


def refuses(folder, *expected, **environment):
    """A start that must fail with one line that says all of expected."""
    result = run(HTTP_ADDR="127.0.0.1:0", USAGE_DATA_DIR=folder, CPA_MANAGER_ADMIN_KEY=ADMIN_KEY,
                 **environment)
    equal(result.returncode, 1, f"exit status; {result.stderr}")
    lines = result.stderr.splitlines()
    equal(len(lines), 1, f"lines of {result.stderr!r}")
    for text in expected:
        assert text in lines[0], f"{text!r} is not in {lines[0]!r}"


def commands():
    equal(run("version").stdout.split()[0], "cpa-ledger", "version")
    equal(run("--version").stdout, run("version").stdout, "--version")
    for word in ("--help", "-h", "help"):
        result = run(word)
        equal((result.returncode, "usage: cpa-ledger" in result.stdout), (0, True), word)
    for words in (("srve",), ("--port", "1"), ("serve", "more")):
        result = run(*words)
        equal((result.returncode, result.stdout), (2, ""), f"{words}")
        assert words[-1] in result.stderr or words[0] in result.stderr, result.stderr


def fresh_start_shows_the_key_once():
    folder = tempfile.mkdtemp(prefix="ledger-")
    try:
        with Ledger(folder=folder, admin_key="") as ledger:
            key = ledger.wait_for_line(r"admin key generated: (cmp_admin_[0-9A-Za-z]{32})$")[1]
            equal(ledger.request("GET", "/status", key=key).status, 200, "generated key")
            equal(os.stat(ledger.db_path).st_mode & 0o777, 0o600, "mode of the database")
            equal(os.stat(os.path.join(folder, "data.key")).st_mode & 0o777, 0o600, "mode of data.key")
            info = ledger.request("GET", "/usage-service/info").json()
            equal((info["setupRequired"], info["configured"], info["migrationStatus"]),
                  (True, False, "fresh"), "info of a fresh start")
        with Ledger(folder=folder, admin_key="another") as ledger:
            equal([line for line in ledger.lines if "cmp_admin_" in line], [], "key in the log again")
            equal(ledger.request("GET", "/status", key=key).status, 200, "first key still")
            equal(ledger.request("GET", "/status", key="another").status, 401, "configured key")
    finally:
        shutil.rmtree(folder)


def setup_survives_a_restart():
    folder = tempfile.mkdtemp(prefix="ledger-")
    try:
        with Gateway() as gateway:
            request = {"cpaBaseUrl": gateway.url + "/", "managementKey": "mgmt-secret-1",
                       "collectorMode": "http"}
            with Ledger(folder=folder) as ledger:
                equal(ledger.request("GET", "/usage-service/config").status, 200, "free before")
                wrong = ledger.request("POST", "/setup", key=ADMIN_KEY,
                                       body={**request, "managementKey": "wrong"})
                equal((wrong.status, wrong.json()["code"]),
                      (502, "management_api_validation_failed"), "setup with a wrong key")
                answer = ledger.request("POST", "/setup", key=ADMIN_KEY, body=request)
                equal((answer.status, answer.json()), (200, {"ok": True, "upstream": gateway.url}),
                      "setup")
                equal(ledger.request("GET", "/usage-service/config").status, 401, "free after")
                config = ledger.get("/usage-service/config").json()
                equal((config["source"], config["config"]["cpaConnection"]["cpaBaseUrl"]),
                      ("db", gateway.url), "configuration")
                equal(ledger.get("/v0/management/config").status, 404, "not forwarded")
                ledger.fill([{"event_hash": "r1", "timestamp_ms": 1, "model": "m"}])
            assert b"mgmt-secret-1" not in open(ledger.db_path, "rb").read(), "key in plain text"
            equal([line for line in ledger.lines if "mgmt-secret-1" in line], [], "key in the log")
            with Ledger(folder=folder) as ledger:
                wait_until(lambda: ledger.get("/status").json()["collector"]["upstream"],
                           "the collector, which starts after the listener")
                status = ledger.get("/status").json()
                equal(status["events"], 1, "events")
                equal(status["collector"]["upstream"], gateway.url, "upstream")
                assert status["collector"]["collector"] in ("starting", "running"), status
                info = ledger.request("GET", "/usage-service/info").json()
                equal((info["configured"], info["migrationStatus"]), (True, "migrated"), "info")
                stopped = ledger.request("PUT", "/usage-service/config", key=ADMIN_KEY, body={
                    "config": {"collector": {"enabled": False}}})
                equal(stopped.status, 200, "monitoring off")
                equal(ledger.get("/status").json()["collector"]["collector"], "stopped", "collector")

            key_path = os.path.join(folder, "data.key")
            with open(key_path, "rb") as file:
                key = file.read()
            before = dump(ledger.db_path)
            os.unlink(key_path)
            refuses(folder, "load data key")
            equal(os.path.exists(key_path), False, "a new data.key")
            with open(key_path, "w") as file:
                file.write("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n")
            refuses(folder, "key")
            equal(dump(ledger.db_path), before, "settings after refused starts")
            with open(key_path, "wb") as file:
                file.write(key)
            with Ledger(folder=folder) as ledger:
                equal(ledger.get("/usage-service/config").status, 200, "the right key again")
    finally:
        shutil.rmtree(folder)


def dump(db_path):
    db = sqlite3.connect(db_path)
    try:
        return db.execute("SELECT key, value FROM settings ORDER BY key").fetchall()
    finally:
        db.close()


def policy_is_changed_and_kept():
    path = "/usage-service/account-processing-policy"
    with Ledger(USAGE_ACCOUNT_ACTIONS_ENABLED="1") as ledger:
        policy = ledger.request("GET", path).json()
        equal((policy["codexQuotaCooldown"]["enabled"], policy["authIssueQueue"]["locked"]),
              (False, True), "policy at the start")
        answer = ledger.request("PATCH", path, key=ADMIN_KEY, body={"codexQuotaCooldownEnabled": True})
        equal((answer.status, answer.json()["codexQuotaCooldown"]["enabled"]), (200, True), "patch")
        equal(ledger.request("GET", path).json()["source"], "database", "source")
        locked = ledger.request("PATCH", path, key=ADMIN_KEY, body={"authIssueQueueEnabled": False})
        equal((locked.status, locked.json()["code"]),
              (409, "account_processing_policy_env_locked"), "locked switch")


def second_server_is_refused():
    with Ledger() as ledger:
        refuses(ledger.folder, "lock is already held")
        address = f"127.0.0.1:{ledger.port}"
        with tempfile.TemporaryDirectory() as folder:
            result = run(HTTP_ADDR=address, USAGE_DATA_DIR=folder, CPA_MANAGER_ADMIN_KEY="k")
            equal(result.returncode, 1, "exit status with a taken port")
            assert f'http listen: address "{address}": Address already in use' in result.stderr


def bad_databases_are_refused():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "usage.sqlite")
        with open(path, "w") as file:
            file.write("this is no database, but a text of some length\n" * 50)
        refuses(folder, "open sqlite: ", path, "file is not a database")
        os.unlink(path)
        with Ledger(folder=folder):
            pass
        db = sqlite3.connect(path, isolation_level=None)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("PRAGMA user_version = 9999")
        refuses(folder, "open sqlite: ", path, "9999")
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        refuses(folder, "open sqlite: ", path, "database is locked")
        db.execute("ROLLBACK")
        db.close()
        with Ledger(folder=folder) as ledger:
            equal(ledger.get("/status").status, 200, "after all that")


def admin_key_is_reset_offline():
    folder = tempfile.mkdtemp(prefix="ledger-")
    try:
        with Ledger(folder=folder) as ledger:
            result = run("reset-admin-key", "--db-path", ledger.db_path, "--admin-key", "new")
            equal(result.returncode, 1, "reset beside a running server")
        result = run("reset-admin-key", "--db-path", ledger.db_path, "--admin-key", "new")
        equal(result.returncode, 0, f"reset; {result.stderr}")
        with Ledger(folder=folder) as ledger:
            equal(ledger.request("GET", "/status", key="new").status, 200, "new key")
            equal(ledger.request("GET", "/status", key=ADMIN_KEY).status, 401, "old key")
    finally:
        shutil.rmtree(folder)


run_all(commands, fresh_start_shows_the_key_once, setup_survives_a_restart,
        policy_is_changed_and_kept, second_server_is_refused, bad_databases_are_refused,
        admin_key_is_reset_offline)
