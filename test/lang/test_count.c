/*
 * Lines counted by hand: the rules that hold for every language, then a small file for each language and each form of
 * comment and string.
 */
#include "test.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "lang/count.h"
#include "lang/languages.h"

static wtfcb_languages *languages;
static wtfcb_allocator allocator;

static void set_up(void)
{
    allocator = wtfcb_base_allocator(NULL);
    ck_assert_int_eq(wtfcb_languages_new(NULL, &languages), WTFCB_OK);
}

static void tear_down(void)
{
    wtfcb_languages_free(languages);
}

typedef struct sample {
    const char *language;
    const char *text;
    uint32_t code;
    uint32_t comments;
    uint32_t blanks;
    uint32_t docs;
} sample;

static uint16_t language_of(const char *name)
{
    uint16_t found = wtfcb_lang_find(languages, name, strlen(name));
    ck_assert_msg(found != WTFCB_LANG_NONE, "%s", name);
    return found;
}

static wtfcb_lang_counts count(const char *name, const char *text, size_t length, wtfcb_lang_children *children)
{
    char *padded = calloc(length + WTFCB_LANG_PADDING, 1);
    memcpy(padded, text, length);
    wtfcb_lang_counts counts;
    uint16_t language = name ? language_of(name) : WTFCB_LANG_NONE;
    ck_assert_int_eq(wtfcb_lang_count(languages, language, padded, length, &counts, children), WTFCB_OK);
    free(padded);
    return counts;
}

static void check_sample(const sample *s)
{
    wtfcb_lang_counts c = count(s->language, s->text, strlen(s->text), NULL);
    ck_assert_msg(c.code == s->code && c.comments == s->comments && c.blanks == s->blanks && c.docs == s->docs,
                  "%s: code %u (%u) comments %u (%u) blanks %u (%u) docs %u (%u) in:\n%s", s->language, c.code, s->code,
                  c.comments, s->comments, c.blanks, s->blanks, c.docs, s->docs, s->text);
}

/* {language, text, code, comments, blanks, documentation} */
static const sample rules[] = {
    {"C", "", 0, 0, 0, 0},
    {"C", "\n", 0, 0, 1, 0},
    {"C", "x", 1, 0, 0, 0},
    {"C", "x\n", 1, 0, 0, 0},
    {"C", "x\n ", 1, 0, 1, 0},
    {"C", " \t\f\v\r\n", 0, 0, 1, 0},
    {"C", "x\r\n\r\n// y\r\n", 1, 1, 1, 0},
    {"C", "a\rb\n", 1, 0, 0, 0},
    {"C", "/* a\n\n b */\n", 0, 3, 0, 0},
    {"C", "/* a\n\n b */ x;\n", 1, 2, 0, 0},
    {"C", "x; /* a\n\n b */\n", 1, 2, 0, 0},
    {"C", "x; // a\n", 1, 0, 0, 0},
    {"C", "/* a */ /* b */\n", 0, 1, 0, 0},
    {"C", "/* never closed\n\nx;\n", 0, 3, 0, 0},
    {"C", "/* never closed\n  ", 0, 2, 0, 0},
    {"C", "\xEF\xBB\xBFx;\n", 1, 0, 0, 0},
    {"C", "\xEF\xBB\xBF\n", 0, 0, 1, 0},
    {"C", "\xEF\xBB\xBF", 0, 0, 0, 0},
    {"Go", "x := `a\n\n// b\n`\n", 4, 0, 0, 0},
    {"Python", "x = '''a\n\n# b\n'''\n", 4, 0, 0, 0},
    {"Text", "a\n\n# b\n", 2, 0, 1, 0},
};

