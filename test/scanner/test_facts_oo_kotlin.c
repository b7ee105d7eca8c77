/* The facts of Kotlin, row by row of the table at the head of lib/lang/rules/kotlin.c. */
#include "test_facts_oo.h"

START_TEST(types_and_members_are_told_apart)
{
    assert_facts(
        "a.kt",
        "@Anno data class P(val x: Int, private var y: String = \"a\", z: Int) : Base(z), I by d {\n"
        "  init {\n"
        "    val hidden = 1\n"
        "  }\n"
        "  constructor(s: String) : this(1) { }\n"
        "  companion object {\n"
        "    const val K = 1\n"
        "    fun make() = P(1)\n"
        "  }\n"
        "  companion object Factory { }\n"
        "  object Named { }\n"
        "  inner class In\n"
        "  protected open fun m(a: Int = 1) {}\n"
        "  internal lateinit var late: String\n"
        "  var prop: Int = 1\n"
        "    get() { val local = 1; return field }\n"
        "    private set(v) { field = v }\n"
        "  val run by lazy { object : Runnable { override fun run() {} } }\n"
        "  override operator fun plus(o: P): P = this\n"
        "}\n"
        "class C private constructor(val a: Int)\n"
        "sealed interface S {\n"
        "  fun abs(): Int\n"
        "  val v: Int\n"
        "}\n"
        "fun interface F {\n"
        "  fun go()\n"
        "}\n"
        "annotation class Ann(val s: String)\n"
        "object Single : Base() {\n"
        "  val x = 1\n"
        "}\n"
        "value class V(val s: String)\n",
        "1 class P: public @Anno data class P(val x: Int, private var y: String = \"a\", z: Int) : Base(z), I by d\n"
        "1 property x of P: public\n"
        "1 property y of P: private\n"
        "5 constructor constructor of P: public constructor(s: String) : this(1)\n"
        "7 constant K of P: public\n"
        "8 method make of P: public fun make()\n"
        "10 class Factory of P: public companion object Factory\n"
        "11 class Named of P: public object Named\n"
        "12 class In of P: public inner class In\n"
        "13 method m of P: protected protected open fun m(a: Int = 1)\n"
        "14 property late of P: internal\n"
        "15 property prop of P: public\n"
        "18 property run of P: public\n"
        "18 method run of run: public override fun run()\n"
        "19 method plus of P: public override operator fun plus(o: P): P\n"
        "21 class C: public class C private constructor(val a: Int)\n"
        "21 property a of C: public\n"
        "22 interface S: public sealed interface S\n"
        "23 method abs of S: public fun abs(): Int\n"
        "24 property v of S: public\n"
        "26 interface F: public fun interface F\n"
        "27 method go of F: public fun go()\n"
        "29 class Ann: public annotation class Ann(val s: String)\n"
        "29 property s of Ann: public\n"
        "30 class Single: public object Single : Base()\n"
        "31 property x of Single: public\n"
        "33 class V: public value class V(val s: String)\n"
        "33 property s of V: public\n");
}
END_TEST

START_TEST(enums_have_their_entries)
{
    assert_facts("a.kt",
                 "enum class E(val v: Int) {\n"
                 "  A(1) { override fun f() {} },\n"
                 "  B(2);\n"
                 "  abstract fun f()\n"
                 "}\n"
                 "enum class Z { A, B }\n",
                 "1 enum E: public enum class E(val v: Int)\n"
                 "1 property v of E: public\n"
                 "2 enum-member A of E: public\n"
                 "2 method f of A: public override fun f()\n"
                 "3 enum-member B of E: public\n"
                 "4 method f of E: public abstract fun f()\n"
                 "6 enum Z: public enum class Z\n"
                 "6 enum-member A of Z: public\n"
                 "6 enum-member B of Z: public\n");
}
END_TEST

