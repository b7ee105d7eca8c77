#!/usr/bin/env python3
"""wtfcb-profile, and wtfcb-scan --profile, as their users see them: test_profile.py BUILD_DIR

Commands are small Python and shell programs of known load. Times are compared with what the kernel says of the same run,
never with a clock alone: the machine may be busy.

The last line is "tests: N passed, N failed".
"""

import contextlib
import fcntl
import gzip
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from pathlib import Path

PROGRAM = SCAN = ""  # set by main()
MIB = 1 << 20

SPIN = "import time\nwhile time.process_time() < {0}: pass\n"
HOLD = "import time\nblock = bytearray({0} * 1048576)\nfor i in range(0, len(block), 4096): block[i] = 1\ntime.sleep({1})\n"


def python(text, *arguments):
    return [sys.executable, "-S", "-E", "-c", text.format(*arguments)]


def state_of(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def wait_until(true, what, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.01)


class Case(unittest.TestCase):
    def setUp(self):
        self.work = Path(tempfile.mkdtemp(prefix="wtfcb-profile-"))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)

    def profile(self, *arguments, status=0, env=None, **others):
        """Run the program; its result with stdout and stderr as text."""
        done = subprocess.run([PROGRAM, *arguments], cwd=self.work, timeout=120, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, **(env or {})),
                              encoding="utf-8", errors="replace", **others)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def start(self, *arguments):
        """Start it in a process group of its own, of which nothing is left after the test."""
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.work, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                                   start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def object(self, *arguments, status=0):
        """The profile as JSON, through a file."""
        path = self.work / "profile.json"
        self.profile("-q", "-o", str(path), *arguments, status=status)
        return self.load(path)

    def load(self, path):
        whole = json.loads(Path(path).read_text())
        self.assertEqual((whole["schema"], whole["type"]), (1, "wtfcb-profile"))
        return whole

    def metric(self, whole, name):
        return next(metric for metric in whole["metrics"] if metric["name"] == name)

    def row(self, table, label):
        found = re.search(rf"^  {label} +(.*)$", table, re.MULTILINE)
        self.assertIsNotNone(found, table)
        return found[1]

    def seconds(self, text):
        value, unit = text.split()
        return float(value) / (1000 if unit == "ms" else 1)