static const sample c_like[] = {
    {"C", "// a\n/* b */\nint c; // d\n", 1, 2, 0, 0},
    {"C", "/// a\n//! b\n//// c\n/** d */\n/*! e */\n/*** f */\n/**/\nx;\n", 1, 7, 0, 4},
    {"C", "// a \\\nb\nx;\n", 1, 2, 0, 0},
    {"C", "s = \"/* a\"; // \"\nx; /* y */\n", 2, 0, 0, 0},
    {"C", "s = \"a\\\"/*\";\nt = \"b \\\n/* c\";\n", 3, 0, 0, 0},
    {"C", "c = '\"'; /* a\n b */ d = '\\''; // x\n// y\n", 2, 1, 0, 0},
    {"C", "#error don't\n/* a */\n", 1, 1, 0, 0},
    {"C++", "s = R\"(/* )\" + R\"x(\n\n)\" // )x\"; // a\n// b\n", 3, 1, 0, 0},
    {"C++", "s = LR\"(\n\")\"; t = FOOR\"(\";\n// a\n", 2, 1, 0, 0},
    {"C++", "n = 1'000'000; // a\nm = 0x1'F; c = '/*';\n// b\n", 2, 1, 0, 0},
    {"Objective-C", "// a\n#import <x.h>\ns = @\"/*\";\n/* b */\n", 2, 2, 0, 0},
    {"Java", "/** a */\n/* b */\n// c\ns = \"\"\"\n  // d\n\n  \"\"\";\nc = '\"'; // e\n", 5, 3, 0, 1},
    {"C#", "/// a\n// b\ns = @\"\\\"; // c\nt = @\"a\"\"\n// b\";\nu = \"\"\"\n /* \" \n\"\"\";\n/* d */\n", 6, 3, 0,
     1},
    {"C#", "s = $@\"\n//\";\nc = '\"';\n// a\n", 3, 1, 0, 0},
    {"JavaScript", "#!/usr/bin/env node\n// a\n/** b */\ns = '//'; t = \"/*\";\nu = 'it\\'s /*';\n", 2, 3, 0, 1},
    {"JavaScript", "t = `a\n\n// ${f(`/* ${ {a: '}'} }`)} b\n`;\n// c\n", 4, 1, 0, 0},
    {"JavaScript", "r = /['\"`]/;\ns = a / b; // c\nif (/\\/*[/*]/.test(x)) y();\nreturn /`/;\n// d\n", 4, 1, 0, 0},
    {"TypeScript", "/** a */\nlet x: string = `/*`; // b\n", 1, 1, 0, 1},
    {"TSX", "return <p>a</p>; // b\n{/* c */}\n", 2, 0, 0, 0},
    {"Go", "// a\n/* b\n*/\ns := \"//\"\nc := '\"'\nt := `\\`\n// d\n", 3, 4, 0, 0},
    {"Rust",
     "//! a\n/// b\n//// c\n/* d /* e */\n f */\nlet s = r#\"/* \" \n\"#;\nfn f<'a>(x: &'a str) {} // g\nlet c = '\"'; let d = b'\\''; // h\n",
     4, 5, 0, 2},
    {"Rust", "let a = r\"\\\"; // x\nlet b = \"c\n\n d\"; /* e */\n/*! f */\n/** g */\n", 4, 2, 0, 2},
    {"Swift", "/// a\n/* b /* c */ */\nlet s = \"\"\"\n// d\n\"\"\"\nlet t = #\"\\\"#\n// e\nlet u = \"\\\"//\"\n", 5,
     3, 0, 1},
    {"Kotlin", "/** a */\n/* b /* c */\n*/\nval s = \"\"\"\n\\\"\"\"\nval c = '\"' // d\n", 3, 3, 0, 1},
    {"Scala", "// a\n/* b /* c */ */\nval s = \"\"\"/*\n\"\"\"\nval d = 'x // e\n", 3, 2, 0, 0},
    {"Groovy", "// a\ndef s = '''\n// b\n'''\ndef t = \"/*\"\n", 4, 1, 0, 0},
    {"Dart", "/// a\n/* b /* c */ */\nvar s = '''\n//\n''';\n", 3, 2, 0, 1},
    {"PHP",
     "<html>\n// text don't\n<?php\n// a\n# b\n#[C]\n/** d */\n$s = '\n//';\n$t = <<<EOT\n# e\n\n  EOT;\n?>\n# f\n", 12,
     3, 0, 1},
    {"PHP", "<?php\n$s = \"a\\\"//\";\n$t = <<<'X'\n/*\nX;\n/* b */\n", 5, 1, 0, 0},
    {"Solidity", "/// a\n// b\nstring s = \"//\";\n", 1, 2, 0, 1},
    {"CUDA", "// a\nx<<<1, 2>>>(); /* b\n*/\n", 1, 2, 0, 0},
    {"GLSL", "// a\n/* b */\nvoid main() {}\n", 1, 2, 0, 0},
    {"Protocol Buffers", "// a\nsyntax = \"proto3\"; // b\n", 1, 1, 0, 0},
    {"DeviceTree", "/* a */\n/ { b = \"//\"; };\n", 1, 1, 0, 0},
    {"Zig", "//! a\n/// b\n// c\nconst s =\n  \\\\ \" // d\n  \\\\ e\n;\n", 4, 3, 0, 2},
    {"D", "/+ a /+ b +/\n+/\n/** c */\ns = `\n//`; t = r\"\\\"; // d\n", 2, 3, 0, 1},
    {"Verilog", "// a\n/* b */\nassign x = 8'hFF; // c\n", 1, 2, 0, 0},
    {"JSON", "{\n\"a\": \"// b\"\n\n}\n", 3, 0, 1, 0},
    {"JSON with Comments", "{\n// a\n\"b\": \"//\" /* c\n*/\n}\n", 3, 2, 0, 0},
    {"CSS", "/* a\n\n*/\na { b: url(//c); d: \"/*\" }\n", 1, 3, 0, 0},
    {"SCSS", "// a\n/* b */\n$c: url(http://d); // e\n", 1, 2, 0, 0},
};