START_TEST(what_stands_at_file_level)
{
    assert_facts(
        "a.kt",
        "#!/usr/bin/env kotlin\n"
        "@file:JvmName(\"Foo\")\n"
        "package a.b\n"
        "import kotlin.math.*\n"
        "import java.util.List as L\n"
        "import x.y.Z\n"
        "const val MAX = 3\n"
        "var top: Int = 1\n"
        "private val once by lazy { fun inner() {} ; 1 }\n"
        "val String.ext: Int get() = 3\n"
        "val (q, _, r) = triple\n"
        "typealias Handler<T> = (T) -> Unit\n"
        "internal fun <T> T.twice(f: (T) -> Unit = { }, vararg xs: Int): T where T : Any {\n"
        "  fun local() {}\n"
        "  val o = object : Runnable { override fun run() {} }\n"
        "  class Inner {\n"
        "    val z = 3\n"
        "  }\n"
        "  return this\n"
        "}\n"
        "fun one() = 1\n",
        "7 constant MAX: public\n"
        "8 variable top: public\n"
        "9 variable once: private\n"
        "9 function inner of once:  fun inner()\n"
        "10 variable ext: public\n"
        "11 variable q: public\n"
        "11 variable r: public\n"
        "12 type-alias Handler: public typealias Handler<T> = (T) -> Unit\n"
        "13 function twice: internal internal fun <T> T.twice(f: (T) -> Unit = { }, vararg xs: Int): T where T : Any\n"
        "14 function local of twice:  fun local()\n"
        "15 method run of twice: public override fun run()\n"
        "16 class Inner of twice:  class Inner\n"
        "17 property z of Inner: public\n"
        "21 function one: public fun one()\n"
        "4 import module kotlin.math.*\n"
        "5 import module java.util.List\n"
        "6 import module x.y.Z\n");
}
END_TEST

START_TEST(what_stands_around_an_error_stays)
{
    assert_facts("a.kt",
                 "class A {\n"
                 "  fun b() { x = = 1 }\n"
                 "  fun c() {}\n"
                 "}\n"
                 "class D\n",
                 "1 class A: public class A\n"
                 "2 method b of A: public fun b()\n"
                 "3 method c of A: public fun c()\n"
                 "5 class D: public class D\n"
                 "2 syntax-error unexpected \"=\"\n");
}
END_TEST

START_TEST(functions_cost_what_a_person_counts)
{
    assert_functions(
        "a.kt",
        "fun ifs(f: (Int) -> Unit = { }, vararg xs: Int) { if (a && b || c) { } else if (d) { } else { } }\n"
        "fun bare() { if (a) x() else if (b) y() else z() }\n"
        "fun inner() { if (a) { if (b) { } } else { if (c) { } } }\n"
        "fun loops() { for (i in 1..2) { while (a) { do { } while (b) } } }\n"
        "fun whens(x: Int) = when (x) { 1, 2 -> 3; is Int -> if (a) 1 else 2; else -> 4 }\n"
        "private fun tries() { try { } catch (e: E) { if (a) { } } finally { } }\n"
        "fun jumps() { outer@ for (x in y) { for (z in x) { break@outer } } }\n"
        "fun lambdas() { run { if (a) b(); return@run 1 } }\n"
        "fun old() { f(fun(x: Int): Int { if (a) { } return 1 }) }\n"
        "fun value(): Int { val x = if (a) 1 else 2; return x }\n",
        "ifs 2 5 5 1 exported\n"
        "bare 0 3 3 1 exported\n"
        "inner 0 4 6 2 exported\n"
        "loops 0 4 6 3 exported\n"
        "whens 1 4 4 2 exported\n"
        "tries 0 3 3 2\n"
        "jumps 0 3 4 2 exported\n"
        "lambdas 0 2 2 2 exported\n"
        "old 0 2 2 2 exported\n"
        "value 0 2 2 1 exported\n");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("facts_oo_kotlin");
    TCase *tests = tcase_create("facts_oo_kotlin");
    tcase_add_test(tests, types_and_members_are_told_apart);
    tcase_add_test(tests, enums_have_their_entries);
    tcase_add_test(tests, what_stands_at_file_level);
    tcase_add_test(tests, what_stands_around_an_error_stays);
    tcase_add_test(tests, functions_cost_what_a_person_counts);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
