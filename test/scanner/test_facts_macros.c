/* C++ that is read without the macros its grammar cannot know, and what must be left alone for it. */
#include "../test.h"
#include "facts_text.h"

START_TEST(types_and_tables_in_capitals_are_no_macros)
{
    assert_facts("a.cc", "struct RECT { int a; };\nstruct RECT make_rect(int a) { struct RECT r; return r; }\n",
                 "1 struct RECT: public struct RECT\n1 field a of RECT: public\n"
                 "2 function make_rect: public struct RECT make_rect(int a)\n");
    assert_facts("a.cc",
                 "int INLINE_TABLE[9];\nvoid f(int i) { INLINE_TABLE[i] = 3; }\n"
                 "int g(int i) { return i > INLINE_TABLE[i] ? i : INLINE_TABLE[1]; }\nvoid h() {}\n",
                 "1 variable INLINE_TABLE: public\n2 function f: public void f(int i)\n"
                 "3 function g: public int g(int i)\n4 function h: public void h()\n");
}
END_TEST

START_TEST(macros_of_attributes_and_exports_are_read_over)
{
    assert_facts("a.cc",
                 "class LIBRARY_EXPORT(1) Early { void z(); };\nclass LIBRARY_API Late final : public Early {\n};\n",
                 "1 class Early: public class LIBRARY_EXPORT(1) Early\n"
                 "2 class Late: public class LIBRARY_API Late final : public Early\n");
}
END_TEST

START_TEST(word_in_front_of_a_string_is_a_raw_prefix_only_if_it_is_one)
{
    assert_facts("a.cc", "void f(int x) { g(PRIuPTR\"(\\n\", x); }\nclass LIBRARY_EXPORT Late { int a; };\n",
                 "1 function f: public void f(int x)\n2 class Late: public class LIBRARY_EXPORT Late\n"
                 "2 field a of Late: private\n");
    assert_facts("a.cc", "auto s = R\"(class X_EXPORT Y {)\";\nint b;\n",
                 "1 variable s: public\n2 variable b: public\n");
}
END_TEST

START_TEST(directives_are_not_looked_into)
{
    assert_facts("a.cc", "#if 0\ndon't\n#define X_EXPORT class A {\n#endif\nint b;\n",
                 "3 macro X_EXPORT: public\n5 variable b: public\n2 syntax-error unexpected \"'\"\n"
                 "2 syntax-missing missing \";\"\n");
    assert_facts("a.cc", "#define TWO \\\r\n  class LIBRARY_EXPORT A {\r\nint b;\r\n",
                 "1 macro TWO: public\n3 variable b: public\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_macros");
    TCase *t = tcase_create("facts_macros");
    tcase_add_test(t, types_and_tables_in_capitals_are_no_macros);
    tcase_add_test(t, macros_of_attributes_and_exports_are_read_over);
    tcase_add_test(t, word_in_front_of_a_string_is_a_raw_prefix_only_if_it_is_one);
    tcase_add_test(t, directives_are_not_looked_into);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
