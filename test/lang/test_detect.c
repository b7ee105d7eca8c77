/*
 * Detection: names, `#!` lines, modelines, extensions and the rules for shared ones, each against a table; and the order
 * among them.
 */
#include "test.h"

#include "lang/detect.h"
#include "lang/detect_rules.h"

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
    const char *path;
    const char *content;  /* NULL: by the path alone */
    const char *language; /* NULL: none */
} sample;

static void check(const sample *s)
{
    uint32_t index = 12345;
    wtfcb_status status =
        wtfcb_languages_detect(languages, s->path, s->content, s->content ? strlen(s->content) : 0, &index);
    wtfcb_language row = {0};
    if (status == WTFCB_OK) ck_assert_int_eq(wtfcb_languages_get(languages, index, &row, sizeof row), WTFCB_OK);
    const char *found = status == WTFCB_OK ? row.name : "none", *expected = s->language ? s->language : "none";
    ck_assert_msg(strcmp(found, expected) == 0, "%s with \"%s\": %s instead of %s", s->path,
                  s->content ? s->content : "", found, expected);
    ck_assert(status == WTFCB_OK || (status == WTFCB_ENOTFOUND && index == 12345));
}

static const sample names[] = {
    {"a.c", NULL, "C"},
    {"src/a.b/c.rs", NULL, "Rust"},
    {"a.C", NULL, "C++"},
    {"A.PY", NULL, "Python"},
    {"x/Makefile", NULL, "Makefile"},
    {"Makefile.modpost", NULL, "Makefile"},
    {"x/Makefile.build", NULL, "Makefile"},
    {"Makefile.feature", NULL, "Makefile"},
    {"Makefile.d", NULL, "Makefile"},
    {"Makefile.PL", NULL, "Perl"},
    {"Makefile.py", NULL, "Python"},
    {"Makefile.md", NULL, "Markdown"},
    {"Makefile.patch", NULL, "Diff"},
    {"Makefiles.build", NULL, "NAnt"},
    {"Dockerfile.arm64", NULL, "Dockerfile"},
    {"Kconfig.hz", NULL, "Kconfig"},
    {"CMakeLists.txt", NULL, "CMake"},
    {"a.txt", NULL, "Text"},
    {"Dockerfile", NULL, "Dockerfile"},
    {"a.d.ts", NULL, "TypeScript"},
    {"a.html.erb", NULL, "ERB"},
    {"a.min.js", NULL, "JavaScript"},
    {"a.jsx", NULL, "JavaScript"},
    {"a.tsx", NULL, "TSX"},
    {"tsconfig.json", NULL, "JSON with Comments"},
    {"go.mod", NULL, "Go Module"},
    {".bashrc", NULL, "Shell"},
    {".c", NULL, NULL},
    {"a.", NULL, NULL},
    {"", NULL, NULL},
    {"c", NULL, NULL},
    {"a.c/", NULL, NULL},
    {"a.unknown-and-much-longer-than-any-extension", NULL, NULL},
    {"....c", NULL, "C"},
    {"a.h", NULL, "C"},
    {"a.S", NULL, "Assembly"},
    {"vmlinux.lds.S", NULL, "Linker Script"},
    {"a.f90", NULL, "Fortran"},
    {"a.F", NULL, "Fortran 77"},
    {"pom.xml", NULL, "Maven"},
    {"a.xml", NULL, "XML"},
    {"a.blade.php", NULL, "Blade"},
    {"a.go.tmpl", NULL, "Go Template"},
    {".gitignore", NULL, "Ignore List"},
    {"a/.env", NULL, "Dotenv"},
    {"requirements.txt", NULL, "pip Requirements"},
    {"a.twig", NULL, "Twig"},
    {"a.build", NULL, "NAnt"},
    {"dune", NULL, "Dune"},
    {"a.ll", NULL, "LLVM IR"},
    {"a.plt", NULL, "Gnuplot"},
    {"a.tpl", NULL, "Smarty"},
    {"a.Rmd", NULL, "R Markdown"},
};

