"""The pages of ext/docs are true: pages.py [--better-sqlite3] USAGE_SO.

Every block of a page runs, in order, in one temporary folder per page, and prints exactly the
text block behind it; without one it prints nothing. "..." there stands for any text within a
line. Pages and the objects of the module and the schema are each other's, with their numbers of
arguments, their flags and their columns.

Blocks of js need better-sqlite3, which is compiled when it is installed. They are run only with
--better-sqlite3: with the package where NODE_PATH has it, else with one that npm installs into a
temporary folder; where that is impossible the test says SKIPPED and why."""
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

MODULE = pathlib.Path(sys.argv.pop())
WITH_JS = "--better-sqlite3" in sys.argv
SOURCE = pathlib.Path(os.environ["USAGE_SOURCE_DIR"])
PAGES = {path.stem: path.read_text() for path in sorted((SOURCE / "ext/docs").glob("usage_*.md"))}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
CRON_FIELD = r"(?:\*(?:/\d+)?|\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)"
CRON = re.compile(rf"((?:{CRON_FIELD} +){{5}})(.+)")
FLAGS = {0x800: "deterministic", 0x80000: "directonly", 0x200000: "innocuous"}
INSTALL_SECONDS = 420
BLOCK_SECONDS = 60


def examples(page):
    """(language, program, expected output) of each block."""
    found = []
    end = 0
    for match in BLOCK.finditer(page):
        language, text = match.groups()
        if language != "text":
            found.append([language, text, ""])
        elif not found or found[-1][2] or page[end:match.start()].strip():
            raise AssertionError(f"no program stands directly before this output: {text}")
        else:
            found[-1][2] = text
        end = match.end()
    if page.count("```") != 2 * len(BLOCK.findall(page)):
        raise AssertionError("a block is not closed")
    return found


def is_as_shown(output, expected):
    pattern = "[^\n]*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, output) is not None


def cron_command(text):
    """The command of a crontab line, as cron reads it."""
    match = CRON.fullmatch(text.strip())
    if not match or "%" in match[2]:  # cron ends the command at a bare percent sign
        raise AssertionError(f"not a line of a crontab: {text}")
    return match[2]


def command(language, text):
    """(words, standard input)"""
    if language == "sql":
        return ["sqlite3", "-batch", "-cmd", ".load ./usage", "ledger.sqlite"], text
    if language == "sh":
        return ["bash", "-e"], text
    if language == "python":
        return ["/usr/bin/python3", "-"], text
    if language == "js":
        return ["node", "-"], text
    if language == "crontab":
        return ["/bin/sh", "-c", cron_command(text)], ""
    raise AssertionError(f"a block of {language or 'nothing'} is not tested")


