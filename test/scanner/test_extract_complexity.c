/*
 * Complexity, counted by hand. The numbers behind each text are cyclomatic, cognitive and nesting of its first function;
 * the comment tells what the cognitive points are for.
 */
#include "test_extract.h"

typedef struct sample {
    const char *language;
    const char *text;
    uint32_t cyclomatic;
    uint32_t cognitive;
    uint32_t nesting;
} sample;

static const sample samples[] = {
    /* straight code */
    {"c", "int f(void) { return g(1, 2); }", 1, 0, 0},
    {"python", "def f(): return 1", 1, 0, 0},
    /* if 1, else-if 1, else 1 */
    {"c", "int f(int a) { if (a) b(); else if (c) d(); else e(); }", 3, 3, 1},
    {"python", "def f(a):\n  if a: b()\n  elif c: d()\n  else: e()\n", 3, 3, 1},
    {"javascript", "function f(a) { if (a) b(); else if (c) { d(); } else { e(); } }", 3, 3, 1},
    {"go", "package p\nfunc f() { if a { b() } else if c { d() } else { e() } }", 3, 3, 1},
    {"rust", "fn f() { if a { b() } else if c { d() } else { e() } }", 3, 3, 1},
    {"java", "class A { void f() { if (a) b(); else if (c) d(); else e(); } }", 3, 3, 1},
    /* an `if` inside an else is nested: if 1, else 1, if 2 */
    {"c", "int f(int a) { if (a) b(); else { if (c) d(); } }", 3, 4, 2},
    {"java", "class A { void f() { if (a) b(); else { if (c) d(); } } }", 3, 4, 2},
    {"python", "def f(a):\n  if a: b()\n  else:\n    if c: d()\n", 3, 4, 2},
    /* three levels: 1 + 2 + 3 */
    {"c", "void f(void) { for (;;) while (a) if (b) c(); }", 4, 6, 3},
    {"java", "class A { void f() { for (;;) for (int i : x) do { y(); } while (a); } }", 4, 6, 3},
    {"rust", "fn f() { loop { while a { for b in c { d() } } } }", 4, 6, 3},
    {"go", "package p\nfunc f() { for { for a { for b := range c { } } } }", 4, 6, 3},
    /* the condition of a loop is not nested in it: while 1, ?: 1 */
    {"c", "void f(void) { while (a ? b : c) d(); }", 3, 2, 1},
    /* a run of one operator 1; each change 1 more */
    {"c", "int f(void) { return a && b && c; }", 3, 1, 0},
    {"c", "int f(void) { return a && b || c && d; }", 4, 3, 0},
    {"c", "int f(void) { return a && (b && c); }", 3, 1, 0},
    {"c", "int f(void) { return a && !(b && c); }", 3, 2, 0},
    {"c", "int f(void) { return (a || b) && (c || d); }", 4, 3, 0},
    {"c", "int f(void) { return (a && b) == (c && d); }", 3, 2, 0},
    {"c", "int f(void) { return a && g(b || c) && d; }", 4, 2, 0},
    {"c++", "bool f() { return a and b or c; }", 3, 2, 0},
    {"python", "def f(): return a and b and c or d", 4, 2, 0},
    {"javascript", "function f() { return a && b || c; }", 3, 2, 0},
    {"go", "package p\nfunc f() bool { return a && b || c }", 3, 2, 0},
    {"rust", "fn f() -> bool { a && b || c }", 3, 2, 0},
    /* && of C++ that is no operator */
    {"c++", "void f(T &&a) { g(std::move(a)); }", 1, 0, 0},
    /* a switch costs 1, each case is a branch, the default is none */
    {"c", "void f(int a) { switch (a) { case 1: case 2: b(); break; default: c(); } }", 3, 1, 1},
    {"java", "class A { int f() { return switch (a) { case 1, 2 -> 3; default -> 4; }; } }", 2, 1, 1},
    {"javascript", "function f() { switch (a) { case 1: b(); default: c(); } }", 2, 1, 1},
    {"go", "package p\nfunc f() { switch a { case 1, 2: b()\ndefault: c() } }", 2, 1, 1},
    {"rust", "fn f() { match a { 1 => b(), 2 | 3 => c(), _ => d() } }", 3, 1, 1},
    {"python", "def f():\n  match a:\n    case 1: b()\n    case _: c()\n", 2, 1, 1},
    /* try is free, catch costs */
    {"c++", "void f() { try { a(); } catch (B &b) { if (c) d(); } }", 3, 3, 2},
    {"java", "class A { void f() { try { a(); } catch (B b) { c(); } finally { d(); } } }", 2, 1, 1},
    {"python", "def f():\n  try: a()\n  except B: c()\n  finally: d()\n", 2, 1, 1},
    {"javascript", "function f() { try { a(); } catch (b) { c(); } }", 2, 1, 1},
    /* jumps: goto 1, to a label 1, plain ones nothing */
    {"c", "void f(void) { for (;;) { if (a) break; goto out; } out:; }", 3, 4, 2},
    {"java", "class A { void f() { x: for (;;) { break x; } } }", 2, 2, 1},
    {"rust", "fn f() { 'x: loop { break 'x; } }", 2, 2, 1},
    {"rust", "fn f() { loop { break x; } }", 2, 1, 1},
    {"go", "package p\nfunc f() { x: for { continue x } }", 2, 2, 1},
    {"javascript", "function f() { x: for (;;) { for (;;) { continue; } continue x; } }", 3, 4, 2},
    /* comprehensions branch; a conditional expression is a structure */
    {"python", "def f(): return [a for b in c if d]", 3, 0, 0},
    {"python", "def f(): return a if b else c", 2, 1, 1},
    /* a lambda counts for the function around it, one level deeper: if 2 */
    {"c++", "void f() { g([] { if (a) b(); }); }", 2, 2, 2},
    {"javascript", "function f() { g(() => { if (a) b(); }); }", 2, 2, 2},
    {"go", "package p\nfunc f() { func() { if a { } }() }", 2, 2, 2},
    {"rust", "fn f() { g(|| { if a { b() } }) }", 2, 2, 2},
    {"java", "class A { void f() { g(() -> { if (a) b(); }); } }", 2, 2, 2},
    {"python", "def f(): return lambda: a if b else c", 2, 2, 2},
    /* what is nested by name counts for itself */
    {"python", "def f():\n  def g():\n    if a: b()\n  return g\n", 1, 0, 0},
    {"javascript", "function f() { function g() { if (a) b(); } const h = () => { if (c) d(); }; }", 1, 0, 0},
    {"rust", "fn f() { fn g() { if a { b() } } }", 1, 0, 0},
};
#define SAMPLES (sizeof samples / sizeof *samples)

START_TEST(complexity_is_as_counted_by_hand)
{
    facts_bench bench;
    facts_open(&bench);
    for (size_t i = 0; i < SAMPLES; i++) {
        const sample *s = &samples[i];
        const wtfcb_scanner_facts *facts = facts_of(&bench, s->language, s->text, strlen(s->text));
        size_t at = 0;
        while (at < facts->symbol_count && facts->symbols[at].cyclomatic == 0)
            at++;
        ck_assert_msg(at < facts->symbol_count && !facts->has_errors, "%s", s->text);
        const wtfcb_scanner_symbol *f = &facts->symbols[at];
        ck_assert_msg(f->cyclomatic == s->cyclomatic && f->cognitive == s->cognitive && f->nesting == s->nesting,
                      "%s: expected %u %u %u, got %u %u %u", s->text, s->cyclomatic, s->cognitive, s->nesting,
                      f->cyclomatic, f->cognitive, f->nesting);
    }
    facts_close(&bench);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("extract complexity");
    TCase *cases = tcase_create("complexity");
    tcase_add_test(cases, complexity_is_as_counted_by_hand);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