static const sample interpreters[] = {
    {"a", "#!/bin/sh\n", "Shell"},
    {"a", "#!/bin/sh", "Shell"},
    {"a", "#! /usr/bin/python3.11 -u\n", "Python"},
    {"a", "#!/usr/bin/env python3\n", "Python"},
    {"a", "#!/usr/bin/env -S node --flag\n", "JavaScript"},
    {"a", "#!/usr/bin/env -Sruby -w\n", "Ruby"},
    {"a", "#!/usr/bin/env -i LANG=C perl\n", "Perl"},
    {"a", "#!/usr/bin/env\n", NULL},
    {"a", "#!/usr/bin/env env env\n", NULL},
    {"a", "#!\n", NULL},
    {"a", "#!/opt/unknown\n", NULL},
    {"a", "#!/usr/bin/lua5.3\n", "Lua"},
    {"a", "#!/bin/bash\r\n", "Shell"},
    {"a.py", "#!/bin/sh\n", "Shell"},
    {"a.c", "#!/usr/bin/tcc -run\n", "C"},
    {"Makefile", "#!/usr/bin/perl\n", "Makefile"},
    {"a", " #!/bin/sh\n", NULL},
    {"a", "#!/bin/tcsh -f\n", "C Shell"},
    {"a", "#!/usr/bin/env nu\n", "Nushell"},
    {"a", "#!/bin/sed -nf\n", "sed"},
};

static const sample modelines[] = {
    {"a", "// -*- C++ -*-\n", "C++"},
    {"a.h", "/* -*- mode: c++; tab-width: 4 -*- */\n", "C++"},
    {"a.c", "// -*- tab-width: 4 -*-\n", "C"},
    {"a", "#!/bin/sh\n# -*- python -*-\n", "Python"},
    {"a", "# x\n# -*- python -*-\n", NULL},
    {"a", "# vim: ft=ruby\n", "Ruby"},
    {"a", "# vim: set sw=4 filetype=perl:\n", "Perl"},
    {"a", "/* vi: syntax=cpp */\n", "C++"},
    {"a.c", "/* vim: sw=4 */\n", "C"},
    {"a.c", "// vim: ft=no-such-language\n", "C"},
    {"a", "1\n2\n3\n4\n# vim: ft=ruby\n6\n7\n8\n9\n10\n11\n12\n", "Ruby"},
    {"a", "1\n2\n3\n4\n5\n# vim: ft=ruby\n7\n8\n9\n10\n11\n12\n", NULL},
    {"a", "1\n2\n3\n4\n5\n6\n7\n# vim: ft=ruby\n9\n10\n11\n12\n", "Ruby"},
    {"a.txt", "x\n;; Local Variables:\n;; mode: emacs-lisp\n;; End:\n", "Emacs Lisp"},
    {"Makefile", "# vim: ft=python\n", "Python"},
    {"a", "#!/bin/sh\n# vim: ft=zsh\n", "Shell"},
    {"a", "regex: ft=ruby\n", NULL},
    {"a.c", "/**-*-*-*", "C"},
};

