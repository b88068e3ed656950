"""What the tests of the simulated gateway share: starting it, and talking to it.

with Gateway("--rate", "0") as gateway:
    gateway.publish(['{"request_id":"a"}'])
    client = gateway.resp()             # a RESP connection that is logged in
    client.command("LPOP", "usage")     # what the server replied, as Python values

The program ends with its standard input, so it never outlives the test.
"""
import json
import os
import select
import socket
import subprocess
import time

KEY = "mgmt-secret-1"
PATIENCE_S = 20  # the longest wait for anything that should happen at once


class Closed(Exception):
    """The peer ended the connection."""


class Gateway:
    def __init__(self, *options, key=KEY):
        build = os.environ["USAGE_BUILD_DIR"]
        self.program = os.path.join(build, "tools/gateway-sim/gateway-sim")
        self.options = list(options)
        self.key = key

    def __enter__(self):
        command = [self.program, "--listen", "127.0.0.1:0", "--until-eof", *self.options]
        if self.key is not None:
            command += ["--key", self.key]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline().decode()
        assert line.startswith("gateway-sim listening on 127.0.0.1:"), line
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(PATIENCE_S)
        assert status == 0, f"gateway-sim ended with status {status}"

    def connect(self):
        return Wire(self.port)

    def resp(self):
        wire = self.connect()
        assert wire.command("AUTH", self.key) == "OK"
        return wire

    def subscriber(self, channel="usage"):
        wire = self.resp()
        assert wire.command("SUBSCRIBE", channel) == ["subscribe", channel, 1]
        if channel == "usage":
            assert wire.reply() == ["message", "usage", '{"support_refresh":true}']
        return wire

    def http(self, method, path, body=b"", headers=()):
        """Status, headers (lower-case names) and body of one request on its own connection."""
        if isinstance(body, str):
            body = body.encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: sim", "Connection: close"]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in headers]
        wire = self.connect()
        wire.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return parse_answer(wire.read_to_end())

    def management(self, method, path, body=b"", headers=()):
        headers = [("Authorization", f"Bearer {self.key}"), *headers]
        return self.http(method, "/v0/management/" + path, body, headers)

    def sim(self, method, path, body=b""):
        status, _, text = self.http(method, "/sim/" + path, body)
        assert status == 200, (path, status, text)
        return json.loads(text) if text.startswith(b"{") else text.decode()

    def counts(self):
        return self.sim("GET", "counts")

    def ids(self, of="published"):
        return self.sim("GET", f"ids?of={of}").split()

    def publish(self, payloads):
        assert self.sim("POST", "publish", "\n".join(payloads))["lines"] == len(payloads)

    def wait_for(self, condition, what):
        """Polls the counts until condition(counts) holds; returns them."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            counts = self.counts()
            if condition(counts):
                return counts
            time.sleep(0.005)
        raise AssertionError(f"waited in vain for {what}: {counts}")


def parse_answer(data):
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = join_chunks(body)
    return int(lines[0].split()[1]), headers, body


def join_chunks(body):
    joined = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        size = int(size, 16)
        if size == 0:
            assert body == b"\r\n", body
            return joined
        joined += body[:size]
        assert body[size:size + 2] == b"\r\n"
        body = body[size + 2:]


class Wire:
    """A TCP connection with a RESP reader on top."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.data = bytearray()  # all that came; what is before self.at was used
        self.at = 0

    def send(self, data):
        self.socket.sendall(data)

    def frame(self, *words):
        out = b"*%d\r\n" % len(words)
        for word in words:
            word = str(word).encode()
            out += b"$%d\r\n%s\r\n" % (len(word), word)
        return out

    def command(self, *words):
        self.send(self.frame(*words))
        return self.reply()

    def _more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise Closed()
        self.data += data

    def read_line(self):
        """Up to and with the next CRLF."""
        while True:
            end = self.data.find(b"\r\n", self.at)
            if end >= 0:
                return self.read_exactly(end + 2 - self.at)
            self._more()

    def read_exactly(self, size):
        while len(self.data) < self.at + size:
            self._more()
        self.at += size
        return bytes(self.data[self.at - size:self.at])

    def rest(self):
        """What came and was not used; nothing is waited for."""
        return bytes(self.data[self.at:])

    def reply(self):
        """One reply: str, int, None, list; an error is the str with its leading '-'."""
        line = self.read_line()[:-2].decode()
        if line[0] == "+":
            return line[1:]
        if line[0] == "-":
            return line
        if line[0] == ":":
            return int(line[1:])
        if line[0] == "*":
            return [self.reply() for _ in range(int(line[1:]))]
        assert line[0] == "$", line
        size = int(line[1:])
        if size < 0:
            return None
        text = self.read_exactly(size + 2)
        assert text.endswith(b"\r\n"), text
        return text[:-2].decode()

    def is_silent(self):
        """True when nothing is there to read at this moment."""
        return not self.rest() and not select.select([self.socket], [], [], 0)[0]

    def read_to_end(self):
        try:
            while True:
                self._more()
        except Closed:
            return self.rest()

    def close(self):
        self.socket.close()


def run_tests(tests):
    """Runs the functions, names what fails, and leaves with the number of failures."""
    import sys
    import traceback
    failures = 0
    for test in tests:
        start = time.monotonic()
        try:
            test()
            print(f"ok      {test.__name__} ({time.monotonic() - start:.2f} s)")
        except Exception:  # a test may fail in any way; the others still run
            failures += 1
            print(f"FAILED  {test.__name__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(tests) - failures} passed, {failures} failed")
    sys.exit(1 if failures else 0)
