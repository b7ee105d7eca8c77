"""Timing of whole processes in turns, intervals of medians, and the table that they are printed in."""
import math
import os
import statistics
import subprocess
import sys
import time

LEAST_ROUNDS = 7
MOST_ROUNDS = 51


class Failed(Exception):
    """A program did not do what is measured."""


def run(command, expect=(0, 1)):
    """Seconds and peak memory in MB of one process."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in expect:
        raise Failed(f"{' '.join(command)}: exit status {child.returncode}")
    return seconds, usage.ru_maxrss / 1024


def output(command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True).stdout


def interval(values):
    """Bounds of the median with at least 95 % confidence, by order statistics; the extremes of fewer than six values."""
    ordered = sorted(values)
    n, tail, k = len(ordered), 0.0, 0
    while True:
        tail += math.comb(n, k) / 2 ** n
        if tail > 0.025 or 2 * (k + 1) > n:
            break
        k += 1
    k = max(k - 1, 0)
    return ordered[k], ordered[n - 1 - k]


def rounds(seconds):
    """Numbers of rounds until the time is over: at least LEAST_ROUNDS."""
    began = time.monotonic()
    for i in range(MOST_ROUNDS):
        if i >= LEAST_ROUNDS and time.monotonic() - began > seconds:
            return
        yield i


def in_turns(first, second, seconds, before=None):
    """Pairs of (seconds, MB) of two commands or functions, in the order A B B A; `before` precedes each of them."""
    pairs = []
    for i in rounds(seconds):
        results = [None, None]
        for which in (0, 1) if i % 2 == 0 else (1, 0):
            what = (first, second)[which]
            if before:
                run(before)
            results[which] = what() if callable(what) else run(what)
        pairs.append(results)
    return pairs


class Table:
    """Rows as they are measured. A budget is a bound of the median; a verdict whose interval has the bound inside says so."""

    def __init__(self):
        self.missed = 0
        self.doubtful = 0
        print(f"{'':<52}{'floor':>10}{'ours':>10}{'median':>9}  {'95 % interval':<17}budget", flush=True)

    def group(self, title):
        print(f"\n{title}", flush=True)

    def note(self, text):
        print(f"  {text}", flush=True)

    def row(self, label, values, budget=None, at_least=False, floor="", ours="", unit=""):
        median = statistics.median(values)
        low, high = interval(values)
        verdict = ""
        if budget is not None:
            keeps = median >= budget if at_least else median <= budget
            sure = not low <= budget <= high
            self.missed += not keeps
            self.doubtful += not sure
            verdict = f"{'>=' if at_least else '<='} {budget:g}{unit}  {'pass' if keeps else 'MISSED'}{'' if sure else ', not for sure'}"
        digits = 3 if max(abs(low), abs(high), abs(median)) < 10 else 1
        span = f"[{low:.{digits}f}, {high:.{digits}f}]"
        print(f"  {label:<50}{floor:>10}{ours:>10}{median:>9.{digits}f}  {span:<17}{verdict}".rstrip(), flush=True)
        return median

    def ratio(self, label, pairs, budget=None, at_least=False):
        """Of the second to the first of each pair; the columns beside it are the least times of both."""
        return self.row(label, [b[0] / a[0] for a, b in pairs], budget, at_least,
                        milliseconds(min(a[0] for a, _ in pairs)), milliseconds(min(b[0] for _, b in pairs)))


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms"


def stop(message):
    sys.exit(f"budgets: {message}")
