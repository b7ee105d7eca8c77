#!/bin/bash
# Build what `make` leaves to others (Rust), run every example, and test wtfcb-scan from end to end.
#
#   examples/check.sh [BUILD_DIR]      or WTFCB_BUILD_DIR; default build/release
#
# The four programs that embed the same scan (C, C++, Python, Rust) must print the same figures, and the four that profile
# a call must count the same. Those that compare two functions must know which one is faster. What a language of these is not installed for is skipped, and said so. The last line is "N passed, N failed"; exit status 1 if anything
# failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
build=${1:-${WTFCB_BUILD_DIR:-$here/../build/release}}
build=$(cd "$build" && pwd) || exit 2
work=$(mktemp -d "${TMPDIR:-/tmp}/wtfcb-examples.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

pass() { passed=$((passed + 1)); }
fail() { # fail NAME FILE...: what went wrong stands in the files
    failed=$((failed + 1))
    printf '  %-8s%s\n' FAIL "$1"
    shift
    cat "$@" 2>/dev/null | sed 's/^/          /'
}
skip() { printf '  %-8s%s\n' SKIP "$1"; }

make_tree() {
    mkdir -p "$work/tree/lib"
    printf '#include "a.h"\n\n/* twice */\nint twice(int n)\n{\n    return 2 * n;\n}\n' >"$work/tree/lib/a.c"
    printf 'int twice(int n);\nint half(int n);\n' >"$work/tree/lib/a.h"
    printf 'import os\n\n\nclass A:\n    def f(self):\n        return os.sep\n\n\ndef g():\n    pass\n' >"$work/tree/b.py"
    printf 'what is this\n' >"$work/tree/odd.unknown-kind"
    printf 'fn main() {\n    println!("{}", 1); // one\n}\n' >"$work/tree/c.rs"
}

# same NAME COMMAND...: the command prints what is in $work/expected, and nothing on standard error.
same() {
    local name=$1
    shift
    if "$@" >"$work/out" 2>"$work/err" && cmp -s "$work/out" "$work/expected" && [ ! -s "$work/err" ]; then
        pass
    else
        diff "$work/expected" "$work/out" >"$work/diff"
        fail "$name" "$work/err" "$work/diff"
    fi
}

# fails NAME COMMAND...: the command answers 1 and says why.
fails() {
    local name=$1
    shift
    "$@" >"$work/out" 2>"$work/err"
    if [ $? = 1 ] && [ -s "$work/err" ] && [ ! -s "$work/out" ]; then
        pass
    else
        fail "$name" "$work/out" "$work/err"
    fi
}

build_rust() { # build_rust NAME
    rustc --edition=2021 -O -D warnings -L "$build" -C link-arg="-Wl,-rpath,$build" -o "$work/$1-rs" "$here/$1.rs" \
        >"$work/rustc" 2>&1
}

embed() { # embed NAME COMMAND...: the figures, and a root that is not there
    same "embed_in_$1_prints_the_same_figures" "${@:2}" "$work/tree"
    fails "embed_in_$1_reports_a_missing_root" "${@:2}" "$work/missing"
}

check_embedding() {
    cat >"$work/expected" <<'END'
C: 2 files, 7 lines of code, 1 symbols
Python: 1 files, 6 lines of code, 3 symbols
Rust: 1 files, 3 lines of code, 1 symbols
other: 1 files, 1 lines of code, 0 symbols
END
    embed c "$build/examples/embed"
    embed c++ "$build/examples/embed_cpp"
    if command -v python3 >/dev/null; then
        export WTFCB_LIBRARY=$build/libwtfcb.so
        embed python python3 "$here/embed.py"
    else
        skip 'embed.py: there is no python3'
    fi
    if ! command -v rustc >/dev/null; then
        skip 'embed.rs: there is no rustc'
    elif build_rust embed; then
        embed rust "$work/embed-rs"
    else
        fail embed_in_rust_builds "$work/rustc"
    fi
}

counts() { # counts COMMAND...: how often each zone was entered; the times differ from run to run
    "$@" >"$work/lines" || return
    sed -n 's/ times, .*/ times/p' "$work/lines"
}

profile() { # profile NAME COMMAND...: the counts, and a file that cannot be written
    same "profile_in_$1_counts_the_same_zones" counts "${@:2}"
    "${@:2}" "$work/missing/profile.json" >/dev/null 2>"$work/err"
    if [ $? = 1 ] && [ -s "$work/err" ]; then pass; else fail "profile_in_$1_reports_a_missing_folder" "$work/err"; fi
    "${@:2}" "$work/profile.json" >/dev/null 2>"$work/err"
    if grep -q '"name":"hash"' "$work/profile.json"; then pass; else fail "profile_in_$1_writes_a_file" "$work/err"; fi
    rm -f "$work/profile.json"
}

check_profiles() {
    cat >"$work/expected" <<'END'
index: 1 times
parse: 1000 times
hash: 1000 times
END
    profile c "$build/examples/profile"
    profile c++ "$build/examples/profile_cpp"
    if command -v python3 >/dev/null; then profile python python3 "$here/profile.py"; fi
    if ! command -v rustc >/dev/null; then
        skip 'profile.rs: there is no rustc'
    elif build_rust profile; then
        profile rust "$work/profile-rs"
    else
        fail profile_in_rust_builds "$work/rustc"
    fi
}

# verdict NAME PATTERN COMMAND...: the comparison's line, and a report that can be read.
verdict() {
    local name=$1 pattern=$2
    shift 2
    if "$@" "$work/report.json" >"$work/out" 2>"$work/err" && grep -q "$pattern" "$work/out" && [ ! -s "$work/err" ] &&
        grep -q '"fingerprint"' "$work/report.json"; then
        pass
    else
        fail "$name" "$work/out" "$work/err"
    fi
    rm -f "$work/report.json"
    "$@" "$work/missing/report.json" >/dev/null 2>"$work/err"
    if [ $? = 1 ] && [ -s "$work/err" ]; then pass; else fail "${name}_reports_a_missing_folder" "$work/err"; fi
}

check_benchmarks() {
    verdict benchmark_in_c_compares '^insertion after libc: [bw]' "$build/examples/benchmark"
    if command -v python3 >/dev/null; then
        verdict benchmark_in_python_compares '^insert after join: worse' python3 "$here/benchmark.py"
    fi
}

check_allocations() {
    local preloaded=$build/wtfcb/libwtfcb-alloc.so
    echo 'no allocations: start this with LD_PRELOAD=libwtfcb-alloc.so' >"$work/expected"
    same allocations_says_what_is_missing "$build/examples/allocations"
    if [ ! -e "$preloaded" ]; then
        skip 'allocations: libwtfcb-alloc.so is not built with sanitizers'
        return
    fi
    cat >"$work/expected" <<'END'
allocated: 10549760 bytes in 1010 blocks
remember: 64000 bytes in 1000 blocks
END
    same allocations_are_counted_exactly env LD_PRELOAD="$preloaded" "$build/examples/allocations" "$work/heap.json"
    if grep -q '"name":"look_through"' "$work/heap.json"; then pass; else fail allocations_writes_a_file "$work/err"; fi
}

check_small_programs() {
    cat >"$work/expected" <<'END'
untitled.py is Python
line 1: function greet, 2 parameters, cyclomatic complexity 2
END
    same buffer_finds_the_function "$build/examples/buffer"
    cat >"$work/expected" <<'END'
    4 lines  twice  lib/a.c:4
    3 lines  main  c.rs:1
    2 lines  f  b.py:5
    2 lines  g  b.py:9
END
    same stream_ranks_functions_by_length "$build/examples/stream" "$work/tree"
    fails stream_reports_a_missing_root "$build/examples/stream" "$work/missing"
    if "$build/examples/generate" --files=40 --cap=9000 --changes=100 "$work/made" 3 >"$work/out" 2>"$work/err" &&
        grep -q '^step 2: ' "$work/out" && [ "$(find "$work/made" -type f | wc -l)" -ge 36 ]; then
        pass
    else
        fail generate_makes_and_edits_a_project "$work/out" "$work/err"
    fi
    fails generate_leaves_what_is_there "$build/examples/generate" --files=40 "$work/made"
}

check_program() { # check_program NAME: wtfcb-NAME has its tests in test/examples/test_NAME.py
    if ! command -v python3 >/dev/null; then
        skip "wtfcb-$1: its tests need python3"
        return
    fi
    python3 "$here/../test/examples/test_$1.py" "$build" >"$work/$1" 2>&1
    local status=$? counts
    counts=$(sed -n 's/^tests: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$work/$1")
    [ -n "$counts" ] || counts='0 1'
    passed=$((passed + ${counts% *}))
    if [ $status != 0 ]; then
        failed=$((failed + ${counts#* }))
        printf '  %-8s%s\n' FAIL "wtfcb-$1"
        sed 's/^/          /' "$work/$1"
    fi
}

make_tree
check_embedding
check_profiles
check_benchmarks
check_allocations
check_small_programs
check_program scan
check_program cache
check_program profile
check_program bench
printf '  %-8sexamples: %s passed\n' TEST "$passed"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
