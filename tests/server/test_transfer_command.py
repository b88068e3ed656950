"""The commands import and export: status, what they say where, a terminal, signals, and
the examples in tools/cron, all beside a running server."""
import gzip
import json
import os
import pty
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time

from ledger import ADMIN_KEY, BUILD, PATIENCE_S, PROGRAM, Ledger, clean_environment, equal, run_all, \
    wait_until

SOURCE = os.environ["USAGE_SOURCE_DIR"]
EXPORT = "/v0/management/usage/export"


class Folder:
    """A temporary folder with a database path and files."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="transfer-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, content=None):
        path = os.path.join(self.path, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path


def lines(prefix, count, begin_ms=1000):
    return b"".join(json.dumps({"event_hash": f"{prefix}{i}", "timestamp_ms": begin_ms + i,
                                "model": "m"}).encode() + b"\n" for i in range(count))


def run(*arguments, folder, stdin=None, status=0):
    """The finished command; its configuration is that of the folder."""
    done = subprocess.run(
        [PROGRAM, *arguments], env=clean_environment(USAGE_DATA_DIR=folder), input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True,
        timeout=4 * PATIENCE_S, cwd="/")
    equal(done.returncode, status, f"{arguments}: status; {done.stderr.decode()}")
    return done


def usage_errors():
    with Folder() as folder:
        for arguments in (("import",), ("import", "--unknown", "x"), ("import", "--db-path"),
                          ("export", "file"), ("export", "--from", "yesterday"),
                          ("export", "--limit", "0"), ("export", "--limit=x"), ("export", "-o"),
                          ("import", "--gateway", "x" * 201, "file")):
            done = run(*arguments, folder=folder.path, status=2)
            equal(done.stdout, b"", f"{arguments}: output")
            assert done.stderr.startswith(b"cpa-ledger: "), done.stderr
        for command in ("import", "export"):
            done = run(command, "--help", folder=folder.path)
            assert done.stdout.startswith(f"usage: cpa-ledger {command} ".encode()), done.stdout
        equal(os.listdir(folder.path), [], "nothing was created")


def what_import_says_and_returns():
    with Folder() as folder:
        good = folder.file("good.jsonl", lines("g", 20))
        first = run("import", good, folder=folder.path)
        equal((first.stdout, first.stderr),
              (b"", f"cpa-ledger: new database {folder.path}/usage.sqlite\n".encode()), "first")
        equal(stat.S_IMODE(os.stat(folder.file("usage.sqlite")).st_mode), 0o600, "mode")
        again = run("import", good, folder=folder.path)
        equal((again.stdout, again.stderr), (b"", b""), "quiet when all is well")
        bad = folder.file("bad.jsonl", lines("g", 1) + b"{bad\n" + lines("h", 1) + b"{}\n" * 25)
        done = run("import", bad, folder=folder.path, status=3)
        said = done.stderr.decode().splitlines()
        equal(said[0], f"cpa-ledger: {bad}: line 2, byte {len(lines('g', 1))}: invalid character "
              "'b' looking for beginning of object key string", "first error")
        equal((len(said), said[20]), (21, f"cpa-ledger: {bad}: and 6 more"), "the rest")
        missing = folder.file("missing")
        done = run("import", missing, bad, good, folder=folder.path, status=1)
        assert b"No such file or directory" in done.stderr, done.stderr
        snapshot = folder.file("totals.json", b'{"usage":{"total_requests":5,"apis":{}}}')
        done = run("import", snapshot, folder=folder.path, status=1)
        assert b"legacy usage export does not contain request details" in done.stderr, done.stderr
        half = folder.file("half.json", b"[" + lines("i", 1) + b"," + lines("j", 1))
        done = run("import", half, folder=folder.path, status=1)
        assert re.search(rb"half.json: line 3, byte \d+: .* \(2 added, 0 skipped", done.stderr), \
            done.stderr
        equal(len(run("export", folder=folder.path).stdout.splitlines()), 23, "events")
        run("import", "--db-path", "/dev/null/x.sqlite", good, folder=folder.path, status=1)


def standard_input():
    with Folder() as folder:
        run("import", "-", folder=folder.path, stdin=lines("p", 5))
        run("import", "-", folder=folder.path, stdin=gzip.compress(lines("q", 5)))
        equal(len(run("export", folder=folder.path).stdout.splitlines()), 10, "events")
        run("import", "-", folder=folder.path, stdin=lines("p", 1) + b"bad\n", status=3)


def what_export_writes():
    with Folder() as folder:
        day = 86400000
        run("import", "-", folder=folder.path,
            stdin=b"".join(lines(f"d{i}-", 2, 1 + i * day) for i in range(5)))
        whole = run("export", folder=folder.path)
        equal(whole.stderr, b"", "quiet in a pipe")
        target = folder.file("out.jsonl")
        done = run("export", "-o", target, folder=folder.path)
        equal((done.stdout, done.stderr), (b"", b""), "quiet with a file")
        equal(stat.S_IMODE(os.stat(target).st_mode), 0o600, "mode")
        with open(target, "rb") as file:
            equal(file.read(), whole.stdout, "the same in a file")

        def hashes(*arguments):
            text = run("export", *arguments, folder=folder.path).stdout
            return [json.loads(line)["event_hash"] for line in text.splitlines()]

        equal(hashes("--from", "1970-01-03", "--to", "1970-01-04"), ["d2-0", "d2-1"], "a day")
        equal(hashes("--from", str(4 * day)), ["d4-0", "d4-1"], "milliseconds")
        equal(hashes("--from=1970-01-05T01:00:00.002+01:00"), ["d4-1"], "a time with its offset")
        equal(hashes("--to", "1970-01-04", "--limit", "3"), ["d1-1", "d2-0", "d2-1"], "newest")
        done = run("export", "-o", folder.file("no/such/folder"), folder=folder.path, status=1)
        assert b"No such file or directory" in done.stderr, done.stderr
        done = run("export", "--db-path", folder.file("none.sqlite"), folder=folder.path, status=1)
        assert b"none.sqlite: unable to open database file" in done.stderr, done.stderr
        assert not os.path.exists(folder.file("none.sqlite"))
    with Folder() as folder:
        run("import", "-", folder=folder.path, stdin=whole.stdout)
        equal(run("export", folder=folder.path).stdout, whole.stdout, "round trip")


def on_terminal(*arguments, folder):
    """What the command shows on a terminal, and its status."""
    master, slave = pty.openpty()
    process = subprocess.Popen([PROGRAM, *arguments], stdin=slave, stdout=slave, stderr=slave,
                               env=clean_environment(USAGE_DATA_DIR=folder))
    os.close(slave)
    shown = b""
    try:
        while piece := os.read(master, 65536):
            shown += piece
    except OSError:  # the other side is closed
        pass
    os.close(master)
    return shown.decode(), process.wait(PATIENCE_S)


def progress_on_a_terminal():
    with Folder() as folder:
        big = folder.file("big.jsonl", lines("t", 30000))
        shown, status = on_terminal("import", big, folder=folder.path)
        equal(status, 0, "status")
        bars = re.findall(r"\r\x1b\[K\[(#*) *\] +(\d+)%  (\S+)  (\d+) added", shown)
        assert len(bars) >= 2, shown
        percents = [int(bar[1]) for bar in bars]
        equal(percents, sorted(percents), "it grows")
        assert percents[0] < 100, percents
        assert re.search(r"big.jsonl: 30000 added, 0 skipped, 0 failed in \d+\.\d s", shown), shown
        shown, status = on_terminal("export", "-o", folder.file("out"), folder=folder.path)
        equal(status, 0, "status")
        assert re.search(r"\d+ events  \d+\.\d MB", shown) and "30000 events, " in shown, shown


def a_signal_ends_them_in_order():
    with Folder() as folder:
        big = folder.file("big.jsonl", lines("s", 200000))
        process = subprocess.Popen(
            [PROGRAM, "import", big], env=clean_environment(USAGE_DATA_DIR=folder.path),
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        wait_until(lambda: os.path.exists(folder.file("usage.sqlite-wal")) and
                   os.path.getsize(folder.file("usage.sqlite-wal")) > 1000000, "the first events")
        process.send_signal(signal.SIGTERM)
        said = process.stderr.read().decode()
        equal(process.wait(PATIENCE_S), 1, "status")
        process.stderr.close()
        found = re.search(r"big.jsonl: interrupted \((\d+) added", said)
        assert found and 0 < int(found[1]) < 200000, said
        kept = len(run("export", folder=folder.path).stdout.splitlines())
        equal(kept, int(found[1]), "what was committed stays")
        run("import", big, folder=folder.path)
        equal(len(run("export", folder=folder.path).stdout.splitlines()), 200000, "the rest")


def beside_a_running_server():
    with Folder() as files, Ledger() as ledger:
        file = files.file("more.jsonl", lines("r", 20000))
        worker = threading.Thread(target=run, args=("import", file), kwargs={"folder": ledger.folder})
        worker.start()
        rounds = 0
        while worker.is_alive():
            answer = ledger.request("POST", "/v0/management/usage/import", key=ADMIN_KEY,
                                    body=lines(f"live{rounds}-", 10))
            equal(answer.json()["added"], 10, "added beside it")
            rounds += 1
        worker.join()
        equal(ledger.get("/status").json()["events"], 20000 + 10 * rounds, "events")
        equal(run("export", folder=ledger.folder).stdout, ledger.get(EXPORT).body, "both exports")


def crontab_jobs():
    """The commands of the example, by their order, as cron hands them to the shell."""
    with open(os.path.join(SOURCE, "tools/cron/cpa-ledger.crontab"), encoding="ascii") as file:
        rows = [row for row in file.read().splitlines() if row and not row.startswith("#")]
    return [re.match(r"(?:\S+\s+){5}(.*)", row)[1].replace(r"\%", "%")
            for row in rows if not re.match(r"[A-Z_]+=", row)]


def shell(command, ledger, files):
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, timeout=4 * PATIENCE_S,
        env=clean_environment(PATH=f"{BUILD}/server:{os.environ['PATH']}", INBOX=files.path,
                              USAGE_DATA_DIR=ledger.folder, BACKUPS=files.path,
                              USAGE_MODULE=f"{BUILD}/usage"))
    equal((done.returncode, done.stdout, done.stderr), (0, "", ""), command)


def the_example_crontab():
    with Folder() as files, Ledger() as ledger:
        inbox, nightly, weekly, by_shell = crontab_jobs()
        files.file("a.jsonl", lines("y", 3, noon_ms() - 86400000))
        files.file("b.jsonl", lines("o", 2))
        shell(inbox, ledger, files)
        equal(sorted(os.listdir(files.path)), ["a.jsonl.done", "b.jsonl.done"], "inbox")
        equal(ledger.get("/status").json()["events"], 5, "events")
        shell(inbox, ledger, files)  # with nothing to do
        shell(nightly, ledger, files)
        name = next(name for name in os.listdir(files.path) if re.match(r"usage-\d{4}-", name))
        with open(files.file(name), "rb") as file:
            equal(len(file.read().splitlines()), 3, "yesterday's events")
        shell(weekly, ledger, files)
        with gzip.open(files.file("usage-all.jsonl.gz")) as file:
            equal(file.read(), ledger.get(EXPORT).body, "all events")
        if os.environ.get("USAGE_SANITIZE"):
            return  # the stock shell cannot load such a module
        files.file("c.ndjson", lines("z", 4))
        shell(by_shell, ledger, files)
        equal(ledger.get("/status").json()["events"], 9, "events by the shell")


def the_example_timer():
    with Folder() as files, Ledger() as ledger:
        with open(os.path.join(SOURCE, "tools/cron/cpa-ledger-backup.service"),
                  encoding="ascii") as file:
            command = re.search(r"ExecStart=/bin/sh -c '(.*)'\n", file.read())[1]
        ledger.fill([{"event_hash": "t", "timestamp_ms": noon_ms() - 86400000, "model": "m"}])
        shell(command.replace("%%", "%"), ledger, files)
        (name,) = os.listdir(files.path)
        with open(files.file(name), "rb") as file:
            equal(json.loads(file.read())["event_hash"], "t", "yesterday's event")


def noon_ms():
    """The middle of today, by UTC, so that a day earlier is yesterday."""
    return int(time.time() // 86400 * 86400000 + 43200000)


if __name__ == "__main__":
    run_all(usage_errors, what_import_says_and_returns, standard_input, what_export_writes,
            progress_on_a_terminal, a_signal_ends_them_in_order, beside_a_running_server,
            the_example_crontab, the_example_timer)
