#!/usr/bin/env python3
"""Embed a scan in Python: ctypes from the standard library, nothing else.

Usage: embed.py DIRECTORY [LIBRARY]; the library can also be named by WTFCB_LIBRARY.
"""

import ctypes
import os
import sys
from ctypes import POINTER, byref, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

SCANNER_DEPTH = 2
DEPTH_SYNTAX = 3


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


class LanguageTotals(ctypes.Structure):
    """wtfcb_language_totals: the first members are enough, the library fills as far as the size reaches."""

    _fields_ = [(name, c_char_p if name == "language" else c_uint64) for name in (
        "language", "files", "bytes", "lines", "code", "comments", "blanks", "documentation", "symbols")]


def load(path):
    library = ctypes.CDLL(path)
    for name, result, arguments in (
        ("wtfcb_status_message", c_char_p, [c_int32]),
        ("wtfcb_scanner_new", c_int32, [c_void_p, POINTER(c_void_p)]),
        ("wtfcb_scanner_free", None, [c_void_p]),
        ("wtfcb_scanner_set", c_int32, [c_void_p, c_int32, c_int64]),
        ("wtfcb_scanner_scan", c_int32, [c_void_p, c_char_p, POINTER(c_void_p), POINTER(Error)]),
        ("wtfcb_codebase_free", None, [c_void_p]),
        ("wtfcb_codebase_language", c_int32, [c_void_p, c_uint64, POINTER(LanguageTotals), c_size_t]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Codebase:
    """Owns a snapshot; the scanner is freed as soon as it has made it."""

    def __init__(self, library, root):
        self._library = library
        self._handle = c_void_p()
        scanner, error = c_void_p(), Error(size=ctypes.sizeof(Error))
        self._check(library.wtfcb_scanner_new(None, byref(scanner)), error)
        try:
            self._check(library.wtfcb_scanner_set(scanner, SCANNER_DEPTH, DEPTH_SYNTAX), error)
            # ctypes lets other Python threads run meanwhile.
            status = library.wtfcb_scanner_scan(scanner, os.fsencode(root), byref(self._handle), byref(error))
            self._check(status, error)
        finally:
            library.wtfcb_scanner_free(scanner)

    def _check(self, status, error):
        if status != 0:
            raise OSError((error.message or self._library.wtfcb_status_message(status)).decode())

    def languages(self):
        row, index = LanguageTotals(), 0
        while self._library.wtfcb_codebase_language(self._handle, index, byref(row), ctypes.sizeof(row)) == 0:
            yield row
            index += 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._library.wtfcb_codebase_free(self._handle)
        self._handle = None


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    path = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("WTFCB_LIBRARY", "libwtfcb.so.0")
    try:
        with Codebase(load(path), root) as codebase:
            for row in codebase.languages():
                name = row.language.decode() or "other"
                print(f"{name}: {row.files} files, {row.code} lines of code, {row.symbols} symbols")
    except OSError as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