class Output(Case):
    def test_table_goes_to_standard_error_and_the_commands_output_is_its_own(self):
        done = self.profile("--", "sh", "-c", "echo out; echo err >&2")
        self.assertEqual(done.stdout, "out\n")
        self.assertTrue(done.stderr.startswith("err\n\nprofile of sh -c echo out; echo err >&2\n"), done.stderr)
        for label in ("time", "processor", "memory", "page faults", "switches", "at once", "ended", "recording"):
            self.row(done.stderr, label)

    def test_command_begins_at_the_first_word_that_is_no_option(self):
        done = self.profile("--interval=0.01", "sh", "-c", "echo $0 $1", "--format=json", "-q")
        self.assertEqual(done.stdout, "--format=json -q\n")

    def test_table_goes_to_a_file(self):
        for arguments in (["-o", "a.txt"], ["--format=table", "--output=b.json"]):
            done = self.profile(*arguments, "--", "sh", "-c", "echo out; echo err >&2")
            self.assertEqual((done.stdout, done.stderr), ("out\n", "err\n"))
        for name in ("a.txt", "b.json"):
            self.assertTrue((self.work / name).read_text().startswith("profile of sh "))

    def test_profile_on_standard_output_is_alone_there(self):
        for arguments in (["--format=json"], ["--format=json", "-o", "-"]):
            done = self.profile(*arguments, "sh", "-c", "echo out; echo err >&2")
            self.assertEqual(json.loads(done.stdout)["name"], "sh -c echo out; echo err >&2")
            self.assertEqual(done.stderr, "out\nerr\n")

    def test_table_on_standard_output(self):
        done = self.profile("-o", "-", "--format=table", "sh", "-c", "echo out")
        self.assertTrue(done.stdout.startswith("profile of "))
        self.assertEqual(done.stderr, "out\n")

    def test_names_ending_picks_the_format(self):
        for name, check in (("a.speedscope.json", lambda b: "$schema" in json.loads(b)),
                            ("a.trace.json", lambda b: isinstance(json.loads(b), (dict, list))),
                            ("a.pb.gz", lambda b: len(gzip.decompress(b)) > 10),
                            ("a.folded", lambda b: b.count(b"\n") < 10),
                            ("a.html", lambda b: b"<html" in b[:200] and b"</html>" in b),
                            ("a.json", lambda b: json.loads(b)["type"] == "wtfcb-profile"),
                            ("a.other", lambda b: json.loads(b)["type"] == "wtfcb-profile")):
            done = self.profile("-o", name, "sh", "-c", "sleep 0.3")
            self.assertTrue(check((self.work / name).read_bytes()), name)
            self.assertTrue(done.stderr.startswith("\nprofile of "))
            self.assertEqual(self.profile("-q", "-o", name, "true").stderr, "")

    def test_formats_that_hold_nothing_from_outside_are_told_of(self):
        for name, empty in (("speedscope", True), ("pprof", True), ("collapsed", True), ("html", False),
                            ("chrome", False), ("json", False)):
            done = self.profile(f"--format={name}", "-o", "a", "true")
            self.assertEqual("is made of stacks" in done.stderr, empty, name)
            self.assertEqual(self.profile(f"--format={name}", "-q", "-o", "a", "true").stderr, "")

    def test_cpu_samples_what_the_command_and_its_children_do(self):
        loop = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
        done = self.profile("--cpu=997", "-o", "a.json", "sh", "-c", f"{loop}; sh -c '{loop}'")
        whole = json.loads((self.work / "a.json").read_bytes())
        if whole["cpu_status"] != "WTFCB_OK":
            self.assertIn("none: ", self.row(done.stderr, "functions"))
            return
        self.assertEqual(whole["cpu_engine"], "perf")
        self.assertEqual(whole["cpu_hz"], 997)
        self.assertGreater(whole["cpu_samples"], 50)
        self.assertEqual(sum(n["count"] for n in whole["nodes"]), whole["cpu_samples"])
        self.assertGreaterEqual(len(whole["threads"]), 2)
        self.assertIn("functions", done.stderr)
        self.assertEqual(self.profile("--cpu", "--format=collapsed", "-o", "a.folded", "sh", "-c", loop).stderr.count(
            "is made of stacks"), 0)
        self.assertIn(b";", (self.work / "a.folded").read_bytes())

    def test_format_outweighs_the_name(self):
        self.profile("-q", "--format=json", "-o", "a.html", "true")
        self.load(self.work / "a.html")

    def test_bars_fit_the_character_set(self):
        spin = python(SPIN, 0.25)
        done = self.profile("--", *spin, env={"LC_ALL": "C"})
        done.stderr.encode("ascii")
        self.assertRegex(done.stderr, r"\n +[_.:=+*# -]+ to \d+ %")
        if "UTF-8" in subprocess.run(["locale", "charmap"], env=dict(os.environ, LC_ALL="C.UTF-8"),
                                     stdout=subprocess.PIPE, encoding="utf-8").stdout:
            done = self.profile("--", *spin, env={"LC_ALL": "C.UTF-8"})
            self.assertRegex(done.stderr, r"\n +[▁▂▃▄▅▆▇█ ]+ to \d+ %")

    def test_commands_words_cannot_command_the_terminal(self):
        done = self.profile("sh", "-c", "exit 0", "\x1b]0;title\x07")
        self.assertNotIn("\x1b", done.stderr)


