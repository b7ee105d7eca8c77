/*
 * Call frame information: what the assembler and the linker make of known directives, read back; and that of the C library, which is large and anybody's.
 */
#include <dlfcn.h>

#include "alloc/cfi.h"
#include "alloc/objects.h"
#include "test.h"

#if defined(__x86_64__)

/* Never run. Each label is one byte further. */
__asm__(".text\n"
        "cfi_usual:\n"
        ".cfi_startproc\n"
        "nop\n" /* 0 */
        ".cfi_def_cfa_offset 16\n"
        ".cfi_offset 6, -16\n"
        "nop\n" /* 1 */
        ".cfi_def_cfa_register 6\n"
        "nop\n" /* 2 */
        ".cfi_remember_state\n"
        ".cfi_restore 6\n"
        ".cfi_def_cfa 7, 8\n"
        "nop\n" /* 3 */
        ".cfi_restore_state\n"
        "nop\n" /* 4 */
        ".cfi_undefined 16\n"
        "nop\n" /* 5 */
        ".cfi_endproc\n"
        /* A stack that is aligned anew: the CFA is what lies below the frame pointer. */
        "cfi_aligned:\n"
        ".cfi_startproc\n"
        ".cfi_def_cfa 10, 0\n"
        "nop\n"                               /* 0 */
        ".cfi_escape 0x10,0x6,0x2,0x76,0\n"   /* the frame pointer's is at fp + 0 */
        ".cfi_escape 0xf,0x3,0x76,0x78,0x6\n" /* the CFA is what is at fp - 8 */
        "nop\n"                               /* 1 */
        ".cfi_endproc\n"
        /* An entry of a procedure linkage table: 8 more from the twelfth byte on. */
        "cfi_table:\n"
        ".cfi_startproc\n"
        ".cfi_escape 0xf,11,0x77,8,0x80,0,0x3f,0x1a,0x3b,0x2a,0x33,0x24,0x22\n"
        ".p2align 4\n"
        "cfi_table_row:\n"
        ".zero 16, 0x90\n"
        ".cfi_endproc\n"
        "cfi_signal:\n"
        ".cfi_startproc\n"
        ".cfi_signal_frame\n"
        ".cfi_escape 0xf,4,0x77,0xa0,0x1,0x6\n" /* what is at sp + 160 */
        ".cfi_escape 0x10,6,3,0x77,0xf8,0x0\n"  /* at sp + 120 */
        ".cfi_escape 0x10,16,3,0x77,0xa8,0x1\n" /* at sp + 168 */
        "nop\n"
        ".cfi_endproc\n"
        "cfi_other:\n"
        ".cfi_startproc\n"
        ".cfi_val_offset 6, -24\n"
        "nop\n" /* 0 */
        ".cfi_register 6, 3\n"
        "nop\n"                          /* 1 */
        ".cfi_escape 0x2e, 16\n"         /* size of arguments: nothing to us */
        ".cfi_escape 0x16,6,2,0x77,24\n" /* is sp + 24 */
        "nop\n"                          /* 2 */
        ".cfi_escape 0xf,2,0x73,8\n"     /* by a register that nobody follows */
        "nop\n"                          /* 3 */
        ".cfi_endproc\n"
        "cfi_none:\n"
        "nop\n");

extern const char cfi_usual[], cfi_aligned[], cfi_table_row[], cfi_signal[], cfi_other[], cfi_none[];

static bool find(const char *at, wtfcb_alloc_rule *rule)
{
    wtfcb_alloc_mapped object;
    uint64_t address = (uintptr_t)at;
    ck_assert(wtfcb_alloc_objects_find(address, &object));
    ck_assert_uint_ne(object.header, 0);
    wtfcb_alloc_image image = wtfcb_alloc_objects_image(&object);
    return wtfcb_alloc_cfi_find(&image, object.header, address, address, rule);
}

static void check_place(const char *what, wtfcb_alloc_place place, int base, bool memory, int64_t offset)
{
    ck_assert_msg(place.base == base && place.memory == memory && place.offset == offset,
                  "%s: base %d memory %d offset %ld", what, place.base, place.memory, (long)place.offset);
}

START_TEST(cfi_follows_frames_that_are_made_and_left)
{
    static const struct {
        int base;
        int64_t offset;
        bool saved;
    } expected[] = {
        {WTFCB_ALLOC_STACK, 8, false}, {WTFCB_ALLOC_STACK, 16, true}, {WTFCB_ALLOC_FRAME, 16, true},
        {WTFCB_ALLOC_STACK, 8, false}, {WTFCB_ALLOC_FRAME, 16, true},
    };
    wtfcb_alloc_rule rule;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        ck_assert(find(cfi_usual + i, &rule));
        check_place("cfa", rule.cfa, expected[i].base, false, expected[i].offset);
        check_place("result", rule.result, WTFCB_ALLOC_CFA, true, -8);
        if (expected[i].saved) {
            check_place("frame", rule.frame, WTFCB_ALLOC_CFA, true, -16);
        } else {
            check_place("frame", rule.frame, WTFCB_ALLOC_SAME, false, 0);
        }
        ck_assert(!rule.interrupted);
    }
    ck_assert(find(cfi_usual + 5, &rule));
    ck_assert_int_eq(rule.result.base, WTFCB_ALLOC_UNDEFINED); /* nobody called it */
}
END_TEST

