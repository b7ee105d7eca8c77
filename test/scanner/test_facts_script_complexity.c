/*
 * Complexity of scripting languages, counted by hand. The numbers behind each text are cyclomatic, cognitive, nesting and
 * parameters of its first function; the comment tells what the cognitive points are for.
 */
#include "test_extract.h"

typedef struct sample {
    const char *language;
    const char *text;
    uint32_t cyclomatic;
    uint32_t cognitive;
    uint32_t nesting;
    uint32_t parameters;
} sample;

static const sample samples[] = {
    /* --- Ruby --- */
    {"ruby", "def f(a, b = 1, *c, d:, **e, &g) = 1", 1, 0, 0, 6},
    /* if 1, elsif 1, else 1 */
    {"ruby", "def f\n if a then b elsif c then d else e end\nend", 3, 3, 1, 0},
    /* an `if` inside an else is nested: if 1, else 1, if 2 */
    {"ruby", "def f\n if a then b\n else\n  if c then d end\n end\nend", 3, 4, 2, 0},
    /* until 1, while 2, for 3 */
    {"ruby", "def f\n until a do while b do for c in d do e end end end\nend", 4, 6, 3, 0},
    /* modifiers: if 1, unless 1, while 1, rescue 1 */
    {"ruby", "def f\n a if b\n c unless d\n e while g\n h rescue i\nend", 5, 4, 1, 0},
    /* unless 1, else 1 */
    {"ruby", "def f\n unless a then b else c end\nend", 2, 2, 1, 0},
    /* case 1, if 2; an else costs nothing */
    {"ruby", "def f\n case a\n when 1, 2 then b if c\n when 3 then d\n else e\n end\nend", 4, 3, 2, 0},
    /* case 1; `in _` is the default; a guard is a branch */
    {"ruby", "def f\n case a\n in [x] if x then b\n in _ then c\n end\nend", 3, 1, 1, 0},
    /* rescue 1 each */
    {"ruby", "def f\n a\nrescue B, C\n d\nrescue E\n g\nensure\n h\nend", 3, 2, 1, 0},
    /* ?: 1, a run of && 1, || 1 */
    {"ruby", "def f\n a ? b : (c && d && e || g)\nend", 5, 3, 1, 0},
    /* and 1, or 1 */
    {"ruby", "def f\n a and b or c\nend", 3, 2, 0, 0},
    /* a block is one level: if 2 */
    {"ruby", "def f\n a.each do |b| c if b end\nend", 2, 2, 2, 0},
    /* the block of define_method is its body: if 1 */
    {"ruby", "class A\n define_method(:f) { |a, b| a if b }\nend", 2, 1, 1, 2},
    /* in an argument, in a string: ?: 1, 1 */
    {"ruby", "def f\n g(a, b ? 1 : 2)\n \"x#{c ? d : e}\"\nend", 3, 2, 1, 0},
    /* --- PHP --- */
    {"php", "<?php function f(int $a, &$b = 1, ...$c) { }", 1, 0, 0, 3},
    /* if 1, elseif 1, else-if 1, else 1 */
    {"php", "<?php function f() { if ($a) b(); elseif ($c) d(); else if ($e) g(); else h(); }", 4, 4, 1, 0},
    /* if 1, elseif 1, else 1 */
    {"php", "<?php function f() { if ($a): b(); elseif ($c): d(); else: e(); endif; }", 3, 3, 1, 0},
    /* an `if` inside an else is nested: if 1, else 1, if 2 */
    {"php", "<?php function f() { if ($a) { b(); } else { if ($c) { d(); } } }", 3, 4, 2, 0},
    /* foreach 1, for 2, while 3, do 4 */
    {"php", "<?php function f() { foreach ($a as $b) for (;;) while ($c) do { d(); } while ($e); }", 5, 10, 4, 0},
    /* catch 1, 1 */
    {"php", "<?php function f() { try { a(); } catch (B|C $d) { } catch (E $e) { } finally { } }", 3, 2, 1, 0},
    /* switch 1, if 2; break 2: 1 */
    {"php", "<?php function f() { switch ($a) { case 1: if ($b) c(); break 2; default: d(); } }", 3, 4, 2, 0},
    /* match 1 */
    {"php", "<?php function f() { return match ($a) { 1, 2 => 3, 4 => 5, default => 6 }; }", 3, 1, 1, 0},
    /* ?: 1, && 1, || 1, and 1 */
    {"php", "<?php function f() { $a = ($b && $c || $d) ? 1 : 2; $e and $g; }", 5, 4, 1, 0},
    /* a closure is one level: if 2; ?: in an arrow function 2; goto 1 */
    {"php", "<?php function f() { a(function () { if ($b) c(); }); d(fn($e) => $e ? 1 : 2); goto g; g: }", 3, 5, 2, 0},
    /* --- Shell --- */
    {"shell", "f() { a; }", 1, 0, 0, 0},
    /* if 1, elif 1, else 1 */
    {"shell", "f() { if a; then b; elif c; then d; else e; fi; }", 3, 3, 1, 0},
    /* while 1, until 2, for 3, for 4 */
    {"shell", "f() { while a; do until b; do for c in d; do for ((;;)); do e; done; done; done; done; }", 5, 10, 4, 0},
    /* case 1, if 2; `*)` is the default */
    {"shell", "f() { case $1 in a|b) if c; then d; fi ;; e) g ;; *) h ;; esac; }", 4, 3, 2, 0},
    /* a run of one operator 1; each change 1 more */
    {"shell", "f() { a && b && c; }", 3, 1, 0, 0},
    {"shell", "f() { a && b || c; }", 3, 2, 0, 0},
    {"shell", "f() { [[ $a == 1 && $b || $c ]]; }", 3, 2, 0, 0},
    /* in a substitution all the same: && 1; for 1, break 2: 1 */
    {"shell", "f() { x=$(a && b); for i in 1; do break 2; done; }", 3, 3, 1, 0},
    /* --- Lua --- */
    {"lua", "function f(a, b, ...) end", 1, 0, 0, 3},
    /* if 1, elseif 1, else 1 */
    {"lua", "function f() if a then b() elseif c then d() else e() end end", 3, 3, 1, 0},
    /* an `if` inside an else is nested: if 1, else 1, if 2 */
    {"lua", "function f() if a then b() else if c then d() end end end", 3, 4, 2, 0},
    /* for 1, for 2, while 3, repeat 4 */
    {"lua", "function f() for i = 1, 2 do for k in a do while b do repeat c() until d end end end end", 5, 10, 4, 0},
    /* and 1, or 1; goto 1 */
    {"lua", "function f() local a = b and c or d goto e ::e:: end", 3, 3, 0, 0},
    /* a function without a name is one level: if 2 */
    {"lua", "function f() run(function() if a then b() end end) end", 2, 2, 2, 0},
    /* --- Elixir --- */
    {"elixir", "def f(a, b \\\\ 1), do: a", 1, 0, 0, 2},
    /* if 1, else 1 */
    {"elixir", "def f do\n if a do b else c end\nend", 2, 2, 1, 0},
    /* unless 1, for 2 */
    {"elixir", "def f do\n unless a do\n  for x <- y, do: x\n end\nend", 3, 3, 2, 0},
    /* case 1, if 2; `_` is the default */
    {"elixir", "def f do\n case a do\n  1 -> if b, do: c\n  2 -> d\n  _ -> e\n end\nend", 4, 3, 2, 0},
    /* cond 1; `true` is the default */
    {"elixir", "def f do\n cond do\n  a -> b\n  true -> c\n end\nend", 2, 1, 1, 0},
    /* rescue 1, catch 1 */
    {"elixir", "def f do\n try do\n  a\n rescue\n  e -> b\n catch\n  x -> y\n end\nend", 3, 2, 1, 0},
    /* a run of && 1, or 1 */
    {"elixir", "def f(a), do: a && b && c or d", 4, 2, 0, 1},
    /* fn is one level, its clause no branch: if 2 */
    {"elixir", "def f, do: run(fn x -> if x, do: y end)", 2, 2, 2, 0},
    /* --- Haskell --- */
    {"haskell", "f x y = x\n", 1, 0, 0, 2},
    /* a second equation is a branch, so is a guard that is not the last resort; && 1 */
    {"haskell", "f 0 = 1\nf x | x > 1 && g = 2\n    | otherwise = 3\n", 4, 1, 0, 1},
    /* if 1; case 2: `_` is the default */
    {"haskell", "f x = if x then 1 else case y of\n  1 -> 2\n  2 -> 3\n  _ -> 4\n", 4, 3, 2, 1},
    /* a lambda is one level: if 2 */
    {"haskell", "f = map (\\x -> if x then 1 else 2)\n", 2, 2, 2, 0},
};
#define SAMPLES (sizeof samples / sizeof *samples)

