/* Signatures and visibility of symbols. */
#include "../test.h"
#include "facts_text.h"

START_TEST(head_of_a_function_is_one_line_without_its_body)
{
    assert_facts(
        "a.c",
        "static inline int\nadd(int a,\n    int b)\n{\n\treturn a + b;\n}\nint sub(int a, int b) { return a - b; }\n",
        "2 function add: private static inline int add(int a, int b)\n"
        "7 function sub: public int sub(int a, int b)\n");
}
END_TEST

START_TEST(head_of_a_type_is_kept_and_fields_have_none)
{
    assert_facts("a.c", "struct point {\n\tint x;\n};\ntypedef unsigned long ulong_t;\n",
                 "1 struct point: public struct point\n2 field x of point: public\n"
                 "4 type-alias ulong_t: public typedef unsigned long ulong_t\n");
}
END_TEST

START_TEST(macro_has_a_signature_if_it_has_parameters)
{
    assert_facts("a.c", "#define ONE 1\n#define MAX(a, b) ((a) > (b) ? (a) : (b))\n",
                 "1 macro ONE: public\n2 macro MAX: public #define MAX(a, b)\n");
}
END_TEST

START_TEST(python_heads_end_before_the_colon_and_decorators_are_left_out)
{
    assert_facts("a.py",
                 "class _Shape(Base):\n    @property\n    def area(self, *, scale=1) -> float:\n        return 1\n",
                 "1 class _Shape: private class _Shape(Base)\n"
                 "3 method area of _Shape: public def area(self, *, scale=1) -> float\n");
}
END_TEST

START_TEST(arrow_functions_have_the_head_of_their_variable)
{
    assert_facts("a.js", "export const twice = (x) => x * 2;\nfunction once(x) { return x; }\n",
                 "1 function twice: public twice = (x)\n2 function once: private function once(x)\n");
}
END_TEST

START_TEST(cpp_members_have_the_visibility_of_their_section)
{
    assert_facts("a.cc",
                 "class A {\n  int hidden;\n public:\n  int open() const { return 1; }\n protected:\n  int kept;\n};\n"
                 "struct B { int x; private: int y; };\n",
                 "1 class A: public class A\n2 field hidden of A: private\n"
                 "4 method open of A: public int open() const\n6 field kept of A: protected\n"
                 "8 struct B: public struct B\n8 field x of B: public\n8 field y of B: private\n");
}
END_TEST

START_TEST(modifiers_tell_who_sees_a_definition)
{
    assert_facts(
        "A.java",
        "public class A {\n  private int a;\n  protected int b;\n  int c;\n  public int d() { return 1; }\n}\n"
        "interface I { int e(); }\n",
        "1 class A: public public class A\n2 field a of A: private\n3 field b of A: protected\n"
        "4 field c of A: internal\n5 method d of A: public public int d()\n7 interface I: internal interface I\n"
        "7 method e of I: public int e()\n");
    assert_facts("a.go", "package a\nfunc Open() {}\nfunc closed() {}\n",
                 "2 function Open: public func Open()\n3 function closed: internal func closed()\n");
    assert_facts(
        "a.rs", "pub fn a() {}\npub(crate) fn b() {}\nfn c() {}\n",
        "1 function a: public pub fn a()\n2 function b: internal pub(crate) fn b()\n3 function c: private fn c()\n");
    assert_facts("a.ts", "export class A {\n  private a = 1;\n  protected b = 2;\n  c = 3;\n  #d = 4;\n}\n",
                 "1 class A: public class A\n2 field a of A: private\n3 field b of A: protected\n"
                 "4 field c of A: public\n5 field #d of A: private\n");
}
END_TEST

START_TEST(long_heads_are_cut_between_characters)
{
    enum { LETTERS = 600 };
    char text[4096] = "void f(";
    size_t length = strlen(text);
    for (int i = 0; i < LETTERS; i++) { /* two bytes each: the cut would fall inside one */
        memcpy(text + length, "\xC3\xA9", 2);
        length += 2;
    }
    memcpy(text + length, "x, int y) { }\n", 15);
    char *facts = facts_text("a.c", text);
    ck_assert_ptr_nonnull(strstr(facts, "1 function f: public void f("));
    ck_assert_uint_eq(strlen(strstr(facts, "void f(")) - 1, 999);
    free(facts);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("signature");
    TCase *tests = tcase_create("signature");
    tcase_add_test(tests, head_of_a_function_is_one_line_without_its_body);
    tcase_add_test(tests, head_of_a_type_is_kept_and_fields_have_none);
    tcase_add_test(tests, macro_has_a_signature_if_it_has_parameters);
    tcase_add_test(tests, python_heads_end_before_the_colon_and_decorators_are_left_out);
    tcase_add_test(tests, arrow_functions_have_the_head_of_their_variable);
    tcase_add_test(tests, cpp_members_have_the_visibility_of_their_section);
    tcase_add_test(tests, modifiers_tell_who_sees_a_definition);
    tcase_add_test(tests, long_heads_are_cut_between_characters);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
