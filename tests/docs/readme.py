"""The README is true: readme.py USAGE_SO. Its transcript gives what it shows, its SQL gives
the results in its comments, its commands exist, and the names in its tables are exactly
those of the module, the schema, the configuration and the tree."""
import os
import pathlib
import re
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import unittest

MODULE = pathlib.Path(sys.argv.pop())
SOURCE = pathlib.Path(os.environ["USAGE_SOURCE_DIR"])
BUILD_DIR = pathlib.Path(os.environ["USAGE_BUILD_DIR"])
README = (SOURCE / "README.md").read_text()
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
PROMPT = "sqlite> "


def blocks(language):
    found = [text for name, text in BLOCK.findall(README) if name == language]
    if not found:
        raise AssertionError(f"README.md has no {language} block")
    return found


def section(title):
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text):
    """The cells of the first column of a table."""
    return [line.split("|")[1] for line in text.splitlines()
            if line.startswith("| ") and not line.startswith(("| Name", "| Request", "| Variable", "| Folder"))]


def code(text):
    return re.findall(r"`([^`]+)`", text)


def checkout(folder):
    """A folder that looks like a built checkout, for commands that write files."""
    folder = pathlib.Path(folder)
    (folder / "build/release").mkdir(parents=True)
    (folder / "build/release/usage.so").symlink_to(MODULE)
    for name in ("tests", "tools"):
        (folder / name).symlink_to(SOURCE / name)
    return folder


def shell(folder, database, lines):
    run = subprocess.run(["sqlite3", "-batch", "-bail", database], input="\n".join(lines) + "\n",
                         text=True, capture_output=True, check=False, cwd=folder)
    if run.returncode or run.stderr:
        raise AssertionError(f"sqlite3 ended with {run.returncode}: {run.stderr}")
    return run.stdout.splitlines()


def open_ledger():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(str(MODULE.with_suffix("")))  # its error names the reason only so
    db.execute("SELECT usage_init()").fetchall()
    return db


