#!/usr/bin/env python3
"""wtfcb-cache as its users see it: test_cache.py BUILD_DIR

Each test has a cache of its own, filled by wtfcb-scan or through the library.

The last line is "tests: N passed, N failed".
"""

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = Path()  # set by main()


class Put(ctypes.Structure):
    """struct wtfcb_put"""

    _fields_ = [("size", ctypes.c_uint32), ("reserved", ctypes.c_uint32), ("ttl_ms", ctypes.c_uint64),
                ("source", ctypes.c_char_p), ("dependencies", ctypes.c_void_p), ("dependency_count", ctypes.c_uint64)]


class Cache:
    """A cache that is open while the block runs."""

    def __init__(self, directory):
        self.library = ctypes.CDLL(str(BUILD / "libwtfcb.so"))
        self.handle = ctypes.c_void_p()
        self.check(self.library.wtfcb_cache_new(None, ctypes.byref(self.handle)))
        self.check(self.library.wtfcb_cache_open(self.handle, os.fsencode(directory), None))

    @staticmethod
    def check(status):
        if status != 0:
            raise OSError(status)

    def put(self, key, value, source=None, ttl_ms=0):
        options = Put(ctypes.sizeof(Put), 0, ttl_ms, os.fsencode(source) if source else None, None, 0)
        self.check(self.library.wtfcb_cache_put(self.handle, key, ctypes.c_size_t(len(key)), value,
                                                ctypes.c_size_t(len(value)), ctypes.byref(options)))

    def has(self, key):
        value = ctypes.c_void_p()
        status = self.library.wtfcb_cache_get(self.handle, key, ctypes.c_size_t(len(key)), ctypes.byref(value))
        if status == 0:
            self.library.wtfcb_value_free(value)
        return status == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.wtfcb_cache_free(self.handle)


class Case(unittest.TestCase):
    def setUp(self):
        self.work = Path(tempfile.mkdtemp(prefix="wtfcb-cache-"))
        self.addCleanup(shutil.rmtree, self.work)
        self.directory = self.work / "cache"

    def file(self, name, text="text\n"):
        path = self.work / name
        path.write_text(text)
        return str(path)

    def run_cache(self, *arguments, status=0, env=None):
        done = subprocess.run([str(BUILD / "bin" / "wtfcb-cache"), *arguments], cwd=self.work, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=dict(os.environ, **(env or {})))
        self.assertEqual(done.returncode, status, done.stderr.decode(errors="replace"))
        return done

    def cache(self, command, *arguments, status=0):
        return self.run_cache(command, f"--cache={self.directory}", *arguments, status=status).stdout.decode()

    def object(self, command, *arguments, status=0):
        whole = json.loads(self.cache(command, "--format=json", *arguments, status=status))
        self.assertEqual(whole["schema"], 1)
        self.assertEqual(whole["directory"], str(self.directory))
        return whole

    def fill(self):
        with Cache(self.directory) as cache:
            cache.put(b"a", b"value", source=self.file("a"))
            cache.put(b"b", b"value", source=self.file("b"))
            cache.put(b"c", b"value", ttl_ms=1)
            cache.put(b"d", b"value")


class Commands(Case):
    def test_stats_counts_what_is_stored(self):
        self.fill()
        stats = self.object("stats")
        self.assertEqual(stats["entries"], 6)  # four values, and two edges from their files
        self.assertEqual(stats["status"], "WTFCB_OK")
        self.assertLessEqual(stats["bytes"], stats["file_bytes"])
        self.assertEqual(stats["limit"], 4 << 30)
        text = self.cache("stats")
        self.assertTrue(text.startswith(f"{self.directory}\n"))
        self.assertRegex(text, r"\n  records +6\n")

    def test_scan_fills_the_same_cache(self):
        tree = self.work / "tree"
        tree.mkdir()
        (tree / "a.c").write_text("int main(void) { return 0; }\n")
        subprocess.run([str(BUILD / "bin" / "wtfcb-scan"), f"--cache={self.directory}", "--depth=syntax", str(tree)],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120)
        self.assertGreater(self.object("stats")["entries"], 0)
        self.assertEqual(self.object("verify")["damaged"], 0)
        self.cache("clear")
        self.assertEqual(self.object("stats")["entries"], 0)

    def test_verify_reads_every_record(self):
        self.fill()
        report = self.object("verify")
        self.assertEqual((report["records"], report["damaged"], report["expired"], report["set_aside"]),
                         (6, 0, 1, False))
        self.assertRegex(self.cache("verify"), r"\n  records +6\n")

    def test_verify_answers_1_when_a_record_is_damaged(self):
        with Cache(self.directory) as cache:
            cache.put(b"key", b"a value that can be found in the file " * 4)
        data = next(self.directory.glob("store-*/data.mdb"))
        content = data.read_bytes()
        self.assertIn(b"a value that can be found", content)
        data.write_bytes(content.replace(b"a value that can be found", b"a value that can be fOund"))
        report = self.object("verify", status=1)
        self.assertTrue(report["damaged"] >= 1 or report["set_aside"])
        self.assertEqual(self.object("verify")["damaged"], 0)
        with Cache(self.directory) as cache:
            self.assertFalse(cache.has(b"key"))

    def test_clear_forgets_everything_or_what_the_files_gave(self):
        self.fill()
        self.assertEqual(self.object("clear", "a", "never")["removed"], 1)
        with Cache(self.directory) as cache:
            self.assertEqual([cache.has(key) for key in (b"a", b"b", b"d")], [False, True, True])
        self.assertRegex(self.cache("clear"), r"records removed +[1-9]")
        self.assertEqual(self.object("stats")["entries"], 0)

    def test_purge_removes_what_is_over_its_time(self):
        self.fill()
        self.assertEqual(self.object("purge")["removed"], 1)
        self.assertRegex(self.cache("purge"), r"\n  values removed +0\n")
        self.assertEqual(self.object("stats")["entries"], 5)

    def test_explain_tells_the_state_of_each_file(self):
        self.fill()
        (self.work / "b").unlink()
        paths = ("a", str(self.work / "a"), "b", "c")
        files = self.object("explain", *paths)["files"]
        self.assertEqual([file["path"] for file in files], list(paths))
        self.assertEqual([file["state"] for file in files], ["unchanged", "unchanged", "gone", "unknown"])
        (self.work / "a").write_text("another text\n")
        lines = self.cache("explain", "a", "b").splitlines()
        self.assertEqual([lines[0], lines[4]], ["a", "b"])
        self.assertRegex(lines[3], "^    values: changed ")
        self.assertRegex(lines[7], "^    values: remembered, and gone")
        self.assertEqual(lines[5], "    scan of lines: no such file")


