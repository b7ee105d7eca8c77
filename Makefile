# libwtfcb: build, test, install.
#
#   make              libraries, grammars and programs, into build/release
#   make demo         install what is missing, build, scan a real tree
#   make check        install what is missing, build, run the quick tests (under 3 minutes on two cores)
#   make check-all    the same, then the sanitizers and the long versions
#   make help         every target, and the settings that matter
#
# A fresh machine has git and make, perhaps nothing else. So nothing that runs while this file is read may need more
# than those: pkg-config is asked the first time a recipe needs an answer, which is after `deps`.

# --------------------------------------------------------------------------------------------------------------------
# Settings

# release, debug, asan (address and undefined behaviour), tsan (threads) or fuzz (clang, asan and coverage; made by
# `make fuzz`); each has an object folder of its own.
FLAVOUR ?= release
BUILD   ?= build

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man
DOCDIR     ?= $(PREFIX)/share/doc/libwtfcb

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
OBJCOPY    ?= objcopy
PKG_CONFIG ?= pkg-config

# Libraries that are linked, by the names that pkg-config knows them by.
PACKAGES := libxxhash lmdb jansson zlib

# Folders of lib/ that become the library.
MODULES := base pool profiler cache lang scanner benchmark

# The grammars: name = npm package, with the folder inside it when one package holds several parsers. The name is the
# one in `tree_sitter_<name>`.
GRAMMARS := \
    bash=tree-sitter-bash \
    c=tree-sitter-c \
    c_sharp=tree-sitter-c-sharp \
    cpp=tree-sitter-cpp \
    css=tree-sitter-css \
    dart=@sengac/tree-sitter-dart \
    elixir=tree-sitter-elixir \
    go=tree-sitter-go \
    haskell=tree-sitter-haskell \
    hcl=@tree-sitter-grammars/tree-sitter-hcl \
    html=tree-sitter-html \
    java=tree-sitter-java \
    javascript=tree-sitter-javascript \
    json=tree-sitter-json \
    kotlin=@tree-sitter-grammars/tree-sitter-kotlin \
    lua=@tree-sitter-grammars/tree-sitter-lua \
    make=tree-sitter-make \
    markdown=@tree-sitter-grammars/tree-sitter-markdown/tree-sitter-markdown \
    php=tree-sitter-php/php \
    python=tree-sitter-python \
    ruby=tree-sitter-ruby \
    rust=tree-sitter-rust \
    scala=tree-sitter-scala \
    sql=@derekstride/tree-sitter-sql \
    swift=tree-sitter-swift \
    toml=@tree-sitter-grammars/tree-sitter-toml \
    tsx=tree-sitter-typescript/tsx \
    typescript=tree-sitter-typescript/typescript \
    yaml=@tree-sitter-grammars/tree-sitter-yaml \
    zig=@tree-sitter-grammars/tree-sitter-zig

# --------------------------------------------------------------------------------------------------------------------
# Flags

ifeq ($(filter release debug asan tsan fuzz,$(FLAVOUR)),)
$(error FLAVOUR must be release, debug, asan, tsan or fuzz)
endif
SANITIZED := $(filter asan tsan fuzz,$(FLAVOUR))

flags_release := -O2 -g
flags_debug   := -O0 -g3
flags_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
flags_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
flags_fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
                 -fno-sanitize-recover=undefined
CFLAGS        ?= $(flags_$(FLAVOUR))
CXXFLAGS      ?= $(CFLAGS)

# The core and the grammars are third-party sources: no warnings, and no checks for undefined behaviour that nobody here
# can mend. Grammars share nothing between threads, so the thread sanitizer would only slow them down.
core_flags_release := -O3 -g
core_flags_debug   := -O1 -g
core_flags_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address
core_flags_tsan    := $(flags_tsan)
core_flags_fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address
CORE_CFLAGS        ?= $(core_flags_$(FLAVOUR))

# A parser is tables and one lexer without memory of its own: compiled once for all flavours. External scanners are code.
PARSER_CC     ?= $(CC)
PARSER_CFLAGS ?= -O2

grammar_flags_release := -O2 -g
grammar_flags_debug   := -O1 -g
grammar_flags_asan    := $(core_flags_asan)
grammar_flags_tsan    := -O1 -g
grammar_flags_fuzz    := $(core_flags_fuzz)
GRAMMAR_CFLAGS        ?= $(grammar_flags_$(FLAVOUR))

# Link-time optimisation of the core together with what calls it: 1 to 8 % of the time of a parse with -O3, which alone
# gains nothing; the grammars gain from neither. Objects also hold ordinary code, for the tests to link quickly with, and
# for clang, whose objects gcc's linker plugin cannot read, it is off.
LTO ?= $(if $(filter release,$(FLAVOUR)),$(if $(findstring clang,$(CC)),,1))
lto      := $(if $(LTO),-flto=auto -ffat-lto-objects)
lto_join := $(if $(LTO),-flto=auto -flinker-output=nolto-rel)
lto_none := $(if $(LTO),-fno-lto -fno-use-linker-plugin)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
ifneq ($(WERROR),)
WARNINGS += -Werror
endif