class Status(Case):
    def test_commands_status_is_the_programs(self):
        for status in (0, 1, 2, 3, 77, 255):
            self.profile("sh", "-c", f"exit {status}", status=status)

    def test_signal_is_128_and_its_number(self):
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGUSR1):
            done = self.profile("sh", "-c", f"ulimit -c 0; kill -{number} $$", status=128 + number)
            self.assertRegex(self.row(done.stderr, "ended"), rf"by signal {number} \(")

    def test_interrupts_and_their_like_end_the_program_too(self):
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            done = self.profile("sh", "-c", f"ulimit -c 0; kill -{number} $$", status=-number)
            self.assertRegex(self.row(done.stderr, "ended"), rf"by signal {number} \(")

    def test_command_that_is_not_there_or_no_program(self):
        self.assertIn("No such file", self.profile("no-such-command", status=127).stderr)
        (self.work / "text").write_text("text\n")
        self.assertIn("denied", self.profile("./text", status=126).stderr)
        self.assertIn("denied", self.profile(str(self.work), status=126).stderr)

    def test_wrong_command_lines_are_told_so_and_nothing_runs(self):
        for arguments in ([], ["--"], ["--unknown", "touch", "ran"], ["--format=xml", "touch", "ran"],
                          ["--interval=0", "touch", "ran"], ["--interval=x", "touch", "ran"],
                          ["--interval=61", "touch", "ran"], ["--interval=nan", "touch", "ran"],
                          ["--flush=1", "touch", "ran"], ["--flush=1", "-o", "-", "touch", "ran"],
                          ["--flush=1", "-o", "a.json", "--format=html", "touch", "ran"],
                          ["--flush=1", "-o", "a.txt", "touch", "ran"], ["--alloc=some", "touch", "ran"],
                          ["--input=a.json", "touch", "ran"], ["--input=a.json", "--cpu"], ["--input=a.json", "--live"],
                          ["--input=a.json", "--alloc"]):
            done = self.profile(*arguments, status=2)
            self.assertEqual(done.stdout, "")
            self.assertIn("Try 'wtfcb-profile --help'", done.stderr)
        self.assertEqual(list(self.work.iterdir()), [])

    def test_output_that_cannot_be_written_is_found_out_first(self):
        for path in ("missing/a.json", ".", "", "/dev/null/a.json"):
            done = self.profile("-o", path, "touch", "ran", status=125)
            self.assertIn("wtfcb-profile: cannot write", done.stderr)
        self.assertFalse((self.work / "ran").exists())

    def test_output_that_cannot_be_written_in_the_end_is_a_failure(self):
        self.assertIn("cannot write", self.profile("-q", "-o", "/dev/full", "true", status=125).stderr)
        self.profile("-q", "-o", "/dev/full", "sh", "-c", "exit 7", status=7)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "--format=json", "true"], stdin=subprocess.DEVNULL, stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"cannot write", done.stderr)

    def test_devices_are_written_to_and_not_replaced(self):
        self.profile("-q", "-o", "/dev/null", "true")
        self.assertTrue(Path("/dev/null").is_char_device())


class Measures(Case):
    def test_processor_time_is_the_commands(self):
        table = self.profile("-o", "a.json", "--", *python(SPIN, 0.7)).stderr
        found = re.match(r"([\d.]+ m?s) user, ([\d.]+ m?s) system", self.row(table, "processor"))
        used = self.seconds(found[1]) + self.seconds(found[2])
        self.assertGreaterEqual(used, 0.7)
        self.assertLess(used, 1.0)
        self.assertAlmostEqual(self.load(self.work / "a.json")["cpu_ns"] / 1e9, used, delta=0.05)

    def test_memory_is_that_of_all_processes(self):
        whole = self.object("--interval=0.02", "sh", "-c", 'for i in 1 2; do "$@" & done; wait', "sh",
                            *python(HOLD, 100, 1.5))
        self.assertGreater(whole["rss_peak_bytes"], 200 * MIB)
        self.assertLess(whole["rss_peak_bytes"], 250 * MIB)
        self.assertEqual(self.metric(whole, "processes")["maximum"], 3)

    def test_without_the_tree_the_command_is_alone(self):
        whole = self.object("--no-tree", "--interval=0.02", "sh", "-c", '"$@"; true', "sh", *python(HOLD, 100, 0.5))
        self.assertLess(whole["rss_peak_bytes"], 50 * MIB)
        self.assertFalse(whole["tree_walked"])

    def test_largest_process_is_the_kernels_peak(self):
        table = self.profile("--", *python(HOLD, 150, 0)).stderr
        found = re.search(r"the largest process ([\d.]+) MB", self.row(table, "memory"))
        self.assertGreater(float(found[1]) * 1e6, 150 * MIB)
        self.assertLess(float(found[1]) * 1e6, 180 * MIB)

    def test_process_whose_parent_has_ended_is_still_seen(self):
        whole = self.object("--interval=0.02", "sh", "-c", '(sleep 0.3; "$@") & sleep 0.1; exec sleep 1.5', "sh",
                            *python(HOLD, 100, 0.5))
        self.assertGreater(whole["rss_peak_bytes"], 100 * MIB)
        orphan = "import os, time\nif os.fork(): time.sleep(0.3)\nelse:\n    time.sleep(0.6)\n" \
                 "    block = bytearray(100 << 20)\n    for i in range(0, len(block), 4096): block[i] = 1\n" \
                 "    time.sleep(0.5)\n"
        whole = self.object("--interval=0.02", "sh", "-c", '"$@" & wait; sleep 1.5', "sh", *python(orphan))
        self.assertGreater(whole["rss_peak_bytes"], 100 * MIB)

    def test_processes_that_go_on_are_told_of_and_not_waited_for(self):
        begin = time.monotonic()
        table = self.profile("sh", "-c", "sleep 20 >/dev/null 2>&1 & echo $!")
        self.assertLess(time.monotonic() - begin, 10)
        os.kill(int(table.stdout), signal.SIGKILL)
        self.assertIn("still run", table.stderr)

    def test_thousand_children_are_accounted_for(self):
        many = "import os\nfor i in range(1000):\n    if os.fork() == 0: os._exit(0)\n    os.wait()\n"
        table = self.profile("--", *python(many)).stderr
        faults = int(self.row(table, "page faults").split()[0].replace(",", ""))
        self.assertGreater(faults, 1000)
        whole = self.object("--", *python(many))
        self.assertGreater(self.metric(whole, "cpu")["last"], 0)

    def test_threads_are_counted(self):
        many = "import threading, time\nfor i in range(4):\n" \
               "    threads = [threading.Thread(target=time.sleep, args=(0.3,)) for _ in range(50)]\n" \
               "    for thread in threads: thread.start()\n    for thread in threads: thread.join()\n"
        whole = self.object("--interval=0.02", "--", *python(many))
        self.assertEqual(self.metric(whole, "threads")["maximum"], 51)

    def test_what_is_not_available_has_a_reason(self):
        whole = self.object("sleep", "0.2")
        self.assertEqual(len(whole["metrics"]), 19)
        for metric in whole["metrics"]:
            self.assertEqual(metric["status"] == "WTFCB_OK", metric["reason"] == "", metric)
        table = self.profile("sleep", "0.2").stderr
        for metric in whole["metrics"]:
            missing = metric["status"] not in ("WTFCB_OK", "WTFCB_ENOTFOUND")
            self.assertEqual(missing, metric["reason"] != "" and f": {metric['reason']}" in table, metric)

    def test_interval_is_kept(self):
        whole = self.object("--interval=0.01", "sleep", "1")
        self.assertGreater(whole["samples"] + whole["samples_missed"], 90)
        self.assertLess(whole["samples"], 115)


