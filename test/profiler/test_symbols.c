/* From addresses to functions: this program's own, those of libc and the vdso, of stripped and replaced files, of forked processes. */
#include "profiler/symbols.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../base/counting.h"
#include "../test.h"

static wtfcb_profiler_symbols *make(void)
{
    wtfcb_profiler_symbols *symbols;
    ck_assert_int_eq(wtfcb_profiler_symbols_new(NULL, &symbols), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_symbols_map(symbols, getpid()), WTFCB_OK);
    return symbols;
}

/* The outermost function at an address of this process. */
static const wtfcb_profiler_symbol *at(wtfcb_profiler_symbols *symbols, uintptr_t address, bool is_return)
{
    const wtfcb_profiler_symbol *functions;
    wtfcb_profiler_place place = wtfcb_profiler_symbols_place(symbols, getpid(), address);
    uint32_t count = wtfcb_profiler_symbols_find(symbols, place, is_return, &functions);
    ck_assert_uint_gt(count, 0);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_int_eq(functions[i].inlined, i + 1 < count);
    return &functions[count - 1];
}

__attribute__((noinline)) static int own_static_function(int a)
{
    __asm__ volatile("" : "+r"(a));
    return a * 3;
}

__attribute__((noinline)) int wtfcb_test_exported_function(int a);
__attribute__((noinline)) int wtfcb_test_exported_function(int a)
{
    __asm__ volatile("" : "+r"(a));
    return a * 5;
}