static const sample scripts[] = {
    {"Python", "#!/usr/bin/python\n\"\"\"Doc\n\nmore\"\"\"\nimport x\n\ndef f():\n    '''a'''\n    return 1 # b\n", 3,
     5, 1, 4},
    {"Python", "x = \"\"\"\n# a\n\"\"\"\nf(\n    \"\"\"b\n    \"\"\")\ng(\n  '''c''', 1)\n", 8, 0, 0, 0},
    {"Python", "class A:  # a\n    r\"\"\"b\n    \\\"\"\"\n    \"\"\"\n    x = 'it\\'s # c'\n    \"\"\"e\"\"\" % x\n",
     3, 3, 0, 3},
    {"Python", "x = [\n    u'''a\n    ''',\n]\ny = '#' # b\n", 5, 0, 0, 0},
    {"Ruby", "# a\n=begin\nb\n\n=end\ns = \"#{c} # d\"\nt = 'it\\'s #'\nu = <<~EOS\n  # e\n\nEOS\n", 6, 5, 0, 0},
    {"Ruby", "x = %w[a # b\nc]\ny = %q(it's)\nz = a /b; r = /['\"]/ # d\ns = ?'\n# e\n__END__\n# f\n", 7, 1, 0, 0},
    {"Ruby", "f(<<-A, <<~B)\n# a\n  A\n# b\n  B\n# c\n", 5, 1, 0, 0},
    {"Perl", "# a\n$x = $#y; # b\n$s = q{it's #};\n$s =~ s/'/#/g;\n=head1 A\n\nb\n\n=cut\n\n$t = <<\"E\";\n# c\nE\n", 6,
     6, 1, 5},
    {"Perl",
     "$x = tr{'}{\"}; # a\nmy @q = qw(a b); y/'/x/;\n%s = (s => 1, y => 2); $h{s};\nsplit /#/, $z;\n# b\n__END__\ndon't\n\n=pod\n\nx\n",
     6, 4, 1, 3},
    {"Shell",
     "#!/bin/sh\n# a\necho \"# b\" '#' \\# $# ${#x} a#b # c\ncat <<EOF\n# d\n\nEOF\ncat <<-'X' # e\n\t# f\n\tX\n", 8, 2,
     0, 0},
    {"Shell", "x='a\n\n# b'\ny=$'it\\'s'\nz=$((1 << 2)) # c\ncat <<< \"d\"\n# e\n", 6, 1, 0, 0},
    {"Fish", "# a\necho \"#\" 'it\\'s' # b\n", 1, 1, 0, 0},
    {"PowerShell", "# a\n<# b\n\n#>\n$s = \"`\"#\"\n$t = @\"\n# c\n\"@\n$u = 'd' # e\n", 5, 4, 0, 0},
    {"Batchfile", "@echo off\nREM a\nrem b\n:: c\n@rem d\nremove x\necho rem\n", 3, 4, 0, 0},
    {"Lua", "-- a\n--[[ b\n\n]] x = 1\n--[==[ c ]] \n]==]\ns = [[\n-- d\n]]\n---[[ e\n--- f\nt = \"--\" -- g\n", 5, 7,
     0, 2},
    {"R", "# a\n#' b\ns <- \"#\nc\"\nt <- 'it\\'s #'\n", 3, 2, 0, 1},
    {"Julia", "# a\n#= b #= c =#\n=#\ns = \"\"\"\n# d\n\"\"\"\nt = x' # e\nc = '\"'\n", 5, 3, 0, 0},
    {"MATLAB", "% a\n%{\nb\n\n%}\nx = y' + 'a % b'; % c\n%{ d\nz = \"%\";\n", 2, 6, 0, 0},
    {"Octave", "# a\n% b\n#{\nc\n#}\nx = 'it''s';\n", 1, 5, 0, 0},
    {"Tcl", "# a\nset x \"#\" ;# b\nset y {a#b}\n", 2, 1, 0, 0},
    {"Awk", "# a\n/#/ { print \"#\" } # b\n", 1, 1, 0, 0},
    {"Makefile", "# a \\\nb\nx: y # c\n\techo \\# $#\n", 2, 2, 0, 0},
    {"CMake", "# a\n#[[ b\n\nc ]]\nset(x \"#\") # d\nset(y [=[\n# e\n]=])\n", 4, 4, 0, 0},
    {"Dockerfile", "# a\nFROM b # c\nRUN <<EOF\n# d\nEOF\n", 4, 1, 0, 0},
    {"YAML", "# a\nb: 'c # d' # e\nf: it's # g\nh: \"#\"\n", 3, 1, 0, 0},
    {"TOML", "# a\nb = '''\n# c\n'''\nd = \"#\" # e\n", 4, 1, 0, 0},
    {"INI", "; a\n# b\n[c]\nd = e ; f\n", 2, 2, 0, 0},
    {"Properties", "# a\n! b\nc = d # e\n", 1, 2, 0, 0},
    {"GraphQL", "# a\n\"\"\"\nb # c\n\"\"\"\ntype D\n", 4, 1, 0, 0},
    {"Elixir", "# a\ns = \"\"\"\n# b\n\"\"\"\nt = \"#\" # c\nu = ?#\n", 5, 1, 0, 0},
    {"Nix", "# a\n/* b\n*/\nx = ''\n # c ''$ '''\n'';\n", 3, 3, 0, 0},
    {"HCL", "# a\n// b\n/* c */\nx = <<-EOT\n# d\n  EOT\n", 3, 3, 0, 0},
    {"Nim", "# a\n## b\n#[ c #[ d ]#\n]#\nlet s = \"\"\"\n# e\n\"\"\"\nlet c = '\"'\n", 4, 4, 0, 1},
    {"CoffeeScript", "# a\n###\nb\n###\ns = \"#\"\n", 1, 4, 0, 0},
    {"Meson", "# a\nx = '''\n#'''\ny = '#' # b\n", 3, 1, 0, 0},
    {"GDScript", "# a\n## b\nvar s = \"#\"\n", 1, 2, 0, 1},
};