class Guest(Case):
    def test_command_inherits_no_file_and_no_mask(self):
        text = "import os\nprint(sorted(os.listdir('/proc/self/fd'))[:4])\n" \
               "print([line.split()[1] for line in open('/proc/self/status') if line.startswith(('SigBlk', 'SigIgn'))])\n"
        plain = subprocess.run(python(text), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, encoding="utf-8")
        self.assertEqual(self.profile("--", *python(text)).stdout, plain.stdout)

    def test_command_is_in_the_same_process_group(self):
        process = self.start("sh", "-c", "echo $$; exec sleep 20")
        pid = int(process.stdout.readline())
        self.assertEqual(os.getpgid(pid), os.getpgid(process.pid))
        os.kill(pid, signal.SIGKILL)

    def test_standard_input_is_the_commands(self):
        done = subprocess.run([PROGRAM, "cat"], input=b"text", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.stdout, b"text")


class Signals(Case):
    def test_signals_are_passed_on_and_the_profile_is_written(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            name = number.name[3:]
            process = self.start("-q", "-o", "a.json", "--", "sh", "-c",
                                 f"trap 'echo got; exit 5' {name}; echo ready; while :; do sleep 0.05; done")
            self.assertEqual(process.stdout.readline(), "ready\n")
            os.kill(process.pid, number)
            out, err = process.communicate(timeout=20)
            self.assertEqual((out, err, process.returncode), ("got\n", "", 5))
            self.load(self.work / "a.json")
            (self.work / "a.json").unlink()

    def test_command_that_is_killed_leaves_its_profile(self):
        process = self.start("-q", "--interval=0.02", "-o", "a.json", "--", "sh", "-c", "echo $$; exec sleep 20")
        pid = int(process.stdout.readline())
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 128 + signal.SIGKILL)
        self.assertGreater(self.load(self.work / "a.json")["samples"], 10)

    def test_program_that_is_killed_leaves_what_was_flushed(self):
        process = self.start("-q", "--interval=0.02", "--flush=0.1", "-o", "a.json", "--", "sh", "-c",
                             "echo $$; exec sleep 20")
        pid = int(process.stdout.readline())
        time.sleep(1)
        process.kill()
        process.wait()
        os.kill(pid, signal.SIGKILL)
        self.assertGreater(self.load(self.work / "a.json")["duration_ns"], 0.5e9)
        self.assertGreater(self.load(self.work / "a.json")["samples"], 10)

    def test_stop_and_continue(self):
        text = "import os, sys, time\nprint(os.getpid(), flush=True)\ntime.sleep(1)\nsys.exit(6)\n"
        process = self.start("--", *python(text))
        pid = int(process.stdout.readline())
        # An orphaned process group is not stopped by SIGTSTP as a shell's job is, but by SIGSTOP.
        os.killpg(process.pid, signal.SIGSTOP)
        for one in (pid, process.pid):
            wait_until(lambda: state_of(one) == "T", "stopped")  # pylint: disable=cell-var-from-loop
        os.killpg(process.pid, signal.SIGCONT)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 6)


