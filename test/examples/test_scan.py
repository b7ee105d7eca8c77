#!/usr/bin/env python3
"""wtfcb-scan as its users see it: test_scan.py BUILD_DIR

Each test runs the program on a small tree that is made anew, or on a larger generated one where time matters. Expected
outputs stand in golden/; WTFCB_UPDATE_GOLDEN=1 writes them anew, and the difference is then for a person to judge.

The last line is "tests: N passed, N failed".
"""

import base64
import csv
import io
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent / "golden"
PROGRAM = ""  # set by main()

TREE = {
    b"src/shapes.h": b"""/* Shapes. */
#ifndef SHAPES_H
#define SHAPES_H

#define SIDES(n) ((n) > 2 ? (n) : 0)

enum color { RED, GREEN };

struct shape {
    int sides;
    enum color color;
};

#endif
""",
    b"src/shapes.c": b"""#include "shapes.h"
#include <stdio.h>

// Area of a square.
static int area(int side)
{
    return side * side;
}

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (argv[i] != NULL && i > 0)
            printf("%d\\n", area(i));
    return 0;
}
""",
    b"tools/report.py": b'''"""Reports."""
import os
from collections import OrderedDict


class Report:
    """One report."""

    def __init__(self, title):
        self.title = title

    def lines(self, limit=10):
        # as many as wanted
        for i in range(limit):
            if i % 2:
                yield f"{self.title} {i}"


def main():
    print(os.getcwd(), OrderedDict())
''',
    b"tools/broken.py": b"def broken(:\n    return 1\n",
    b"web/index.html": b"""<!-- a page -->
<html>
<script>
function hello(name) {
    return `hello ${name}`;
}
</script>
</html>
""",
    b"data.bin": b"\0\1\2\3" * 64,
    b"notes.unknown-kind": b"one\n\ntwo\n",
    b"odd\nname.py": b"def odd():\n    pass\n",
    b"latin-\xe9.c": b"int latin;\n",
    b".hidden/secret.c": b"int secret;\n",
    b"skipped/skipped.c": b"int skipped;\n",
    b".wtfcbignore": b"skipped/\n",
}


def make_tree(root):
    for path, content in TREE.items():
        target = os.path.join(os.fsencode(root), path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)


def make_large_tree(root, files=40):
    """About a second of parsing on one core."""
    text = "".join(f"int function_{i}(int a, int b)\n{{\n    return a * {i} + (b > {i} ? b : a);\n}}\n\n"
                   for i in range(2500))
    for i in range(files):
        (Path(root) / f"large_{i}.c").write_text(f"int unique_{i};\n" + text)


class Scan:
    """A finished run."""

    def __init__(self, *arguments, cwd=None, env=None, stdout=subprocess.PIPE):
        full = dict(os.environ, **(env or {}))
        done = subprocess.run([PROGRAM, *arguments], cwd=cwd, env=full, stdout=stdout, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=120)
        self.status, self.out, self.err = done.returncode, done.stdout or b"", done.stderr


def on_terminal(*arguments, cwd, env=None, interrupt_after=None):
    """Run with standard output and error on a terminal; what it printed, its status, and how long it took to end."""
    main, terminal = pty.openpty()
    full = dict(os.environ, TERM="xterm", **(env or {}))
    process = subprocess.Popen([PROGRAM, *arguments], cwd=cwd, env=full, stdout=terminal, stderr=terminal,
                               stdin=subprocess.DEVNULL)
    os.close(terminal)
    printed, started, interrupted = b"", time.monotonic(), None
    while True:
        if interrupt_after and not interrupted and time.monotonic() - started > interrupt_after:
            process.send_signal(signal.SIGINT)
            interrupted = time.monotonic()
        if not select.select([main], [], [], 0.02)[0]:
            continue
        try:
            data = os.read(main, 65536)
        except OSError:  # Linux says so when the other side is closed
            data = b""
        if not data:
            break
        printed += data
    status = process.wait()
    os.close(main)
    return printed, status, time.monotonic() - (interrupted or started)


