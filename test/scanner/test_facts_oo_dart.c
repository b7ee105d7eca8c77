/* The facts of Dart, row by row of the table at the head of lib/lang/rules/dart.c. */
#include "test_facts_oo.h"

START_TEST(types_are_told_apart)
{
    assert_facts("a.dart",
                 "abstract class A<T extends B> extends C with M implements I { int abs(); }\n"
                 "mixin M on A { int mm() => 1; }\n"
                 "mixin class MC {}\n"
                 "class Al = A with M;\n"
                 "enum E { a, b }\n"
                 "enum E2 implements I { a(1), b(2); final int v; const E2(this.v); int f() => v; }\n"
                 "extension Ext on String { int e() => 1; String get r => this; }\n"
                 "extension on int { int anon() => 1; }\n"
                 "extension type Id(int v) { int f() => v; }\n"
                 "class _Priv { int open = 1; }\n"
                 "typedef F = int Function(int);\n"
                 "typedef int Old(int a);\n",
                 "1 class A: public abstract class A<T extends B> extends C with M implements I\n"
                 "1 method abs of A: public int abs()\n"
                 "2 trait M: public mixin M on A\n"
                 "2 method mm of M: public int mm()\n"
                 "3 class MC: public mixin class MC\n"
                 "4 class Al: public Al = A with M\n"
                 "5 enum E: public enum E\n"
                 "5 enum-member a of E: public\n"
                 "5 enum-member b of E: public\n"
                 "6 enum E2: public enum E2 implements I\n"
                 "6 enum-member a of E2: public\n"
                 "6 enum-member b of E2: public\n"
                 "6 field v of E2: public\n"
                 "6 constructor E2 of E2: public const E2(this.v)\n"
                 "6 method f of E2: public int f()\n"
                 "7 class Ext: public extension Ext on String\n"
                 "7 method e of Ext: public int e()\n"
                 "7 method r of Ext: public String get r\n"
                 "8 method anon: public int anon()\n"
                 "9 class Id: public extension type Id(int v)\n"
                 "9 field v of Id: public\n"
                 "9 method f of Id: public int f()\n"
                 "10 class _Priv: private class _Priv\n"
                 "10 field open of _Priv: public\n"
                 "11 type-alias F: public typedef F = int Function(int)\n"
                 "12 type-alias Old: public typedef int Old(int a)\n");
}
END_TEST

START_TEST(members_are_told_apart)
{
    assert_facts("a.dart",
                 "class A {\n"
                 "  static const int K = 1;\n"
                 "  final int x, _p;\n"
                 "  late final String q = 'a';\n"
                 "  A(this.x, {required this.q}) : super(x), z = 1 { var hidden = 1; }\n"
                 "  A.named(int a) : x = a;\n"
                 "  const A.c();\n"
                 "  A._(int a) { }\n"
                 "  factory A.make(int x) => A(x);\n"
                 "  factory A.redir() = B;\n"
                 "  int get g => 1;\n"
                 "  set g(int v) { z = v; }\n"
                 "  static int method(int a, [int b = 1]) { void local() { } return a; }\n"
                 "  A operator +(A o) => o;\n"
                 "  int operator [](int i) => i;\n"
                 "  Future<int> as() async { await x; }\n"
                 "  var fn = (int x) { var hidden = 1; };\n"
                 "  @override void ov() {}\n"
                 "  external int ext(int x);\n"
                 "}\n",
                 "1 class A: public class A\n"
                 "2 constant K of A: public\n"
                 "3 field x of A: public\n"
                 "3 field _p of A: private\n"
                 "4 field q of A: public\n"
                 "5 constructor A of A: public A(this.x, {required this.q}) : super(x), z = 1\n"
                 "6 constructor A.named of A: public A.named(int a)\n"
                 "7 constructor A.c of A: public const A.c()\n"
                 "8 constructor A._ of A: private A._(int a)\n"
                 "9 constructor A.make of A: public factory A.make(int x)\n"
                 "10 constructor A.redir of A: public factory A.redir() = B\n"
                 "11 method g of A: public int get g\n"
                 "12 method g of A: public set g(int v)\n"
                 "13 method method of A: public static int method(int a, [int b = 1])\n"
                 "13 function local of method:  void local()\n"
                 "14 method operator + of A: public A operator +(A o)\n"
                 "15 method operator [] of A: public int operator [](int i)\n"
                 "16 method as of A: public Future<int> as()\n"
                 "17 field fn of A: public\n"
                 "18 method ov of A: public void ov()\n"
                 "19 method ext of A: public int ext(int x)\n");
}
END_TEST