START_TEST(own_functions_have_their_names)
{
    wtfcb_profiler_symbols *symbols = make();
    ck_assert_str_eq(at(symbols, (uintptr_t)own_static_function, false)->name, "own_static_function");
    ck_assert_str_eq(at(symbols, (uintptr_t)own_static_function + 1, true)->name, "own_static_function");
    ck_assert_str_eq(at(symbols, (uintptr_t)wtfcb_test_exported_function, false)->name, "wtfcb_test_exported_function");
    ck_assert_str_eq(at(symbols, (uintptr_t)own_static_function, false)->object, "test_symbols");
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(functions_of_libc_have_the_names_that_people_know)
{
    wtfcb_profiler_symbols *symbols = make();
    ck_assert_str_eq(at(symbols, (uintptr_t)write, false)->name, "write");
    ck_assert_str_eq(at(symbols, (uintptr_t)qsort, false)->name, "qsort");
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(a_call_is_before_where_it_returns_to)
{
    wtfcb_profiler_symbols *symbols = make();
    const wtfcb_profiler_symbol *found = at(symbols, (uintptr_t)wtfcb_test_exported_function, true);
    ck_assert_str_ne(found->name, "wtfcb_test_exported_function");
    ck_assert_ptr_eq(at(symbols, (uintptr_t)wtfcb_test_exported_function, true), found);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(functions_of_the_vdso_have_names)
{
    wtfcb_profiler_symbols *symbols = make();
    uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);
    bool seen = vdso == 0;
    for (uintptr_t offset = 0; vdso != 0 && offset < 0x4000; offset += 16) {
        const wtfcb_profiler_symbol *found = at(symbols, vdso + offset, false);
        if (strcmp(found->name, "clock_gettime") != 0) continue;
        ck_assert_str_eq(found->object, "[vdso]");
        seen = true;
    }
    ck_assert(seen);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(code_that_no_file_stands_behind_is_anonymous)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    char *code = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(code, MAP_FAILED);
    wtfcb_profiler_symbols *symbols = make();
    const wtfcb_profiler_symbol *found = at(symbols, (uintptr_t)code + 8, true);
    ck_assert_str_eq(found->name, "[anon]");
    ck_assert_str_eq(found->object, "[anon]");
    ck_assert_ptr_eq(at(symbols, (uintptr_t)code + 99, true), found);
    ck_assert_uint_eq(wtfcb_profiler_symbols_place(symbols, getpid(), 16).object, 0);
    found = at(symbols, 16, false);
    ck_assert_str_eq(found->name, "[unknown]");
    ck_assert_str_eq(found->object, "[unknown]");
    wtfcb_profiler_symbols_free(symbols);
    ck_assert_int_eq(munmap(code, size), 0);
}
END_TEST

START_TEST(processes_that_are_not_there_are_said_so)
{
    wtfcb_profiler_symbols *symbols = make();
    ck_assert_int_eq(wtfcb_profiler_symbols_map(symbols, 1 << 30), WTFCB_ENOTFOUND);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) _exit(0);
    siginfo_t info;
    ck_assert_int_eq(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    ck_assert_int_eq(wtfcb_profiler_symbols_map(symbols, child), WTFCB_ENOTFOUND); /* ended, not waited for */
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(the_same_code_in_two_processes_is_one_place)
{
    int pipes[2];
    char byte = 0;
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)close(pipes[1]);
        _exit(read(pipes[0], &byte, 1) == 0 ? 0 : 1);
    }
    wtfcb_profiler_symbols *symbols = make();
    ck_assert_int_eq(wtfcb_profiler_symbols_map(symbols, child), WTFCB_OK);
    wtfcb_profiler_place own = wtfcb_profiler_symbols_place(symbols, getpid(), (uintptr_t)own_static_function);
    wtfcb_profiler_place its = wtfcb_profiler_symbols_place(symbols, child, (uintptr_t)own_static_function);
    ck_assert_uint_ne(own.object, 0);
    ck_assert_uint_eq(own.object, its.object);
    ck_assert_uint_eq(own.offset, its.offset);
    (void)close(pipes[1]);
    (void)close(pipes[0]);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

static wtfcb_profiler_place place_of(wtfcb_profiler_symbols *symbols, pid_t process, uint64_t address)
{
    return wtfcb_profiler_symbols_place(symbols, process, address);
}

START_TEST(a_child_begins_with_the_maps_of_its_parent_and_goes_its_own_way)
{
    wtfcb_profiler_symbols *symbols;
    ck_assert_int_eq(wtfcb_profiler_symbols_new(NULL, &symbols), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_symbols_add_map(symbols, 7, 0x1000, 0x5000, 0, "/none/a", NULL, 0), WTFCB_OK);
    ck_assert_int_eq(wtfcb_profiler_symbols_fork(symbols, 7, 8), WTFCB_OK);
    ck_assert_uint_eq(place_of(symbols, 8, 0x1000).object, place_of(symbols, 7, 0x4fff).object);
    ck_assert_uint_eq(place_of(symbols, 8, 0x5000).object, 0);
    ck_assert_int_eq(wtfcb_profiler_symbols_add_map(symbols, 8, 0x2000, 0x3000, 0x700, "/none/b", NULL, 0), WTFCB_OK);
    ck_assert_uint_eq(place_of(symbols, 8, 0x2001).offset, 0x701);
    ck_assert_uint_ne(place_of(symbols, 8, 0x2001).object, place_of(symbols, 7, 0x2001).object);
    ck_assert_uint_eq(place_of(symbols, 7, 0x2001).offset, 0x1001);
    ck_assert_uint_eq(place_of(symbols, 8, 0x1fff).offset, 0xfff); /* on both sides of it the old one is left */
    ck_assert_uint_eq(place_of(symbols, 8, 0x3000).offset, 0x2000);
    wtfcb_profiler_symbols_exec(symbols, 7);
    ck_assert_uint_eq(place_of(symbols, 7, 0x1000).object, 0);
    ck_assert_uint_ne(place_of(symbols, 8, 0x1000).object, 0);
    ck_assert_int_eq(wtfcb_profiler_symbols_fork(symbols, 7, 8), WTFCB_OK); /* the number is another process now */
    ck_assert_uint_eq(place_of(symbols, 8, 0x1000).object, 0);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

START_TEST(maps_lie_over_those_before_them)
{
    enum { PAGES = 200, ROUNDS = 3000 };
    static uint32_t expected[PAGES];
    wtfcb_profiler_symbols *symbols;
    uint32_t random = 1;
    ck_assert_int_eq(wtfcb_profiler_symbols_new(NULL, &symbols), WTFCB_OK);
    memset(expected, 0, sizeof expected);
    for (int round = 0; round < ROUNDS; round++) {
        random = random * 1664525 + 1013904223;
        uint32_t from = (random >> 8) % PAGES;
        uint32_t to = from + 1 + (random >> 20) % 30;
        if (to > PAGES) to = PAGES;
        char path[32];
        (void)snprintf(path, sizeof path, "/none/%u", (random >> 3) % 5);
        ck_assert_int_eq(wtfcb_profiler_symbols_add_map(symbols, 5, from * 4096, to * 4096, from * 4096, path, NULL, 0),
                         WTFCB_OK);
        uint32_t object = place_of(symbols, 5, from * 4096).object;
        for (uint32_t i = from; i < to; i++)
            expected[i] = object;
        for (uint32_t i = 0; i < PAGES; i++) {
            wtfcb_profiler_place place = place_of(symbols, 5, i * 4096 + 5);
            ck_assert_uint_eq(place.object, expected[i]);
            if (place.object) ck_assert_uint_eq(place.offset, i * 4096 + 5);
        }
    }
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

START_TEST(unchanged_maps_cost_a_read)
{
    enum { ROUNDS = 200 };
    counting memory;
    wtfcb_profiler_symbols *symbols;
    counting_init(&memory);
    ck_assert_int_eq(wtfcb_profiler_symbols_new(&memory.allocator, &symbols), WTFCB_OK);
    double begin = seconds();
    ck_assert_int_eq(wtfcb_profiler_symbols_map(symbols, getpid()), WTFCB_OK);
    double first = seconds() - begin;
    unsigned long calls = atomic_load(&memory.calls);
    char *data = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* no code */
    begin = seconds();
    for (int i = 0; i < ROUNDS; i++)
        ck_assert_int_eq(wtfcb_profiler_symbols_map(symbols, getpid()), WTFCB_OK);
    double again = (seconds() - begin) / ROUNDS;
    (void)munmap(data, 4096);
    printf("maps: %.1f us at first, %.1f us unchanged\n", first * 1e6, again * 1e6);
    ck_assert_uint_eq(atomic_load(&memory.calls), calls);
    wtfcb_profiler_symbols_free(symbols);
    counting_assert_clean(&memory);
}
END_TEST

START_TEST(ten_thousand_places_are_found_and_remembered)
{
    enum { PLACES = 10000 };
    wtfcb_profiler_symbols *symbols = make();
    wtfcb_profiler_place place = place_of(symbols, getpid(), (uintptr_t)wtfcb_profiler_symbols_find);
    const wtfcb_profiler_symbol *functions;
    double took[3];
    double begin = seconds();
    ck_assert_uint_gt(wtfcb_profiler_symbols_find(symbols, place, false, &functions), 0);
    took[0] = seconds() - begin;
    for (int round = 1; round < 3; round++) {
        uint32_t missing = 0;
        begin = seconds();
        for (uint64_t i = 0; i < PLACES; i++) {
            wtfcb_profiler_place next = {place.object, place.offset + i};
            missing += wtfcb_profiler_symbols_find(symbols, next, false, &functions) == 0;
        }
        took[round] = seconds() - begin;
        ck_assert_uint_eq(missing, 0);
    }
    printf("first place of an object: %.1f ms; %d places: %.2f us each, again %.3f us each\n", took[0] * 1e3, PLACES,
           took[1] / PLACES * 1e6, took[2] / PLACES * 1e6);
    ck_assert_double_lt(took[1], 10);
    wtfcb_profiler_symbols_free(symbols);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("symbols");
    TCase *tcase = tcase_create("symbols");
    tcase_add_test(tcase, own_functions_have_their_names);
    tcase_add_test(tcase, functions_of_libc_have_the_names_that_people_know);
    tcase_add_test(tcase, a_call_is_before_where_it_returns_to);
    tcase_add_test(tcase, functions_of_the_vdso_have_names);
    tcase_add_test(tcase, code_that_no_file_stands_behind_is_anonymous);
    tcase_add_test(tcase, processes_that_are_not_there_are_said_so);
    tcase_add_test(tcase, the_same_code_in_two_processes_is_one_place);
    tcase_add_test(tcase, a_child_begins_with_the_maps_of_its_parent_and_goes_its_own_way);
    tcase_add_test(tcase, maps_lie_over_those_before_them);
    tcase_add_test(tcase, unchanged_maps_cost_a_read);
    tcase_add_test(tcase, ten_thousand_places_are_found_and_remembered);
    suite_add_tcase(s, tcase);
    return s;
}

WTFCB_TEST_MAIN(suite)
