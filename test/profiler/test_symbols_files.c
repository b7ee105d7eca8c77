/*
 * Symbols of files that are made for the purpose: stripped, with what was stripped elsewhere, with inlined functions, replaced, damaged. They are compiled
 * here; where there is no compiler there is nothing to look at.
 */
#include "profiler/symbols.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profiler/symbols_libdw.h"

#include "../base/counting.h"
#include "../test.h"

enum { BASE = 0x100000, SPAN = 0x100000 };

static char *folder;

/* Run a command in the folder. */
__attribute__((format(printf, 1, 2))) static bool run(const char *format, ...)
{
    char command[4096];
    int at = snprintf(command, sizeof command, "cd '%s' && { ", folder);
    va_list arguments;
    va_start(arguments, format);
    at += vsnprintf(command + at, sizeof command - (size_t)at, format, arguments);
    va_end(arguments);
    (void)snprintf(command + at, sizeof command - (size_t)at, "; } >/dev/null 2>&1");
    return system(command) == 0;
}

static void write_file(const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static const char source[] = "static inline __attribute__((always_inline)) int inner(int a, volatile int *b)\n"
                             "{\n"
                             "    for (int i = 0; i < a; i++) *b += i * a;\n"
                             "    return *b;\n"
                             "}\n"
                             "static inline __attribute__((always_inline)) int middle(int a, volatile int *b)\n"
                             "{\n"
                             "    if (a > 3) { int c = inner(a, b); *b += c; }\n"
                             "    return inner(a + 1, b) ^ *b;\n"
                             "}\n"
                             "static __attribute__((noinline)) int hidden(int a, volatile int *b)\n"
                             "{\n"
                             "    *b = 7;\n"
                             "    return middle(a, b) * 2;\n"
                             "}\n"
                             "int shown(int a, volatile int *b);\n"
                             "int shown(int a, volatile int *b)\n"
                             "{\n"
                             "    return hidden(a + 1, b) + middle(a, b) - 1;\n"
                             "}\n";

/* The folder with made.so in it, debug information and all; false: there is no compiler. */
static bool made(void)
{
    if (!folder) folder = wtfcb_test_directory();
    write_file("made.c", source);
    return run("cc -O2 -g -fPIC -shared -Wl,--build-id=sha1 -o made.so made.c && rm -rf root && mkdir root");
}

/* Where a function is in a file, as nm says; 0: it is not there. */
static uint64_t address_of(const char *file, const char *function)
{
    char command[1024];
    char name[128];
    char type;
    unsigned long long value;
    uint64_t found = 0;
    (void)snprintf(command, sizeof command, "nm '%s/%s'", folder, file);
    FILE *lines = popen(command, "re");
    ck_assert_ptr_nonnull(lines);
    char line[256];
    while (fgets(line, sizeof line, lines)) {
        if (sscanf(line, "%llx %c %127s", &value, &type, name) == 3 && strcmp(name, function) == 0) found = value;
    }
    (void)pclose(lines);
    return found;
}

static wtfcb_status map_file(wtfcb_profiler_symbols *symbols, const char *file)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    return wtfcb_profiler_symbols_add_map(symbols, 1, BASE, BASE + SPAN, 0, path, NULL, 0);
}

static wtfcb_profiler_symbols *make(const char *file)
{
    wtfcb_profiler_symbols *symbols;
    char root[512];
    (void)snprintf(root, sizeof root, "%s/root", folder);
    ck_assert_int_eq(wtfcb_profiler_symbols_new(NULL, &symbols), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_symbols_set_debug_root(symbols, root), WTFCB_OK);
    ck_assert_int_eq(map_file(symbols, file), WTFCB_OK);
    return symbols;
}

/* What is at an address of the file: code is where it is in the file. */
static uint32_t find(wtfcb_profiler_symbols *symbols, uint64_t address, const wtfcb_profiler_symbol **ret_functions)
{
    return wtfcb_profiler_symbols_find(symbols, wtfcb_profiler_symbols_place(symbols, 1, BASE + address), false,
                                       ret_functions);
}

static const char *outermost(wtfcb_profiler_symbols *symbols, uint64_t address)
{
    const wtfcb_profiler_symbol *functions;
    uint32_t count = find(symbols, address, &functions);
    ck_assert_uint_gt(count, 0);
    return functions[count - 1].name;
}