static const sample shared[] = {
    {"a.h", "int f(void);\n", "C"},
    {"a.h", "struct a { int b; };\n/* private: x::y */\n// std::string\n", "C"},
    {"a.h", "class A {\npublic:\n int b;\n};\n", "C++"},
    {"a.h", "#include <vector>\n", "C++"},
    {"a.h", "#include <stdio.h>\nchar *s = \"a::b\";\n", "C"},
    {"a.h", "std::string a();\n", "C++"},
    {"a.h", "namespace a\n{\nint b();\n}\n", "C++"},
    {"a.h", "template <class T> T max(T a);\n", "C++"},
    {"a.h", "#import <Foundation/Foundation.h>\n@class A;\n", "Objective-C"},
    {"a.h", "@interface A\n- (void)b;\n@end\n", "Objective-C"},
    {"a.m", "% a\nx = 1;\n", "MATLAB"},
    {"a.m", "function y = f(x)\n", "MATLAB"},
    {"a.m", "#import \"A.h\"\n@implementation A\n", "Objective-C"},
    {"a.pl", "use strict;\n", "Perl"},
    {"a.pl", ":- module(a, [b/1]).\n", "Prolog"},
    {"a.pl", "a(X) :- b(X).\n", "Prolog"},
    {"a.ts", "export const a = 1;\n", "TypeScript"},
    {"a.ts", "\n<?xml version=\"1.0\"?>\n<!DOCTYPE TS>\n", "XML"},
    {"a.ts", "const a = <TS>b;\n", "TypeScript"},
    {"a.v", "module a(input b);\n", "Verilog"},
    {"a.v", "(* a *)\nTheorem b : True.\n", "Rocq"},
    {"a.v", "module main\nfn main() {}\n", "V"},
    {"a.inc", "<?php\n", "PHP"},
    {"a.inc", "#define A\n", "C++"},
    {"a.inc", "%macro a 1\n", "Assembly"},
    {"a.inc", "SRC_URI = \"b\"\n", "BitBake"},
    {"a.fs", "module A\nlet b = 1\n", "F#"},
    {"a.fs", "#version 330\n", "GLSL"},
    {"a.cls", "\\NeedsTeXFormat{LaTeX2e}\n", "TeX"},
    {"a.cls", "VERSION 1.0 CLASS\n", "Visual Basic"},
    {"a.cls", "public class A {}\n", "Apex"},
    {"a.pro", "TEMPLATE = app\n", "QMake"},
    {"a.pro", "a :- b.\n", "Prolog"},
    {"a.pp", "class a {}\n", "Puppet"},
    {"a.pp", "program a;\n", "Pascal"},
    {"a.mod", "MODULE A;\n", "Modula-2"},
    {"x.mod", "module a\n", "Go Module"},
    {"a.d", "module a;\n", "D"},
    {"a.d", "a.o: a.c\n", "Makefile"},
    {"a.t", "use Test::More;\n", "Perl"},
    {"a.t", "use v6;\n", "Raku"},
    {"a.l", "%{\n", "Lex"},
    {"a.l", "(defun a ())\n", "Common Lisp"},
    {"a.json", "{}\n", "JSON"},
    {"a.json", "// a\n{}\n", "JSON with Comments"},
    {"a.ll", "; ModuleID = 'a'\n", "LLVM IR"},
    {"a.ll", "define i32 @a() {\n", "LLVM IR"},
    {"a.ll", "%option noyywrap\n", "Lex"},
    {"a.ll", "/* a */\n%{\n", "Lex"},
    {"a.plt", "set terminal png\n", "Gnuplot"},
    {"a.m", "## a\nx = 1;\n", "Octave"},
    {"a.m", "1;\nfunction y = f(x)\n", "Octave"},
    {"a.m", "%---%\n:- module a.\n", "Mercury"},
    {"a.m", "%---\n% a\nx = 1;\n", "MATLAB"},
    {"a.fs", "\\ a\n: b 1 ;\n", "Forth"},
    {"a.cls", "/// a\nClass B.C Extends D\n", "ObjectScript"},
    {"a.r", "x <- 1\n", "R"},
    {"a.r", "REBOL [Title: \"a\"]\n", "Rebol"},
    {"a.cl", "; a\n(defun b ())\n", "Common Lisp"},
    {"a.cl", "// a\n__kernel void b() {}\n", "OpenCL"},
    {"a.rs", "// a\nfn b() {}\n", "Rust"},
    {"a.rs", "// a\n\n/*!\n<!-- b -->\n*/\nfn c() {}\n", "Rust"},
    {"a.rs", "/*\n<b>\n*/\nfn c() {}\n", "Rust"},
    {"a.rs", "// a\n#pragma version(1)\n", "RenderScript"},
    {"a.rs", "<?xml version=\"1.0\"?>\n", "XML"},
    {"a.cs", "using A;\n", "C#"},
    {"a.cs", "'From Squeak3.8'!\n", "Smalltalk"},
    {"a.md", "# a\n", "Markdown"},
    {"a.md", ";; a\n(define_insn \"b\"\n", "GCC Machine Description"},
    {"a.ms", ".TL\na\n", "Roff"},
    {"a.ms", "\t.text\n", "Assembly"},
    {"a.yy", "%{\n", "Yacc"},
    {"a.yy", "{\n", "JSON"},
    {"a.gd", "extends Node\n", "GDScript"},
    {"a.gd", "#############################\n##  a\n", "GAP"},
    {"a.tst", "// a\n", "Scilab"},
    {"a.tst", "gap> 1;\n", "GAP"},
    {"a.def", "DEFINITION MODULE A;\n", "Modula-2"},
    {"a.def", "LIBRARY a\nEXPORTS\n", "Windows Module Definition"},
    {"a.htm", "<p>\n", "HTML"},
    {"a.sql", "SELECT 1;\n", "SQL"},
    {"a.s", "\t.text\n", "Assembly"},
    {"a.asm", "; a\n", "Assembly"},
    {"a.ipynb", "{}\n", "Jupyter Notebook"},
    {"a.1", ".TH A 1\n", "Roff"},
    {"a.1", "text\n", "Text"},
    {"a.2", ".TH A 2\n", "Roff"},
    {"a.2", "text\n", "Text"},
    {"a.3", ".TH A 3\n", "Roff"},
    {"a.3", "text\n", "Text"},
    {"a.4", ".TH A 4\n", "Roff"},
    {"a.4", "text\n", "Text"},
    {"a.5", ".TH A 5\n", "Roff"},
    {"a.5", "text\n", "Text"},
    {"a.6", ".TH A 6\n", "Roff"},
    {"a.6", "text\n", "Text"},
    {"a.7", ".TH A 7\n", "Roff"},
    {"a.7", "text\n", "Text"},
    {"a.8", ".TH A 8\n", "Roff"},
    {"a.8", "text\n", "Text"},
    {"a.9", ".TH A 9\n", "Roff"},
    {"a.9", "text\n", "Text"},
    {"a.inc", "unit a;\n", "Pascal"},
    {"x.mod", "<?xml version=\"1.0\"?>\n", "XML"},
    {"a.d", "#pragma D option quiet\n", "C"},
    {"a.l", ".TH A 1\n", "Roff"},
    {"a.tpl", "{* a *}\n", "Smarty"},
    {"a.tpl", "<p>{{ .A }}</p>\n", "Go Template"},
    {"a.plt", "% a\n:- b.\n", "Prolog"},
    {"a.tpl", "{* a *}\n", "Smarty"},
    {"a.tpl", "{{- define \"a\" -}}\n", "Go Template"},
    {"a.tpl", "<p>{$a}</p>\n", "Smarty"},
    {"a.1", ".TH A 1\n", "Roff"},
    {"libfoo.so.1", "text\n", "Text"},
    {"a.h", "", "C"},
};