class Terminal(Case):
    """A shell with job control in a terminal of its own."""

    def setUp(self):
        super().setUp()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(self.work)
            os.environ.update(PS1="$ ", TERM="xterm", PROGRAM=PROGRAM)
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        self.seen = ""
        self.addCleanup(self.close)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)

    def expect(self, pattern, seconds=20):
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.seen)):
            self.assertLess(time.monotonic(), end, f"no {pattern!r} in {self.seen!r}")
            if select.select([self.fd], [], [], 0.1)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
        self.seen = self.seen[found.end():]
        return found

    def type(self, text):
        os.write(self.fd, text.encode())

    def test_interrupt_is_the_commands_affair_and_reaches_it_once(self):
        self.type("$PROGRAM -- sh -c 'w=ca; trap \"echo ${w}ught\" INT; echo rea''dy; sleep 1 & wait; wait; exit 9'; "
                  "echo status=$?\n")
        self.expect("ready")
        self.type("\x03")
        self.expect("caught")
        self.assertNotIn("caught", self.expect(r"(?s)(.*)ended +with status 9")[1])
        self.expect("status=9")

    def test_interrupt_ends_both_and_the_table_is_written(self):
        self.type("$PROGRAM sleep 20; echo status=$?\n")
        time.sleep(0.5)
        self.type("\x03")
        self.expect(r"ended +by signal 2 \(Interrupt\)")
        self.type("echo status=$?\n")
        self.expect("status=130")

    def test_stop_key_stops_both_and_fg_goes_on(self):
        self.type("$PROGRAM sh -c 'echo rea''dy; sleep 1; exit 4'\n")
        self.expect("ready")
        self.type("\x1a")
        self.expect("Stopped")
        self.type("fg\n")
        self.expect(r"ended +with status 4")


# Allocates through malloc alone, 300 blocks of 10,000 bytes that are kept and 700 that are freed, in functions with names.
ALLOCATES = r"""
#include <stdlib.h>
#include <string.h>
void *kept[300];
__attribute__((noinline)) static void *xmalloc(size_t size) { void *p = malloc(size); if (!p) abort(); memset(p, 1, size); return p; }
__attribute__((noinline)) void keep_all(void) { for (int i = 0; i < 300; i++) kept[i] = xmalloc(10000); }
__attribute__((noinline)) void free_all(void) { for (int i = 0; i < 700; i++) { void *volatile p = xmalloc(10000); free(p); } }
int main(void) { keep_all(); free_all(); return 0; }
"""


