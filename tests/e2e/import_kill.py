"""kill -9 in the middle of an import: whatever was committed stays, a second import adds the
rest, and the ledger then holds what one undisturbed import gives, to the byte.

import_kill.py [SEED]

Each of the kills hits a running import of its own ledger, at a random moment of the time that
an undisturbed import takes; the seed is printed."""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

BUILD = os.environ["USAGE_BUILD_DIR"]
MODULE = os.path.join(BUILD, "usage")
LINES = 20000  # several transactions
KILLS = 20
ATTEMPTS_MAX = 200  # a kill may come too late


def shell(database, sql):
    """The command that runs sql in the stock shell with the extension."""
    return ["sqlite3", "-bail", database, f".load {MODULE}", "SELECT usage_init();", sql]


def run(database, sql):
    done = subprocess.run(shell(database, sql), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{sql}: {done.stderr}"
    return done.stdout.splitlines()[-1]


def do_import(database, lines):
    return json.loads(run(database, f"SELECT usage_import('{lines}')"))


def export(database, path):
    run(database, f"SELECT usage_export('{path}')")
    with open(path, "rb") as file:
        return file.read()


def make_lines(folder):
    """Exported lines: they carry their created_at_ms, so imports at different times agree."""
    raw = os.path.join(folder, "raw.jsonl")
    lines = os.path.join(folder, "lines.jsonl")
    with open(raw, "wb") as file:
        subprocess.run([os.path.join(BUILD, "tools/gateway-sim/usage-generate"), str(LINES)],
                       stdout=file, check=True)
    first = os.path.join(folder, "first.sqlite")
    assert do_import(first, raw)["added"] == LINES
    export(first, lines)
    return lines


def start_and_kill(database, lines, after_s):
    """Whether the import was still running when it was killed."""
    with subprocess.Popen(shell(database, f"SELECT usage_import('{lines}');"),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(after_s)
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            return True


def one_kill(folder, number, lines, after_s, wanted):
    """The number of events that were committed before the kill; None when it came too late."""
    database = os.path.join(folder, f"{number}.sqlite")
    if not start_and_kill(database, lines, after_s):
        return None
    assert run(database, "PRAGMA integrity_check") == "ok"
    kept = int(run(database, "SELECT count(*) FROM usage_events"))
    report = do_import(database, lines)
    counts = (report["added"], report["skipped"], report["failed"])
    assert counts == (LINES - kept, kept, 0), f"kill {number}, {kept} kept: then {report}"
    got = export(database, os.path.join(folder, "out.jsonl"))
    assert got == wanted, f"kill {number} after {after_s:.3f} s: the content differs"
    os.unlink(database)
    return kept


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="import-kill-") as folder:
        lines = make_lines(folder)
        clean = os.path.join(folder, "clean.sqlite")
        begun = time.monotonic()
        assert do_import(clean, lines)["added"] == LINES
        clean_s = time.monotonic() - begun
        wanted = export(clean, os.path.join(folder, "out.jsonl"))
        kept = []
        for attempt in range(ATTEMPTS_MAX):
            number = one_kill(folder, attempt, lines, moments.uniform(0, clean_s), wanted)
            if number is not None:
                kept.append(number)
            if len(kept) == KILLS:
                break
        assert len(kept) == KILLS, f"only {len(kept)} of {ATTEMPTS_MAX} kills came in time"
        print(f"seed {seed}, an import takes {clean_s:.2f} s; kept at the kills: {sorted(kept)}")


main()