B       := $(BUILD)/$(FLAVOUR)
NPM_DIR := $(BUILD)/grammars
NPM     := $(NPM_DIR)/node_modules
CORE    := $(NPM)/tree-sitter/vendor/tree-sitter/lib

# Each asked once, on first use.
pkg_cflags   = $(eval pkg_cflags := $$(shell $$(PKG_CONFIG) --cflags $$(PACKAGES)))$(pkg_cflags)
pkg_libs     = $(eval pkg_libs := $$(shell $$(PKG_CONFIG) --libs $$(PACKAGES)))$(pkg_libs)
check_cflags = $(eval check_cflags := $$(shell $$(PKG_CONFIG) --cflags check))$(check_cflags)
check_libs   = $(eval check_libs := $$(shell $$(PKG_CONFIG) --libs check))$(check_libs)

lib_cppflags = -D_GNU_SOURCE -Iinclude -Ilib -I$(B)/gen -isystem $(CORE)/include $(pkg_cflags) $(CPPFLAGS)
lib_cflags   = -std=c11 -fPIC -fvisibility=hidden -pthread $(WARNINGS) $(CFLAGS) $(lto)
lib_libs     = $(pkg_libs) -ldl -lm -pthread
vendor_flags = -std=c11 -w -fPIC -fvisibility=hidden
# Both macros, each spelled as one of the core's headers has it: without them those mark symbols as exported again.
core_flags   = $(vendor_flags) -D_GNU_SOURCE -DTREE_SITTER_HIDE_SYMBOLS -DTREE_SITTER_HIDDEN_SYMBOLS $(CORE_CFLAGS) $(lto)
depflags     = -MMD -MP -MF $(@:.o=.d)

# An undefined symbol in the library is a mistake to find at link time; only the sanitizers' own are left open. Calls of its own functions
# are direct: zones are entered and left by the million. Variables stay where a program may have copied them to.
shared_ldflags = -shared -Wl,-soname,$(SONAME) -Wl,--version-script=lib/libwtfcb.map -Wl,-z,relro -Wl,-z,now \
                 -Wl,-Bsymbolic-functions \
                 $(if $(SANITIZED),,-Wl,-z,defs) $(CFLAGS) $(lto) $(LDFLAGS)

# Rules that do everything in order start their parts in parallel even when nobody said -j.
make = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

ifeq ($(V),1)
Q   :=
say  = @:
else
Q   := @
say  = @printf '  %-8s%s\n' $(1) '$(2)'
endif

# --------------------------------------------------------------------------------------------------------------------
# What there is

version_part = $(shell sed -n 's/^.define WTFCB_VERSION_$(1) \([0-9]*\)$$/\1/p' include/wtfcb/version.h)
MAJOR   := $(call version_part,MAJOR)
VERSION := $(MAJOR).$(call version_part,MINOR).$(call version_part,PATCH)
SONAME  := libwtfcb.so.$(MAJOR)

LIB_SOURCES := $(sort $(foreach m,$(MODULES),$(wildcard lib/$(m)/*.c lib/$(m)/*/*.c)))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(B)/obj/%.o) $(B)/tree-sitter.o
SHARED      := $(B)/libwtfcb.so.$(VERSION)
STATIC      := $(B)/libwtfcb.a
INTERNAL    := $(B)/libwtfcb-internal.a