class Allocations(Case):
    def compile(self, *flags, name="program"):
        compiler = os.environ.get("CC", "cc").split()
        (self.work / "program.c").write_text(ALLOCATES)
        done = subprocess.run([*compiler, "-O1", "-g", *flags, "-o", name, "program.c"], cwd=self.work,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        if done.returncode != 0:
            self.skipTest(done.stdout)
        return f"./{name}"

    def temporary(self):
        """An environment whose temporary folder is empty, and has to be so again afterwards."""
        folder = self.work / "temporary"
        folder.mkdir(exist_ok=True)
        self.addCleanup(lambda: self.assertFalse(folder.exists() and list(folder.iterdir())))
        return {"TMPDIR": str(folder)}

    def test_full_tells_what_was_allocated_and_what_is_left_and_by_whom(self):
        program = self.compile()
        done = self.profile("--alloc=full", "-o", "a.json", program, env=self.temporary())
        whole = self.load(self.work / "a.json")
        self.assertEqual((whole["alloc_status"], whole["alloc_mode"], whole["alloc_lost"]), ("WTFCB_OK", "full", 0))
        self.assertEqual((whole["alloc_count"], whole["alloc_bytes"]), (1000, 10000000))
        self.assertEqual((whole["alloc_live_count"], whole["alloc_live_bytes"]), (300, 3000000))
        self.assertEqual(self.row(done.stderr, "allocated"), "10.0 MB in 1,000 blocks, 3.0 MB at most at one time")
        self.assertEqual(self.row(done.stderr, "not freed"), "3.0 MB in 300 blocks at the end")
        self.assertRegex(done.stderr, r"100\.0 %    3\.0 MB in     300  keep_all  program \(through xmalloc\)")
        self.assertRegex(done.stderr, r" 70\.0 %    7\.0 MB in     700  free_all  program \(through xmalloc\)")
        self.assertEqual(list((self.work / "temporary").iterdir()), [])

    def test_sample_is_said_to_be_one(self):
        done = self.profile("--alloc", "-o", "a.json", *python("x = [bytearray(100000) for i in range(300)]"),
                            env=self.temporary())
        whole = self.load(self.work / "a.json")
        self.assertEqual((whole["alloc_status"], whole["alloc_mode"]), ("WTFCB_OK", "sampled"))
        self.assertGreater(whole["alloc_bytes"], 10 * MIB)
        self.assertIn("(estimates from a sample)", self.row(done.stderr, "allocated"))

    def test_what_was_preloaded_stays_behind_ours(self):
        out = self.profile("--alloc", "-q", "-o", "a.json", "sh", "-c", "echo $LD_PRELOAD; echo $WTFCB_ALLOC",
                           env=dict(self.temporary(), LD_PRELOAD="/nonexistent.so")).stdout.splitlines()
        self.assertRegex(out[0], r"\A/.*/wtfcb/libwtfcb-alloc\.so:/nonexistent\.so\Z")
        self.assertRegex(out[1], r"\Asampled,folder=.*/temporary/wtfcb-profile-\w+\Z")

    def test_what_cannot_be_traced_has_its_reason(self):
        program = self.compile("-static", name="static")
        done = self.profile("--alloc", program, env=self.temporary())
        self.assertIn("statically linked", self.row(done.stderr, "allocated"))
        other = self.compile()
        if os.getuid() == 0 and not os.statvfs(self.work).f_flag & os.ST_NOSUID:
            os.chown(self.work / other, 65534, 65534)
            os.chmod(self.work / other, 0o4755)
            os.chmod(self.work, 0o755)
            done = self.profile("--alloc", other, env=self.temporary())
            self.assertIn("rights of its own", self.row(done.stderr, "allocated"))

    def test_folder_is_gone_after_a_signal(self):
        environment = self.temporary()
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([PROGRAM, "--alloc", "-q", "-o", "a.json", "sh", "-c", "echo $$; exec sleep 20"],
                                       cwd=self.work, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       env=dict(os.environ, **environment), start_new_session=True)
            self.addCleanup(self.end, process)
            process.stdout.readline()
            self.assertEqual(len(list((self.work / "temporary").iterdir())), 1)
            process.send_signal(number)
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, -number)
            self.assertEqual(list((self.work / "temporary").iterdir()), [])

    def test_folder_is_gone_when_nothing_ran(self):
        self.profile("--alloc", "no-such-command", status=127, env=self.temporary())

    def test_missing_object_is_told_of_and_nothing_runs(self):
        copy = self.work / "copy"
        copy.mkdir()
        shutil.copy(PROGRAM, copy)
        library = next(Path(PROGRAM).parent.parent.glob("libwtfcb.so.?"))
        shutil.copy(library, copy / library.name)
        done = subprocess.run([copy / "wtfcb-profile", "--alloc", "touch", "ran"], cwd=self.work,
                              env=dict(os.environ, LD_LIBRARY_PATH=str(copy)), stderr=subprocess.PIPE, encoding="utf-8")
        if "--alloc needs" not in done.stderr and not (self.work / "ran").exists():
            self.fail(done.stderr)
        if (self.work / "ran").exists():
            self.skipTest("the program finds its own library first")
        self.assertEqual(done.returncode, 125)
        self.assertIn("/copy/wtfcb/libwtfcb-alloc.so, which is not there", done.stderr)

    def test_stacks_are_in_the_formats_made_of_them(self):
        program = self.compile()
        self.profile("--alloc=full", "-q", "-o", "a.pb.gz", program, env=self.temporary())
        self.assertIn(b"keep_all", gzip.decompress((self.work / "a.pb.gz").read_bytes()))
        self.profile("--alloc=full", "-q", "-o", "a.html", program, env=self.temporary())
        page = (self.work / "a.html").read_text()
        self.assertIn("<dt>Not freed</dt><dd>2.86 MiB <small>300 blocks at the end</small>", page)
        self.assertIn("<caption>Allocated and not freed</caption>", page)