static const sample others[] = {
    {"Haskell", "-- a\n-- | b\n{- c {- d -}\n-}\nx --> y\nf' = \"--\" -- e\nc = '\"'\n", 3, 4, 0, 1},
    {"Elm", "-- a\n{-| b -}\nx = \"\"\"\n-- c\n\"\"\"\n", 3, 2, 0, 1},
    {"OCaml", "(* a (* b *)\n*)\n(** c *)\nlet s = \"(*\"\nlet t = {x|\n(* |} |x}\nlet c = '\"' and d = f' 'a'\n", 4, 3,
     0, 1},
    {"Standard ML", "(* a (* b *) *)\nval s = \"(*\"\n", 1, 1, 0, 0},
    {"F#", "// a\n/// b\n(* c (* d *)\n*)\nlet s = \"\"\"//\n\"\"\"\nlet t = @\"\\\" // e\nlet (*) = 1\n", 4, 4, 0, 1},
    {"Common Lisp", "; a\n#| b #| c |#\n|#\n(d \"; e\n\") #\\; #\\\" ; f\n", 2, 3, 0, 0},
    {"Emacs Lisp", "; a\n(b ?\\\" ?\\; \"; c\")\n", 1, 1, 0, 0},
    {"Clojure", "; a\n(b \\\" \"; c\") ; d\n", 1, 1, 0, 0},
    {"Scheme", "; a\n#| b |#\n(c)\n", 1, 2, 0, 0},
    {"Erlang", "% a\nf() -> \"%\", $%, $\", 'it%'. % b\n", 1, 1, 0, 0},
    {"Ada", "-- a\nX : String := \"--\"; -- b\nC : Character := '\"'; Y := X'First;\n", 2, 1, 0, 0},
    {"VHDL", "-- a\n/* b */\nx <= '1'; -- c\n", 1, 2, 0, 0},
    {"Fortran", "! a\n!> b\nx = 'it''s !' ! c\n", 1, 2, 0, 1},
    {"Fortran 77", "C a\nc b\n* c\n      x = 1 ! d\n      CALL C\n", 2, 3, 0, 0},
    {"COBOL", "      * a\n       MOVE X TO Y. *> b\n*> c\n", 1, 2, 0, 0},
    {"Pascal", "// a\n{ b\n\n}\n(* c *)\n{$I d}\ns := 'it''s {';\n", 2, 5, 0, 0},
    {"Visual Basic", "' a\nRem b\n''' c\ns = \"it's\" ' d\nRemove x\n", 2, 3, 0, 1},
    {"SQL", "-- a\n/* b\n*/\nSELECT 'it''s -- c',\n'd\n\n-- e'; -- f\n# g\n", 4, 4, 0, 0},
    {"Prolog", "% a\n/* b */\nc('it\\'s %', 0'%, \"%\"). % d\n", 1, 2, 0, 0},
    {"Assembly", "# a\n#include <b>\n# define c\n; d\n// e\n/* f */\n@ g\nmov $1, %eax # h\n.ascii \"/*\"\n", 4, 5, 0,
     0},
    {"Vim Script", "\" a\nlet x = \"b\" \" c\nlet y = 'it''s'\n", 2, 1, 0, 0},
    {"TeX", "% a\nb \\% c % d\n\\begin{comment}\ne\n\n\\end{comment}\n", 1, 5, 0, 0},
    {"HTML", "<!-- a\n\nb -->\n<p>c</p> <!-- d -->\n", 1, 3, 0, 0},
    {"XML", "<!-- a -->\n<b><![CDATA[\n<!-- c -->\n]]></b>\n", 3, 1, 0, 0},
    {"ERB", "<%# a %>\n<!-- b -->\n<%= c %>\n", 1, 2, 0, 0},
    {"Handlebars", "{{!-- a\n}} --}}\n{{! b }}\n{{c}}\n", 1, 3, 0, 0},
    {"Markdown", "# a\n\n<!-- b -->\ntext\n", 2, 1, 1, 0},
    {"Roff", ".\\\" a\n.TH b\n", 1, 1, 0, 0},
    {"AsciiDoc", "////\na\n////\n// b\n= c\n", 1, 4, 0, 0},
    {"Forth", "\\ a\n( b )\n: c ; \\ d\n", 1, 2, 0, 0},
    {"Smalltalk", "\"a\nb\"\nc := 'd \" e'. $\". \n", 1, 2, 0, 0},
    {"AutoHotkey", "; a\n/*\nb\n*/\nc := 1 ; d\n", 1, 4, 0, 0},
    {"M4", "dnl a\n# b\ndefine(c) dnl d\n", 1, 2, 0, 0},
    {"Lean", "-- a\n/- b /- c -/\n-/\n/-- d -/\ndef e := 1 -- f\n", 1, 4, 0, 1},
    {"Kconfig", "# a\nconfig B\n\tbool \"#\" # c\n", 2, 1, 0, 0},
    {"Raku", "# a\n#| b\n#`( c\n)\nmy $x = '#';\n=begin pod\nd\n=end pod\n", 1, 7, 0, 4},
};