# The object that is preloaded to trace allocations: by itself, of what is in lib/alloc and the one lock that it shares with the library. The
# sanitizers have a malloc of their own, so there it is not built; its parts are tested there all the same.
ALLOC          := $(if $(SANITIZED),,$(B)/wtfcb/libwtfcb-alloc.so)
ALLOC_PARTS    := $(patsubst %.c,$(B)/obj/%.o,$(filter-out lib/alloc/preload.c,$(wildcard lib/alloc/*.c)))

GRAMMAR_NAMES   := $(foreach g,$(GRAMMARS),$(firstword $(subst =, ,$(g))))
GRAMMAR_SHARED  := $(GRAMMAR_NAMES:%=$(B)/grammars/%.so)
GRAMMAR_STATIC  := $(GRAMMAR_NAMES:%=$(B)/grammars/libwtfcb-grammar-%.a)

# test/<module>/test_*.c are programs; any other .c file there is shared by the programs of that module.
TEST_MODULES  := $(MODULES) alloc examples
THREADED      := pool profiler cache scanner alloc
# One thread and much work, or sizes of memory and numbers of threads that the thread sanitizer has a part in.
SINGLE        := test/scanner/test_hostile $(patsubst %,test/profiler/test_timeline%,_process _series) test/profiler/test_timeline
TEST_SOURCES  := $(sort $(foreach m,$(TEST_MODULES),$(wildcard test/$(m)/test_*.c)))
# The sanitizers have a malloc of their own, which nothing can be put in front of.
ifneq ($(SANITIZED),)
TEST_SOURCES  := $(filter-out test/alloc/test_preload%,$(TEST_SOURCES))
endif
TEST_WITHOUT  ?=
TEST_PROGRAMS := $(filter-out $(TEST_WITHOUT:%=$(B)/%),$(TEST_SOURCES:%.c=$(B)/%))
TEST_SHARED    = $(filter-out test/$(1)/test_% test/$(1)/fuzz_%,$(wildcard test/$(1)/*.c))

# test/<module>/fuzz_*.c are fuzz targets; each is also a test program that runs its corpus once.
FUZZ_SOURCES := $(sort $(foreach m,$(TEST_MODULES),$(wildcard test/$(m)/fuzz_*.c)))
FUZZ_REPLAYS := $(FUZZ_SOURCES:%.c=$(B)/%)
FUZZ_TARGETS := $(FUZZ_SOURCES:%.c=$(B)/fuzz/%)

# examples/*.c, *.cc are programs of one file; each folder examples/wtfcb-*/ is a program that gets installed, and
# examples/common/ is linked into all of those.
EXAMPLE_SOURCES  := $(sort $(wildcard examples/*.c examples/*.cc))
EXAMPLE_PROGRAMS := $(addprefix $(B)/,$(basename $(EXAMPLE_SOURCES)))
PROGRAM_NAMES    := $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard examples/wtfcb-*/*.c)))))
PROGRAMS         := $(PROGRAM_NAMES:%=$(B)/bin/%)
program_objects   = $(patsubst %.c,$(B)/obj/%.o,$(wildcard examples/$(1)/*.c examples/common/*.c))

# What compares with another library is built where that library is.
BENCH_PROGRAMS  = $(filter-out $(if $(sqlite_libs),,$(B)/bench/cache_sqlite),$(patsubst test/bench/%.c,$(B)/bench/%,$(wildcard test/bench/*.c)))
sqlite_libs     = $(eval sqlite_libs := $$(shell $$(PKG_CONFIG) --libs sqlite3 2>/dev/null))$(sqlite_libs)

# --------------------------------------------------------------------------------------------------------------------
# Entry points

.PHONY: all lib grammars static programs tests demo deps check check-all check-sanitizers lint format bench \
        install uninstall dist clean help symbols abi-check unit-check example-check FORCE
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

all: lib static grammars programs

lib: $(B)/libwtfcb.so $(B)/$(SONAME) $(ALLOC)
static: $(if $(SANITIZED),,$(STATIC) $(GRAMMAR_STATIC)) $(INTERNAL)
grammars: $(GRAMMAR_SHARED)
programs: $(PROGRAMS) $(EXAMPLE_PROGRAMS) $(GRAMMAR_SHARED)
tests: $(TEST_PROGRAMS) $(FUZZ_REPLAYS) $(GRAMMAR_SHARED)

help:
	@printf '%s\n' \
	    'Targets' \
	    '  all          libraries, grammars, programs and examples, in $(B)' \
	    '  demo         install what is missing, build, scan a real tree' \
	    '  deps         install compilers, libraries and the locked grammar sources, where missing' \
	    '  check        build and run the quick tests; the last line counts them' \
	    '  check-all    check, then the sanitizers and the long versions of tests' \
	    '  check-sanitizers   tests under address and undefined, those with threads under thread' \
	    '  fuzz         fuzz for FUZZ_SECONDS=60 with clang: FUZZ="ignore detect count grammar:c ...", all of them' \
	    '  fuzz-merge   what is new in the corpora of the same into test/corpus, minimised' \
	    '  lint         format, clang-tidy, cppcheck, include directions, symbols, manual pages, sizes' \
	    '  format       rewrite the sources with clang-format' \
	    '  symbols      rewrite lib/libwtfcb.map from the public headers' \
	    '  bench        measure wtfcb-scan against its floors on BENCH_TREE=DIR' \
	    '  install      into DESTDIR and PREFIX=$(PREFIX); uninstall takes it away again' \
	    '  dist         a tarball of the last commit' \
	    '  clean        remove $(BUILD)' \
	    'Settings' \
	    '  FLAVOUR=release|debug|asan|tsan   V=1   WERROR=1   CC=   CFLAGS=   BUILD=build' \
	    '  PREFIX= BINDIR= LIBDIR= INCLUDEDIR= MANDIR= DESTDIR='

# --------------------------------------------------------------------------------------------------------------------
# What must be on the machine

# The stamp is a prerequisite of everything that is compiled: on a machine where nothing is missing it costs a few
# milliseconds once.
deps:
	$(Q)test/tools/deps build
	$(Q)mkdir -p $(BUILD) && touch $(BUILD)/.deps
	$(Q)$(make) $(NPM_DIR)/.installed

$(BUILD)/.deps: test/tools/deps
	$(Q)test/tools/deps build
	$(Q)mkdir -p $(BUILD) && touch $@

# Installed beside the build, so that nothing lands in lib/. Prebuilt binaries in the packages are of no use here.
$(NPM_DIR)/.installed: lib/grammars/package.json lib/grammars/package-lock.json | $(BUILD)/.deps
	$(call say,NPM,$(NPM_DIR))
	$(Q)mkdir -p $(NPM_DIR) && cp lib/grammars/package.json lib/grammars/package-lock.json $(NPM_DIR)/
	$(Q)cd $(NPM_DIR) && npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error >npm.log 2>&1 \
	    || { cat npm.log; exit 1; }
	$(Q)find $(NPM) -depth -type d '(' -name prebuilds -o -name bin ')' -exec rm -rf {} +
	$(Q)touch $@

# --------------------------------------------------------------------------------------------------------------------
# Library

# Changes when the compiler or its flags do, and everything is then compiled again.
flags_text = $(CC) $(CFLAGS) $(lto) $(core_flags) $(vendor_flags) $(GRAMMAR_CFLAGS) $(CPPFLAGS) $(filter-out -Werror,$(WARNINGS)) $(LDFLAGS)
$(B)/.flags: FORCE
	@mkdir -p $(@D); echo '$(flags_text)' | cmp -s - $@ || echo '$(flags_text)' >$@

$(B)/.libdir: FORCE
	@mkdir -p $(@D); echo '$(LIBDIR)' | cmp -s - $@ || echo '$(LIBDIR)' >$@

# A digest of all sources that decide what is found in a file: remembered results of other sources are not ours.
RESULT_SOURCES := $(sort $(wildcard lib/base/hash.* lib/lang/*.[ch] lib/lang/rules/*.[ch] lib/scanner/[e-z]*.[ch])) \
                  lib/grammars/package-lock.json
$(B)/gen/scanner/results_version.h: $(RESULT_SOURCES)
	$(Q)mkdir -p $(@D)
	$(Q)cat $(RESULT_SOURCES) | sha256sum | sed 's/^\(.\{16\}\).*/#define WTFCB_RESULTS_VERSION UINT64_C(0x\1)/' >$@
$(B)/obj/lib/scanner/recall_key.o: $(B)/gen/scanner/results_version.h

# The pages that profiles and reports can be written as: template, styles and scripts in one array each. Reports draw timelines as profiles do.
profiler_page  := $(addprefix lib/profiler/page/,page.css format.js timeline.js chart.js flame.js table.js zones.js sites.js machine.js page.js)
benchmark_page := $(addprefix lib/profiler/page/,page.css format.js timeline.js chart.js machine.js) \
                  $(addprefix lib/benchmark/page/,page.css bars.js samples.js scaling.js verdicts.js page.js)
define page_rules
$(B)/gen/$(1)/page.h: test/tools/build-page lib/$(1)/page/page.html $($(1)_page)
	$$(Q)mkdir -p $$(@D)
	$$(Q)test/tools/build-page lib/$(1)/page/page.html $($(1)_page) >$$@.new && mv $$@.new $$@
endef
$(foreach m,profiler benchmark,$(eval $(call page_rules,$(m))))
$(B)/obj/lib/profiler/export_html.o: $(B)/gen/profiler/page.h
$(B)/obj/lib/benchmark/report_html.o: $(B)/gen/benchmark/page.h

$(B)/obj/lib/%.o: lib/%.c $(B)/.flags | $(BUILD)/.deps $(NPM_DIR)/.installed
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(lib_cppflags) $(object_cppflags) -DWTFCB_BASE_FOLDER=$(firstword $(subst /, ,$*)) $(lib_cflags) $(depflags) -c -o $@ $<

# The one object that knows where grammars are installed.
GRAMMAR_LOADER := $(B)/obj/lib/lang/grammar.o
$(GRAMMAR_LOADER): $(B)/.libdir
$(GRAMMAR_LOADER): object_cppflags = -DWTFCB_GRAMMAR_DIR='"$(LIBDIR)/wtfcb/grammars"'

# The library's core takes its memory from the worker's arena: the core's own names for malloc and its kin are replaced. So is its
# assert().
core_memory := -include lang/core_memory.h -Dts_malloc=wtfcb_lang_core_malloc -Dts_calloc=wtfcb_lang_core_calloc \
               -Dts_realloc=wtfcb_lang_core_realloc -Dts_free=wtfcb_lang_core_release

$(B)/tree-sitter.o: $(NPM_DIR)/.installed lib/lang/core_memory.h Makefile $(B)/.flags | $(BUILD)/.deps
	$(call say,CC,tree-sitter/src/lib.c)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(core_flags) -Iinclude -Ilib $(core_memory) -I$(CORE)/include -I$(CORE)/src -c -o $@ $(CORE)/src/lib.c

# The floors that the library is measured against use the same core with libc's malloc.
$(B)/bench/tree-sitter.o: $(NPM_DIR)/.installed $(B)/.flags | $(BUILD)/.deps
	$(call say,CC,tree-sitter/src/lib.c)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(core_flags) -I$(CORE)/include -I$(CORE)/src -c -o $@ $(CORE)/src/lib.c

$(SHARED): $(LIB_OBJECTS) lib/libwtfcb.map Makefile
	$(call say,LINK,$@)
	$(Q)$(CC) $(shared_ldflags) -o $@ $(LIB_OBJECTS) $(lib_libs)

$(B)/$(SONAME): $(SHARED)
	$(Q)ln -sf $(<F) $@

$(B)/libwtfcb.so: $(B)/$(SONAME)
	$(Q)ln -sf $(<F) $@

# One object in which everything is local that the map does not name: a program may link its own tree-sitter beside it.
$(STATIC): $(LIB_OBJECTS) lib/libwtfcb.map Makefile
	$(call say,AR,$@)
	$(Q)$(CC) -r -nostdlib $(CFLAGS) $(lto_join) -o $(B)/libwtfcb.o $(LIB_OBJECTS)
	$(Q)test/tools/symbols listed >$(B)/exported
	$(Q)$(OBJCOPY) --keep-global-symbols=$(B)/exported $(B)/libwtfcb.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(B)/libwtfcb.o

# For unit tests, which reach what is internal.
$(INTERNAL): $(LIB_OBJECTS) $(ALLOC_PARTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIB_OBJECTS) $(ALLOC_PARTS)

# Its thread's variables are where the loader puts them before the program starts: no call to find them, which could allocate.
$(B)/obj/lib/alloc/%.o: private lib_cflags += -ftls-model=initial-exec -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free -fasynchronous-unwind-tables -fno-lto

$(B)/wtfcb/libwtfcb-alloc.so: $(ALLOC_PARTS) $(B)/obj/lib/alloc/preload.o $(B)/obj/lib/base/spin.o Makefile
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -shared -Wl,-soname,$(@F) -Wl,-z,relro -Wl,-z,now -Wl,-z,defs $(CFLAGS) $(lto_none) -o $@ \
	    $(filter %.o,$^) $(LDFLAGS)

# --------------------------------------------------------------------------------------------------------------------
# Grammars

# Parser, external scanner if there is one, and our own part, joined into one object from which both kinds are made. The
# digest covers every source file of the grammar, not the compiler or its flags: caches are shared between machines.
P := $(BUILD)/parsers

$(P)/.flags: FORCE
	@mkdir -p $(@D); echo '$(PARSER_CC) $(vendor_flags) $(PARSER_CFLAGS)' | cmp -s - $@ || echo '$(PARSER_CC) $(vendor_flags) $(PARSER_CFLAGS)' >$@

define grammar_rules
$(P)/$(1).o: $(NPM_DIR)/.installed $(P)/.flags | $(BUILD)/.deps
	$$(call say,PARSER,$(1))
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(PARSER_CC) $$(vendor_flags) $$(PARSER_CFLAGS) -I$(NPM)/$(2)/src -c -o $$@ $(NPM)/$(2)/src/parser.c

$(B)/grammars/$(1).o: $(P)/$(1).o $$(wildcard lib/grammars/*.[ch]) test/tools/build-grammar $(B)/.flags
	$$(call say,GRAMMAR,$(1))
	$$(Q)mkdir -p $(B)/obj/grammars/$(1) $$(@D)
	$$(Q)test/tools/build-grammar $(1) $(NPM)/$(2) $(P)/$(1).o $(B)/obj/grammars/$(1) $$@ \
	    "$$(CC) $$(vendor_flags) $$(GRAMMAR_CFLAGS)" "$$(LD)"
endef
$(foreach g,$(GRAMMARS),$(eval $(call grammar_rules,$(firstword $(subst =, ,$(g))),$(lastword $(subst =, ,$(g))))))

$(B)/grammars/%.so: $(B)/grammars/%.o
	$(Q)echo '{ global: wtfcb_grammar_$*; local: *; };' >$(B)/obj/grammars/$*/map
	$(Q)$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script=$(B)/obj/grammars/$*/map -Wl,-z,relro -Wl,-z,now \
	    $(if $(SANITIZED),,-Wl,-z,defs) $(GRAMMAR_CFLAGS) $(LDFLAGS) -o $@ $<

$(B)/grammars/libwtfcb-grammar-%.a: $(B)/grammars/%.o
	$(Q)$(OBJCOPY) --keep-global-symbol=wtfcb_grammar_$* $< $(B)/obj/grammars/$*/static.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(B)/obj/grammars/$*/static.o

# --------------------------------------------------------------------------------------------------------------------
# Programs and examples: the public headers and the shared library, nothing else

program_cppflags = -D_GNU_SOURCE -Iinclude $(CPPFLAGS)
build_rpath      = -L$(B) -lwtfcb -Wl,-rpath,'$$ORIGIN/..'

$(B)/obj/examples/%.o: examples/%.c $(B)/.flags | $(BUILD)/.deps
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(program_cppflags) -Iexamples -std=c11 $(WARNINGS) $(CFLAGS) $(depflags) -c -o $@ $<

$(B)/examples/%: examples/%.c $(B)/.flags $(B)/libwtfcb.so
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(program_cppflags) -std=c11 $(WARNINGS) $(CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(build_rpath) $(LDFLAGS)

$(B)/examples/%: examples/%.cc $(B)/.flags $(B)/libwtfcb.so
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) $(program_cppflags) -std=c++17 -Wall -Wextra -Wpedantic $(CXXFLAGS) -MMD -MP -MF $@.d -o $@ $< \
	    $(build_rpath) $(LDFLAGS)

# Linked once for the build tree and once for where it is installed.
define program_rules
$(B)/bin/$(1): $(call program_objects,$(1)) $(B)/libwtfcb.so
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) -o $$@ $(call program_objects,$(1)) $$(build_rpath) $$(LDFLAGS)

$(B)/install/$(1): $(call program_objects,$(1)) $(B)/libwtfcb.so $(B)/.libdir
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) -o $$@ $(call program_objects,$(1)) -L$(B) -lwtfcb \
	    -Wl,-rpath,'$$$$ORIGIN/'"$$$$(realpath -m --relative-to='$(BINDIR)' '$(LIBDIR)')" $$(LDFLAGS)
endef
$(foreach p,$(PROGRAM_NAMES),$(eval $(call program_rules,$(p))))

# The real tree to scan on any machine: the sources of the grammars, large C and C headers, Rust, JavaScript.
demo: deps
	$(Q)$(make) all
	$(Q)test/tools/demo $(B) $(NPM)

# --------------------------------------------------------------------------------------------------------------------
# Tests

$(B)/obj/test/%.o: test/%.c $(B)/.flags | $(BUILD)/.deps $(NPM_DIR)/.installed
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(lib_cppflags) -Itest $(check_cflags) $(lib_cflags) $(depflags) -c -o $@ $<

define test_rules
$(patsubst %.c,$(B)/%,$(wildcard test/$(1)/test_*.c)): $(B)/test/$(1)/%: $(B)/obj/test/$(1)/%.o \
    $(patsubst %.c,$(B)/obj/%.o,$(call TEST_SHARED,$(1))) $(INTERNAL)
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) $$(lto_none) -o $$@ $$^ $$(check_libs) $$(lib_libs) $$(LDFLAGS)
endef
$(foreach m,$(TEST_MODULES),$(eval $(call test_rules,$(m))))

