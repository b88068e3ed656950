"""An import by the stock shell while the server ingests and a client polls: nobody sees an
error, and every event is there once.

import_beside_server.py LINES

The longest wait of a request is printed, not judged: it is the machine's as much as ours."""
import json
import os
import subprocess
import sys
import threading
import time

from collector_harness import (ADMIN_KEY, BUILD, Gateway, Ledger, equal, folder, http,
                               wait_until)

PER_SECOND = 500  # by the gateway, all the time


class Poller:
    """Asks for the live view again and again, as the page does; keeps what went wrong."""

    def __init__(self, ledger):
        today_ms = int(time.time()) // 86400 * 86400000
        self.url = (f"http://{ledger.program.address}/ledger/v1/latest"
                    f"?from_ms={today_ms}&limit=50")
        self.is_over = threading.Event()
        self.waits_s = []
        self.errors = []
        self.thread = threading.Thread(target=self.poll, daemon=True)

    def poll(self):
        while not self.is_over.is_set():
            begun = time.monotonic()
            try:
                answer = json.loads(http("GET", self.url,
                                         [("Authorization", f"Bearer {ADMIN_KEY}")]))
                assert isinstance(answer, dict)
            except Exception as error:  # whatever it is, the page would see it
                self.errors.append(repr(error))
            self.waits_s.append(time.monotonic() - begun)
            self.is_over.wait(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


def make_lines(data, count):
    """Generated payloads whose request ids the gateway's generator does not make."""
    path = os.path.join(data, "lines.jsonl")
    with open(path, "wb") as file:
        subprocess.run([os.path.join(BUILD, "tools/gateway-sim/usage-generate"), str(count),
                        "--seed", "77"], stdout=file, check=True)
    return path


def import_lines(ledger, path):
    done = subprocess.run(
        ["sqlite3", "-bail", ledger.database, f".load {os.path.join(BUILD, 'usage')}",
         f"SELECT usage_import('{path}')"], capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr), (0, ""), "the import's exit status and errors")
    return json.loads(done.stdout)


def main():
    count = int(sys.argv[1])
    with folder() as data, Gateway("--rate", str(PER_SECOND)) as gateway, \
            Ledger(data, gateway.url, mode="subscribe") as ledger:
        path = make_lines(data, count)
        wait_until(lambda: ledger.events() > PER_SECOND, "the collector at work")
        before = gateway.counts()["published"]
        with Poller(ledger) as poller:
            report = import_lines(ledger, path)
        meanwhile = gateway.counts()["published"] - before
        gateway.quiet()
        published = gateway.counts()["published"]
        equal((report["added"], report["skipped"], report["failed"]), (count, 0, 0),
              "added, skipped and failed by the import")
        wait_until(lambda: ledger.events() >= published + count, "all events")
        equal(ledger.events(), published + count, "events of both")
        status = ledger.status()
        equal(status["totalInserted"], published, "inserted by the collector")
        equal((status["totalSkipped"], status["deadLetters"]), (0, 0), "skipped, dead")
        equal(gateway.counts()["lost"], 0, "lost by the gateway")
        equal(status.get("lastError", ""), "", "the collector's last error")
        equal(poller.errors, [], "errors of the polls")
        assert len(poller.waits_s) > 1, "nobody polled"
        print(f"{count} lines in {report['seconds']:.2f} s beside {meanwhile} events;"
              f" {len(poller.waits_s)} polls, the longest {max(poller.waits_s) * 1000:.0f} ms")


main()