class Blocks(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = checkout(temporary.name)

    def test_every_block_is_of_a_kind_that_is_tested(self):
        self.assertEqual({name for name, _ in BLOCK.findall(README)}, {"console", "sh", "sql"})
        self.assertEqual(README.count("```"), 2 * len(BLOCK.findall(README)))

    def test_the_transcript_gives_what_it_shows(self):
        for text in blocks("console"):
            first, *lines = text.splitlines()
            self.assertLessEqual(len(lines), 9, "a transcript has at most ten lines")
            command = shlex.split(first.removeprefix("$ "))
            self.assertEqual(command[0], "sqlite3")
            inputs = [line.removeprefix(PROMPT) for line in lines if line.startswith(PROMPT)]
            outputs = [line for line in lines if not line.startswith(PROMPT)]
            self.assertEqual(shell(self.folder, command[1], inputs), outputs)

    def test_sql_gives_the_results_in_its_comments(self):
        db = open_ledger()
        for text in blocks("sql"):
            for line in text.splitlines():
                statement, expected = re.fullmatch(r"(.*;)\s+-- (.*)", line).groups()
                with self.subTest(statement=statement):
                    self.assertEqual([str(value) for row in db.execute(statement) for value in row],
                                     [expected])

    def test_commands_exist(self):
        lines = [shlex.split(line, comments=True)
                 for text in blocks("sh") for line in text.replace("&&", "\n").splitlines()]
        presets = (SOURCE / "CMakePresets.json").read_text()
        for words in lines:
            with self.subTest(command=" ".join(words)):
                if words[0].startswith("./tools/"):
                    text = subprocess.run([words[0], "--help"], cwd=SOURCE, text=True,
                                          capture_output=True, check=True).stdout
                    for option in words[1:]:
                        self.assertIn(option, text)
                elif words[0] == "sqlite3":
                    shell(self.folder, "ledger.sqlite", [".load build/release/usage", "SELECT usage_init();"])
                    (self.folder / "data").mkdir()
                    (self.folder / "ledger.sqlite").rename(self.folder / words[1])
                    subprocess.run(words, cwd=self.folder, check=True, capture_output=True)
                elif words[0] == "cpa-ledger":
                    self.run_program(words)
                else:
                    self.assertIn(words[0], ("cmake", "ctest"))
                    name = words[words.index("--preset") + 1]
                    self.assertIn(f'"name": "{name}"', presets)


    def run_program(self, words):
        """Run the program on a sample, with the ledger of this test as its data."""
        (self.folder / "events.jsonl").write_bytes((SOURCE / "tests/data/docs/sample.jsonl").read_bytes())
        subprocess.run([BUILD_DIR / "server/cpa-ledger", *words[1:]], cwd=self.folder, check=True,
                       capture_output=True, env={"USAGE_DATA_DIR": str(self.folder / "data")})


class Names(unittest.TestCase):
    def test_sql_names_are_those_of_the_module_and_the_schema(self):
        documented = {}  # name -> numbers of arguments; those in brackets may be left out
        for cell in rows(section("SQL")):
            name, _, arguments = code(cell)[0].rstrip(")").partition("(")
            required, *optional = re.sub(r"[,\s\]]+", ",", arguments).split("[")
            least = len([word for word in required.split(",") if word])
            documented[name] = set(range(least, least + len(optional) + 1))
        db = open_ledger()
        functions = {}
        for name, count in db.execute("SELECT name, narg FROM pragma_function_list"
                                      " WHERE name LIKE 'usage\\_%' ESCAPE '\\'"):
            functions.setdefault(name, set()).add(count)
        tables = {name for name, in db.execute(
            "SELECT name FROM pragma_module_list WHERE name LIKE 'usage\\_%' ESCAPE '\\'"
            " UNION SELECT name FROM sqlite_schema WHERE name LIKE 'usage\\_%' ESCAPE '\\'")}
        self.assertEqual(set(documented), set(functions) | tables)
        self.assertEqual({name: documented[name] for name in functions}, functions)

    def test_columns_of_tables_are_real(self):
        db = open_ledger()
        for name, call in (("usage_jsonl", "('x')"), ("usage_auth_files", "('[]')"), ("usage_breakdowns", "")):
            line = next(line for line in section("SQL").splitlines() if line.startswith(f"| `{name}"))
            columns = code(line.split("|")[3].split(":", 1)[1])
            with self.subTest(table=name):
                self.assertTrue(columns)
                db.execute(f"SELECT {', '.join(columns)} FROM {name}{call} LIMIT 0")

    def test_requests_are_those_of_the_route_table(self):
        source = (SOURCE / "server/http/routes.c").read_text()
        prefix = re.search(r'#define MANAGEMENT "([^"]*)"', source)[1]
        source = source.replace('MANAGEMENT "', f'"{prefix}')
        routes = re.findall(r'^ +\{(?:"(\w+)"|NULL), +"([^"]+)",.*?(\w+)\},$', source, re.M)
        served = {f"{method} {path}".strip() for method, path, handler in routes if handler != "unproxied"}
        self.assertGreater(len(served), 5)
        self.assertEqual({code(cell)[0] for cell in rows(section("HTTP"))}, served)

    def test_variables_are_those_that_the_server_reads(self):
        text = section("Configuration")
        documented = set(re.findall(r"`([A-Z]+_[A-Z_]*[A-Z])`", text))
        source = "\n".join(f.read_text() for f in sorted((SOURCE / "server").glob("config*.c")))
        read = set(re.findall(r'"((?:CPA|USAGE|HTTP|PANEL)_[A-Z_]+)"', source))
        self.assertGreater(len(read), 20)
        self.assertEqual(documented, read)

    def test_defaults_are_those_of_the_server(self):
        source = "\n".join(f.read_text() for f in sorted((SOURCE / "server").glob("config*.c")))
        table = dict(re.findall(r"^\| `([A-Z_]+)` \| `?([^|`]*?)`? \|", section("Configuration"), re.M))
        for name, number, text in re.findall(
                r'\{SETTING_\w+,[^}]*?"([A-Z_]+)",\s+AT\(\w+\),\s+(\d+), (?:"([^"]*)"|NULL)\}', source):
            if name in table:
                expected = text if text or number == "0" else number
                with self.subTest(variable=name):
                    self.assertEqual(table[name].replace("false", ""), expected)

    def test_the_map_shows_the_folders(self):
        shown = {code(cell)[0].rstrip("/") for cell in rows(section("Folders"))}
        here = {path.name for path in SOURCE.iterdir() if path.is_dir() and not path.name.startswith(".")}
        self.assertEqual(shown, here - {"build", "data"})
        for line in section("Folders").splitlines():
            if line.startswith("| `"):
                folder = SOURCE / code(line)[0]
                for name in code(line.split("|")[2]):
                    if name.endswith("/"):
                        self.assertTrue((folder / name).is_dir(), folder / name)

    def test_links_inside_the_tree_lead_somewhere(self):
        for text in (README, (SOURCE / "tests/README.md").read_text()):
            for target in re.findall(r"\]\(([^)#]+)\)", text):
                if "://" not in target:
                    self.assertTrue((SOURCE / target).exists(), target)


if __name__ == "__main__":
    unittest.main()