START_TEST(what_stands_at_file_level)
{
    assert_facts("a.dart",
                 "library my.lib;\n"
                 "import 'dart:async';\n"
                 "import 'package:a/b.dart' as b show X hide Y;\n"
                 "import 'x.dart' deferred as x;\n"
                 "import 'src/a.dart' if (dart.library.io) 'src/b.dart';\n"
                 "export 'src/c.dart' show Z;\n"
                 "part 'p.dart';\n"
                 "const int maxN = 3;\n"
                 "final y = 2, yy = 3;\n"
                 "var top = 1;\n"
                 "int get topGet => 3;\n"
                 "set topSet(int v) { }\n"
                 "int twice(int a) { int hidden = 1; return a; }\n"
                 "external int ext(int x);\n"
                 "void named({required int a, int b = 2}) => print(a);\n",
                 "8 constant maxN: public\n"
                 "9 constant y: public\n"
                 "9 constant yy: public\n"
                 "10 variable top: public\n"
                 "11 function topGet: public int get topGet\n"
                 "12 function topSet: public set topSet(int v)\n"
                 "13 function twice: public int twice(int a)\n"
                 "14 function ext: public int ext(int x)\n"
                 "15 function named: public void named({required int a, int b = 2})\n"
                 "2 import module dart:async\n"
                 "3 import module package:a/b.dart\n"
                 "4 import file x.dart\n"
                 "5 import file src/a.dart\n"
                 "6 import reexport src/c.dart\n"
                 "7 import file p.dart\n");
}
END_TEST

START_TEST(what_stands_around_an_error_stays)
{
    assert_facts("a.dart",
                 "class A {\n"
                 "  void b() { x = = 1; }\n"
                 "  void c() {}\n"
                 "}\n"
                 "class D {}\n",
                 "1 class A: public class A\n"
                 "2 method b of A: public void b()\n"
                 "3 method c of A: public void c()\n"
                 "5 class D: public class D\n"
                 "2 syntax-error unexpected \"=\"\n");
}
END_TEST

START_TEST(functions_cost_what_a_person_counts)
{
    assert_functions(
        "a.dart",
        "int ifs(int a, [int b = 1]) { if (a && b || c) { } else if (d) { } else { } }\n"
        "void nested() { if (a) { if (b) { } } else { if (c) { } } }\n"
        "void loops() { for (var i = 0; i < 3; i++) { for (final x in xs) { while (a) { do { } while (b); } } } }\n"
        "void switches() { switch (a) { case 1: break; case 2: continue lab; default: } }\n"
        "int arms() { return switch (a) { 1 => b ? 2 : 3, _ => 3 }; }\n"
        "void _tries() { try { } on E catch (e) { } on F { } catch (e) { } finally { } }\n"
        "void lambdas() { xs.forEach((x) { if (x) y(); }); }\n"
        "bool runs() => a && b && c || d;\n"
        "class A { int abstract(int a); external int ext(); int get g => a ? 1 : 2; }\n",
        "ifs 2 5 5 1 exported\n"
        "nested 0 4 6 2 exported\n"
        "loops 0 5 10 4 exported\n"
        "switches 0 3 2 1 exported\n"
        "arms 0 3 3 2 exported\n"
        "_tries 0 4 3 0\n"
        "lambdas 0 2 2 2 exported\n"
        "runs 0 4 2 0 exported\n"
        "abstract 1 1 0 0 exported\n"
        "ext 0 1 0 0 exported\n"
        "g 0 2 1 1 exported\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_oo_dart");
    TCase *tests = tcase_create("facts_oo_dart");
    tcase_add_test(tests, types_are_told_apart);
    tcase_add_test(tests, members_are_told_apart);
    tcase_add_test(tests, what_stands_at_file_level);
    tcase_add_test(tests, what_stands_around_an_error_stays);
    tcase_add_test(tests, functions_cost_what_a_person_counts);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
