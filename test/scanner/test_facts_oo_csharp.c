/* The facts of C#, row by row of the table at the head of lib/lang/rules/csharp.c. */
#include "test_facts_oo.h"

START_TEST(types_are_told_apart)
{
    assert_facts("a.cs",
                 "namespace A.B\n{\n"
                 "    public abstract class Shape<T> : Base, IShape where T : new() { }\n"
                 "    record Pair(int First, string Second);\n"
                 "    public readonly record struct Size(int Width) { public int Twice => Width * 2; }\n"
                 "    struct Point { public int X, Y; }\n"
                 "    class Primary(int seed) : Base(seed) { }\n"
                 "    interface IShape { int Area(); int Count { get; } }\n"
                 "    public enum Color : byte { Red, Green = 2 }\n"
                 "    public delegate int Handler(int a, int b);\n"
                 "}\n",
                 "1 namespace A.B: public\n"
                 "3 class Shape of A.B: public public abstract class Shape<T> : Base, IShape where T : new()\n"
                 "4 class Pair of A.B: internal record Pair(int First, string Second)\n"
                 "4 property First of Pair: public\n"
                 "4 property Second of Pair: public\n"
                 "5 struct Size of A.B: public public readonly record struct Size(int Width)\n"
                 "5 property Width of Size: public\n"
                 "5 property Twice of Size: public\n"
                 "6 struct Point of A.B: internal struct Point\n"
                 "6 field X of Point: public\n"
                 "6 field Y of Point: public\n"
                 "7 class Primary of A.B: internal class Primary(int seed) : Base(seed)\n"
                 "8 interface IShape of A.B: internal interface IShape\n"
                 "8 method Area of IShape: public int Area()\n"
                 "8 property Count of IShape: public\n"
                 "9 enum Color of A.B: public public enum Color : byte\n"
                 "9 enum-member Red of Color: public\n"
                 "9 enum-member Green of Color: public\n"
                 "10 type-alias Handler of A.B: public public delegate int Handler(int a, int b)\n");
}
END_TEST

START_TEST(members_are_told_apart)
{
    assert_facts("a.cs",
                 "class Shape {\n"
                 "    private const int Max = 3, Min = 1;\n"
                 "    internal static readonly int count;\n"
                 "    public event EventHandler Changed, Other;\n"
                 "    public event EventHandler Full { add { } remove { } }\n"
                 "    public string Name { get; private set; } = \"x\";\n"
                 "    int Age => 3;\n"
                 "    public int this[int i] { get { int Local() => 1; return Local(); } }\n"
                 "    public Shape(int a) : base(a) { }\n"
                 "    static Shape() { }\n"
                 "    ~Shape() { }\n"
                 "    public static Shape operator +(Shape a, Shape b) => a;\n"
                 "    public static implicit operator int(Shape s) { return 1; }\n"
                 "    protected internal Task<int> Run(int a, params string[] b) { return null; }\n"
                 "    internal protected void Reach() { }\n"
                 "    private protected void Keep() { }\n"
                 "    void IShape.Draw() { }\n"
                 "    public abstract void Abs();\n"
                 "}\n",
                 "1 class Shape: internal class Shape\n"
                 "2 constant Max of Shape: private\n"
                 "2 constant Min of Shape: private\n"
                 "3 field count of Shape: internal\n"
                 "4 property Changed of Shape: public\n"
                 "4 property Other of Shape: public\n"
                 "5 property Full of Shape: public\n"
                 "6 property Name of Shape: public\n"
                 "7 property Age of Shape: private\n"
                 "8 property this of Shape: public\n"
                 "8 function Local of this:  int Local()\n"
                 "9 constructor Shape of Shape: public public Shape(int a) : base(a)\n"
                 "10 constructor Shape of Shape: private static Shape()\n"
                 "11 method ~Shape of Shape: private ~Shape()\n"
                 "12 method operator + of Shape: public public static Shape operator +(Shape a, Shape b)\n"
                 "13 method operator int of Shape: public public static implicit operator int(Shape s)\n"
                 "14 method Run of Shape: protected protected internal Task<int> Run(int a, params string[] b)\n"
                 "15 method Reach of Shape: protected internal protected void Reach()\n"
                 "16 method Keep of Shape: private private protected void Keep()\n"
                 "17 method Draw of Shape: private void IShape.Draw()\n"
                 "18 method Abs of Shape: public public abstract void Abs()\n");
}
END_TEST

