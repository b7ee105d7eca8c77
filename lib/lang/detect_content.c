/*
 * Extensions that several languages share, and how their first 8 KiB tell them apart.
 *
 * A rule looks for what one of the languages has and the others cannot have; without any it answers -1 and the usual language
 * stays. Most rules look at how lines begin. The rule for `.h` is apart, because a C tree has as many headers as sources: it visits only
 * the few bytes that C++ and Objective-C need and C hardly uses.
 */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "lang/detect_rules.h"

/* Patterns are tried at the first byte of each line that is not blank; of several that match the first wins. */
typedef struct pattern {
    const char *begins; /* how the line begins, without its indentation; "" for any line */
    const char *holds;  /* what stands behind that on the same line, or "" */
    int choice;
} pattern;

static bool blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\f' || byte == '\v';
}

static bool fits(const pattern *p, const char *line, const char *end)
{
    size_t length = strlen(p->begins);
    if ((size_t)(end - line) < length || memcmp(line, p->begins, length) != 0) return false;
    return !*p->holds || memmem(line + length, (size_t)(end - line) - length, p->holds, strlen(p->holds)) != NULL;
}

static int by_lines(const char *bytes, size_t length, const pattern *patterns, size_t count)
{
    const char *end = bytes + (length < WTFCB_LANG_WINDOW ? length : WTFCB_LANG_WINDOW);
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes)), *line_end = newline ? newline : end;
        while (bytes < line_end && blank(*bytes))
            bytes++;
        for (size_t i = 0; i < count && bytes < line_end; i++)
            if (fits(&patterns[i], bytes, line_end)) return patterns[i].choice;
        bytes = line_end + 1;
    }
    return -1;
}

#define BY_LINES(...)                                                                                                  \
    static const pattern patterns[] = {__VA_ARGS__};                                                                   \
    return by_lines(bytes, length, patterns, sizeof patterns / sizeof patterns[0])

static bool word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/* Where the text before `at` ends, blanks left out. */
static const char *behind_word(const char *bytes, const char *at)
{
    while (at > bytes && blank(at[-1]))
        at--;
    return at;
}

/* Whether the text before `at` ends with `text` as a word of its own. Inline, for then the comparison is one of numbers. */
static inline bool ends_with(const char *bytes, const char *at, const char *text, size_t length)
{
    return (size_t)(at - bytes) >= length && memcmp(at - length, text, length) == 0 &&
           ((size_t)(at - bytes) == length || !word(at[-1 - (long)length]));
}

#define ENDS_WITH(bytes, at, text) ends_with(bytes, at, text, sizeof(text) - 1)

enum { H_C, H_CPP, H_OBJC };

/* How far comments and strings have been followed: those of C, good enough for the beginning of a header. */
typedef struct cursor {
    const char *at;
    char inside; /* '/' line comment, '*' block comment, a quote, or 0 */
} cursor;

/* Whether `to` is neither in a comment nor in a string. Over all calls each byte is looked at once. */
static bool is_code(cursor *c, const char *to)
{
    while (c->at < to) {
        char byte = *c->at++, next = *c->at; /* `to` is readable */
        if (c->inside == '*') {
            if (byte != '*' || next != '/') continue;
            c->inside = 0;
            c->at++;
        } else if (c->inside) {
            if (byte == '\n' || (byte == c->inside && byte != '/'))
                c->inside = 0;
            else if (byte == '\\')
                c->at++;
        } else if (byte == '/' && (next == '/' || next == '*')) {
            c->inside = next;
            c->at++;
        } else if (byte == '"' || byte == '\'') {
            c->inside = byte;
        }
    }
    return !c->inside;
}

/* `a::b` or `public:`. */
static bool colon_of_cpp(const char *bytes, const char *at, const char *end)
{
    if (end - at > 2 && at[1] == ':')
        return at > bytes && (word(at[-1]) || at[-1] == '>') && (word(at[2]) || at[2] == '~');
    at = behind_word(bytes, at);
    return ENDS_WITH(bytes, at, "public") || ENDS_WITH(bytes, at, "private") || ENDS_WITH(bytes, at, "protected");
}

/* `template <`, or the inclusion of a header without a suffix, as only C++'s own are. */
static bool angle_of_cpp(const char *bytes, const char *at, const char *end)
{
    const char *before = behind_word(bytes, at);
    if (ENDS_WITH(bytes, before, "template")) return true;
    if (!ENDS_WITH(bytes, before, "include")) return false;
    for (at++; at < end && (word(*at) || *at == '>'); at++)
        if (*at == '>') return true;
    return false;
}