class Mounts(Case):
    """Caches where nothing can be written, in mounts of their own; left out where mounts are not permitted."""

    def scan_on_mount(self, prepare, prefill=False):
        tree = self.work / "tree"
        tree.mkdir()
        for i in range(400):
            (tree / f"f{i}.c").write_text("".join(f"int f{i}_{k}(void) {{ return {k}; }}\n" for k in range(40)))
        os.utime(tree / "f0.c", (1, 1))
        self.directory.mkdir(mode=0o700)
        scan = f"{BUILD}/bin/wtfcb-scan --cache={self.directory} --depth=syntax --stats {tree}"
        before = f"{scan} >/dev/null && sleep 2.1 && {scan} >/dev/null && " if prefill else ""
        done = subprocess.run(["unshare", "-m", "sh", "-c", f"{before}{prepare} || exit 77; chmod -f 700 {self.directory}; {scan}"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        if done.returncode == 77 or b"unshare" in done.stderr:
            self.skipTest("mounts are not permitted here")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode(), done.stderr.decode()

    def test_cache_that_may_only_be_read_is_read(self):
        d = self.directory
        out, err = self.scan_on_mount(f"mount --bind {d} {d} && mount -o remount,ro,bind {d}", prefill=True)
        self.assertRegex(out, r"\nfiles unchanged +400\n")
        self.assertEqual(err, "")

    def test_scan_says_that_a_full_disk_remembers_less(self):
        out, err = self.scan_on_mount(f"mount -t tmpfs -o size=300k tmpfs {self.directory}")
        self.assertRegex(out, r"\nfiles parsed +400\n")
        self.assertIn("wtfcb-scan: not everything is remembered: no space left\n", err)


class Failures(Case):
    def test_directory_without_a_cache_is_left_as_it_is(self):
        empty = self.work / "empty"
        empty.mkdir()
        for directory in (self.directory, empty):
            for command in (["stats"], ["verify"], ["clear"], ["purge"], ["explain", "a"]):
                run = self.run_cache(*command, f"--cache={directory}", status=3)
                self.assertEqual(run.stdout, b"")
                self.assertTrue(run.stderr.startswith(b"wtfcb-cache: "))
        self.assertFalse(self.directory.exists())
        self.assertEqual(list(empty.iterdir()), [])

    def test_directory_that_others_may_write_to_is_refused(self):
        self.fill()
        self.directory.chmod(0o777)
        self.assertIn(b"cache", self.run_cache("stats", f"--cache={self.directory}", status=3).stderr)

    def test_users_directory_is_found_by_the_environment(self):
        self.fill()
        run = self.run_cache("stats", env={"WTFCB_CACHE_DIR": str(self.directory)})
        self.assertIn(os.fsencode(self.directory), run.stdout)

    def test_wrong_command_lines_are_told_so(self):
        for arguments in ([], ["unknown"], ["stats", "a"], ["verify", "a"], ["purge", "a"], ["explain"],
                          ["explain", ""], ["stats", "--format=xml"], ["stats", "--cache="], ["stats", "--unknown"]):
            run = self.run_cache(*arguments, status=2)
            self.assertEqual(run.stdout, b"")
            self.assertIn(b"wtfcb-cache", run.stderr)

    def test_output_that_cannot_be_written_is_a_failure(self):
        self.fill()
        with open("/dev/full", "wb") as full:
            done = subprocess.run([str(BUILD / "bin" / "wtfcb-cache"), "stats", f"--cache={self.directory}"],
                                  stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"cannot write", done.stderr)


class Terminal(Case):
    def test_help_names_every_command_and_option(self):
        out = self.run_cache("--help").stdout
        for word in ("stats", "verify", "clear", "purge", "explain", "--cache=", "--format=", "--help", "--version"):
            self.assertIn(word.encode(), out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 100)
        self.assertEqual(out, self.run_cache("stats", "-h").stdout)

    def test_version_names_program_and_library(self):
        self.assertTrue(re.fullmatch(rb"wtfcb-cache \d+\.\d+\.\d+ \(libwtfcb \d+\.\d+\.\d+\)\n",
                                     self.run_cache("--version").stdout))

    def test_names_cannot_command_the_terminal(self):
        self.fill()
        out = self.cache("explain", "\x1b]0;title\x07")
        self.assertNotIn("\x1b", out)


class Lines(unittest.TextTestResult):
    """Counts passes too; prints nothing for them."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    global BUILD
    BUILD = Path(sys.argv[1]).resolve()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):  # nobody's own configuration or cache
        os.environ[name] = "/nonexistent"
    os.environ.pop("WTFCB_CACHE_DIR", None)
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(resultclass=Lines, verbosity=0, stream=sys.stdout).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"tests: {result.passed} passed, {failed} failed")
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