class Input(Case):
    def setUp(self):
        super().setUp()
        self.profile("-q", "-o", "a.json", "--interval=0.02", "--", *python(SPIN, 0.2))

    def test_saved_profile_is_shown_on_standard_output(self):
        done = self.profile("--input=a.json")
        self.assertEqual(done.stderr, "")
        self.assertTrue(done.stdout.startswith("profile of "))
        for label in ("time", "processor", "memory", "page faults", "switches", "recording"):
            self.row(done.stdout, label)
        self.assertNotIn("ended", done.stdout)

    def test_saved_profile_is_converted(self):
        self.assertEqual(self.profile("--input=a.json", "--format=json").stdout, (self.work / "a.json").read_text())
        done = self.profile("--input=a.json", "-o", "b.html")
        self.assertEqual((done.stdout, done.stderr), ("", ""))
        self.assertIn("</html>", (self.work / "b.html").read_text())
        self.assertIn("this profile has none", self.profile("--input=a.json", "-o", "b.folded").stderr)

    def test_what_is_no_profile_is_a_failure(self):
        (self.work / "text").write_text("text\n")
        for path, why in (("missing", "No such file"), ("text", "text")):
            done = self.profile(f"--input={path}", status=125)
            self.assertEqual(done.stdout, "")
            self.assertIn("wtfcb-profile: ", done.stderr)
            self.assertIn(why, done.stderr)

    def test_file_of_the_preloaded_object_is_read(self):
        preload = Path(PROGRAM).parent.parent / "wtfcb" / "libwtfcb-alloc.so"
        subprocess.run(python("x = [bytearray(5000) for i in range(100)]"), check=True,
                       env=dict(os.environ, LD_PRELOAD=str(preload), WTFCB_ALLOC=f"full,file={self.work}/a.wtfcb-alloc"))
        table = self.profile("--input=a.wtfcb-alloc").stdout
        self.assertRegex(self.row(table, "allocated"), r"[\d.]+ [kM]B in [\d,]+ blocks, ")
        self.row(table, "not freed")