/* The brace belongs to `namespace x` or `class X`. */
static bool brace_of_cpp(const char *bytes, const char *at)
{
    while (at > bytes && (blank(at[-1]) || at[-1] == '\n'))
        at--;
    if (at == bytes || !word(at[-1])) return false;
    const char *line = memrchr(bytes, '\n', (size_t)(at - bytes));
    line = line ? line + 1 : bytes;
    while (line < at && blank(*line))
        line++;
    return (at - line > 10 && memcmp(line, "namespace ", 10) == 0) || (at - line > 6 && memcmp(line, "class ", 6) == 0);
}

/* A header of Objective-C declares something that ends with @end, or imports a framework. */
static bool is_objc(const char *bytes, size_t length)
{
    enum { TAIL = 128 };
    const char *tail = length > TAIL ? bytes + length - TAIL : bytes;
    for (const char *at = bytes + length; (at = memrchr(tail, '@', (size_t)(at - tail))) != NULL;)
        if (bytes + length - at >= 4 && memcmp(at, "@end", 4) == 0 && (at == bytes || at[-1] == '\n')) return true;
    return false;
}

static bool follows_guard(const char *at, const char *end)
{
    static const char *const guards[] = {"#ifndef ", "#define ", "#pragma "};
    for (size_t i = 0; i < sizeof guards / sizeof *guards; i++)
        if (end - at > 8 && memcmp(at, guards[i], 8) == 0) return true;
    return false;
}

static const char *behind_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline + 1 : NULL;
}

/* Behind the block comment that begins at `at`; NULL without its end. Texts have more stars than slashes. */
static const char *behind_comment(const char *at, const char *end)
{
    for (const char *slash = at + 3; slash < end; slash++) {
        slash = memchr(slash, '/', (size_t)(end - slash));
        if (!slash || slash[-1] == '*') return slash ? slash + 1 : NULL;
    }
    return NULL;
}

/* Behind the comments that a file begins with, guards between them included: a license tells nothing. */
static const char *first_code(const char *at, const char *end)
{
    enum { GUARDS = 3 }; /* lines of a guard: headers of thousands of definitions are not gone through */
    int guards = 0;
    while (at < end) {
        const char *behind = NULL;
        if (*at == ' ' || (*at >= '\t' && *at <= '\r')) {
            at++;
            continue;
        }
        if (end - at > 4 && at[0] == '/' && at[1] == '*')
            behind = behind_comment(at, end);
        else if ((end - at > 2 && at[0] == '/' && at[1] == '/') || (follows_guard(at, end) && guards++ < GUARDS))
            behind = behind_line(at, end);
        if (!behind) break;
        at = behind;
    }
    return at;
}

static int choose_header(const char *bytes, size_t length)
{
    enum { HEADER_WINDOW = 2048, LONGEST_OPENING = 65536 };
    if (is_objc(bytes, length)) return H_OBJC;
    const char *whole = bytes + length;
    bytes = first_code(bytes, bytes + (length < LONGEST_OPENING ? length : LONGEST_OPENING));
    const char *end = whole - bytes < HEADER_WINDOW ? whole : bytes + HEADER_WINDOW;
    cursor colons = {bytes, 0}, angles = {bytes, 0}, braces = {bytes, 0};
    for (const char *at = bytes; (at = memchr(at, ':', (size_t)(end - at))) != NULL; at++)
        if (colon_of_cpp(bytes, at, end) && is_code(&colons, at)) return H_CPP;
    for (const char *at = bytes; (at = memchr(at, '<', (size_t)(end - at))) != NULL; at++) {
        if (angle_of_cpp(bytes, at, end) && is_code(&angles, at)) return H_CPP;
        if (ENDS_WITH(bytes, behind_word(bytes, at), "#import")) return H_OBJC;
    }
    for (const char *at = bytes; (at = memchr(at, '{', (size_t)(end - at))) != NULL; at++)
        if (brace_of_cpp(bytes, at) && is_code(&braces, at)) return H_CPP;
    return -1;
}