START_TEST(complexity_of_scripts_is_as_counted_by_hand)
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
        ck_assert_msg(f->cyclomatic == s->cyclomatic && f->cognitive == s->cognitive && f->nesting == s->nesting &&
                          f->parameters == s->parameters,
                      "%s: expected %u %u %u %u, got %u %u %u %u", s->text, s->cyclomatic, s->cognitive, s->nesting,
                      s->parameters, f->cyclomatic, f->cognitive, f->nesting, f->parameters);
    }
    facts_close(&bench);
}
END_TEST

/* No text may take the extraction long or break it, whatever it opens and does not close. */
static void hostile(facts_bench *bench, const char *language, const char *piece)
{
    enum { COUNT = 1000 };
    size_t length = strlen(piece);
    char *text = malloc(length * COUNT + 1);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(text + i * length, piece, length + 1);
    facts_of(bench, language, text, length * COUNT);
    free(text);
}

START_TEST(unclosed_definitions_of_scripts_end_the_walk_all_the_same)
{
    static const struct {
        const char *language;
        const char *piece;
    } pieces[] = {
        {"ruby", "class A\n"},
        {"ruby", "def a("},
        {"ruby", "x = [{"},
        {"ruby", "private def a\n"},
        {"ruby", "attr_"},
        {"ruby", "Struct."},
        {"ruby", "alias_method "},
        {"php", "<?php function f("},
        {"php", "<?php class A { "},
        {"php", "<?php $a = [function() { "},
        {"php", "<?php use A\\\\{"},
        {"php", "<?php include (("},
        {"php", "<?php define("},
        {"shell", "f() { "},
        {"shell", "case x in "},
        {"shell", "x=$("},
        {"shell", "A=1 "},
        {"shell", "alias a="},
        {"lua", "function f("},
        {"lua", "t = {a = "},
        {"lua", "require("},
        {"lua", "local a <const"},
        {"elixir", "defmodule A do\n"},
        {"elixir", "def f("},
        {"elixir", "@type "},
        {"elixir", "def a when "},
        {"haskell", "f x = case x of "},
        {"haskell", "data T = T {"},
        {"haskell", "f (x = "},
        {"haskell", "module A ("},
    };
    facts_bench bench;
    facts_open(&bench);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        hostile(&bench, pieces[i].language, pieces[i].piece);
    facts_close(&bench);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("complexity of scripting languages");
    TCase *tests = tcase_create("complexity");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, complexity_of_scripts_is_as_counted_by_hand);
    tcase_add_test(tests, unclosed_definitions_of_scripts_end_the_walk_all_the_same);
    suite_add_tcase(s, tests);
    return s;
}

WTFCB_TEST_MAIN(suite)
