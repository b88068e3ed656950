"""Every header of ext/, server/ and tools/ compiles alone, with the flags of a source file
near it: whoever includes it needs to include nothing before it."""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["USAGE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["USAGE_BUILD_DIR"])


def compile_commands():
    """Source file -> compiler and flags, without the file and its output."""
    commands = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        words = words[:words.index("-o")]
        commands[pathlib.Path(entry["file"])] = words
    return commands


def nearest(header, commands):
    """The source file that shares the longest path with the header, .c of the same name first."""
    def closeness(source):
        shared = os.path.commonpath([header, source])
        return (source.suffix == ".c", len(shared), source.stem == header.stem)
    return max(sorted(commands), key=closeness)


def check(header, commands):
    """"" or what the compiler said."""
    source = f'#include "{header.relative_to(SOURCE)}"\nextern int file_is_not_empty;\n'
    words = commands[nearest(header, commands)] + ["-fsyntax-only", "-x", "c", "-"]
    run = subprocess.run(words, input=source, text=True, capture_output=True, check=False)
    return run.stderr if run.returncode else ""


class Headers(unittest.TestCase):
    def test_each_compiles_alone(self):
        commands = compile_commands()
        built = {source.relative_to(SOURCE).parts[0] for source in commands
                 if source.is_relative_to(SOURCE)}  # a build without the server has no flags for it
        headers = [h for folder in ("ext", "server", "tools") if folder in built
                   for h in sorted((SOURCE / folder).rglob("*.h"))]
        self.assertGreater(len(headers), 20)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda h: check(h, commands), headers))
        bad = [text for text in results if text]
        self.assertEqual(bad, [], "\n" + "\n".join(bad))


if __name__ == "__main__":
    unittest.main()
