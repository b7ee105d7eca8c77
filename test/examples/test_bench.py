#!/usr/bin/env python3
"""wtfcb-bench as its users see it: test_bench.py BUILD_DIR

Projects are small and runs are few: what is tested is the program, not the machine.

The last line is "tests: N passed, N failed".
"""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAM = ""  # set by main()
QUICK = ["--runs=6", "--warmup=1"]


def results(report):
    return {row["command"]: row for row in report["results"]}


class Bench(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.work = Path(holder.name)
        tree = self.work / "tree"
        (tree / "lib").mkdir(parents=True)
        for i in range(12):
            (tree / "lib" / f"{i}.c").write_text(f"int f{i}(int n)\n{{\n    return n + {i};\n}}\n" * 40)
        (tree / "a.py").write_text("import os\n\n\ndef g():\n    return os.sep\n")

    def run_program(self, *arguments, status=0, **more):
        done = subprocess.run([PROGRAM, *arguments], cwd=self.work, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=240, check=False, **more)
        self.assertEqual(done.returncode, status, done.stderr + done.stdout)
        return done

    def measure(self, *arguments, status=0):
        done = self.run_program("--project=tree", *QUICK, "--format=json", *arguments, status=status)
        return json.loads(done.stdout)

    def test_a_table_is_what_there_is_without_options(self):
        done = self.run_program("--project=tree", *QUICK)
        self.assertIn("tree, syntax: 13 files", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^  sequential +[\d.]+ .* 6 ")
        self.assertRegex(done.stdout, r"(?m)^  parallel +[\d.]+ .* 6 ")
        self.assertTrue(all(len(line) <= 100 for line in done.stdout.splitlines()), done.stdout)
        self.assertEqual(done.stderr, "")

    def test_json_has_the_keys_of_hyperfine_and_every_sample(self):
        rows = results(self.measure())
        row = rows["tree syntax sequential"]
        for key in ("mean", "median", "min", "max"):
            self.assertGreater(row[key], 0)
        self.assertLessEqual({"stddev", "user", "system"}, set(row))
        self.assertEqual(len(row["times"]), 6)
        self.assertEqual(row["exit_codes"], [0] * 6)
        self.assertLess(row["median"], 10)  # seconds
        self.assertEqual(set(rows), {"tree syntax sequential", "tree syntax parallel"})

    def test_cases_of_a_cache_hit_what_they_should(self):
        report = self.measure("--cache")
        names = {name.removeprefix("tree syntax ") for name in results(report)}
        self.assertEqual(names, {"sequential", "parallel", "cold", "warm", "clone", "one-file", "one-percent"})
        text = self.run_program("--project=tree", *QUICK, "--cache", "--format=csv").stdout
        hits = {row["name"].removeprefix("tree syntax "): float(row["median"])
                for row in csv.DictReader(io.StringIO(text)) if row["measure"] == "hit-rate"}
        self.assertEqual(hits["cold"], 0)
        self.assertEqual(hits["warm"], 1)
        self.assertEqual(hits["clone"], 1)
        self.assertAlmostEqual(hits["one-file"], 12 / 13, places=6)

    def test_the_project_is_left_as_it_is(self):
        def look():
            return sorted((str(path), path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
                          for path in (self.work / "tree").rglob("*"))

        before = look()
        self.run_program("--project=tree", *QUICK, "--cache", f"--folder={self.work}")
        self.assertEqual(look(), before)
        self.assertEqual([path.name for path in self.work.iterdir()], ["tree"])  # nothing is left behind

    def test_depths_and_threads_make_rows(self):
        report = self.measure("--depth=files", "--depth=lines")
        self.assertEqual(set(results(report)), {f"tree {depth} {case}" for depth in ("files", "lines")
                                                for case in ("sequential", "parallel")})

    def test_a_generated_project_is_measured(self):
        done = self.run_program("--synthetic=small", *QUICK, "--format=json")
        self.assertEqual(set(results(json.loads(done.stdout))), {"small syntax sequential", "small syntax parallel"})

    def test_formats_go_to_files_by_their_names(self):
        self.run_program("--project=tree", *QUICK, "--save=r.json")
        self.run_program("--input=r.json", "-o", "r.html")
        self.run_program("--input=r.json", "-o", "r.md")
        self.run_program("--input=r.json", "-o", "r.csv")
        self.assertTrue((self.work / "r.html").read_text().startswith("<!doctype html>"))
        self.assertIn("\n| sequential |", (self.work / "r.md").read_text())
        self.assertTrue((self.work / "r.csv").read_text().startswith("name,"))
        again = self.run_program("--input=r.json", "--format=json").stdout
        self.assertEqual(again, (self.work / "r.json").read_text())

    def test_a_baseline_gates(self):
        self.run_program("--project=tree", *QUICK, "--save=before.json")
        self.run_program("--project=tree", *QUICK, "--baseline=before.json")
        report = json.loads((self.work / "before.json").read_text())
        # A baseline that was ten times faster: all is worse.
        (self.work / "faster.json").write_text(self.divide_samples(report))
        self.run_program("--project=tree", *QUICK, "--baseline=faster.json", "--gate=20", status=1)

    @staticmethod
    def divide_samples(report):
        """The same report with all times a tenth, in whatever place they are kept."""
        def walk(value, key=""):
            if isinstance(value, dict):
                return {k: walk(v, f"{key}/{k}") for k, v in value.items()}
            if isinstance(value, list):
                return [walk(v, key) for v in value]
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                if re.search(r"/(times|mean|median|min|max|stddev|user|wall)(/|$)|samples/", key):
                    return value / 10
            return value

        return json.dumps(walk(report))

    def test_a_baseline_of_other_files_is_refused(self):
        self.run_program("--project=tree", *QUICK, "--save=before.json")
        (self.work / "tree" / "a.py").write_text("pass\n")
        done = self.run_program("--project=tree", *QUICK, "--baseline=before.json", "--gate=5", status=3)
        self.assertIn("tree", done.stderr)
        self.run_program("--project=tree", *QUICK, "--baseline=before.json", "--foreign")

    def test_an_interrupt_leaves_a_report_and_no_folder(self):
        child = subprocess.Popen([PROGRAM, "--project=tree", "--time=60", "--precision=1", f"--folder={self.work}"],
                                 cwd=self.work, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(2)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 128 + signal.SIGINT)
        self.assertIn("cancelled", out)
        self.assertEqual([path.name for path in self.work.iterdir()], ["tree"])

    def test_wrong_usage_says_what_is_wrong(self):
        for arguments, words in ((["--gate=5"], "--baseline"), (["--synthetic=huge"], "huge"), (["--depth=deep"], "deep"),
                                 (["--format=xml"], "xml"), (["--runs=many"], "many"), (["--runs=-1"], "-1"),
                                 (["tree"], "--project"), (["--nothing"], "nothing"),
                                 (["--input=a.json", "--project=tree"], "--input")):
            done = self.run_program(*arguments, status=2)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_what_is_not_there_is_a_failure(self):
        done = self.run_program("--project=nowhere", *QUICK, status=3)
        self.assertIn("nowhere", done.stderr)
        done = self.run_program("--project=tree", "--baseline=nowhere.json", status=3)
        self.assertIn("nowhere.json", done.stderr)
        done = self.run_program("--input=nowhere.json", status=3)
        self.assertIn("nowhere.json", done.stderr)

    def test_help_and_version(self):
        done = self.run_program("--help")
        for name in ("--project", "--full-suite", "--gate", "--time", "--drop-pages"):
            self.assertIn(name, done.stdout)
        self.assertTrue(all(len(line) <= 120 for line in done.stdout.splitlines()))
        self.assertRegex(self.run_program("--version").stdout, r"^wtfcb-bench \d+\.\d+\.\d+ \(libwtfcb \d")


class Lines(unittest.TextTestResult):
    """Counts passes too; prints nothing for them."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    global PROGRAM
    PROGRAM = str(Path(sys.argv[1]).resolve() / "bin" / "wtfcb-bench")
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):  # nobody's own configuration or cache
        os.environ[name] = "/nonexistent"
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    if len(sys.argv) > 2:
        suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[2:], sys.modules["__main__"])
    result = unittest.TextTestRunner(resultclass=Lines, verbosity=0, stream=sys.stdout).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"tests: {result.passed} passed, {failed} failed")
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