def run_program(words, folder, seconds, text="", environment=None):
    """Exit status and output; after that time, TimeoutExpired with all its children ended."""
    with subprocess.Popen(words, cwd=folder, text=True, env=environment, start_new_session=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            output = process.communicate(text, timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return process.returncode, output


def run(folder, language, text, node_path=""):
    words, standard_input = command(language, text)
    status, output = run_program(words, folder, BLOCK_SECONDS, standard_input,
                                 {"PATH": os.environ["PATH"], "HOME": str(folder), "TZ": "UTC",
                                  "NODE_PATH": node_path})
    if status and language != "sql":  # the shell shows its errors in the output
        raise AssertionError(f"{language} ended with {status}: {output}")
    return output


def page_folder(folder):
    """What the introduction of ext/docs promises to be there."""
    folder = pathlib.Path(folder)
    (folder / "usage.so").symlink_to(MODULE)
    for name in ("docs/sample.jsonl", "events/events.jsonl", "events/auth-files.json"):
        shutil.copy(SOURCE / "tests/data" / name, folder)
    return folder


def has_better_sqlite3(node_path):
    program = "new (require('better-sqlite3'))(':memory:').close()"
    return subprocess.run(["node", "-e", program], env={**os.environ, "NODE_PATH": node_path}, check=False,
                          capture_output=True, timeout=BLOCK_SECONDS).returncode == 0


def install_better_sqlite3(folder):
    """None, or why it cannot be installed there. Its script is run by name because newer npm
    runs none by itself."""
    steps = ((["npm", "install", "--prefix", ".", "--ignore-scripts", "--no-audit", "--no-fund",
               "--prefer-offline", "better-sqlite3"], folder),
             (["npm", "run", "install"], folder / "node_modules/better-sqlite3"))
    for words, here in steps:
        try:
            status, output = run_program(words, here, INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            return f"'{' '.join(words)}' did not end in {INSTALL_SECONDS} s"
        if status:
            errors = [line for line in output.splitlines() if "error" in line.lower()]
            return f"'{' '.join(words)}' failed: {'; '.join(errors[:4])[:400]}"
    return None if has_better_sqlite3(str(folder / "node_modules")) else "it was installed and does not load"


class Examples(unittest.TestCase):
    maxDiff = None

    def check(self, page, languages, node_path=""):
        with tempfile.TemporaryDirectory() as temporary:
            folder = page_folder(temporary)
            for language, text, expected in examples(page):
                if language in languages:
                    output = run(folder, language, text, node_path)
                    if not is_as_shown(output, expected):
                        self.assertEqual(output, expected, f"of this {language}:\n{text}")

    def test_blocks_give_what_they_show(self):
        for name, page in PAGES.items():
            with self.subTest(page=name):
                self.check(page, {language for language, _, _ in examples(page)} - {"js"})

    def test_each_way_in_has_an_example(self):
        languages = {language for page in PAGES.values() for language, _, _ in examples(page)}
        self.assertEqual(languages, {"sql", "sh", "python", "js", "crontab"})


class BetterSqlite3(unittest.TestCase):
    def test_blocks_of_js_give_what_they_show(self):
        pages = [page for page in PAGES.values() if any(block[0] == "js" for block in examples(page))]
        self.assertTrue(pages)
        node_path = os.environ.get("NODE_PATH", "")
        with tempfile.TemporaryDirectory() as temporary:
            if not shutil.which("npm") or not shutil.which("node"):
                self.skip("node or npm is not here")
            if not has_better_sqlite3(node_path):
                reason = install_better_sqlite3(pathlib.Path(temporary))
                if reason:
                    self.skip(reason)
                node_path = temporary + "/node_modules"
            for page in pages:
                Examples.check(self, page, {"js"}, node_path)

    def skip(self, reason):
        print(f"SKIPPED: better-sqlite3 cannot be tried here: {reason}", flush=True)
        self.skipTest(reason)


def documented():
    """name -> (page, numbers of arguments, or None for a table or view); the titles say them."""
    found = {}
    for page, text in PAGES.items():
        for signature in re.findall(r"`([^`]+)`", text.splitlines()[0]):
            name, bracket, arguments = signature.rstrip(")").partition("(")
            required, *optional = re.sub(r"[,\s\]]+", ",", arguments).split("[")
            least = len([word for word in required.split(",") if word])
            counts = set(range(least, least + len(optional) + 1)) if bracket else None
            if name in found:
                raise AssertionError(f"{name} has two pages")
            found[name] = (page, counts)
    return found


class Objects(unittest.TestCase):
    def setUp(self):
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.addCleanup(self.db.close)
        self.db.enable_load_extension(True)
        self.db.load_extension(str(MODULE.with_suffix("")))
        self.db.execute("SELECT usage_init()").fetchall()

    def functions(self):
        """name -> {number of arguments: flags}"""
        found = {}
        for name, count, flags in self.db.execute(
                "SELECT name, narg, flags FROM pragma_function_list WHERE name LIKE 'usage\\_%' ESCAPE '\\'"):
            found.setdefault(name, {})[count] = flags
        return found

    def tables(self):
        return {name for name, in self.db.execute(
            "SELECT name FROM pragma_module_list WHERE name LIKE 'usage\\_%' ESCAPE '\\'"
            " UNION SELECT name FROM sqlite_schema WHERE type = 'view'")}

    def test_each_object_has_a_page_and_each_page_an_object(self):
        self.assertEqual(set(documented()), set(self.functions()) | self.tables())
        for name, (page, _) in documented().items():
            self.assertTrue(name.startswith(page), f"{page}.md describes {name}")
        self.assertEqual({page for page, _ in documented().values()}, set(PAGES))

    def test_the_sources_register_nothing_else(self):
        entry = (SOURCE / "ext/entry.c").read_text()
        views = "".join(path.read_text() for path in (SOURCE / "schema/views").glob("*.sql"))
        names = set(re.findall(r'^ +\{"(\w+)",', entry, re.M)) | set(re.findall(r"CREATE VIEW (\w+)", views))
        self.assertEqual(set(documented()), names)

    def test_numbers_of_arguments_are_those_of_the_module(self):
        for name, counts in self.functions().items():
            self.assertEqual(documented()[name][1], set(counts), name)

    def test_flags_are_those_of_the_module(self):
        for name, counts in self.functions().items():
            page = documented()[name][0]
            line = re.search(r"^Flags: ([\w, ]+)\.", PAGES[page], re.M)
            self.assertIsNotNone(line, f"{page}.md has no line of flags")
            for flags in counts.values():
                real = {word for bit, word in FLAGS.items() if flags & bit}
                self.assertEqual(set(line[1].split(", ")), real, name)

    def test_columns_are_those_of_the_tables(self):
        for name in self.tables():
            page = PAGES[documented()[name][0]]
            table = page.split("\n| Column |", 1)[-1].split("\n\n", 1)[0]
            shown = [column for line in table.splitlines()[2:]
                     for column in re.findall(r"`(\w+)`", line.split("|")[1])]
            real = [column for column, in self.db.execute("SELECT name FROM pragma_table_xinfo(?)", (name,))]
            self.assertEqual(shown, real, name)

    def test_the_introduction_lists_the_pages(self):
        text = (SOURCE / "ext/docs/README.md").read_text()
        self.assertEqual(sorted(re.findall(r"\]\((usage_\w+)\.md\)", text)), sorted(PAGES))

    def test_links_lead_somewhere(self):
        folder = SOURCE / "ext/docs"
        for path in folder.glob("*.md"):
            for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
                self.assertTrue((folder / target).exists(), f"{path.name}: {target}")


if __name__ == "__main__":
    cases = (BetterSqlite3,) if WITH_JS else (Examples, Objects)
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in cases)
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful())
