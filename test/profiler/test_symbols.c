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
    for (uint32_t i = 0; i < count; i++) ck_assert_int_eq(functions[i].inlined, i + 1 < count);
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

static Suite *suite(void)
{
    Suite *s = suite_create("symbols");
    TCase *tcase = tcase_create("symbols");
    tcase_add_test(tcase, own_functions_have_their_names);
    tcase_add_test(tcase, functions_of_libc_have_the_names_that_people_know);
    suite_add_tcase(s, tcase);
    return s;
}

WTFCB_TEST_MAIN(suite)