static void check_all(const sample *samples, size_t count_of)
{
    for (size_t i = 0; i < count_of; i++)
        check_sample(&samples[i]);
}

#define SAMPLES(name, samples)                                                                                         \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        check_all(samples, sizeof samples / sizeof samples[0]);                                                        \
    }                                                                                                                  \
    END_TEST

SAMPLES(lines_follow_the_rules, rules)
SAMPLES(languages_like_c_are_counted_as_by_hand, c_like)
SAMPLES(scripts_are_counted_as_by_hand, scripts)
SAMPLES(other_languages_are_counted_as_by_hand, others)

START_TEST(every_sample_holds_at_every_offset_of_a_block)
{
    /* The same file behind 0 to 130 bytes of code on a line before it: nothing depends on where blocks begin. */
    char text[2048];
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        const sample *s = &scripts[i];
        if (strncmp(s->text, "#!", 2) == 0) continue;
        wtfcb_lang_counts first = {0};
        for (size_t pad = 1; pad < 130; pad++) {
            memset(text, ' ', pad);
            text[pad] = '\n';
            memcpy(text + pad + 1, s->text, strlen(s->text));
            wtfcb_lang_counts c = count(s->language, text, pad + 1 + strlen(s->text), NULL);
            if (pad == 1) first = c;
            ck_assert_msg(memcmp(&c, &first, sizeof c) == 0, "%s behind %zu bytes", s->language, pad);
            ck_assert_uint_eq(c.code, s->code);
        }
    }
}
END_TEST