static int choose_m(const char *bytes, size_t length)
{
    static const pattern mercury[] = {{":- module", "", 3}, {":- interface", "", 3}}; /* comments look like MATLAB's */
    if (by_lines(bytes, length, mercury, sizeof mercury / sizeof mercury[0]) == 3) return 3;
    BY_LINES({"#import", "", 0}, {"#include", "", 0}, {"@interface", "", 0}, {"@implementation", "", 0},
             {"@import", "", 0}, {"@class", "", 0}, {"@protocol", "", 0}, {"//", "", 0}, {"/*", "", 0}, {"#", "", 2},
             {"endfunction", "", 2}, {"pkg load", "", 2}, {"1;", "", 2}, {"printf", "(", 2}, {"%", "", 1},
             {"function ", "", 1}, {"classdef", "", 1}, {"end", "", 1}, {"clear", "", 1}, {"disp(", "", 1});
}

static int choose_pl(const char *bytes, size_t length)
{
    BY_LINES({":- ", "", 1}, {"use ", ";", 0}, {"package ", ";", 0}, {"my ", "", 0}, {"sub ", "", 0}, {"our ", "", 0},
             {"=head", "", 0}, {"$", "=", 0}, {"%", "=", 0}, {"%", "", 1}, {"", ":-", 1}, {"", "-->", 1});
}

static int choose_ts(const char *bytes, size_t length)
{
    BY_LINES({"<?xml", "", 1}, {"<!DOCTYPE TS", "", 1}, {"<TS ", "", 1}, {"<TS>", "", 1}, {"", "", 0});
}

static int choose_v(const char *bytes, size_t length)
{
    BY_LINES({"module ", "(", 0}, {"module ", ";", 0}, {"`timescale", "", 0}, {"`include", "", 0}, {"`define", "", 0},
             {"`ifdef", "", 0}, {"always ", "", 0}, {"endmodule", "", 0}, {"(*", "", 1}, {"Require ", "", 1},
             {"From ", "Require", 1}, {"Definition ", "", 1}, {"Theorem ", "", 1}, {"Lemma ", "", 1},
             {"Section ", "", 1}, {"Inductive ", "", 1}, {"module ", "", 2}, {"import ", "", 2}, {"fn ", "", 2},
             {"pub fn ", "", 2});
}

static int choose_inc(const char *bytes, size_t length)
{
    BY_LINES({"<?", "", 1}, {"#include", "", 0}, {"#define", "", 0}, {"#if", "", 0}, {"#pragma", "", 0}, {"//", "", 0},
             {"unit ", ";", 2}, {"procedure ", "", 2}, {"{$", "", 2}, {"uses ", "", 2}, {";", "", 3}, {"%macro", "", 3},
             {"%define", "", 3}, {"section ", "", 3}, {".macro", "", 3}, {".globl", "", 3}, {"require ", "", 4},
             {"inherit ", "", 4}, {"SRC_URI", "", 4}, {"/*", "", 0}, {"<", "", 1});
}

static int choose_fs(const char *bytes, size_t length)
{
    BY_LINES({"#version", "", 1}, {"precision ", ";", 1}, {"uniform ", ";", 1}, {"varying ", ";", 1},
             {"void main", "", 1}, {"layout", "(", 1}, {"\\ ", "", 2}, {": ", ";", 2}, {": ", "(", 2}, {"( ", ")", 2},
             {"require ", "", 2}, {"module ", "", 0}, {"namespace ", "", 0}, {"open ", "", 0}, {"let ", "", 0},
             {"type ", "", 0});
}

static int choose_cls(const char *bytes, size_t length)
{
    BY_LINES({"%", "", 0}, {"\\", "", 0}, {"VERSION ", "", 1}, {"Attribute ", "", 1}, {"Option ", "", 1}, {"'", "", 1},
             {"Class ", ".", 3}, {"Include ", "", 3}, {"Import ", "", 3}, {"Public ", "", 1}, {"Private ", "", 1},
             {"public ", "", 2}, {"private ", "", 2}, {"global ", "", 2}, {"@", "", 2}, {"/*", "", 2}, {"///", "", 3},
             {"//", "", 2});
}

static int choose_pro(const char *bytes, size_t length)
{
    BY_LINES({":- ", "", 1}, {"%", "", 1}, {"", ":-", 1}, {"TEMPLATE", "=", 0}, {"QT", "=", 0}, {"SOURCES", "=", 0},
             {"HEADERS", "=", 0}, {"TARGET", "=", 0}, {"CONFIG", "=", 0}, {"#", "", 0}, {"include(", "", 0});
}

static int choose_pp(const char *bytes, size_t length)
{
    BY_LINES({"program ", ";", 1}, {"unit ", ";", 1}, {"uses ", "", 1}, {"{$", "", 1}, {"procedure ", "", 1},
             {"class ", "", 0}, {"define ", "", 0}, {"node ", "", 0}, {"#", "", 0}, {"", "=>", 0});
}