# A test that says who called a function has frame pointers, whatever the flavour.
$(B)/obj/test/profiler/test_cpu.o: private CFLAGS += -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fno-optimize-sibling-calls

# Shared objects of a host with zones in them, which a test loads; it lends them its own copy of the library.
HOST_OBJECTS := $(addprefix $(B)/test/profiler/hosts/,plugin.so plugin_without.so plugin_cxx11.so plugin_cxx17.so plugin_cxx_without.so)
$(B)/test/profiler/test_zone_hosts: private LDFLAGS += -rdynamic
$(B)/test/profiler/test_zone_hosts: | $(HOST_OBJECTS)

host_flags = -fPIC -shared -fvisibility=hidden -Wall -Wextra -Wpedantic $(if $(WERROR),-Werror) -Iinclude
host_cxx   = $(CXX) $(host_flags) $(CXXFLAGS)
$(HOST_OBJECTS): test/profiler/hosts/plugin.c test/profiler/hosts/plugin_cxx.cc include/wtfcb/zone.h $(B)/.flags | $(BUILD)/.deps
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(host_compiler) -o $@ $(host_source) $(LDFLAGS)
%/plugin.so %/plugin_without.so: host_source = test/profiler/hosts/plugin.c
%/plugin_cxx11.so %/plugin_cxx17.so %/plugin_cxx_without.so: host_source = test/profiler/hosts/plugin_cxx.cc
%/plugin.so: host_compiler = $(CC) $(host_flags) $(CFLAGS) -std=c99
%/plugin_without.so: host_compiler = $(CC) $(host_flags) $(CFLAGS) -std=c99 -DWTFCB_NO_ZONES $(if $(SANITIZED),,-Wl,-z,defs)
%/plugin_cxx11.so: host_compiler = $(host_cxx) -std=c++11
%/plugin_cxx17.so: host_compiler = $(host_cxx) -std=c++17
%/plugin_cxx_without.so: host_compiler = $(host_cxx) -std=c++17 -DWTFCB_NO_ZONES $(if $(SANITIZED),,-Wl,-z,defs)