START_TEST(cfi_follows_stacks_that_are_aligned_anew)
{
    wtfcb_alloc_rule rule;
    ck_assert(!find(cfi_aligned, &rule)); /* for one instruction, by a register that nobody follows */
    ck_assert(find(cfi_aligned + 1, &rule));
    check_place("cfa", rule.cfa, WTFCB_ALLOC_FRAME, true, -8);
    check_place("frame", rule.frame, WTFCB_ALLOC_FRAME, true, 0);
    check_place("result", rule.result, WTFCB_ALLOC_CFA, true, -8);
}
END_TEST

START_TEST(cfi_computes_with_the_instruction_pointer)
{
    wtfcb_alloc_rule rule;
    for (int i = 0; i < 16; i++) {
        ck_assert(find(cfi_table_row + i, &rule));
        check_place("cfa", rule.cfa, WTFCB_ALLOC_STACK, false, i >= 11 ? 16 : 8);
    }
}
END_TEST

START_TEST(cfi_leaves_signal_handlers)
{
    wtfcb_alloc_rule rule;
    ck_assert(find(cfi_signal, &rule));
    ck_assert(rule.interrupted);
    check_place("cfa", rule.cfa, WTFCB_ALLOC_STACK, true, 160);
    check_place("frame", rule.frame, WTFCB_ALLOC_STACK, true, 120);
    check_place("result", rule.result, WTFCB_ALLOC_STACK, true, 168);
}
END_TEST

START_TEST(cfi_says_what_is_lost)
{
    wtfcb_alloc_rule rule;
    ck_assert(find(cfi_other, &rule));
    check_place("frame", rule.frame, WTFCB_ALLOC_CFA, false, -24);
    ck_assert(find(cfi_other + 1, &rule));
    ck_assert_int_eq(rule.frame.base, WTFCB_ALLOC_UNDEFINED);
    ck_assert(find(cfi_other + 2, &rule));
    check_place("frame", rule.frame, WTFCB_ALLOC_STACK, false, 24);
    ck_assert(!find(cfi_other + 3, &rule));
    ck_assert(!find(cfi_none, &rule));
}
END_TEST

/* Every address of a library: hardly any in code is without a rule. */
START_TEST(cfi_reads_the_whole_c_library)
{
    wtfcb_alloc_mapped object;
    uint64_t found = 0;
    uint64_t looked = 0;
    void *inside = dlsym(RTLD_DEFAULT, "qsort");
    ck_assert(wtfcb_alloc_objects_find((uintptr_t)inside, &object));
    wtfcb_alloc_image image = wtfcb_alloc_objects_image(&object);
    for (size_t i = 0; i < object.row_count; i++) {
        if (object.rows[i].p_type != PT_LOAD || !(object.rows[i].p_flags & PF_X)) continue;
        uint64_t from = object.bias + object.rows[i].p_vaddr;
        for (uint64_t at = from; at < from + object.rows[i].p_memsz; at += wtfcb_test_long() ? 1 : 13) {
            wtfcb_alloc_rule rule;
            looked++;
            found += wtfcb_alloc_cfi_find(&image, object.header, at, at, &rule);
        }
    }
    ck_assert_uint_gt(looked, 1000);
    ck_assert_msg((double)found > 0.93 * (double)looked, "%lu of %lu", (unsigned long)found, (unsigned long)looked);
}
END_TEST

#endif

START_TEST(cfi_of_nothing_is_none)
{
    static const unsigned char bytes[64] = {1, 0x1b, 3, 0x3b};
    wtfcb_alloc_rule rule;
    for (size_t size = 0; size < sizeof bytes; size++) {
        wtfcb_alloc_image image = {bytes, size, 4096};
        ck_assert(!wtfcb_alloc_cfi_find(&image, 4096, 4100, 4100, &rule));
        ck_assert(!wtfcb_alloc_cfi_find(&image, 4096 + size, 4100, 4100, &rule));
        ck_assert(!wtfcb_alloc_cfi_find(&image, 0, 4100, 4100, &rule));
    }
}
END_TEST

START_TEST(objects_are_found_and_described)
{
    wtfcb_alloc_mapped object;
    ck_assert(wtfcb_alloc_objects_find((uintptr_t)&cfi_of_nothing_is_none, &object));
    ck_assert_uint_le(object.begin, (uintptr_t)&cfi_of_nothing_is_none);
    ck_assert_uint_gt(object.end, (uintptr_t)&cfi_of_nothing_is_none);
    ck_assert_str_eq(object.name, "");
    ck_assert(!wtfcb_alloc_objects_find((uintptr_t)&object, &object));
    ck_assert(!wtfcb_alloc_objects_find(0, &object));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("cfi");
    TCase *cfi = tcase_create("cfi");
#if defined(__x86_64__)
    tcase_add_test(cfi, cfi_follows_frames_that_are_made_and_left);
    tcase_add_test(cfi, cfi_follows_stacks_that_are_aligned_anew);
    tcase_add_test(cfi, cfi_computes_with_the_instruction_pointer);
    tcase_add_test(cfi, cfi_leaves_signal_handlers);
    tcase_add_test(cfi, cfi_says_what_is_lost);
    tcase_add_test(cfi, cfi_reads_the_whole_c_library);
#endif
    tcase_add_test(cfi, cfi_of_nothing_is_none);
    tcase_add_test(cfi, objects_are_found_and_described);
    suite_add_tcase(s, cfi);
    return s;
}

WTFCB_TEST_MAIN(suite)