START_TEST(unknown_language_has_code_and_blank_lines_only)
{
    const char text[] = "// a\n\n\"b\n";
    wtfcb_lang_counts c = count(NULL, text, sizeof text - 1, NULL);
    ck_assert_uint_eq(c.lines, 3);
    ck_assert_uint_eq(c.code, 2);
    ck_assert_uint_eq(c.blanks, 1);
}
END_TEST

static void check_child(const wtfcb_lang_child *child, const char *text, const char *language, const char *content,
                        uint32_t line, uint32_t code, uint32_t comments)
{
    ck_assert_str_eq(languages->rows[child->language].name, language);
    ck_assert_uint_eq(child->size, strlen(content));
    ck_assert_int_eq(memcmp(text + child->start, content, strlen(content)), 0);
    ck_assert_uint_eq(child->start_line, line);
    ck_assert_uint_eq(child->counts.code, code);
    ck_assert_uint_eq(child->counts.comments, comments);
}

START_TEST(scripts_and_styles_are_children_of_html)
{
    const char text[] =
        "<html>\n<script>\n// a\nb();\n</script><style lang='scss'>\n$c: d;\n</style>\n<script src=x></script>\n"
        "<script type=\"application/ld+json\">\n{}\n</script>\n<script type=text/unknown>\n<x>\n</script>\n";
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_counts c = count("HTML", text, sizeof text - 1, &children);
    ck_assert_uint_eq(children.count, 3);
    check_child(&children.items[0], text, "JavaScript", "// a\nb();\n", 2, 1, 1);
    check_child(&children.items[1], text, "SCSS", "$c: d;\n", 5, 1, 0);
    check_child(&children.items[2], text, "JSON", "{}\n", 9, 1, 0);
    ck_assert_uint_eq(c.lines, 10);
    ck_assert_uint_eq(c.code, 10);
    wtfcb_lang_children_free(&children);
}
END_TEST

