"""No C of ext/ or server/ holds statement text: SQL lives in schema/. Table declarations
(sqlite3_declare_vtab) are the exception; they are no statements that anyone runs."""
import os
import pathlib
import re
import unittest

SOURCE = pathlib.Path(os.environ["USAGE_SOURCE_DIR"])
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
STATEMENT = re.compile(
    r"\s*(SELECT\s.*\S|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|REPLACE\s+INTO\s"
    r"|CREATE\s+(TABLE|VIEW|INDEX|UNIQUE|TRIGGER|VIRTUAL)\b|DROP\s+(TABLE|VIEW|INDEX|TRIGGER)\b"
    r"|ALTER\s+TABLE\s|PRAGMA\s+\w|WITH\s+\w+\s+AS\b|ATTACH\s|VACUUM\b|SAVEPOINT\s+\w+$|BEGIN(\s+IMMEDIATE)?;?$"
    r"|COMMIT;?$|ROLLBACK;?$)", re.I)


def without_comments(text):
    """The text with comments blanked, line numbers kept. A literal may hold what looks
    like a comment, so both are matched in one pass."""
    both = re.compile(LITERAL.pattern + "|" + COMMENT.pattern, re.S)
    return both.sub(lambda m: m[0] if m[0].startswith('"') else "\n" * m[0].count("\n"), text)


def statements_in(text):
    """(line, literal) of each string that reads like a statement."""
    text = without_comments(text)
    for match in LITERAL.finditer(text):
        if not STATEMENT.match(match[1]) or match[1].startswith("run SELECT"):
            continue
        if re.match(r"CREATE\s+TABLE", match[1], re.I) and "declare_vtab" in text:
            continue
        yield text.count("\n", 0, match.start()) + 1, match[1]


class SqlInC(unittest.TestCase):
    def test_the_search_finds_statements(self):
        found = list(statements_in('/* "SELECT 1" */ x("select a FROM b");\ny("SELECT");\nz("BEGIN");'))
        self.assertEqual(found, [(1, "select a FROM b"), (3, "BEGIN")])
        self.assertEqual(list(statements_in('declare_vtab("CREATE TABLE x(a)")')), [])
        self.assertEqual([line for line, _ in statements_in('f("CREATE TABLE x(a)")')], [1])

    def test_no_file_holds_statement_text(self):
        files = [f for folder in ("ext", "server") for f in sorted((SOURCE / folder).rglob("*.[ch]"))]
        self.assertGreater(len(files), 20)
        found = [f"{f.relative_to(SOURCE)}:{line}: {text}"
                 for f in files for line, text in statements_in(f.read_text())]
        self.assertEqual(found, [], "\n" + "\n".join(found))


if __name__ == "__main__":
    unittest.main()
