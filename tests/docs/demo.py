"""tools/run --demo, as the README promises it: demo.py USAGE_SO. Events flow into the ledger,
the ledger agrees with the gateway's own count, a signal ends both programs, and the same data
serves the next run."""
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

MODULE = pathlib.Path(sys.argv.pop())
SOURCE = pathlib.Path(os.environ["USAGE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["USAGE_BUILD_DIR"])
DEADLINE_SECONDS = 60
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never a proxy


def until(condition, what):
    """The condition's first true value; polls, because nothing tells when it becomes so."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {DEADLINE_SECONDS} s: {what}")


def request(url, key=None, method="GET"):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with OPENER.open(urllib.request.Request(url, headers=headers, method=method), timeout=20) as answer:
        return answer.read()


def is_listening(address):
    host, port = address.split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


class Demo:
    """A running tools/run --demo and what it said about itself."""

    def __init__(self, data, environment=None):
        self.process = subprocess.Popen(
            [SOURCE / "tools/run", "--demo", "--built", BUILD, "--port", "0", "--gateway-port", "0",
             "--data", data, "--rate", "50"],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
        self.log = ""
        for line in self.process.stderr:
            self.log += line
            if "Ctrl-C ends" in line:
                break
        else:
            self.process.communicate()
            raise AssertionError(self.log)
        self.server = "127.0.0.1:" + re.search(r"http://localhost:(\d+)/management.html", self.log)[1]
        self.gateway = re.search(r"gateway +http://(\S+)", self.log)[1]
        self.key = re.search(r"admin key +(\S+)", self.log)[1]

    def status(self):
        return json.loads(request(f"http://{self.server}/status", self.key))

    def counts(self):
        return json.loads(request(f"http://{self.gateway}/sim/counts"))

    def end(self, number):
        """The exit status and the rest of the log."""
        self.process.send_signal(number)
        rest = self.process.communicate(timeout=DEADLINE_SECONDS)[1]
        return self.process.returncode, rest


class DemoTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.data = pathlib.Path(temporary.name) / "data"

    def start(self, **environment):
        demo = Demo(self.data, environment)
        self.addCleanup(lambda: demo.process.poll() is None and demo.end(signal.SIGTERM))
        return demo

    def stored(self):
        """Rows in the file, as the stock shell with the module sees them."""
        run = subprocess.run(
            ["sqlite3", self.data / "usage.sqlite", f".load {MODULE.with_suffix('')}",
             "SELECT count(*), count(DISTINCT event_hash), count(usage_model(model)) FROM usage_events"],
            text=True, capture_output=True, check=True)
        return [int(number) for number in run.stdout.split("|")]

    def test_events_flow_and_a_signal_ends_both(self):
        demo = self.start()
        self.assertIn(b"<html", request(f"http://{demo.server}/management.html"))
        until(lambda: demo.status()["events"] >= 100, "a hundred events in the ledger")
        request(f"http://{demo.gateway}/sim/rate?per_second=0", method="POST")
        published = demo.counts()["published"]
        until(lambda: demo.status()["events"] == published, f"{published} events in the ledger")
        self.assertEqual(self.stored(), [published] * 3)
        status, rest = demo.end(signal.SIGTERM)
        self.assertEqual(status, 0, rest)
        self.assertIn("stopping", rest)
        self.assertFalse(is_listening(demo.server) or is_listening(demo.gateway))
        self.assertEqual(self.stored(), [published] * 3)

    def test_the_same_data_serves_the_next_run(self):
        first = self.start()
        until(lambda: first.status()["events"] > 0, "an event")
        self.assertEqual(first.end(signal.SIGINT)[0], 0)
        before = self.stored()[0]
        for name in ("demo-admin-key", "demo-gateway-key", "data.key", "usage.sqlite"):
            self.assertEqual(stat.S_IMODE((self.data / name).stat().st_mode), 0o600, name)
        second = self.start()
        self.assertEqual(second.key, first.key)
        until(lambda: second.status()["events"] > before, "more events")
        self.assertEqual(second.end(signal.SIGINT)[0], 0)

    def test_a_key_from_the_environment_is_the_admin_key(self):
        key = 'quote" and \\ backslash'
        demo = self.start(CPA_MANAGER_ADMIN_KEY=key)
        self.assertIn(key, demo.log)
        self.assertIn("events", json.loads(request(f"http://{demo.server}/status", key)))

    def test_somebody_elses_ledger_is_left_alone(self):
        self.data.mkdir()
        (self.data / "usage.sqlite").touch()
        with self.assertRaisesRegex(AssertionError, "is not the demo's"):
            self.start()
        self.assertEqual([path.name for path in self.data.iterdir()], ["usage.sqlite"])


if __name__ == "__main__":
    unittest.main()