# Programs that are traced.
SUBJECTS := $(addprefix $(B)/test/alloc/subjects/,subject own_malloc plugin.so)
$(filter $(B)/test/alloc/test_preload%,$(TEST_PROGRAMS)): | $(SUBJECTS) $(ALLOC)

subject_flags = -D_GNU_SOURCE -Ilib -std=c11 $(WARNINGS) $(CFLAGS) -fomit-frame-pointer -fno-builtin-malloc \
    -fno-optimize-sibling-calls
$(B)/test/alloc/subjects/%: test/alloc/subjects/%.c lib/alloc/region.h $(B)/.flags | $(BUILD)/.deps
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(subject_flags) -o $@ $< -pthread -ldl $(LDFLAGS)

$(B)/test/alloc/subjects/%.so: test/alloc/subjects/%.c $(B)/.flags | $(BUILD)/.deps
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(subject_flags) -fPIC -shared -o $@ $< $(LDFLAGS)

check: deps
	$(Q)$(make) all tests
	$(Q)status=0; for part in abi-check example-check unit-check; do $(make) $$part || status=1; done; exit $$status

unit-check: tests
	$(Q)test/run $(if $(SANITIZED),--one-process) --build=$(B) $(TEST_PROGRAMS) $(FUZZ_REPLAYS)

