/* The facts of Scala, row by row of the table at the head of lib/lang/rules/scala.c. */
#include "test_facts_oo.h"

START_TEST(types_and_members_are_told_apart)
{
    assert_facts("a.scala",
                 "case class P(x: Int, private val y: String, var z: Int)(w: Int) extends Q with R { def m() = 1 }\n"
                 "sealed abstract class C private (val a: Int, b: Int)\n"
                 "trait Tr[T] { def abs(x: Int): Int; val v: Int; type U <: Any }\n"
                 "case object O\n"
                 "object Main extends App {\n"
                 "  val a, b = 1\n"
                 "  var (q, r) = pair\n"
                 "  lazy val z: Int = { def inner() = 1; val hidden = 1; inner() }\n"
                 "  private[this] val p = 1\n"
                 "  private[app] val app = 1\n"
                 "  type T = Int\n"
                 "  protected def f(x: Int, y: Int)(z: Int): Int = {\n"
                 "    val hidden = 1\n"
                 "    def local(q: Int) = q\n"
                 "    new Runnable { def run() = 1 }\n"
                 "  }\n"
                 "  def this(x: Int) = this()\n"
                 "  def +(o: P): P = o\n"
                 "  if (a) { val hidden = 1 }\n"
                 "}\n"
                 "implicit class Rich(val s: String) { def r = 1 }\n",
                 "1 class P: public case class P(x: Int, private val y: String, var z: Int)(w: Int) extends Q with R\n"
                 "1 field x of P: public\n"
                 "1 field y of P: private\n"
                 "1 field z of P: public\n"
                 "1 method m of P: public def m()\n"
                 "2 class C: public sealed abstract class C private (val a: Int, b: Int)\n"
                 "2 field a of C: public\n"
                 "3 trait Tr: public trait Tr[T]\n"
                 "3 method abs of Tr: public def abs(x: Int): Int\n"
                 "3 field v of Tr: public\n"
                 "3 type-alias U of Tr: public type U <: Any\n"
                 "4 class O: public case object O\n"
                 "5 class Main: public object Main extends App\n"
                 "6 field a of Main: public\n"
                 "6 field b of Main: public\n"
                 "7 field q of Main: public\n"
                 "7 field r of Main: public\n"
                 "8 field z of Main: public\n"
                 "8 function inner of z:  def inner()\n"
                 "9 field p of Main: private\n"
                 "10 field app of Main: internal\n"
                 "11 type-alias T of Main: public type T = Int\n"
                 "12 method f of Main: protected protected def f(x: Int, y: Int)(z: Int): Int\n"
                 "14 function local of f:  def local(q: Int)\n"
                 "15 method run of f: public def run()\n"
                 "17 constructor this of Main: public def this(x: Int)\n"
                 "18 method + of Main: public def +(o: P): P\n"
                 "21 class Rich: public implicit class Rich(val s: String)\n"
                 "21 field s of Rich: public\n"
                 "21 method r of Rich: public def r\n");
}
END_TEST

START_TEST(enums_have_their_cases)
{
    assert_facts("a.scala",
                 "enum Color(val n: Int) extends E {\n"
                 "  case Red, Green\n"
                 "  case Blue(x: Int) extends Color(3)\n"
                 "  def f = 1\n"
                 "}\n",
                 "1 enum Color: public enum Color(val n: Int) extends E\n"
                 "1 field n of Color: public\n"
                 "2 enum-member Red of Color: public\n"
                 "2 enum-member Green of Color: public\n"
                 "3 enum-member Blue of Color: public\n"
                 "3 field x of Blue: public\n"
                 "4 method f of Color: public def f\n");
}
END_TEST