static void check_all(const sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(&samples[i]);
}

#define SAMPLES(name, samples)                                                                                         \
    START_TEST(name)                                                                                                   \
    {                                                                                                                  \
        check_all(samples, sizeof samples / sizeof samples[0]);                                                        \
    }                                                                                                                  \
    END_TEST

SAMPLES(paths_decide_by_name_and_extension, names)
SAMPLES(interpreters_stand_above_extensions_and_below_names, interpreters)
SAMPLES(modelines_stand_above_everything, modelines)
SAMPLES(shared_extensions_are_decided_by_content, shared)

static bool is_shown(const char *extension, const char *language)
{
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        const char *dot = strrchr(shared[i].path, '.');
        if (dot && strcmp(dot + 1, extension) == 0 && strcmp(shared[i].language, language) == 0) return true;
    }
    return false;
}

START_TEST(each_choice_of_a_shared_extension_has_a_sample)
{
    for (uint16_t r = 0; r < wtfcb_lang_shared_count; r++) {
        const wtfcb_lang_shared *rule = &wtfcb_lang_shareds[r];
        for (size_t c = 0; c < WTFCB_LANG_SHARED_CHOICES && rule->choices[c]; c++)
            ck_assert_msg(is_shown(rule->extension, rule->choices[c]), ".%s: %s", rule->extension, rule->choices[c]);
    }
}
END_TEST