example-check: programs
	$(Q)if [ -x examples/check.sh ]; then \
	    WTFCB_BUILD_DIR='$(abspath $(B))' CC='$(CC)' CXX='$(CXX)' examples/check.sh; fi

abi-check: lib static
	$(Q)test/abi/run $(B) $(CORE) '$(CC)' "$(lib_libs)" $(GRAMMAR_NAMES)

# The thread sanitizer is for what has threads.
check-sanitizers:
	$(Q)$(make) FLAVOUR=asan tests
	$(Q)$(make) FLAVOUR=tsan TEST_MODULES='$(THREADED)' TEST_WITHOUT='$(SINGLE)' tests
	$(Q)status=0; $(make) FLAVOUR=asan unit-check || status=1; \
	    $(make) FLAVOUR=tsan TEST_MODULES='$(THREADED)' TEST_WITHOUT='$(SINGLE)' unit-check || status=1; exit $$status

check-all: check
	$(Q)WTFCB_TEST_LONG=1 $(make) check-sanitizers
	$(Q)WTFCB_TEST_LONG=1 $(make) unit-check
	$(Q)$(make) fuzz FUZZ_SECONDS=120

# --------------------------------------------------------------------------------------------------------------------
# Fuzzing

# Core, library and external scanners are instrumented; parser tables are those of the other flavours. The time is shared
# out among the targets.
FUZZ         ?= $(patsubst fuzz_%,%,$(filter-out fuzz_grammar,$(basename $(notdir $(FUZZ_SOURCES))))) $(GRAMMAR_NAMES:%=grammar:%)
FUZZ_SECONDS ?= 60
FUZZ_CC      ?= clang
fuzz_make     = $(make) FLAVOUR=fuzz CC=$(FUZZ_CC) PARSER_CC='$(CC)'