START_TEST(what_stands_at_file_level)
{
    assert_facts("a.scala",
                 "package a.b\n"
                 "package object util { val x = 1 }\n"
                 "import scala.collection.mutable.{Map, Set => S}\n"
                 "import a.b._, c.d\n"
                 "export a.b.c\n"
                 "@main def hello(args: String*)(using c: Ctx): Unit = println(1)\n"
                 "extension (s: String) { def twice: String = s + s }\n"
                 "given ordInt: Ord[Int] with\n"
                 "  def compare(x: Int, y: Int) = 1\n"
                 "opaque type Id = Int\n"
                 "val top, second = 3\n"
                 "class Ind:\n"
                 "  def a(x: Int) =\n"
                 "    1\n"
                 "  val q = 1\n",
                 "2 module util: public\n"
                 "2 field x of util: public\n"
                 "6 function hello: public @main def hello(args: String*)(using c: Ctx): Unit\n"
                 "7 function twice: public def twice: String\n"
                 "8 variable ordInt: public\n"
                 "9 method compare of ordInt: public def compare(x: Int, y: Int)\n"
                 "10 type-alias Id: public opaque type Id = Int\n"
                 "11 variable top: public\n"
                 "11 variable second: public\n"
                 "12 class Ind: public class Ind\n"
                 "13 method a of Ind: public def a(x: Int)\n"
                 "15 field q of Ind: public\n"
                 "3 import module scala.collection.mutable.{Map, Set => S}\n"
                 "4 import module a.b._\n"
                 "4 import module c.d\n"
                 "5 import reexport a.b.c\n");
}
END_TEST

START_TEST(a_package_with_braces_is_a_namespace)
{
    assert_facts("a.scala", "package a { class B; object C { def d = 1 } }\n",
                 "1 namespace a: public\n"
                 "1 class B of a: public class B\n"
                 "1 class C of a: public object C\n"
                 "1 method d of C: public def d\n");
}
END_TEST

START_TEST(what_stands_around_an_error_stays)
{
    assert_facts("a.scala",
                 "class A {\n"
                 "  def b() = { x ] 1 }\n"
                 "  def c() = 1\n"
                 "}\n"
                 "class D\n",
                 "1 class A: public class A\n"
                 "2 method b of A: public def b()\n"
                 "3 method c of A: public def c()\n"
                 "5 class D: public class D\n"
                 "2 syntax-error unexpected \"x ]\"\n");
}
END_TEST

START_TEST(functions_cost_what_a_person_counts)
{
    assert_functions("a.scala",
                     "def ifs(x: Int) = { if (a && b || c) { 1 } else if (d) 2 else 3 }\n"
                     "def nested() = { if (a) { if (b) 1 } else { if (c) 2 } }\n"
                     "def loops() = { for (i <- 1 to 3) { while (a) { do { x } while (b) } } }\n"
                     "def matches(x: Int) = x match { case 1 => if (a) 1 else 2; case 3 if b => 4; case _ => 5 }\n"
                     "private def tries() = { try { x } catch { case e: E => 1; case _ => if (a) 2 } finally { } }\n"
                     "def lambdas() = { xs.map { x => if (x) 1 else 2 } }\n"
                     "def runs() = a && b && c || d\n"
                     "def indented(x: Int) =\n"
                     "  if x then\n"
                     "    1\n"
                     "  else if y then 2\n"
                     "  else\n"
                     "    2\n",
                     "ifs 1 5 5 1 exported\n"
                     "nested 0 4 6 2 exported\n"
                     "loops 0 4 6 3 exported\n"
                     "matches 1 4 4 2 exported\n"
                     "tries 0 3 3 2\n"
                     "lambdas 0 2 3 2 exported\n"
                     "runs 0 4 2 0 exported\n"
                     "indented 1 3 3 1 exported\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_oo_scala");
    TCase *tests = tcase_create("facts_oo_scala");
    tcase_add_test(tests, types_and_members_are_told_apart);
    tcase_add_test(tests, enums_have_their_cases);
    tcase_add_test(tests, what_stands_at_file_level);
    tcase_add_test(tests, a_package_with_braces_is_a_namespace);
    tcase_add_test(tests, what_stands_around_an_error_stays);
    tcase_add_test(tests, functions_cost_what_a_person_counts);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