class Case(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.mkdtemp(prefix="wtfcb-scan-")
        os.environ["WTFCB_CACHE_DIR"] = os.path.join(self.work, "no", "cache")
        self.addCleanup(shutil.rmtree, self.work)
        self.tree = os.path.join(self.work, "tree")
        make_tree(self.tree)

    def scan(self, *arguments, status=0, **keywords):
        keywords.setdefault("cwd", self.work)
        run = Scan(*arguments, **keywords)
        self.assertEqual(run.status, status, run.err.decode(errors="replace"))
        return run

    def golden(self, name, actual):
        path = GOLDEN / name
        if os.environ.get("WTFCB_UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(actual)
        expected = path.read_bytes() if path.exists() else b""
        self.assertEqual(actual.decode(errors="backslashreplace"), expected.decode(errors="backslashreplace"))


class Formats(Case):
    def test_table_is_what_a_person_expects(self):
        out = self.scan("--depth=syntax", "tree").out
        out = re.sub(rb" in [0-9.]+ m?s: .*", b" in TIME: SPEED", out)
        self.golden("table.txt", out)

    def test_table_at_each_depth_has_the_columns_that_are_known(self):
        files = self.scan("--depth=files", "tree").out.splitlines()[0].split()
        lines = self.scan("tree").out.splitlines()[0].split()
        self.assertEqual(files, [b"Language", b"Files", b"Bytes"])
        self.assertEqual(lines, [b"Language", b"Files", b"Lines", b"Code", b"Comments", b"Blanks"])

    def test_table_by_file(self):
        out = self.scan("--by-file", "tree").out
        self.golden("by-file.txt", out.split(b"\n\n")[0] + b"\n")

    def test_listings_are_lines_that_an_editor_takes_apart(self):
        out = self.scan("--symbols", "--imports", "--findings", "tree", status=1).out
        self.golden("listing.txt", out)
        for line in out.splitlines():
            path, number, column = re.match(rb"([^:]*):(\d+):(\d+): ", line).groups()
            if b"\\" not in path:
                text = Path(self.work, os.fsdecode(path)).read_bytes().splitlines()
                self.assertLessEqual(int(column), len(text[int(number) - 1]) + 1)

    def test_json_is_one_object_of_the_documented_schema(self):
        out = self.scan("--format=json", "--symbols", "--imports", "--findings", "--no-stats", "tree", status=1).out
        self.golden("tree.json", out)
        self.assertEqual(json.loads(out)["schema"], 1)
        whole = json.loads(self.scan("--format=json", "--depth=syntax", "--by-file", "tree").out)
        self.assertLessEqual({"schema", "roots", "hash", "totals", "languages", "files", "stats"}, set(whole))
        self.assertEqual(whole["roots"], ["tree"])
        self.assertLessEqual({"files", "bytes", "lines", "code", "comments", "blanks"}, set(whole["totals"]))
        self.assertLessEqual({"name", "files", "bytes", "code", "comments", "blanks", "symbols"},
                             set(whole["languages"][0]))
        self.assertLessEqual({"path", "language", "bytes", "code", "comments", "blanks", "hash", "status", "origin",
                              "symbols", "imports", "findings"}, set(whole["files"][0]))
        self.assertLessEqual({"files_walked", "files_parsed", "hits_memory", "hits_persistent", "hits_unchanged",
                              "bytes_read", "threads", "wall_ns", "phases"}, set(whole["stats"]))
        self.assertEqual(sum(len(file["symbols"]) for file in whole["files"]), whole["totals"]["symbols"])

    def test_json_without_a_wish_for_files_has_none(self):
        whole = json.loads(self.scan("--format=json", "tree").out)
        self.assertNotIn("files", whole)
        self.assertEqual(sum(row["files"] for row in whole["languages"]), whole["totals"]["files"])
        self.assertEqual(sum(row["lines"] for row in whole["languages"]), whole["totals"]["lines"])

    def test_json_keeps_the_bytes_of_a_path_that_is_not_utf8(self):
        files = json.loads(self.scan("--format=json", "--by-file", "tree").out)["files"]
        odd = [file for file in files if "path_base64" in file]
        self.assertEqual([base64.b64decode(file["path_base64"]) for file in odd], [b"latin-\xe9.c"])
        self.assertEqual(odd[0]["path"], "latin-\ufffd.c")
        self.assertIn("odd\nname.py", [file["path"] for file in files])

    def test_ndjson_is_a_file_a_line_and_the_totals_last(self):
        lines = [json.loads(line) for line in self.scan("--format=ndjson", "tree").out.splitlines()]
        self.assertEqual([line["type"] for line in lines], ["file"] * (len(lines) - 1) + ["totals"])
        self.assertEqual(sum(line["lines"] for line in lines[:-1] if "lines" in line) +
                         sum(part["lines"] for line in lines[:-1] for part in line.get("embedded", [])),
                         lines[-1]["totals"]["lines"])

    def test_csv_rows_come_back_whole(self):
        for name, options in (("languages", []), ("files", ["--by-file"]), ("symbols", ["--symbols"]),
                              ("imports", ["--imports"]), ("findings", ["--findings"])):
            run = Scan("--format=csv", *options, "tree", cwd=self.work)
            self.golden(f"{name}.csv", run.out)
            rows = list(csv.reader(io.StringIO(run.out.decode("latin-1"), newline="")))
            self.assertEqual({len(row) for row in rows}, {len(rows[0])}, name)
            if name == "files":
                self.assertIn("odd\nname.py", [row[0] for row in rows])

    def test_tags_are_sorted_and_an_editor_jumps_to_them(self):
        run = self.scan("--format=ctags", "tree")
        self.golden("tags", run.out)
        self.assertIn(b"tags left out: 1 (", run.err)
        lines = run.out.splitlines()
        self.assertEqual(lines, sorted(lines))
        vim = shutil.which("vim")
        if vim is None:
            return
        Path(self.work, "tags").write_bytes(run.out)
        subprocess.run([vim, "-u", "NONE", "-N", "-es", "-c", "set tags=tags", "-c", "tag area", "-c",
                        "call writefile([expand('%'), string(line('.'))], 'at')", "-c", "qa!"], cwd=self.work,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)
        at = Path(self.work, "at")
        if at.exists():  # a vim without its tags command or its language leaves none
            self.assertEqual(at.read_text().split(), ["tree/src/shapes.c", "5"])

    def test_emacs_jumps_to_tags_of_its_own_format(self):
        run = self.scan("--format=etags", "tree")
        self.golden("TAGS", run.out)
        for section in run.out.split(b"\f\n")[1:]:
            header, entries = section.split(b"\n", 1)
            self.assertEqual(int(header.rsplit(b",", 1)[1]), len(entries))
        emacs = shutil.which("emacs")
        if emacs is None:
            return
        Path(self.work, "TAGS").write_bytes(run.out)
        found = subprocess.run(
            [emacs, "--batch", "-Q", "--eval", '(visit-tags-table "TAGS")', "--eval",
             '(with-current-buffer (find-tag-noselect "area") (princ (format "%s:%d" (file-name-nondirectory '
             '(buffer-file-name)) (line-number-at-pos))))'],
            cwd=self.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
        self.assertEqual(found.stdout, b"shapes.c:5")

    def test_more_tags_than_fit_in_memory_are_sorted_too(self):
        big = Path(self.work, "big")
        big.mkdir()
        text = "".join(f"int v{i * 7919 % 100003};\n" for i in range(40000))
        for i in range(14):
            (big / f"many_{i}.c").write_text(text)
        lines = self.scan("--format=ctags", "big").out.splitlines()
        tags = [line for line in lines if not line.startswith(b"!_TAG_")]
        self.assertEqual(len(tags), 14 * 40000)
        self.assertEqual(tags, sorted(tags))


class Promises(Case):
    def test_same_bytes_for_any_number_of_threads(self):
        outputs = {self.scan("--format=json", "--depth=syntax", "--by-file", "--no-stats", "-j", threads, "tree").out
                   for threads in ("1", "2", "8", "1")}
        self.assertEqual(len(outputs), 1)

    def test_ignored_and_hidden_files_come_when_asked(self):
        def paths(*options):
            files = json.loads(self.scan("--format=json", "--by-file", *options, "tree").out)["files"]
            return {file["path"] for file in files}
        self.assertFalse({"skipped/skipped.c", ".hidden/secret.c"} & paths())
        self.assertIn(".hidden/secret.c", paths("--hidden"))
        self.assertIn("skipped/skipped.c", paths("--no-ignore"))

    def test_filters_choose_files(self):
        def paths(*options):
            files = json.loads(self.scan("--format=json", "--by-file", *options, "tree").out)["files"]
            return {file["path"] for file in files}
        self.assertEqual(paths("--language=python", "--exclude=tools/broken.py"), {"tools/report.py", "odd\nname.py"})
        self.assertEqual(paths("--include=*.h"), {"src/shapes.h"})

    def test_several_paths_are_one_scan_and_each_file_counts_once(self):
        whole = json.loads(self.scan("--format=json", "--by-file", "tree/src", "tree/./src/shapes.c", "tree/tools").out)
        paths = [file["path"] for file in whole["files"]]
        self.assertEqual(len(paths), len(set(paths)))
        self.assertIn("tree/src/shapes.c", paths)
        self.assertEqual(whole["totals"]["files"], 4)

    def test_a_named_file_is_scanned_though_it_is_ignored(self):
        whole = json.loads(self.scan("--format=json", "--by-file", "tree/skipped/skipped.c").out)
        self.assertEqual([file["path"] for file in whole["files"]], ["skipped.c"])
        listing = self.scan("--symbols", "tree/skipped/skipped.c").out
        self.assertTrue(listing.startswith(b"tree/skipped/skipped.c:1:5: "), listing)

    def test_limits_are_told_with_their_remedy(self):
        run = self.scan("--max-file-size=100", "tree")
        self.assertIn(b"larger than --max-file-size", run.out)
        self.assertIn(b"tree/src/shapes.c", run.out)

    def test_a_fifo_is_reported_and_never_opened(self):
        os.mkfifo(os.path.join(self.tree, "pipe.c"))
        run = self.scan("tree")
        self.assertIn(b"not a regular file", run.out)
        self.assertIn(b"tree/pipe.c", run.out)
        run = self.scan("--format=csv", "tree")
        self.assertIn(b"not a regular file", run.err)
        self.assertEqual(self.scan("--format=csv", "--quiet", "tree").err, b"")

    def test_a_missing_grammar_costs_its_language_alone_and_is_told(self):
        if os.path.exists("/usr/local/lib/wtfcb/grammars"):
            self.skipTest("an installed library's grammars would be found")
        build = Path(PROGRAM).parents[1]
        for folder in ("bin", "grammars"):
            os.mkdir(os.path.join(self.work, folder))
        shutil.copy(next(build.glob("libwtfcb.so.[0-9]")), self.work)
        shutil.copy(build / "grammars" / "c.so", os.path.join(self.work, "grammars"))
        program = shutil.copy(PROGRAM, os.path.join(self.work, "bin"))
        run = subprocess.run([program, "--format=json", "--depth=syntax", "--by-file", "tree"], cwd=self.work,
                             env={"PATH": os.environ["PATH"]}, capture_output=True, timeout=60)
        files = {file["path"]: file for file in json.loads(run.stdout)["files"]}
        self.assertEqual(run.returncode, 0)
        self.assertTrue(files["src/shapes.c"]["symbols"])
        self.assertEqual(files["tools/report.py"]["status"], "egrammar")
        self.assertEqual(files["tools/report.py"]["code"], 11)
        self.assertEqual(run.stderr.count(b"wtfcb-scan: grammar python: "), 1, run.stderr)
        self.assertEqual(run.stderr.count(b"wtfcb-scan: grammar html: "), 1, run.stderr)
        self.assertIn(b"grammar not available: 4 files", run.stderr)

    def test_languages_and_grammars_come_from_files(self):
        grammars = Path(PROGRAM).parents[1] / "grammars"
        for name, text in (
            ("a.table", f"language Foo\nextensions foo\ngrammar wtfcb_grammar_json {grammars}/json.so\n"),
            ("b.table", "language Bar\nextensions bar\ngrammar tree_sitter_bar none.so\n"),
            ("c.table", "language Baz\nextension baz\n"),
            ("x.foo", '{"a": 1}\n'),
            ("x.bar", "bar\n"),
        ):
            Path(self.work, name).write_text(text)
        run = self.scan("--symbols", "--language=foo", "x.foo", "--languages=a.table", "--languages=b.table")
        self.assertEqual(run.out, b"x.foo:1:3: property a\n")
        self.assertIn(b"b.table:3: ", run.err)
        run = self.scan("--format=csv", "x.bar", "--languages=b.table")
        self.assertIn(b"Bar", run.out)
        run = self.scan("--languages=c.table", "x.foo", status=2)
        self.assertIn(b'c.table:2: "extension" is not understood', run.err)
        self.assertEqual(self.scan("--languages=none.table", "x.foo", status=2).out, b"")

    def test_statistics_go_where_they_do_not_spoil_the_results(self):
        run = self.scan("--stats=json", "tree")
        self.assertEqual(json.loads(run.out.splitlines()[-1])["files_read"], 9)
        run = self.scan("--stats=json", "--format=csv", "--quiet", "tree")
        self.assertIn("wall_ns", json.loads(run.err))
        self.assertIn(b"files parsed", self.scan("--stats", "tree").out)


class Statuses(Case):
    def test_findings_are_status_1_only_when_asked_for(self):
        self.scan("--findings", "tree", status=1)
        self.scan("--findings", "tree/src", status=0)
        self.scan("--depth=syntax", "tree", status=0)

    def test_wrong_command_lines_are_status_2_and_say_why(self):
        for arguments, message in (
            ([], b"no path given"),
            (["--format=xml", "tree"], b"'xml' is none of table, json, ndjson, csv, ctags, etags"),
            (["--depth=deep", "tree"], b"'deep' is not files, lines or syntax"),
            (["-j", "many", "tree"], b"--threads: 'many' is not a number"),
            (["-j", "-1", "tree"], b"--threads: -1 is not between 0 and"),
            (["--max-file-size=12X", "tree"], b"'12X' is not a number"),
            (["--max-file-size=99999999999G", "tree"], b"is not between"),
            (["--timeout=0", "tree"], b"not a number of seconds above 0"),
            (["--timeout=nan", "tree"], b"not a number of seconds above 0"),
            (["--language=klingon", "tree"], b"there is no 'klingon'"),
            (["--exclude=", "tree"], b"--exclude"),
            (["--stats=xml", "tree"], b"'xml' is not json"),
            (["--symbols", "--depth=lines", "tree"], b"need --depth=syntax"),
            (["--format=csv", "--symbols", "--by-file", "tree"], b"holds one table"),
            (["--format=ctags", "--imports", "tree"], b"symbols and nothing else"),
            (["--no-such-option", "tree"], b"no-such-option"),
        ):
            run = self.scan(*arguments, status=2)
            self.assertIn(message, run.err, arguments)
            self.assertIn(b"--help", run.err, arguments)
            self.assertEqual(run.out, b"", arguments)

    def test_a_root_that_cannot_be_read_is_status_3(self):
        run = self.scan("missing", status=3)
        self.assertIn(b"missing", run.err)
        run = self.scan("tree/src", "missing", status=3)
        self.assertIn(b"Total", run.out)
        self.assertIn(b"missing", run.out)

    def test_a_full_disk_is_status_3(self):
        with open("/dev/full", "wb") as full:
            for name in ("table", "json", "csv", "ctags"):
                run = self.scan(f"--format={name}", "tree", stdout=full, status=3)
                self.assertIn(b"cannot write: No space left on device", run.err)

    def test_a_timeout_is_status_3_and_prints_what_it_has(self):
        make_large_tree(self.tree)
        run = self.scan("--depth=syntax", "--format=json", "--timeout=0.05", "tree", status=3)
        self.assertIn(b"incomplete", run.err)
        self.assertEqual(json.loads(run.out)["stats"]["status"], "etimeout")

    def test_an_interrupt_ends_it_within_a_moment_and_leaves_a_clean_line(self):
        make_large_tree(self.tree)
        printed, status, took = on_terminal("--depth=syntax", "-j1", "tree", cwd=self.work, interrupt_after=0.5)
        self.assertEqual(status, -signal.SIGINT)
        self.assertLess(took, 1.0)
        self.assertIn(b"\r\x1b[Kwtfcb-scan: interrupted", printed)


class Terminal(Case):
    def test_help_shows_every_option(self):
        run = self.scan("--help")
        for option in ("--depth=", "-j N", "--format=", "--by-file", "--symbols", "--imports", "--findings",
                       "--exclude=", "--include=", "--language=", "--languages=", "--hidden", "--no-ignore", "--follow",
                       "--max-file-size=", "--timeout=", "--stats", "--quiet", "--help", "--version"):
            self.assertIn(option.encode(), run.out)
        for line in run.out.splitlines():
            self.assertLessEqual(len(line), 120)
        self.assertEqual(run.out, self.scan("-h").out)

    def test_version_names_program_and_library(self):
        self.assertRegex(self.scan("--version").out, rb"^wtfcb-scan \d+\.\d+\.\d+ \(libwtfcb \d+\.\d+\.\d+\)\n$")

    def test_colors_only_on_a_terminal_that_wants_them(self):
        self.assertNotIn(b"\x1b", self.scan("tree").out)
        self.assertIn(b"\x1b[1m", on_terminal("tree", cwd=self.work)[0])
        self.assertNotIn(b"\x1b[", on_terminal("tree", cwd=self.work, env={"NO_COLOR": "1"})[0])
        self.assertIn(b"\x1b[1m", on_terminal("tree", cwd=self.work, env={"NO_COLOR": ""})[0])

    def test_names_cannot_command_the_terminal(self):
        Path(self.tree, "\x1b]0;title\x07.py").write_text("def f():\n    pass\n")
        for options in (["--symbols"], ["--by-file"]):
            self.assertNotIn(b"\x1b]", self.scan(*options, "tree").out)

    def test_progress_is_drawn_and_wiped(self):
        make_large_tree(self.tree)
        printed = on_terminal("--depth=syntax", "-j1", "tree", cwd=self.work)[0]
        self.assertRegex(printed, rb"\r\[#*\.*\] +\d+%  [\d,]+/[\d,]+ files")
        self.assertRegex(printed, rb"\r\x1b\[K\x1b?\[?1?m?Language")
        self.assertNotIn(b"%", on_terminal("--depth=syntax", "--quiet", "tree", cwd=self.work)[0])


class Lines(unittest.TextTestResult):
    """Counts passes too; prints nothing for them."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    global PROGRAM
    build = Path(sys.argv[1]).resolve()
    PROGRAM = str(build / "bin" / "wtfcb-scan")
    os.environ.pop("NO_COLOR", None)
    for name in ("HOME", "XDG_CONFIG_HOME"):  # nobody's own git configuration
        os.environ[name] = "/nonexistent"
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(resultclass=Lines, verbosity=0, stream=sys.stdout).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"tests: {result.passed} passed, {failed} failed")
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
