#!/usr/bin/env python3
"""Profile Python with zones: a decorator, a context manager, a recording; ctypes from the standard library, nothing else.

Usage: profile.py [FILE]; FILE, such as profile.html, gets the whole profile. WTFCB_LIBRARY names the library.
"""

import ctypes
import functools
import os
import sys
from ctypes import POINTER, byref, c_char, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

PROFILER_TRACE = 4
PROFILE_BY_NAME = 0


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


class Site(ctypes.Structure):
    """wtfcb_zone_site: where a zone is. The library writes to it, so it must stay where it is."""

    _fields_ = [
        ("name", c_char_p),
        ("function", c_char_p),
        ("file", c_char_p),
        ("line", c_uint32),
        ("flags", c_uint32),
        ("opaque", c_uint64 * 4),
    ]


class OpenZone(ctypes.Structure):
    """wtfcb_zone"""

    _fields_ = [("site", c_void_p), ("opaque", c_uint64 * 3)]


class Frame(ctypes.Structure):
    """wtfcb_profile_frame: the first members are enough, the library fills as far as the size reaches."""

    _fields_ = [("name", c_char_p), ("function", c_char_p), ("file", c_char_p), ("line", c_uint32), ("tree", c_uint32),
                *((name, c_uint64) for name in ("count", "total", "self", "minimum_ns", "maximum_ns", "p50_ns"))]


def load(path):
    loaded = ctypes.CDLL(path)
    for name, result, arguments in (
        ("wtfcb_status_message", c_char_p, [c_int32]),
        ("wtfcb_zone_enter", None, [POINTER(OpenZone), POINTER(Site)]),
        ("wtfcb_zone_leave", None, [POINTER(OpenZone)]),
        ("wtfcb_profiler_new", c_int32, [c_void_p, POINTER(c_void_p)]),
        ("wtfcb_profiler_free", None, [c_void_p]),
        ("wtfcb_profiler_set", c_int32, [c_void_p, c_int32, c_int64]),
        ("wtfcb_profiler_start", c_int32, [c_void_p, c_char_p, POINTER(Error)]),
        ("wtfcb_profiler_stop", c_int32, [c_void_p, POINTER(c_void_p), POINTER(Error)]),
        ("wtfcb_profile_free", None, [c_void_p]),
        ("wtfcb_profile_frame_at", c_int32, [c_void_p, c_uint64, POINTER(Frame), c_size_t]),
        ("wtfcb_profile_save", c_int32, [c_void_p, c_char_p, c_int32, POINTER(Error)]),
    ):
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


library = load(os.environ.get("WTFCB_LIBRARY", "libwtfcb.so.0"))
recording = c_uint32.in_dll(library, "wtfcb_zone_recording")


def check(status, error):
    if status != 0:
        raise OSError((error.message or library.wtfcb_status_message(status)).decode())


class Zone:
    """A named stretch of code, as a decorator or with `with`; may be inside itself and in many threads.

    Make one for each place and keep it: it owns the site.
    """

    def __init__(self, name, function="", file="", line=0):
        self._site = Site(name.encode(), function.encode(), os.fsencode(file), line)

    def __call__(self, function):
        code = function.__code__
        self._site.function, self._site.file = code.co_name.encode(), os.fsencode(code.co_filename)
        self._site.line = code.co_firstlineno

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            if not recording.value:
                return function(*args, **kwargs)
            zone = OpenZone()
            library.wtfcb_zone_enter(zone, self._site)
            try:
                return function(*args, **kwargs)
            finally:
                if zone.site:
                    library.wtfcb_zone_leave(zone)

        return wrapper

    def open(self):
        return _Open(self._site)


class _Open:
    def __init__(self, site):
        self._site, self._zone = site, OpenZone()

    def __enter__(self):
        if recording.value:
            library.wtfcb_zone_enter(self._zone, self._site)

    def __exit__(self, *_):
        if self._zone.site:
            library.wtfcb_zone_leave(self._zone)


class Profile:
    """What was recorded."""

    def __init__(self, handle):
        self._handle = handle

    def __del__(self):
        library.wtfcb_profile_free(self._handle)

    def zones(self):
        row, index = Frame(), 0
        while library.wtfcb_profile_frame_at(self._handle, index, byref(row), ctypes.sizeof(row)) == 0:
            yield row
            index += 1

    def save(self, path):
        error = Error(size=ctypes.sizeof(Error))
        check(library.wtfcb_profile_save(self._handle, os.fsencode(path), PROFILE_BY_NAME, byref(error)), error)


class Record:
    """Records from `with` to the end of the block; then `profile` is there, whatever was raised in it."""

    def __init__(self, name, **options):
        self.profile = None
        self._name, self._options, self._handle = name, options, c_void_p()

    def __enter__(self):
        error = Error(size=ctypes.sizeof(Error))
        check(library.wtfcb_profiler_new(None, byref(self._handle)), error)
        try:
            for option, value in self._options.items():
                check(library.wtfcb_profiler_set(self._handle, globals()["PROFILER_" + option.upper()], value), error)
            check(library.wtfcb_profiler_start(self._handle, self._name.encode(), byref(error)), error)
        except OSError:
            library.wtfcb_profiler_free(self._handle)
            raise
        return self

    def __exit__(self, *_):
        handle, error = c_void_p(), Error(size=ctypes.sizeof(Error))
        status = library.wtfcb_profiler_stop(self._handle, byref(handle), byref(error))
        library.wtfcb_profiler_free(self._handle)
        check(status, error)
        self.profile = Profile(handle)


def run(name, function, *args, **kwargs):
    """Call a function under a profiler, as wtfcb_profiler_run(): what it returned, and the profile."""
    with Record(name) as record:
        result = function(*args, **kwargs)
    return result, record.profile


# ------------------------------------------------------------------------------------------------ a program that uses it

HASH = Zone("hash", "parse", __file__, 0)


@Zone("parse")
def parse(word):
    with HASH.open():
        return hash(word.upper())


@Zone("index")
def build_index(words):
    digest = 0
    for word in words:
        digest ^= parse(word)
    return digest


def main():
    try:
        _, profile = run("words", build_index, [f"{i:0200}" for i in range(1000)])
        for zone in profile.zones():
            print(f"{zone.name.decode()}: {zone.count} times, {zone.total / 1e6:.3f} ms, "
                  f"{zone.self / 1e6:.3f} ms of it its own, half within {zone.p50_ns / 1e3:.1f} us")
        if len(sys.argv) > 1:
            profile.save(sys.argv[1])
    except OSError as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
