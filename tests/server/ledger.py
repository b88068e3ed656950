"""What the tests of the running server share: the real program in a folder of its own on
a free port, requests with http.client, events by fill_events, and waiting for things
instead of sleeping.

    with Ledger() as ledger:
        equal(ledger.get("/status").status, 200, "status")

Every process ends with its `with`; the folder goes with it.
"""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ADMIN_KEY = "admin-key-for-tests"
BUILD = os.environ["USAGE_BUILD_DIR"]
PROGRAM = os.path.join(BUILD, "server/cpa-ledger")
PATIENCE_S = 30  # for what should happen at once; sanitizers are slow


def equal(got, wanted, what):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def wait_until(condition, what, patience_s=PATIENCE_S):
    """The first true value of condition(), or an error that names what was waited for."""
    end = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {patience_s} s for {what}"
        time.sleep(0.01)


def clean_environment(**more):
    """This process's, without what configures a ledger, and more."""
    ours = ("USAGE_", "CPA_", "HTTP_ADDR", "PANEL_PATH")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, **more}


class Answer:
    """A complete answer: status, headers by lower-case name, body as bytes."""

    def __init__(self, response):
        self.status = response.status
        self.header_list = [(name.lower(), value) for name, value in response.getheaders()]
        self.headers = dict(self.header_list)
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Ledger:
    """A running cpa-ledger. The folder is kept over restarts when it is given."""

    def __init__(self, folder=None, admin_key=ADMIN_KEY, **environment):
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="ledger-")
        self.environment = clean_environment(
            HTTP_ADDR="127.0.0.1:0", USAGE_DATA_DIR=self.folder, CPA_MANAGER_ADMIN_KEY=admin_key,
            **environment)
        self.admin_key = admin_key
        self.lines = []
        self.heard = threading.Condition()

    def __enter__(self):
        self.process = subprocess.Popen(
            [PROGRAM], env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, errors="replace", cwd=self.folder)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        found = self.wait_for_line(r"cpa-ledger listening on (\S+):(\d+)")
        self.host, self.port = found[1], int(found[2])
        return self

    def _read(self):
        for line in self.process.stderr:
            with self.heard:
                self.lines.append(line.rstrip("\n"))
                self.heard.notify_all()
        with self.heard:
            self.lines.append("(end of the log)")
            self.heard.notify_all()

    def wait_for_line(self, pattern):
        """The match of the first log line that the pattern is found in."""
        def look():
            found = next((m for line in self.lines if (m := re.search(pattern, line))), None)
            return found or (self.lines[-1:] == ["(end of the log)"] and "ended")

        with self.heard:
            found = self.heard.wait_for(look, PATIENCE_S)
        if not found or found == "ended":
            self.process.kill()
            raise AssertionError(f"no log line {pattern!r} in:\n" + "\n".join(self.lines))
        return found

    def __exit__(self, kind, value, trace):
        status = self.stop()
        if kind is not None or status != 0:
            print("\n".join(self.lines), file=sys.stderr)
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        if kind is None:
            equal(status, 0, "exit status of cpa-ledger")

    def stop(self):
        """End it in order (once); its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.reader.join(PATIENCE_S)
        self.process.stderr.close()
        return self.process.returncode

    @property
    def db_path(self):
        return os.path.join(self.folder, "usage.sqlite")

    def connect(self):
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)

    def request(self, method, path, body=None, key=None, headers=None, connection=None):
        """One answer. key: sent as the admin key."""
        sent = dict(headers or {})
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        used = connection or self.connect()
        try:
            used.request(method, path, body=body, headers=sent)
            return Answer(used.getresponse())
        finally:
            if connection is None:
                used.close()

    def get(self, path, **options):
        return self.request("GET", path, key=self.admin_key, **options)

    def fill(self, events):
        """Put events (dicts) into the database, from another process."""
        lines = "".join(json.dumps(event) + "\n" for event in events)
        subprocess.run([os.path.join(BUILD, "tests/server/fill_events"), self.db_path],
                       input=lines, text=True, check=True, timeout=PATIENCE_S)


def run_all(*tests):
    """Run the test functions in turn, naming each; the first failure ends the script."""
    for test in tests:
        print(test.__name__, flush=True)
        test()
