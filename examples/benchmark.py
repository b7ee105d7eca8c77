#!/usr/bin/env python3
"""Compare Python functions: which is faster, by how much, and how sure that is; ctypes from the standard library, nothing else.

Usage: benchmark.py [FILE]; FILE, such as words.html, gets the whole report. WTFCB_LIBRARY names the library.
"""

import ctypes
import os
import sys
from ctypes import CFUNCTYPE, POINTER, byref, c_char, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

OK, ECALLBACK = 0, -17
BENCHMARK_TIME = 2
REPORT_WALL = 1
REPORT_BY_NAME = 0

Call = CFUNCTYPE(c_int32, c_void_p)


class Error(ctypes.Structure):
    """wtfcb_error; its size goes first."""

    _fields_ = [
        ("size", c_uint32),
        ("status", c_int32),
        ("os_error", c_int32),
        ("reserved", c_uint32),
        ("position", c_uint64),
        ("path", c_char * 1024),
        ("message", c_char * 512),
    ]


class Function(ctypes.Structure):
    """wtfcb_benchmark_function"""

    _fields_ = [("name", c_char_p), ("parameters", c_char_p), ("set_up", Call), ("run", Call), ("tear_down", Call),
                ("user", c_void_p), ("bytes", c_uint64), ("single", c_uint64)]


class Row(ctypes.Structure):
    """wtfcb_report_row: the first members are enough, the library fills as far as the size reaches."""

    _fields_ = [*((name, c_char_p) for name in ("name", "project", "kind", "depth", "parameters", "message")),
                ("threads", c_uint32), ("flags", c_uint32), ("status", c_int32), ("reference", c_uint32)]


class Figure(ctypes.Structure):
    """wtfcb_report_figure, the beginning of it"""

    _fields_ = [("count", c_uint64), ("median", c_double), ("low", c_double), ("high", c_double), ("level", c_double)]


class Comparison(ctypes.Structure):
    """wtfcb_report_comparison, the beginning of it"""

    _fields_ = [("before", c_char_p), ("after", c_char_p),
                *((name, c_uint32) for name in ("measure", "method", "verdict", "again")),
                ("change", c_double), ("low", c_double), ("high", c_double)]


def load(path):
    loaded = ctypes.CDLL(path)
    for name, result, arguments in (
        ("wtfcb_status_message", c_char_p, [c_int32]),
        ("wtfcb_verdict_name", c_char_p, [c_uint32]),
        ("wtfcb_benchmark_new", c_int32, [c_void_p, c_char_p, POINTER(c_void_p)]),
        ("wtfcb_benchmark_free", None, [c_void_p]),
        ("wtfcb_benchmark_set", c_int32, [c_void_p, c_int32, c_int64]),
        ("wtfcb_benchmark_add_function", c_int32, [c_void_p, POINTER(Function), c_size_t]),
        ("wtfcb_benchmark_compare", c_int32, [c_void_p, c_char_p, c_char_p]),
        ("wtfcb_benchmark_run", c_int32, [c_void_p, POINTER(c_void_p), POINTER(Error)]),
        ("wtfcb_report_free", None, [c_void_p]),
        ("wtfcb_report_row_at", c_int32, [c_void_p, c_uint64, POINTER(Row), c_size_t]),
        ("wtfcb_report_figure_at", c_int32, [c_void_p, c_uint64, c_uint32, POINTER(Figure), c_size_t]),
        ("wtfcb_report_comparison_at", c_int32, [c_void_p, c_uint64, POINTER(Comparison), c_size_t]),
        ("wtfcb_report_save", c_int32, [c_void_p, c_char_p, c_int32, POINTER(Error)]),
    ):
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


library = load(os.environ.get("WTFCB_LIBRARY", "libwtfcb.so.0"))


def check(status, error):
    if status != OK:
        raise OSError((error.message or library.wtfcb_status_message(status)).decode())


class Report:
    """What was measured."""

    def __init__(self, handle):
        self._handle = handle

    def __del__(self):
        library.wtfcb_report_free(self._handle)

    def rows(self):
        """Each row with the figures of its time, or None if there are none."""
        row, index = Row(), 0
        while library.wtfcb_report_row_at(self._handle, index, byref(row), ctypes.sizeof(row)) == OK:
            time = Figure()
            known = library.wtfcb_report_figure_at(self._handle, index, REPORT_WALL, byref(time), ctypes.sizeof(time))
            yield row, time if known == OK else None
            index += 1

    def comparisons(self):
        row, index = Comparison(), 0
        while library.wtfcb_report_comparison_at(self._handle, index, byref(row), ctypes.sizeof(row)) == OK:
            yield row
            index += 1

    def save(self, path):
        error = Error(size=ctypes.sizeof(Error))
        check(library.wtfcb_report_save(self._handle, os.fsencode(path), REPORT_BY_NAME, byref(error)), error)


class Benchmark:
    """Python functions without arguments, measured and compared; an exception in one ends its row and is raised by run()."""

    def __init__(self, name, **options):
        self._handle, self._calls, self._raised = c_void_p(), [], None
        error = Error()
        check(library.wtfcb_benchmark_new(None, name.encode(), byref(self._handle)), error)
        for option, value in options.items():
            check(library.wtfcb_benchmark_set(self._handle, globals()["BENCHMARK_" + option.upper()], value), error)

    def __del__(self):
        library.wtfcb_benchmark_free(self._handle)

    def add(self, name, function):
        def call(_):
            try:
                function()
            except BaseException as raised:  # no exception can cross the library
                self._raised = raised
                return ECALLBACK
            return OK

        self._calls.append(Call(call))  # the library holds a pointer to it, so it has to stay
        row = Function(name=name.encode(), run=self._calls[-1])
        check(library.wtfcb_benchmark_add_function(self._handle, byref(row), ctypes.sizeof(row)), Error())

    def compare(self, before, after):
        check(library.wtfcb_benchmark_compare(self._handle, before.encode(), after.encode()), Error())

    def run(self):
        handle, error = c_void_p(), Error(size=ctypes.sizeof(Error))
        self._raised = None
        check(library.wtfcb_benchmark_run(self._handle, byref(handle), byref(error)), error)
        report = Report(handle)
        if self._raised:
            raise self._raised
        return report


# ------------------------------------------------------------------------------------------------ a program that uses it

WORDS = [f"{i * 7919 % 1000:03}" for i in range(300)]


def by_joining():
    return "".join(WORDS)


def by_inserting():
    text = bytearray()
    for word in WORDS:
        text[0:0] = word.encode()
    return text


def main():
    try:
        benchmark = Benchmark("words", time=5000)
        benchmark.add("join", by_joining)
        benchmark.add("insert", by_inserting)
        benchmark.compare("join", "insert")
        report = benchmark.run()
        for row, time in report.rows():
            print(f"{row.name.decode()}: {time.median / 1e3:.2f} us, between {time.low / 1e3:.2f} and {time.high / 1e3:.2f}")
        for row in report.comparisons():
            print(f"{row.after.decode()} after {row.before.decode()}: {library.wtfcb_verdict_name(row.verdict).decode()}, "
                  f"{row.change:+.1%}, between {row.low:+.1%} and {row.high:+.1%}")
        if len(sys.argv) > 1:
            report.save(sys.argv[1])
    except OSError as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