static int choose_mod(const char *bytes, size_t length)
{
    BY_LINES({"module ", "", 1}, {"require ", "", 1}, {"MODULE", "", 0}, {"IMPLEMENTATION", "", 0},
             {"DEFINITION", "", 0}, {"<?xml", "", 2}, {"<!", "", 2});
}

static int choose_d(const char *bytes, size_t length)
{
    BY_LINES({"module ", ";", 0}, {"import ", ";", 0}, {"#!/usr/sbin/dtrace", "", 2}, {"#pragma D option", "", 2},
             {"provider ", "", 2}, {"dtrace:", "", 2}, {"", ".o:", 1}, {"", ".o :", 1}, {"", ".rlib:", 1}, {"", "", 0});
}

static int choose_t(const char *bytes, size_t length)
{
    BY_LINES({"use v6", "", 1}, {"use ", ";", 0}, {"my ", "", 0}, {"# ", "", 0});
}

static int choose_l(const char *bytes, size_t length)
{
    BY_LINES({"%{", "", 1}, {"%%", "", 1}, {"%option", "", 1}, {"(", "", 0}, {";", "", 0}, {".\\\"", "", 2},
             {".TH", "", 2});
}

static int choose_ll(const char *bytes, size_t length)
{
    BY_LINES({"%{", "", 1}, {"%%", "", 1}, {"%option", "", 1}, {"#include", "", 1}, {"/*", "", 1}, {"//", "", 1},
             {"; ModuleID", "", 0}, {"source_filename", "=", 0}, {"target ", "=", 0}, {"define ", "@", 0},
             {"declare ", "@", 0}, {"@", "=", 0}, {";", "", 0});
}

static int choose_plt(const char *bytes, size_t length)
{
    BY_LINES({":- ", "", 1}, {"%", "", 1}, {"", ":-", 1}, {"#", "", 0}, {"set ", "", 0}, {"plot ", "", 0},
             {"/*", "", 1});
}

static int choose_tpl(const char *bytes, size_t length)
{
    BY_LINES({"{*", "", 0}, {"{$", "", 0}, {"", "{{-", 1}, {"", "{{/*", 1}, {"", "{{ ", 1}, {"", "{if ", 0});
}

static int choose_json(const char *bytes, size_t length)
{
    BY_LINES({"//", "", 1}, {"/*", "", 1});
}

/* Sections of manuals are numbers, and so are the suffixes of many other files: a request must begin a line. */
static int choose_roff(const char *bytes, size_t length)
{
    BY_LINES({".\\\"", "", 0}, {"'\\\"", "", 0}, {".TH", "", 0}, {".Dd", "", 0}, {".so ", "", 0}, {".de", "", 0},
             {"", "", 1});
}

static int choose_r(const char *bytes, size_t length)
{
    BY_LINES({"REBOL", "", 1}, {"Rebol", "[", 1}, {"rebol", "[", 1}, {"#", "", 0}, {"library(", "", 0}, {"", "<-", 0},
             {"", "function(", 0});
}

static int choose_cl(const char *bytes, size_t length)
{
    BY_LINES({";", "", 0}, {"(", "", 0}, {"#|", "", 0}, {"#+", "", 0}, {"//", "", 1}, {"/*", "", 1}, {"#", "", 1},
             {"__kernel", "", 1}, {"kernel ", "", 1}, {"typedef ", "", 1});
}

static int choose_rs(const char *bytes, size_t length)
{
    BY_LINES({"use ", "", 0}, {"//!", "", 0}, {"/*!", "", 0}, {"#![", "", 0}, {"#[", "", 0}, {"pub ", "", 0},
             {"mod ", "", 0}, {"fn ", "", 0}, {"impl", "", 0}, {"#pragma version", "(", 1}, {"#pragma rs", "", 1},
             {"<?xml", "", 2}, {"let ", "", 0}, {"struct ", "", 0}, {"extern crate", "", 0}, {"macro_rules!", "", 0});
}

static int choose_cs(const char *bytes, size_t length)
{
    BY_LINES({"'From ", "", 1}, {"!", "methodsFor:", 1}, {"!", "class", 1}, {"Object subclass:", "", 1}, {"", "", 0});
}

static int choose_md(const char *bytes, size_t length)
{
    BY_LINES({";;", "", 1}, {"; ", "", 1}, {"(define_", "", 1}, {"", "", 0});
}