START_TEST(vue_script_without_end_reaches_to_the_end)
{
    const char text[] = "\xEF\xBB\xBF<script lang=\"ts\" setup>\nlet a: B\n\n// c";
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_counts c = count("Vue", text, sizeof text - 1, &children);
    ck_assert_uint_eq(children.count, 1);
    check_child(&children.items[0], text, "TypeScript", "let a: B\n\n// c", 1, 1, 1);
    ck_assert_uint_eq(children.items[0].counts.lines, 3);
    ck_assert_uint_eq(c.lines, 1);
    wtfcb_lang_children_free(&children);
}
END_TEST

START_TEST(code_blocks_are_children_of_markdown)
{
    const char text[] =
        "# a\n```python title=x\n# b\n```\n~~~~ {.c}\nint c;\n~~~\n~~~~\n```\nplain\n```\n  ```sh\n  # d\n  ```\nend\n```x`\n";
    wtfcb_lang_children children;
    wtfcb_lang_children_init(&children, &allocator);
    wtfcb_lang_counts c = count("Markdown", text, sizeof text - 1, &children);
    ck_assert_uint_eq(children.count, 3);
    check_child(&children.items[0], text, "Python", "# b\n", 2, 0, 1);
    check_child(&children.items[1], text, "C", "int c;\n~~~\n", 5, 2, 0);
    check_child(&children.items[2], text, "Shell", "  # d\n", 12, 0, 1);
    ck_assert_uint_eq(c.lines, 12);
    wtfcb_lang_children_free(&children);
}
END_TEST

START_TEST(utf16_is_decoded_and_nul_is_binary)
{
    static const char big[] = "\xFE\xFF\0x\0\n\xD8\x3D\xDE\0\0\n\xD8\0", little[] = "\xFF\xFEx\0\n\0\xE9\0";
    wtfcb_base_buffer buffer;
    wtfcb_base_buffer_init(&buffer, &allocator);
    ck_assert_int_eq(wtfcb_lang_decode_utf16(big, sizeof big - 1, &buffer), WTFCB_OK);
    ck_assert_uint_eq(buffer.length, strlen("x\n\xF0\x9F\x98\x80\n\xEF\xBF\xBD"));
    ck_assert_int_eq(memcmp(buffer.data, "x\n\xF0\x9F\x98\x80\n\xEF\xBF\xBD", buffer.length), 0);
    wtfcb_base_buffer_reset(&buffer);
    ck_assert_int_eq(wtfcb_lang_decode_utf16(little, sizeof little - 1, &buffer), WTFCB_OK);
    ck_assert_uint_eq(buffer.length, 4);
    ck_assert_int_eq(memcmp(buffer.data, "x\n\xC3\xA9", 4), 0);
    ck_assert_int_eq(wtfcb_lang_decode_utf16("abc", 3, &buffer), WTFCB_EFORMAT);
    wtfcb_base_buffer_free(&buffer);
    ck_assert(!wtfcb_lang_is_binary(big, sizeof big - 1) && !wtfcb_lang_is_binary("", 0));
    ck_assert(wtfcb_lang_is_binary("a\0b", 3) && wtfcb_lang_is_binary("\xFF\xFE\0\0a\0\0", 7));
    char *late = calloc(1, 8001);
    memset(late, 'x', 8000);
    ck_assert(!wtfcb_lang_is_binary(late, 8001));
    late[7999] = 0;
    ck_assert(wtfcb_lang_is_binary(late, 8001));
    free(late);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("count");
    TCase *cases = tcase_create("count");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, lines_follow_the_rules);
    tcase_add_test(cases, languages_like_c_are_counted_as_by_hand);
    tcase_add_test(cases, scripts_are_counted_as_by_hand);
    tcase_add_test(cases, other_languages_are_counted_as_by_hand);
    tcase_add_test(cases, every_sample_holds_at_every_offset_of_a_block);
    tcase_add_test(cases, unknown_language_has_code_and_blank_lines_only);
    tcase_add_test(cases, scripts_and_styles_are_children_of_html);
    tcase_add_test(cases, vue_script_without_end_reaches_to_the_end);
    tcase_add_test(cases, code_blocks_are_children_of_markdown);
    tcase_add_test(cases, utf16_is_decoded_and_nul_is_binary);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