.PHONY: fuzz fuzz-merge fuzz-programs
fuzz: deps
	$(Q)test/tools/deps fuzz
	$(Q)$(fuzz_make) fuzz-programs
	$(Q)test/tools/fuzz run $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZ)

fuzz-merge: deps
	$(Q)test/tools/deps fuzz
	$(Q)$(fuzz_make) fuzz-programs
	$(Q)test/tools/fuzz merge $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZ)

fuzz-programs: $(FUZZ_TARGETS) $(GRAMMAR_SHARED)

# Grammars are loaded at run time and count their coverage in the program.
$(B)/fuzz/%: $(B)/obj/%.o $(INTERNAL)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -rdynamic -o $@ $^ $(lib_libs) $(LDFLAGS)

$(FUZZ_REPLAYS): $(B)/%: $(B)/obj/%.o $(B)/obj/test/fuzz_replay.o $(INTERNAL)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(lto_none) -o $@ $^ $(lib_libs) $(LDFLAGS)

# --------------------------------------------------------------------------------------------------------------------
# Floors: what the work costs without the library

$(B)/bench/%: test/bench/%.c $(B)/bench/tree-sitter.o $(B)/.flags | $(BUILD)/.deps
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(lib_cppflags) $(lib_cflags) -MMD -MP -MF $@.d -o $@ $< $(B)/bench/tree-sitter.o $(lib_libs) $(LDFLAGS)

# Parts of the library alone, against floors in the same program.
define bench_rules
$(B)/bench/$(1)_%: test/bench/$(1)_%.c $(INTERNAL) $(B)/.flags | $(BUILD)/.deps
	$$(call say,CC,$$<)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(lib_cppflags) $$(lib_cflags) -MMD -MP -MF $$@.d -o $$@ $$< $(INTERNAL) $$(lib_libs) $$(LDFLAGS)
endef
$(foreach m,alloc cache profiler benchmark,$(eval $(call bench_rules,$(m))))

