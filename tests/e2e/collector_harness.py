"""What the end-to-end tests of the collector share: a server and a gateway as real
processes, a gateway made of this file for what the simulated one does not do, and waiting
for things instead of sleeping.

    with folder() as data, Gateway("--rate", "50") as gateway:
        with Ledger(data, gateway.url) as ledger:
            wait_until(lambda: ledger.events() >= 10, "ten events")

Every process ends with its `with`. Nothing is read outside the temporary folder.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter

KEY = "mgmt-secret-1"
ADMIN_KEY = "admin-key-for-tests"
BUILD = os.environ["USAGE_BUILD_DIR"]
PATIENCE_S = 30  # the longest wait for what should happen at once; sanitizers are slow
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait_until(condition, what, patience_s=PATIENCE_S):
    """The first true value of condition(), or an error that names what was waited for."""
    end = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience_s} s for {what}")
        time.sleep(0.02)


def equal(got, wanted, what):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def same_ids(got, wanted, what="stored request ids"):
    """Two sorted lists, maybe of thousands: the message shows the first differences."""
    if got == wanted:
        return
    missing = sorted((Counter(wanted) - Counter(got)).elements())
    extra = sorted((Counter(got) - Counter(wanted)).elements())
    raise AssertionError(f"{what}: {len(got)} for {len(wanted)}; {len(missing)} missing"
                         f" {missing[:3]}, {len(extra)} too many {extra[:3]}")


@contextlib.contextmanager
def folder():
    path = tempfile.mkdtemp(prefix="collector-")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def http(method, url, headers=(), timeout_s=PATIENCE_S):
    request = urllib.request.Request(url, method=method, headers=dict(headers))
    with NO_PROXY.open(request, timeout=timeout_s) as answer:
        return answer.read().decode()


class Program:
    """A child process that says "... listening on HOST:PORT" on one of its streams."""

    def __init__(self, command, stream, environment=None, stdin=subprocess.DEVNULL):
        pipes = {stream: subprocess.PIPE}
        self.process = subprocess.Popen(
            command, env={**os.environ, **(environment or {})}, stdin=stdin, text=True, **pipes)
        self.lines = []
        self.address = None
        self.heard = threading.Condition()
        self.reader = threading.Thread(
            target=self.read, args=(getattr(self.process, stream),), daemon=True)
        self.reader.start()
        with self.heard:
            if not self.heard.wait_for(lambda: self.address, PATIENCE_S) or self.address == "ended":
                self.process.kill()
                raise AssertionError(f"{command[0]} did not listen: {self.lines}")

    def read(self, stream):
        for line in stream:
            with self.heard:
                self.lines.append(line.rstrip("\n"))
                if self.address is None and " listening on " in line:
                    self.address = line.split(" listening on ")[1].split()[0]
                self.heard.notify_all()
        with self.heard:
            self.address = self.address or "ended"
            self.heard.notify_all()

    def end(self, patience_s=PATIENCE_S):
        try:
            return self.process.wait(patience_s)
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join(PATIENCE_S)

    def said(self, text):
        with self.heard:
            return [line for line in self.lines if text in line]


class Ledger:
    """The server, with its data in a folder that outlives it."""

    def __init__(self, data, url, key=KEY, mode="auto", skip_verify=False, **environment):
        self.data = data
        self.database = os.path.join(data, "usage.sqlite")
        self.environment = {
            "HTTP_ADDR": "127.0.0.1:0",
            "USAGE_DATA_DIR": data,
            "CPA_MANAGER_ADMIN_KEY": ADMIN_KEY,
            "CPA_UPSTREAM_URL": url,
            "CPA_MANAGEMENT_KEY": key,
            "USAGE_COLLECTOR_MODE": mode,
            "USAGE_RESP_TLS_SKIP_VERIFY": "true" if skip_verify else "false",
            **environment,
        }

    def __enter__(self):
        self.program = Program([os.path.join(BUILD, "server/cpa-ledger")], "stderr",
                               self.environment)
        self.pid = self.program.process.pid
        return self

    def __exit__(self, *failure):
        status = self.stop()
        equal(self.program.said(KEY), [], "log lines with the key")
        if failure[0] is None:
            equal(status, 0, "exit status of cpa-ledger")
        else:
            print("\n".join(self.program.lines), file=sys.stderr)

    def stop(self):
        if self.program.process.poll() is None:
            self.program.process.send_signal(signal.SIGTERM)
        return self.program.end()

    def status(self):
        url = f"http://{self.program.address}/status"
        return json.loads(http("GET", url, [("Authorization", f"Bearer {ADMIN_KEY}")]))["collector"]

    def wait_for_transport(self, transport, patience_s=PATIENCE_S):
        wait_until(lambda: self.status()["transport"] == transport, f"transport {transport}",
                   patience_s)

    def wait_for_error(self, text, patience_s=PATIENCE_S):
        def found():
            error = self.status().get("lastError", "")
            return error if text in error else None
        return wait_until(found, f"error {text!r}", patience_s)

    def query(self, sql, *values):
        """Rows of one SELECT, by plain SQLite without the extension."""
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def events(self):
        return self.query("SELECT count(*) FROM usage_events")[0][0]

    def request_ids(self):
        return sorted(row[0] for row in self.query("SELECT request_id FROM usage_events"))

    def resident_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


class Gateway:
    """tools/gateway-sim. restart() keeps the port, as a real gateway would."""

    def __init__(self, *options):
        self.options = list(options)
        self.port = 0
        self.program = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        command = [os.path.join(BUILD, "tools/gateway-sim/gateway-sim"), "--until-eof",
                   "--listen", f"127.0.0.1:{self.port}", "--key", KEY, *self.options]
        self.program = Program(command, "stdout", stdin=subprocess.PIPE)
        self.port = int(self.program.address.rsplit(":", 1)[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self):
        if self.program is not None:
            self.program.process.stdin.close()
            equal(self.program.end(), 0, "exit status of gateway-sim")
        self.program = None

    def post(self, path):
        return json.loads(http("POST", f"{self.url}/sim/{path}") or "null")

    def publish(self, payloads):
        request = urllib.request.Request(f"{self.url}/sim/publish", method="POST",
                                         data="\n".join(payloads).encode())
        with NO_PROXY.open(request, timeout=PATIENCE_S) as answer:
            answer.read()

    def counts(self):
        return json.loads(http("GET", f"{self.url}/sim/counts"))

    def ids(self, of=None):
        return sorted(http("GET", f"{self.url}/sim/ids" + (f"?of={of}" if of else "")).split())

    def quiet(self):
        """Publish no more, and wait until everything published is on its way or lost."""
        self.post("rate?per_second=0")
        last = None
        while (count := self.counts()["published"]) != last:
            last = count
            time.sleep(0.05)


def expect_all_stored(ledger, gateway, lost=()):
    """What the gateway published and nobody lost is stored, nothing twice."""
    wanted = sorted(set(gateway.ids()) - set(lost))
    wait_until(lambda: ledger.events() >= len(wanted), f"{len(wanted)} stored events")
    same_ids(ledger.request_ids(), wanted)


def frame(*items):
    """A RESP array: bytes and str as bulk strings, int as integer, None as null."""
    out = b"*%d\r\n" % len(items)
    for item in items:
        if item is None:
            out += b"$-1\r\n"
        elif isinstance(item, int):
            out += b":%d\r\n" % item
        else:
            data = item.encode() if isinstance(item, str) else item
            out += b"$%d\r\n%s\r\n" % (len(data), data)
    return out


def message(payload):
    return frame("message", "usage", payload)


class Peer:
    """One connection that the collector opened to a Script."""

    def __init__(self, connection):
        self.socket = connection
        self.file = connection.makefile("rb")

    def command(self):
        """The next command as a list of texts; None at the end; "HTTP" for a request line,
        of which the rest is read."""
        if self.file.peek(1)[:1] == b"\x16":
            return None  # a TLS handshake
        line = self.file.readline()
        if not line:
            return None
        if not line.startswith(b"*"):
            while self.file.readline().strip():
                pass
            return ["HTTP", *line.decode().split()]
        words = []
        for _ in range(int(line[1:])):
            size = int(self.file.readline()[1:])
            words.append(self.file.read(size + 2)[:-2].decode())
        return words

    def send(self, data):
        self.socket.sendall(data)

    def answer(self, status, body=b"", content_type="application/json"):
        self.send(b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                  % (status.encode(), content_type.encode(), len(body), body))

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.file.close()
        self.socket.close()


class Script:
    """A gateway made of a function: talk(peer, words) is called for every command, in a
    thread per connection, until it returns False. All commands are kept in .log."""

    def __init__(self, talk, wrap=None, host="127.0.0.1"):
        self.talk = talk
        self.wrap = wrap
        self.host = host
        self.log = []
        self.lock = threading.Lock()
        self.peers = []

    def __enter__(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.listener = socket.create_server((self.host, 0), family=family)
        self.port = self.listener.getsockname()[1]
        name = f"[{self.host}]" if ":" in self.host else self.host
        self.url = f"http://{name}:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        with self.lock:
            peers = list(self.peers)
        for peer in peers:
            peer.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError, ValueError):
            peer = Peer(self.wrap(connection) if self.wrap else connection)
            with self.lock:
                self.peers.append(peer)
            while (words := peer.command()) is not None:
                with self.lock:
                    self.log.append(words)
                if self.talk(peer, words) is False:
                    break
            peer.close()

    def heard(self, *words):
        """How many commands began like this."""
        with self.lock:
            return sum(entry[:len(words)] == list(words) for entry in self.log)


def event(request_id, second=0):
    """A small payload of the gateway's shape."""
    return json.dumps({
        "timestamp": f"2026-08-21T10:{second // 60 % 60:02d}:{second % 60:02d}.5Z",
        "request_id": request_id, "model": "gpt-5.4", "provider": "openai",
        "endpoint": "POST /v1/responses", "auth_index": "ab12cd34ab12cd34",
        "tokens": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
        "failed": False, "latency_ms": 5}, separators=(",", ":"))


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def run_tests(tests):
    """Run the functions one after the other; the first that fails ends the program."""
    for test in tests:
        begun = time.monotonic()
        test()
        print(f"ok {test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)