/* The name that stays when nothing is known, in a text that the next call overwrites. */
static const char *plain(const char *file, uint64_t address)
{
    static char name[256];
    (void)snprintf(name, sizeof name, "%s+0x%llx", file, (unsigned long long)address);
    return name;
}

START_TEST(what_is_stripped_has_the_names_it_exports)
{
    if (!made() || !run("cp made.so stripped.so && strip stripped.so")) return;
    uint64_t hidden = address_of("made.so", "hidden");
    wtfcb_profiler_symbols *symbols = make("stripped.so");
    ck_assert_str_eq(outermost(symbols, address_of("made.so", "shown")), "shown");
    ck_assert_str_eq(outermost(symbols, hidden), plain("stripped.so", hidden));
    ck_assert_str_eq(outermost(symbols, SPAN - 1), plain("stripped.so", SPAN - 1));
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(what_was_stripped_is_found_by_build_id)
{
    bool ready = made() && run("cp made.so stripped.so && strip stripped.so && objcopy --only-keep-debug made.so d &&"
                               "id=$(readelf -n made.so | sed -n 's/.*Build ID: //p') && test -n \"$id\" &&"
                               "mkdir -p root/.build-id/${id%%%%${id#??}} &&"
                               "cp d root/.build-id/${id%%%%${id#??}}/${id#??}.debug");
    if (!ready) return;
    wtfcb_profiler_symbols *symbols = make("stripped.so");
    ck_assert_str_eq(outermost(symbols, address_of("made.so", "hidden")), "hidden");
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(what_was_stripped_is_found_by_link_if_it_belongs_there)
{
    bool ready = made() && run("objcopy --only-keep-debug made.so made.debug && cp made.so linked.so &&"
                               "strip linked.so && objcopy --add-gnu-debuglink=made.debug linked.so");
    if (!ready) return;
    uint64_t hidden = address_of("made.so", "hidden");
    wtfcb_profiler_symbols *symbols = make("linked.so");
    ck_assert_str_eq(outermost(symbols, hidden), "hidden");
    wtfcb_profiler_symbols_free(symbols);
    ck_assert(run("mkdir -p .debug && mv made.debug .debug/"));
    symbols = make("linked.so");
    ck_assert_str_eq(outermost(symbols, hidden), "hidden");
    wtfcb_profiler_symbols_free(symbols);
    ck_assert(run("mkdir -p root'%s' && mv .debug/made.debug root'%s'/", folder, folder));
    symbols = make("linked.so");
    ck_assert_str_eq(outermost(symbols, hidden), "hidden");
    wtfcb_profiler_symbols_free(symbols);
    ck_assert(run("echo 'int hidden(void); int hidden(void) { return 1; }' >o.c && cc -g -shared -fPIC"
                  " -Wl,--build-id=sha1 -o o.so o.c && objcopy --only-keep-debug o.so made.debug && rm -r root"));
    symbols = make("linked.so");
    ck_assert_str_eq(outermost(symbols, hidden), plain("linked.so", hidden));
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

/* The names that addr2line prints for an address, "a b c", innermost first. */
static bool expected_chain(uint64_t address, char *chain, size_t size)
{
    char command[1024];
    char line[1024];
    (void)snprintf(command, sizeof command, "addr2line -if -e '%s/made.so' 0x%llx", folder,
                   (unsigned long long)address);
    FILE *lines = popen(command, "re");
    if (!lines) return false;
    size_t length = 0;
    chain[0] = '\0';
    for (int number = 0; fgets(line, sizeof line, lines); number++) {
        line[strcspn(line, "\n")] = '\0';
        if (number % 2 == 0) length += (size_t)snprintf(chain + length, size - length, "%s ", line);
    }
    return pclose(lines) == 0;
}

START_TEST(inlined_functions_are_those_that_addr2line_names)
{
    if (!made() || !wtfcb_profiler_libdw_load() || !run("addr2line --version")) return;
    wtfcb_profiler_symbols *symbols = make("made.so");
    uint64_t begin = address_of("made.so", "hidden");
    const wtfcb_profiler_symbol *functions;
    int inlined = 0;
    ck_assert_uint_eq(find(symbols, begin, &functions), 1);
    ck_assert_str_eq(functions[0].name, "hidden");
    ck_assert_uint_eq(functions[0].line, 11);
    ck_assert_uint_gt(strlen(functions[0].file), strlen("made.c"));
    ck_assert_str_eq(functions[0].file + strlen(functions[0].file) - strlen("made.c"), "made.c");
    for (uint64_t address = begin; address < begin + 160; address++) {
        char expected[512];
        char chain[512] = "";
        size_t length = 0;
        ck_assert(expected_chain(address, expected, sizeof expected));
        if (strstr(expected, "??")) continue;
        uint32_t count = find(symbols, address, &functions);
        for (uint32_t i = 0; i < count; i++) {
            length += (size_t)snprintf(chain + length, sizeof chain - length, "%s ", functions[i].name);
            ck_assert_int_eq(functions[i].inlined, i + 1 < count);
        }
        ck_assert_str_eq(chain, expected);
        inlined += count > 2;
    }
    ck_assert_int_gt(inlined, 10);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(names_of_cxx_are_as_people_write_them)
{
    if (!made()) return;
    write_file("made.cc", "namespace outer { struct thing { int method(int, const char *); };\n"
                          "int thing::method(int a, const char *b) { return a + *b; } }\n"
                          "extern \"C\" int _ZN4core3fmt5write17h0123456789abcdefE() { return 1; }\n"
                          "extern \"C\" int _ZN10_$LT$a$GT$1b17h0123456789abcdefE() { return 1; }\n");
    if (!run("c++ -O1 -g -shared -fPIC -o cxx.so made.cc && cp cxx.so cxx_stripped.so && strip cxx_stripped.so"))
        return;
    uint64_t method = address_of("cxx.so", "_ZN5outer5thing6methodEiPKc");
    wtfcb_profiler_symbols *symbols = make("cxx.so");
    char name[64];
    (void)snprintf(name, sizeof name, "%s", outermost(symbols, method));
    if (strcmp(name, "_ZN5outer5thing6methodEiPKc") != 0) { /* there is a runtime */
        ck_assert_str_eq(name, "outer::thing::method(int, char const*)");
        ck_assert_str_eq(outermost(symbols, address_of("cxx.so", "_ZN4core3fmt5write17h0123456789abcdefE")),
                         "core::fmt::write");
        ck_assert_str_eq(outermost(symbols, address_of("cxx.so", "_ZN10_$LT$a$GT$1b17h0123456789abcdefE")), "<a>::b");
    }
    wtfcb_profiler_symbols_free(symbols);
    symbols = make("cxx_stripped.so");
    ck_assert_str_eq(outermost(symbols, method), name);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(another_file_at_the_path_is_not_used)
{
    static const char *const builds[] = {"--build-id=sha1", "--build-id=none"};
    for (size_t i = 0; i < 2; i++) {
        if (!made() || !run("cc -O2 -fPIC -shared -Wl,%s -o one.so made.c", builds[i])) return;
        uint64_t shown = address_of("one.so", "shown");
        wtfcb_profiler_symbols *symbols = make("one.so");
        ck_assert(run("sed s/shown/other/ made.c >two.c && cc -O2 -fPIC -shared -Wl,%s -o two.so two.c &&"
                      "mv two.so one.so",
                      builds[i]));
        ck_assert_str_eq(outermost(symbols, shown), plain("one.so", shown));
        wtfcb_profiler_symbols_free(symbols);
        symbols = make("one.so");
        ck_assert_str_eq(outermost(symbols, shown), "other");
        ck_assert(run("mv one.so three.so")); /* what has been read stays */
        ck_assert_str_eq(outermost(symbols, shown + 1), "other");
        wtfcb_profiler_symbols_free(symbols);
    }
}
END_TEST

START_TEST(a_build_id_that_is_told_decides)
{
    static const unsigned char id[20] = {1, 2, 3};
    char path[512];
    if (!made()) return;
    wtfcb_profiler_symbols *symbols = make("made.so");
    uint64_t shown = address_of("made.so", "shown");
    ck_assert_str_eq(outermost(symbols, shown), "shown");
    (void)snprintf(path, sizeof path, "%s/made.so", folder);
    ck_assert_int_eq(wtfcb_profiler_symbols_add_map(symbols, 1, BASE, BASE + SPAN, 0, path, id, sizeof id), WTFCB_OK);
    uint32_t object = wtfcb_profiler_symbols_place(symbols, 1, BASE).object;
    ck_assert_str_eq(outermost(symbols, shown), plain("made.so", shown));
    ck_assert_int_eq(wtfcb_profiler_symbols_add_map(symbols, 2, BASE, BASE + SPAN, 0, "/else/where", id, sizeof id),
                     WTFCB_OK);
    ck_assert_uint_eq(wtfcb_profiler_symbols_place(symbols, 2, BASE).object, object);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(what_is_no_object_file_has_no_names)
{
    if (!folder) folder = wtfcb_test_directory();
    write_file("text", "not an object file, but long enough to be mistaken for one: ..............................");
    write_file("empty", "");
    wtfcb_profiler_symbols *symbols = make("text");
    ck_assert_str_eq(outermost(symbols, 5), "text+0x5");
    wtfcb_profiler_symbols_free(symbols);
    symbols = make("empty");
    ck_assert_str_eq(outermost(symbols, 5), "empty+0x5");
    wtfcb_profiler_symbols_free(symbols);
    ck_assert(run("mkfifo pipe"));
    symbols = make("pipe");
    ck_assert_str_eq(outermost(symbols, 5), "pipe+0x5");
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

/* Everything once: 0, or what it failed with. */
static wtfcb_status use(wtfcb_profiler_symbols *symbols, const uint64_t *addresses, size_t count)
{
    const wtfcb_profiler_symbol *functions;
    wtfcb_status status = wtfcb_profiler_symbols_set_debug_root(symbols, folder);
    if (status == WTFCB_OK) status = wtfcb_profiler_symbols_map(symbols, getpid());
    if (status == WTFCB_OK) status = map_file(symbols, "made.so");
    if (status == WTFCB_OK) status = wtfcb_profiler_symbols_fork(symbols, 1, 2);
    if (status == WTFCB_OK) status = wtfcb_profiler_symbols_add_map(symbols, 2, 0x9000, 0xa000, 0, "", NULL, 0);
    if (status == WTFCB_OK) status = wtfcb_profiler_symbols_add_map(symbols, 2, 0x7000, 0x8000, 0, "[vdso]", NULL, 0);
    for (size_t i = 0; i < count && status == WTFCB_OK; i++) {
        if (find(symbols, addresses[i], &functions) == 0) status = WTFCB_ENOMEM;
    }
    wtfcb_profiler_place vdso = wtfcb_profiler_symbols_place(symbols, 2, 0x7800);
    if (status == WTFCB_OK && wtfcb_profiler_symbols_find(symbols, vdso, true, &functions) == 0) status = WTFCB_ENOMEM;
    return status;
}

START_TEST(memory_may_run_out_anywhere)
{
    if (!made()) return;
    uint64_t hidden = address_of("made.so", "hidden");
    const uint64_t addresses[] = {hidden, hidden + 20, address_of("made.so", "shown"), 5, hidden};
    for (int rest = 0; rest < 2; rest++) {
        for (unsigned long n = 1;; n++) {
            counting memory;
            wtfcb_profiler_symbols *symbols = NULL;
            counting_init(&memory);
            counting_fail(&memory, n, rest != 0);
            wtfcb_status status = wtfcb_profiler_symbols_new(&memory.allocator, &symbols);
            if (status == WTFCB_OK) status = use(symbols, addresses, 5);
            bool refused = atomic_load(&memory.failed) > 0;
            ck_assert_int_eq(status, refused ? WTFCB_ENOMEM : WTFCB_OK);
            counting_fail(&memory, 0, false);
            if (symbols) { /* it goes on as if nothing had been */
                ck_assert_int_eq(use(symbols, addresses, 5), WTFCB_OK);
                ck_assert_str_eq(outermost(symbols, hidden), "hidden");
            }
            wtfcb_profiler_symbols_free(symbols);
            counting_assert_clean(&memory);
            if (!refused) {
                printf("memory: %lu allocations\n", n - 1);
                break;
            }
        }
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("symbols_files");
    TCase *tcase = tcase_create("symbols_files");
    tcase_add_test(tcase, what_is_stripped_has_the_names_it_exports);
    tcase_add_test(tcase, what_was_stripped_is_found_by_build_id);
    tcase_add_test(tcase, what_was_stripped_is_found_by_link_if_it_belongs_there);
    tcase_add_test(tcase, inlined_functions_are_those_that_addr2line_names);
    tcase_add_test(tcase, names_of_cxx_are_as_people_write_them);
    tcase_add_test(tcase, another_file_at_the_path_is_not_used);
    tcase_add_test(tcase, a_build_id_that_is_told_decides);
    tcase_add_test(tcase, what_is_no_object_file_has_no_names);
    tcase_add_test(tcase, memory_may_run_out_anywhere);
    suite_add_tcase(s, tcase);
    return s;
}

WTFCB_TEST_MAIN(suite)