START_TEST(header_is_known_behind_any_length_of_opening_comment)
{
    enum { LINES = 900 };
    static const char line[] = " * a line of a license\n", more[] = "// and more\n";
    static const char *const ends[][2] = {
        {"namespace a { class B; }\n", "C++"}, {"int a(int b);\n", "C"}, {"/* never closed std::string\n", "C"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        ck_assert_ptr_nonnull(out);
        fputs("#ifndef A_H\n#define A_H\n/* std::string\n", out);
        for (int n = 0; n < LINES; n++)
            fputs(line, out);
        fputs(" */\n", out);
        for (int n = 0; n < LINES; n++)
            fputs(more, out);
        fputs(ends[i][0], out);
        ck_assert_int_eq(fclose(out), 0);
        check(&(sample){"a.h", text, ends[i][1]});
        free(text);
    }
}
END_TEST

START_TEST(path_says_whether_content_matters)
{
    static const struct {
        const char *path;
        bool wants;
    } cases[] = {{"a.c", false}, {"a.h", true}, {"Makefile", false}, {"a", true}, {"a.unknown", true}, {"a.py", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_int_eq(wtfcb_lang_detect_path(languages, cases[i].path, strlen(cases[i].path)).wants_content,
                         cases[i].wants);
}
END_TEST

START_TEST(any_bytes_are_survived_without_reading_further)
{
    /* Every block is exactly as large as its content, so that sanitizers and valgrind see the first byte too many. */
    static const char *const paths[] = {"a",     "a.h", "a.m",    "a.pl", "a.ts", "a.v",
                                        "a.inc", "a.d", "a.json", "a.1",  "a.cls"};
    static const char *const pieces[] = {"#!",
                                         "-*-",
                                         "vim:",
                                         " ft=",
                                         "\n",
                                         ":",
                                         "::",
                                         "<",
                                         "@",
                                         "@end",
                                         "{",
                                         "template",
                                         "mode:",
                                         "Local Variables:",
                                         "/usr/bin/env ",
                                         "-S",
                                         "x",
                                         " ",
                                         "public",
                                         "\0",
                                         "\\",
                                         "\"",
                                         "/*"};
    uint64_t seed = 3;
    char text[256];
    for (int round = 0; round < 20000; round++) {
        size_t length = 0;
        for (;;) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(seed >> 33) % (sizeof pieces / sizeof pieces[0])];
            size_t add = *piece ? strlen(piece) : 1;
            if (length + add > sizeof text || (seed >> 60) == 0) break;
            memcpy(text + length, piece, add);
            length += add;
        }
        char *exact = malloc(length ? length : 1);
        memcpy(exact, text, length);
        for (size_t p = 0; p < sizeof paths / sizeof paths[0]; p++) {
            uint32_t index;
            wtfcb_languages_detect(languages, paths[p], exact, length, &index);
        }
        free(exact);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("detect");
    TCase *cases = tcase_create("detect");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, paths_decide_by_name_and_extension);
    tcase_add_test(cases, interpreters_stand_above_extensions_and_below_names);
    tcase_add_test(cases, modelines_stand_above_everything);
    tcase_add_test(cases, shared_extensions_are_decided_by_content);
    tcase_add_test(cases, each_choice_of_a_shared_extension_has_a_sample);
    tcase_add_test(cases, header_is_known_behind_any_length_of_opening_comment);
    tcase_add_test(cases, path_says_whether_content_matters);
    tcase_add_test(cases, any_bytes_are_survived_without_reading_further);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
