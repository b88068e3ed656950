"""Every statement of schema/: statements.py USAGE_SO. One statement a file, opened by a
comment that says who runs it, named by a CMakeLists.txt that embeds it, and prepared here
against a fresh schema with the real module loaded."""
import os
import pathlib
import re
import sqlite3
import sys
import unittest

MODULE = sys.argv.pop().removesuffix(".so")  # SQLite names the reason of a failure only so
SOURCE = pathlib.Path(os.environ["USAGE_SOURCE_DIR"])
SCHEMA = SOURCE / "schema"
FILES = sorted(SCHEMA.rglob("*.sql"))
SCRIPTS = {"migrations", "views"}  # run whole by usage_init(), which the fresh schema shows
PAIRS = {"store/init_undo.sql"}  # two statements that only make sense together


def open_ledger():
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(MODULE)
    db.execute("SELECT usage_init()").fetchall()
    return db


def without_comments(text):
    return re.sub(r"--[^\n]*", "", text)


def prepare(db, text):
    """Compiles the statement and does not run it. EXPLAIN refuses a second statement;
    a format is filled with something that fits."""
    text = re.sub(r"%l*[du]", "0", text) if re.search(r"%l*[du]\s*;?\s*$", text) else text
    names = re.findall(r"(?<![:\w]):([A-Za-z_]\w*)", without_comments(text))
    values = dict.fromkeys(names) if names else [None] * without_comments(text).count("?")
    db.execute("EXPLAIN " + text, values).fetchall()


class Statements(unittest.TestCase):
    def test_each_prepares_against_a_fresh_schema(self):
        self.assertGreater(len(FILES), 30)
        db = open_ledger()
        for file in FILES:
            if file.relative_to(SCHEMA).parts[0] in SCRIPTS:
                continue
            with self.subTest(file=str(file.relative_to(SOURCE))):
                text = file.read_text()
                if str(file.relative_to(SCHEMA)) in PAIRS:
                    for part in without_comments(text).split(";")[:2]:
                        prepare(db, part)
                else:
                    prepare(db, text)

    def test_a_wrong_one_would_be_found(self):
        db = open_ledger()
        for text in ("SELECT nothing FROM event", "SELECT 1; SELECT 2", "SELEC 1"):
            with self.assertRaises((sqlite3.Error, sqlite3.Warning)):
                prepare(db, text)

    def test_each_opens_with_a_comment(self):
        for file in FILES:
            with self.subTest(file=str(file.relative_to(SOURCE))):
                self.assertRegex(file.read_text(), r"\A-- \S")

    def test_each_is_embedded(self):
        text = "\n".join(f.read_text() for folder in ("ext", "server")
                         for f in (SOURCE / folder).rglob("CMakeLists.txt"))
        named = set(re.findall(r"schema/[\w/]+\.sql", text))
        here = {str(f.relative_to(SOURCE)) for f in FILES}
        self.assertEqual(here - named, set(), "files that no CMakeLists.txt embeds")


if __name__ == "__main__":
    unittest.main()