# Runs what follows in the arguments where perf_event_open(2) answers EACCES, as a container's seccomp profile has it.
WITHOUT_PERF = r"""
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
number = {{"x86_64": 298, "aarch64": 241}}[os.uname().machine]
code = b"".join(struct.pack("HBBI", *one) for one in ((0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x00050000 | 13), (6, 0, 0, 0x7fff0000)))
text = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(text)))
if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, program) != 0: sys.exit(77)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Permission(Case):
    def test_sampling_that_is_not_permitted_is_told_of_with_what_helps(self):
        done = subprocess.run([*python(WITHOUT_PERF), PROGRAM, "--cpu", "true"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
        if done.returncode == 77:
            self.skipTest("no seccomp here")
        self.assertEqual(done.returncode, 0, done.stderr)
        why = self.row(done.stderr, "functions")
        paranoia = int(Path("/proc/sys/kernel/perf_event_paranoid").read_text())
        self.assertIn("sysctl kernel.perf_event_paranoid=2" if paranoia > 2 else "seccomp profile", why)


class Live(Terminal):
    """What is shown while the command runs: bytes to a terminal, which are looked at as text."""

    def setUp(self):
        super().setUp()
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        time.sleep(0.2)

    def test_lines_are_drawn_and_given_back(self):
        self.type("$PROGRAM --live --interval=0.05 -- sh -c 'echo o\\ut; sleep 1; echo mo\\re'; echo status=$?\n")
        self.expect(re.escape("\x1b[1;21r"))
        self.expect(r"memory +[\d.]+ [kM]B")
        self.expect(r"processor +\d+ %")
        self.expect("mo\r?\n?re|more")
        self.expect(r"\x1b\[r(\x1b\[\d+;1H\x1b\[2K){3}\x1b8")
        self.assertNotIn("\x1b[1;", self.expect(r"(?s)(.*)ended +with status 0")[1])
        self.expect("status=0")

    def test_interrupt_and_stop_give_the_terminal_back(self):
        self.type("$PROGRAM --live -- sleep 20; echo status=$?\n")
        self.expect("memory")
        self.type("\x1a")
        self.expect(r"\x1b\[r(\x1b\[\d+;1H\x1b\[2K){3}\x1b8")
        self.expect("Stopped")
        self.type("fg\n")
        self.expect("memory")
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.expect(re.escape("\x1b[1;27r"))
        self.type("\x03")
        self.expect(r"\x1b\[r(\x1b\[\d+;1H\x1b\[2K){3}\x1b8")
        self.expect(r"ended +by signal 2")

    def test_nothing_is_shown_where_it_cannot_be(self):
        for prefix in ("TERM=dumb", "TERM="):
            self.type(f"{prefix} $PROGRAM --live -- sleep 0.4; echo sta''tus=$?\n")
            self.assertNotIn("\x1b[1;", self.expect(r"(?s)(.*)status=0")[1])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 8, 80, 0, 0))
        self.type("$PROGRAM --live -- sleep 0.4; echo sta''tus=$?\n")
        self.assertNotIn("\x1b[1;", self.expect(r"(?s)(.*)status=0")[1])
        done = self.profile("--live", "--", "sleep", "0.4", start_new_session=True)
        self.assertNotIn("\x1b", done.stderr)

    def test_colours_are_left_out_when_nobody_wants_them(self):
        self.type("NO_COLOR=1 $PROGRAM --live -- sleep 0.6; echo sta''tus=$?\n")
        shown = self.expect(r"(?s)(.*)status=0")[1]
        self.assertIn("memory", shown)
        self.assertEqual(set(re.findall(r"\x1b\[(\d+)m", shown)) - {"0"}, set())


class Help(Case):
    def test_help_names_every_option_and_format(self):
        out = self.profile("--help").stdout
        for word in ("--format=", "--output=", "--interval=SECONDS", "--flush=SECONDS", "--pss", "--no-tree", "--quiet",
                     "--alloc[=full]", "--live", "--input=FILE", "--cpu[=HZ]",
                     "--help", "--version", "table", "json", "speedscope", "chrome", "pprof", "collapsed", "html"):
            self.assertIn(word, out)
        self.assertNotIn("in ms", out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 100)
        self.assertEqual(out, self.profile("-h").stdout)

    def test_version_names_program_and_library(self):
        self.assertRegex(self.profile("--version").stdout,
                         r"\Awtfcb-profile \d+\.\d+\.\d+ \(libwtfcb \d+\.\d+\.\d+\)\n\Z")


class Scan(Case):
    def setUp(self):
        super().setUp()
        self.tree = self.work / "tree"
        self.tree.mkdir()
        for i in range(50):
            (self.tree / f"{i}.c").write_text("int f(int a)\n{\n    return a + 1;\n}\n\n" * 200)

    def scan(self, *arguments, status=0):
        done = subprocess.run([SCAN, "--no-cache", *arguments, "tree"], cwd=self.work, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding="utf-8")
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_profile_tells_where_each_threads_time_went(self):
        plain = self.scan("--depth=syntax", "-j2", "--format=json", "--no-stats", "--symbols")
        done = self.scan("--depth=syntax", "-j2", "--format=json", "--no-stats", "--symbols", "--profile=scan.json")
        self.assertEqual((done.stdout, done.stderr), (plain.stdout, plain.stderr))
        whole = self.load(self.work / "scan.json")
        self.assertEqual([section["name"] for section in whole["sections"]],
                         ["open cache", "scan", "report", "close cache"])
        frames = {frame["name"]: frame for frame in whole["frames"]}
        self.assertIn("parse", frames)
        self.assertEqual(frames["parse"]["count"], 50)
        self.assertGreaterEqual(len(whole["threads"]), 2)
        self.assertEqual(whole["zones_dropped"], 0)

    def test_trace_has_single_steps(self):
        self.scan("--depth=syntax", "--profile=scan.trace.json")
        whole = json.loads((self.work / "scan.trace.json").read_text())
        events = whole["traceEvents"] if isinstance(whole, dict) else whole
        self.assertEqual(sum(event.get("name") == "parse" and event.get("ph") == "X" for event in events), 50)

    def test_profile_that_cannot_be_written_is_a_failure(self):
        done = self.scan("--profile=missing/scan.json", status=3)
        self.assertEqual(done.stdout, "")
        self.assertIn("--profile: cannot write missing/scan.json", done.stderr)
        self.assertIn("--profile: cannot write", self.scan("--profile=/dev/full", status=3).stderr)
        self.scan("--explain=tree/1.c", "--profile=scan.json", status=2)


class Lines(unittest.TextTestResult):
    """Counts passes too; prints nothing for them."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    global PROGRAM, SCAN
    build = Path(sys.argv[1]).resolve()
    PROGRAM, SCAN = str(build / "bin" / "wtfcb-profile"), str(build / "bin" / "wtfcb-scan")
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
