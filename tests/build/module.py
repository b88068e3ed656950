"""usage.so as its users get it: module.py USAGE_SO DECOY_SO. One exported symbol, at home
in the stock sqlite3 shell, beside an extension with the same names inside; and its
database answers in a shell without it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

DECOY = pathlib.Path(sys.argv.pop())
MODULE = pathlib.Path(sys.argv.pop())
PAYLOAD = '{"timestamp":"2026-01-02T03:04:05Z","model":"gpt-5.6(high)","tokens":{"input_tokens":7}}'


def shell(database, *lines):
    """The output of the stock shell; an error ends the test."""
    run = subprocess.run(["sqlite3", "-batch", "-bail", str(database)], input="\n".join(lines),
                         text=True, capture_output=True, check=False)
    if run.returncode or run.stderr:
        raise AssertionError(f"sqlite3 ended with {run.returncode}: {run.stderr}")
    return run.stdout.splitlines()


def load(module):
    """Without .so: only then does SQLite name the reason when it fails."""
    return f".load {module.with_suffix('')}"


def symbols(module):
    output = subprocess.run(["nm", "-D", "--defined-only", str(module)], text=True,
                            capture_output=True, check=True).stdout
    return [line.split()[-1] for line in output.splitlines()]


class Module(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.database = pathlib.Path(self.folder.name) / "usage.sqlite"

    def fill(self):
        return shell(self.database, load(MODULE), "SELECT usage_init();",
                     f"INSERT INTO usage_ingest(payload) VALUES ('{PAYLOAD}');",
                     "SELECT added, skipped, dead FROM usage_ingest;")

    def test_one_symbol_is_exported(self):
        self.assertEqual(symbols(MODULE), ["sqlite3_usage_init"])

    def test_the_stock_shell_loads_it(self):
        self.assertEqual(self.fill()[-1], "1|0|0")

    def test_the_view_answers_without_the_extension(self):
        self.fill()
        self.assertEqual(
            shell(self.database, "SELECT model, input_tokens, timestamp FROM usage_events LIMIT 5;"),
            ["gpt-5.6(high)|7|2026-01-02T03:04:05Z"])
        self.assertEqual(len(shell(self.database, "SELECT * FROM usage_events LIMIT 5;")), 1)
        shell(self.database, "SELECT * FROM usage_breakdowns LIMIT 5;")
        with self.assertRaisesRegex(AssertionError, "no such function"):
            shell(self.database, "SELECT usage_model('x');")

    def test_another_extension_with_the_same_names_changes_nothing(self):
        self.assertIn("event_normalize", symbols(DECOY))
        expected = self.fill()
        for order in ((DECOY, MODULE), (MODULE, DECOY)):
            self.database.unlink()
            loads = [load(module) for module in order]
            self.assertEqual(shell(self.database, *loads, "SELECT decoy();",
                                   "SELECT usage_init();",
                                   f"INSERT INTO usage_ingest(payload) VALUES ('{PAYLOAD}');",
                                   "SELECT added, skipped, dead FROM usage_ingest;",
                                   "SELECT usage_model('gpt-5.6(high)');"),
                             ["1", *expected, "gpt-5.6"])


if __name__ == "__main__":
    unittest.main()