START_TEST(usings_are_imports_and_top_level_statements_define_functions_alone)
{
    assert_facts("a.cs",
                 "extern alias Lib;\n"
                 "global using static System.Math;\n"
                 "using Sys = System.Collections.Generic;\n"
                 "using System;\n"
                 "namespace App;\n"
                 "using (var file = Open()) { }\n"
                 "var total = 1;\n"
                 "int Twice(int x) { int once = x; return once * 2; }\n"
                 "class Late { }\n",
                 "5 namespace App: public\n"
                 "8 function Twice: private int Twice(int x)\n"
                 "9 class Late: internal class Late\n"
                 "1 import module Lib\n"
                 "2 import module System.Math\n"
                 "3 import module System.Collections.Generic\n"
                 "4 import module System\n");
}
END_TEST

START_TEST(both_sides_of_a_condition_count)
{
    assert_facts("a.cs", "class A {\n#if DEBUG\n    void B() { }\n#else\n    void C() { }\n#endif\n}\n",
                 "1 class A: internal class A\n3 method B of A: private void B()\n5 method C of A: private void C()\n");
}
END_TEST

START_TEST(what_stands_around_an_error_stays)
{
    assert_facts("a.cs", "class A { void B() { x = = 1; } void C() { } }\nclass D { }\n",
                 "1 class A: internal class A\n1 method B of A: private void B()\n1 method C of A: private void C()\n"
                 "2 class D: internal class D\n1 syntax-error unexpected \"=\"\n");
}
END_TEST

START_TEST(functions_cost_what_a_person_counts)
{
    assert_functions("a.cs",
                     "public class A {\n"
                     "  public int If(int a, params int[] b) { if (a) x(); else if (b) y(); else z(); }\n"
                     "  int Loops() { for (;;) foreach (var x in y) while (a) do { } while (b); }\n"
                     "  int Switch() { switch (a) { case 1: case int n: break; default: goto case 1; } }\n"
                     "  int Arms() { return a switch { 1 => b ? c : d, > 3 and < 5 => 5, _ => 3 }; }\n"
                     "  int Try() { try { } catch (E) { if (a is 1 or 2) { } } finally { } }\n"
                     "  int Logic() { return a && b || c ?? d; }\n"
                     "  int Lambda() { f(x => { if (x) y(); }); }\n"
                     "  int Old() { f(delegate (int x) { if (x) y(); }); }\n"
                     "}\n",
                     "If 2 3 3 1 exported\n"
                     "Loops 0 5 10 4\n" /* 1 + 2 + 3 + 4 */
                     "Switch 0 3 2 1\n" /* switch 1, goto 1 */
                     "Arms 0 5 4 2\n"   /* switch 1, ?: 2, and 1 */
                     "Try 0 4 4 2\n"    /* catch 1, if 2, or 1 */
                     "Logic 0 3 2 0\n"
                     "Lambda 0 2 2 2\n"
                     "Old 0 2 2 2\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_oo_csharp");
    TCase *tests = tcase_create("facts_oo_csharp");
    tcase_add_test(tests, types_are_told_apart);
    tcase_add_test(tests, members_are_told_apart);
    tcase_add_test(tests, usings_are_imports_and_top_level_statements_define_functions_alone);
    tcase_add_test(tests, both_sides_of_a_condition_count);
    tcase_add_test(tests, what_stands_around_an_error_stays);
    tcase_add_test(tests, functions_cost_what_a_person_counts);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