# Scans as a program has them that embeds the library.
$(B)/bench/scan_%: test/bench/scan_%.c $(B)/libwtfcb.so $(B)/.flags | $(BUILD)/.deps
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(program_cppflags) -std=c11 $(WARNINGS) $(CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(build_rpath) $(LDFLAGS)

$(B)/bench/cache_sqlite: private LDFLAGS += $(sqlite_libs)

# BENCH_TREE=DIR names the tree, BENCH_FLAGS what test/bench/budgets takes; a generated project otherwise.
bench: all
	$(Q)$(make) bench-programs
	$(Q)test/bench/budgets $(BENCH_FLAGS) $(B) $(BENCH_TREE)

.PHONY: bench-programs
ifneq ($(filter bench-programs,$(MAKECMDGOALS)),)
bench-programs: $(BENCH_PROGRAMS)
endif

# --------------------------------------------------------------------------------------------------------------------
# Care of the sources

lint: deps lib
	$(Q)test/tools/deps lint
	$(Q)LINT_CPPFLAGS="$(lib_cppflags) -Itest $(check_cflags)" test/tools/lint $(B)

format:
	$(Q)test/tools/deps lint
	$(Q)test/tools/own-sources | xargs -r clang-format -i

symbols:
	$(Q)mkdir -p $(BUILD)
	$(Q)test/tools/symbols map >$(BUILD)/libwtfcb.map && cp $(BUILD)/libwtfcb.map lib/libwtfcb.map

# --------------------------------------------------------------------------------------------------------------------
# Installation

pc_file = $(B)/libwtfcb.pc
$(pc_file): pkgconfig/libwtfcb.pc.in include/wtfcb/version.h $(B)/.libdir
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	    -e 's|@VERSION@|$(VERSION)|' -e 's|@PACKAGES@|$(PACKAGES)|' $< >$@

MAN_PAGES := $(wildcard man/*.[1357])
HEADERS   := $(wildcard include/*.h include/wtfcb/*.h)

install: all $(pc_file) $(PROGRAM_NAMES:%=$(B)/install/%)
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(LIBDIR)/wtfcb/grammars' \
	    '$(DESTDIR)$(INCLUDEDIR)/wtfcb' '$(DESTDIR)$(DOCDIR)'
	$(Q)install -m 644 $(wildcard include/*.h) '$(DESTDIR)$(INCLUDEDIR)/'
	$(Q)install -m 644 $(wildcard include/wtfcb/*.h) '$(DESTDIR)$(INCLUDEDIR)/wtfcb/'
	$(Q)install -m 755 $(SHARED) '$(DESTDIR)$(LIBDIR)/'
	$(Q)ln -sf $(notdir $(SHARED)) '$(DESTDIR)$(LIBDIR)/$(SONAME)'
	$(Q)ln -sf $(SONAME) '$(DESTDIR)$(LIBDIR)/libwtfcb.so'
	$(Q)install -m 644 $(STATIC) $(GRAMMAR_STATIC) '$(DESTDIR)$(LIBDIR)/'
	$(Q)install -m 755 $(GRAMMAR_SHARED) '$(DESTDIR)$(LIBDIR)/wtfcb/grammars/'
	$(Q)install -m 755 $(ALLOC) '$(DESTDIR)$(LIBDIR)/wtfcb/'
	$(Q)install -m 644 $(pc_file) '$(DESTDIR)$(LIBDIR)/pkgconfig/'
	$(Q)install -m 644 LICENSE NOTICE '$(DESTDIR)$(DOCDIR)/'
	$(Q)for p in $(PROGRAM_NAMES); do install -m 755 $(B)/install/$$p '$(DESTDIR)$(BINDIR)/' || exit 1; done
	$(Q)for m in $(MAN_PAGES); do \
	    install -D -m 644 $$m '$(DESTDIR)$(MANDIR)'/man$${m##*.}/$${m##*/} || exit 1; done

uninstall:
	$(call say,REMOVE,$(DESTDIR)$(PREFIX))
	$(Q)cd '$(DESTDIR)$(INCLUDEDIR)' && rm -f $(HEADERS:include/%=%)
	$(Q)cd '$(DESTDIR)$(LIBDIR)' && rm -f libwtfcb.so $(SONAME) $(notdir $(SHARED) $(STATIC) $(GRAMMAR_STATIC)) \
	    pkgconfig/libwtfcb.pc $(GRAMMAR_NAMES:%=wtfcb/grammars/%.so) wtfcb/libwtfcb-alloc.so
	$(Q)cd '$(DESTDIR)$(BINDIR)' && rm -f $(PROGRAM_NAMES)
	$(Q)cd '$(DESTDIR)$(DOCDIR)' && rm -f LICENSE NOTICE
	$(Q)for m in $(MAN_PAGES); do rm -f '$(DESTDIR)$(MANDIR)'/man$${m##*.}/$${m##*/}; done
	$(Q)rmdir '$(DESTDIR)$(LIBDIR)/wtfcb/grammars' '$(DESTDIR)$(LIBDIR)/wtfcb' '$(DESTDIR)$(DOCDIR)' \
	    '$(DESTDIR)$(INCLUDEDIR)/wtfcb' 2>/dev/null || :

dist:
	$(Q)mkdir -p $(BUILD)
	$(Q)git archive --format=tar.gz --prefix=libwtfcb-$(VERSION)/ -o $(BUILD)/libwtfcb-$(VERSION).tar.gz HEAD
	@echo $(BUILD)/libwtfcb-$(VERSION).tar.gz

clean:
	rm -rf $(BUILD)

-include $(shell find $(B) -name '*.d' -type f 2>/dev/null)