static int choose_ms(const char *bytes, size_t length)
{
    BY_LINES({".\\\"", "", 0}, {"'\\\"", "", 0}, {".TH", "", 0}, {".TL", "", 0}, {".NH", "", 0}, {".SH", "", 0},
             {".PP", "", 0}, {".LP", "", 0}, {".so ", "", 0}, {".de", "", 0}, {".text", "", 1}, {".globl", "", 1},
             {".file", "", 1}, {".section", "", 1}, {".data", "", 1}, {"#", "", 1}, {";", "", 1});
}

static int choose_yy(const char *bytes, size_t length)
{
    BY_LINES({"%", "", 0}, {"{", "", 1}, {"", "", 0});
}

static int choose_gd(const char *bytes, size_t length)
{
    BY_LINES({"#############", "", 1}, {"##  ", "", 1}, {"Declare", "(", 1}, {"BindGlobal(", "", 1},
             {"InstallMethod(", "", 1}, {"extends ", "", 0}, {"tool", "", 0}, {"@", "", 0}, {"func ", "", 0},
             {"var ", "", 0}, {"class_name ", "", 0}, {"const ", "", 0});
}

static int choose_tst(const char *bytes, size_t length)
{
    BY_LINES({"gap>", "", 1}, {"#", "", 1}, {"//", "", 0}, {"<--", "", 0});
}

static int choose_def(const char *bytes, size_t length)
{
    BY_LINES({"DEFINITION MODULE", "", 0}, {"(*", "", 0}, {"LIBRARY", "", 1}, {"EXPORTS", "", 1}, {"NAME", "", 1},
             {"DESCRIPTION", "", 1}, {";", "", 1});
}

#define MANUAL(section) {section, {"Roff", "Text"}, choose_roff},

const wtfcb_lang_shared wtfcb_lang_shareds[] = {{"h", {"C", "C++", "Objective-C"}, choose_header},
                                                {"m", {"Objective-C", "MATLAB", "Octave", "Mercury"}, choose_m},
                                                {"pl", {"Perl", "Prolog"}, choose_pl},
                                                {"ts", {"TypeScript", "XML"}, choose_ts},
                                                {"v", {"Verilog", "Rocq", "V"}, choose_v},
                                                {"inc", {"C++", "PHP", "Pascal", "Assembly", "BitBake"}, choose_inc},
                                                {"fs", {"F#", "GLSL", "Forth"}, choose_fs},
                                                {"cls", {"TeX", "Visual Basic", "Apex", "ObjectScript"}, choose_cls},
                                                {"pro", {"QMake", "Prolog"}, choose_pro},
                                                {"pp", {"Puppet", "Pascal"}, choose_pp},
                                                {"mod", {"Modula-2", "Go Module", "XML"}, choose_mod},
                                                {"d", {"D", "Makefile", "C"}, choose_d},
                                                {"t", {"Perl", "Raku"}, choose_t},
                                                {"l", {"Common Lisp", "Lex", "Roff"}, choose_l},
                                                {"json", {"JSON", "JSON with Comments"}, choose_json},
                                                {"ll", {"LLVM IR", "Lex"}, choose_ll},
                                                {"plt", {"Gnuplot", "Prolog"}, choose_plt},
                                                {"tpl", {"Smarty", "Go Template"}, choose_tpl},
                                                {"r", {"R", "Rebol"}, choose_r},
                                                {"cl", {"Common Lisp", "OpenCL"}, choose_cl},
                                                {"rs", {"Rust", "RenderScript", "XML"}, choose_rs},
                                                {"cs", {"C#", "Smalltalk"}, choose_cs},
                                                {"md", {"Markdown", "GCC Machine Description"}, choose_md},
                                                {"ms", {"Roff", "Assembly"}, choose_ms},
                                                {"yy", {"Yacc", "JSON"}, choose_yy},
                                                {"gd", {"GDScript", "GAP"}, choose_gd},
                                                {"tst", {"Scilab", "GAP"}, choose_tst},
                                                {"def", {"Modula-2", "Windows Module Definition"}, choose_def},
                                                MANUAL("1") MANUAL("2") MANUAL("3") MANUAL("4") MANUAL("5") MANUAL("6")
                                                    MANUAL("7") MANUAL("8") MANUAL("9")};

const uint16_t wtfcb_lang_shared_count = (uint16_t)(sizeof wtfcb_lang_shareds / sizeof wtfcb_lang_shareds[0]);
