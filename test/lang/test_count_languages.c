/*
 * Lines counted by hand, continued from test_count.c: the languages beside the forty that are met every day, a small file
 * for each, with the strings that must hide a comment's opening and the marks that must not begin one.
 */
#include "test.h"

#include "lang/count.h"
#include "lang/languages.h"

static wtfcb_languages *languages;

static void set_up(void)
{
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

static void check_sample(const sample *s)
{
    size_t length = strlen(s->text);
    uint16_t language = wtfcb_lang_find(languages, s->language, strlen(s->language));
    ck_assert_msg(language != WTFCB_LANG_NONE, "%s", s->language);
    char *padded = calloc(length + WTFCB_LANG_PADDING, 1);
    memcpy(padded, s->text, length);
    wtfcb_lang_counts c;
    ck_assert_int_eq(wtfcb_lang_count(languages, language, padded, length, &c, NULL), WTFCB_OK);
    free(padded);
    ck_assert_msg(c.code == s->code && c.comments == s->comments && c.blanks == s->blanks && c.docs == s->docs,
                  "%s: code %u (%u) comments %u (%u) blanks %u (%u) docs %u (%u) in:\n%s", s->language, c.code, s->code,
                  c.comments, s->comments, c.blanks, s->blanks, c.docs, s->docs, s->text);
}

/* {language, text, code, comments, blanks, documentation} */
static const sample programs[] = {
    {"Alloy", "// a\n-- b\n/* c\n*/\nsig D {} -- e\n", 1, 4, 0, 0},
    {"ASL", "// a\n/* b */\nName (C, \"//\") // d\n", 1, 2, 0, 0},
    {"AutoIt", "; a\n#cs\nb\n#ce\n#comments-start\nc\n#comments-end\n$d = \";\" & ';' ; e\n#include <f>\n", 2, 7, 0, 0},
    {"Ballerina", "// a\n# b\nint c = 1; // d\nstring e = `//\n# f`;\n", 3, 2, 0, 1},
    {"Bluespec", "// a\n/* b */\nmodule c; // d\n", 1, 2, 0, 0},
    {"C Shell", "#!/bin/csh\n# a\necho \"#\" $#argv # b\necho '#'\ncat <<EOF\n# c\nEOF\n", 5, 2, 0, 0},
    {"Cabal", "-- a\nname: b--c\n  -- d\n", 1, 2, 0, 0},
    {"Cairo", "// a\n/// b\nlet c = '//'; // d\n", 1, 2, 0, 1},
    {"Chapel", "// a\n/* b /* c */\n*/\nvar d = '//';\nvar e = \"\"\"\n// f\n\"\"\";\n", 4, 3, 0, 0},
    {"Coccinelle", "// a\n/* b */\n@@\nc\n@@\n- d // e\n", 4, 2, 0, 0},
    {"Cypher", "// a\n/* b\n*/\nMATCH (c {d: '//'}) // e\n", 1, 3, 0, 0},
    {"Dafny", "// a\n/* b /* c */\n*/\nvar d := \"//\"; // e\n", 1, 3, 0, 0},
    {"Dhall", "-- a\n{- b {- c -}\n-}\nlet d = ''\n-- e ''${ '''\n''\nin \"--\" -- f\n", 4, 3, 0, 0},
    {"Dune", "; a\n(library\n (name b)) ; c\n", 2, 1, 0, 0},
    {"Earthly", "# a\nFROM b # c\n", 1, 1, 0, 0},
    {"Factor", "#!/usr/bin/env factor\n! a\n: b ( c -- d ) \"! e\n\" ; ! f\n", 2, 2, 0, 0},
    {"Faust", "// a\n/* b */\nc = \"//\"; // d\n", 1, 2, 0, 0},
    {"GDB", "# a\nset b #c\n  # d\n", 1, 2, 0, 0},
    {"GDShader", "// a\n/** b */\nshader_type c; // d\n", 1, 2, 0, 1},
    {"Gleam", "// a\n/// b\n//// c\nlet d = \"//\ne\" // f\n", 2, 3, 0, 2},
    {"GN", "# a\nb = \"#\" # c\n", 1, 1, 0, 0},
    {"Gnuplot", "# a\nset title \"#\" # b\n", 1, 1, 0, 0},
    {"Hy", "; a\n(print \"; b\n\") ; c\n", 2, 1, 0, 0},
    {"Inno Setup", "; a\n[Setup]\nB=c;d\n// e\n", 2, 2, 0, 0},
    {"Isabelle", "(* a (* b *)\n*)\nlemma c: \"(*\"\n", 1, 2, 0, 0},
    {"J", "NB. a\nb =: 'NB. c' NB. d\n", 1, 1, 0, 0},
    {"Jai", "// a\n/* b /* c */\n*/\nd := \"//\"; // e\n", 1, 3, 0, 0},
    {"Jam", "# a\nexe b : c.cpp ; # d\n", 1, 1, 0, 0},
    {"Janet", "# a\n(def b \"#\nc\")\n(def d ```\n# ` `` e\n```) # f\n(def g `#`)\n", 6, 1, 0, 0},
    {"JCL", "//* a\n//B JOB\n//C EXEC PGM=D //* e\n", 2, 1, 0, 0},
    {"Jsonnet", "// a\n# b\n/* c\n*/\n{ d: '#', e: @\"\\\", // f\n g: |||\n  # h\n|||}\n", 4, 4, 0, 0},
    {"Koka", "// a\n/* b /* c */\n*/\nval d = \"//\" // e\n", 1, 3, 0, 0},
    {"Kusto", "// a\nb | where c == '//' // d\n", 1, 1, 0, 0},
    {"LiveScript", "# a\n/* b\n*/\nc = '#'\nd = '''\n# e\n'''\n", 4, 3, 0, 0},
    {"LLVM IR", "; a\n@b = constant [2 x i8] c\";\\22\" ; d\nret void\n", 2, 1, 0, 0},
    {"Logtalk", "% a\n/* b */\n:- object(c). % d\n", 1, 2, 0, 0},
    {"Luau", "-- a\n--[[ b\n]]\nlocal c = \"--\" -- d\n", 1, 3, 0, 0},
    {"MLIR", "// a\nfunc.func @b() { // c\n\"d.e//\"() : () -> ()\n", 2, 1, 0, 0},
    {"Modelica", "// a\n/* b\n*/\nmodel C \"//\"\n", 1, 3, 0, 0},
    {"Modula-3", "(* a (* b *)\n*)\nMODULE C; (* d *)\n", 1, 2, 0, 0},
    {"MoonScript", "-- a\nb = \"--\nc\"\nd = [[\n-- e]]\n", 4, 1, 0, 0},
    {"Move", "/// a\n// b\n/* c /* d */ */\nmodule e { // f\n", 1, 3, 0, 1},
    {"NAnt", "<!-- a\n-->\n<project name=\"b\"/>\n", 1, 2, 0, 0},
    {"NetLogo", "; a\nto b ; c\nprint \";\"\n", 2, 1, 0, 0},
    {"Nextflow", "// a\n/* b */\nprocess c {\n'''\n// d\n'''\n", 4, 2, 0, 0},
    {"NSIS", "; a\n# b\n/* c\n*/\nName \"d;#\" ; e\n", 1, 4, 0, 0},
    {"Nushell", "# a\ndef b [] { 'c # \\' } # d\nlet e = \"#\nf\"\n", 3, 1, 0, 0},
    {"OpenQASM", "// a\n/* b */\ninclude \"//\"; // c\n", 1, 2, 0, 0},
    {"OpenSCAD", "// a\n/* b */\ncube(1); // c\n", 1, 2, 0, 0},
    {"P4", "// a\n/* b\n*/\ncontrol C() {} // d\n", 1, 3, 0, 0},
    {"Pike", "// a\n/* b */\nstring c = \"//\"; // d\n", 1, 2, 0, 0},
    {"Pony", "// a\n/* b /* c */\n*/\n\"\"\"\n// d\n\"\"\"\nlet e' = \"//\" // f\n", 4, 3, 0, 0},
    {"PostScript", "%!PS\n% a\n(b % c \\) %) show % d\n", 1, 2, 0, 0},
    {"POV-Ray", "// a\n/* b /* c */\n*/\nsphere { d } // e\n", 1, 3, 0, 0},
    {"Processing", "/** a */\n// b\nvoid c() {} /* d\n*/\n", 1, 3, 0, 1},
    {"Q#", "/// a\n// b\nlet c = \"//\"; // d\n", 1, 2, 0, 1},
    {"Reason", "// a\n/* b /* c */\n*/\nlet d: 'a = \"//\"; // e\n", 1, 3, 0, 0},
    {"Rebol", "; a\nb: {c ; d\n^} ; e}\nf: \";\" ; g\n", 3, 1, 0, 0},
    {"Red", "; a\nb: #\";\" c: \"^\";\" ; d\n", 1, 1, 0, 0},
    {"Rego", "# a\nb := `#\nc` # d\ne := \"#\"\n", 3, 1, 0, 0},
    {"REXX", "/* a /* b */\n*/\nsay '--' \"/*\" -- c\n-- d\n", 1, 3, 0, 0},
    {"Robot Framework", "# a\nLog    b#c    # d\n", 1, 1, 0, 0},
    {"RPM Spec", "# a\nName: b #c\n", 1, 1, 0, 0},
    {"SAS", "/* a\n*/\n* b\nc;\nd = 2 * 3; e = '/*';\n", 1, 4, 0, 0},
    {"Scilab", "// a\n/* b */\nc = d' + '//'; // e\n", 1, 2, 0, 0},
    {"sed", "#n\n# a\ns/#/b/\n", 1, 2, 0, 0},
    {"ShaderLab", "// a\nShader { /* b */ }\n", 1, 1, 0, 0},
    {"Slint", "// a\n/* b */\nText { c: \"//\"; } // d\n", 1, 2, 0, 0},
    {"SMT-LIB", "; a\n(assert (= |; b| \"; \"\"c\")) ; d\n", 1, 1, 0, 0},
    {"SPARQL", "# a\nPREFIX b: <http://c#> # d\nSELECT \"\"\"\n# e\"\"\"\n", 3, 1, 0, 0},
    {"Squirrel", "# a\n// b\n/* c */\nlocal d = \"//\"\n", 1, 3, 0, 0},
    {"Stan", "// a\n/* b */\nreal c; // d\n", 1, 2, 0, 0},
    {"Stata", "* a\n// b\n/* c /* d */\n*/\ngen e = 2 * 3 // f\nuse \"http://g\"\n", 2, 4, 0, 0},
    {"SuperCollider", "// a\n/* b /* c */\n*/\nd = $\" ++ \"//\n\" ++ '//'; // e\n", 2, 3, 0, 0},
    {"Sway", "// a\n/* b */\nlet c = \"//\"; // d\n", 1, 2, 0, 0},
    {"TableGen", "// a\n/* b */\ndef C : D; // e\n", 1, 2, 0, 0},
    {"Teal", "-- a\n--[[ b\n]]\nlocal c: string = '--' -- d\n", 1, 3, 0, 0},
    {"TLA+", "\\* a\n(* b (* c *)\n*)\nD == \"\\\\*\" /\\ E \\* f\n", 1, 3, 0, 0},
    {"UnrealScript", "// a\n/* b */\nvar int c; // d\n", 1, 2, 0, 0},
    {"VCL", "# a\n// b\n/* c */\nset d = {\"\n# e\n\"}; # f\n", 3, 3, 0, 0},
    {"Vyper", "# a\n\"\"\"b\n\"\"\"\nc: uint256 # d\n", 1, 3, 0, 2},
    {"WDL", "# a\ntask b { # c\nString d = \"#\"\n", 2, 1, 0, 0},
    {"Wolfram", "(* a (* b *)\n*)\nc = \"(*\" (* d *)\n", 1, 2, 0, 0},
    {"Wren", "// a\n/* b /* c */\n*/\nvar d = \"//\" // e\n", 1, 3, 0, 0},
    {"XQuery", "(: a (: b :)\n:)\nlet $c := \"(:\" (: d :)\n", 1, 2, 0, 0},
    {"YARA", "// a\n/* b */\nrule c { strings: $d = \"//\" }\n", 1, 2, 0, 0},
    {"Zeek", "# a\n## b\nlocal c = \"#\"; # d\n", 1, 2, 0, 1},
};

static const sample documents[] = {
    {"Ant", "<!-- a -->\n<project/>\n", 1, 1, 0, 0},
    {"Apache Config", "# a\nServerName b#c\n\n", 1, 1, 1, 0},
    {"ASN.1", "-- a\n/* b\n*/\nC ::= \"--\" -- d\n", 1, 3, 0, 0},
    {"ASP.NET", "<%-- a\n--%>\n<!-- b -->\n<%= c %>\n", 1, 3, 0, 0},
    {"Blade", "{{-- a\n--}}\n<!-- b -->\n{{ $c }}\n", 1, 3, 0, 0},
    {"CODEOWNERS", "# a\n*.c @b\n", 1, 1, 0, 0},
    {"ColdFusion", "<!--- a <!--- b --->\n--->\n<!-- c -->\n<cfset d = 1>\n", 1, 3, 0, 0},
    {"CSON", "# a\nb: \"#\" # c\n###\nd\n###\n", 1, 4, 0, 0},
    {"CUE", "// a\nb: \"\"\"\n// c\n\"\"\"\nd: '//' // e\n", 4, 1, 0, 0},
    {"Dotenv", "# a\nB=c#d # e\n", 1, 1, 0, 0},
    {"EJS", "<%# a %>\n<!-- b -->\n<%= c %>\n", 1, 2, 0, 0},
    {"FlatBuffers", "// a\n/// b\ntable C {} // d\n", 1, 2, 0, 1},
    {"FreeMarker", "<#-- a\n-->\n<!-- b -->\n${c}\n", 1, 3, 0, 0},
    {"Git Attributes", "# a\n*.c text\n", 1, 1, 0, 0},
    {"Go Template", "{{/* a\n*/}}\n{{- /* b */ -}}\n<!-- c -->\n{{ .D }}\n", 1, 4, 0, 0},
    {"Godot Resource", "; a\n[gd_scene]\nb = \"; c\n; d\"\n", 3, 1, 0, 0},
    {"IDL", "// a\n/* b */\ninterface C {}; // d\n", 1, 2, 0, 0},
    {"Ignore List", "# a\n\nb#c\n", 1, 1, 1, 0},
    {"KDL", "// a\n/* b /* c */\n*/\nd r#\"//\n\"\"# e=\"//\" // f\n", 2, 3, 0, 0},
    {"LilyPond", "% a\n%{ b\n%}\nc = \"%\" % d\n", 1, 3, 0, 0},
    {"Liquid",
     "{% comment %}\na\n{% endcomment %}\n{% # b %}\n{%- comment -%}c{%- endcomment -%}\n<!-- d -->\n{{ e }}\n", 1, 6,
     0, 0},
    {"Maven", "<!-- a\n-->\n<project/>\n", 1, 2, 0, 0},
    {"MediaWiki", "<!-- a\n-->\n== b ==\n", 1, 2, 0, 0},
    {"Mermaid", "%% a\ngraph TD\n  b --> c\n", 2, 1, 0, 0},
    {"Nginx", "# a\nserver { # b\nlog '#';\n", 2, 1, 0, 0},
    {"Nunjucks", "{# a\n#}\n{{ b }}\n", 1, 2, 0, 0},
    {"pip Requirements", "# a\nb==1 # c\ngit+https://d#egg=e\n", 2, 1, 0, 0},
    {"PlantUML", "@startuml\n' a\n/' b\n'/\nC -> D : it's\n", 2, 3, 0, 0},
    {"PostCSS", "/* a\n*/\nb { c: url(//d) }\n", 1, 2, 0, 0},
    {"Prisma", "// a\n/// b\nmodel C { // d\nurl = \"//\"\n", 2, 2, 0, 1},
    {"R Markdown", "# a\n\n<!-- b -->\nc\n", 2, 1, 1, 0},
    {"Razor", "@* a\n*@\n<!-- b -->\n<p>@c</p>\n", 1, 3, 0, 0},
    {"RON", "// a\n/* b /* c */\n*/\n(d: \"//\") // e\n", 1, 3, 0, 0},
    {"Slim", "/ a\np b / c\n/! d\n", 1, 2, 0, 0},
    {"Smarty", "{* a\n*}\n<!-- b -->\n{$c}\n", 1, 3, 0, 0},
    {"Smithy", "// a\n/// b\nstructure C {} // d\n", 1, 2, 0, 1},
    {"TSV", "a\tb\n\n# c\td\n", 2, 0, 1, 0},
    {"Turtle", "# a\n@prefix b: <http://c#> . # d\ne f '''\n# g\n''' .\n", 4, 1, 0, 0},
    {"Twig", "{# a\n#}\n<!-- b -->\n{{ c }}\n", 1, 3, 0, 0},
    {"TypeSpec", "/** a */\n// b\nmodel C {} // d\n", 1, 2, 0, 1},
    {"Typst", "// a\n/* b /* c */\n*/\n= d https://e\n```c\n// f\n```\n", 4, 3, 0, 0},
    {"Unity Asset", "%YAML 1.1\n# a\nb: '#' # c\n", 2, 1, 0, 0},
    {"Velocity", "## a\n#* b\n*#\n<!-- c -->\n#set($d = 1)\n", 1, 4, 0, 0},
    {"WebIDL", "// a\n/* b */\ninterface C {}; // d\n", 1, 2, 0, 0},
    {"YANG", "// a\n/* b\n*/\nmodule c { // d\n", 1, 3, 0, 0},
};

#define SAMPLES(name, samples)                                                                                         \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)                                                \
            check_sample(&samples[i]);                                                                                 \
    }                                                                                                                  \
    END_TEST

SAMPLES(rarer_programming_languages_are_counted_as_by_hand, programs)
SAMPLES(rarer_data_and_documents_are_counted_as_by_hand, documents)

static Suite *suite(void)
{
    Suite *made = suite_create("count languages");
    TCase *cases = tcase_create("count languages");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, rarer_programming_languages_are_counted_as_by_hand);
    tcase_add_test(cases, rarer_data_and_documents_are_counted_as_by_hand);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
