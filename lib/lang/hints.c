/*
 * Hints as data: names of directories and files, endings, beginnings, phrases; and how they are looked for. See hints.h.
 *
 * Names are found by their length and first byte before they are compared: the lists are short, and most components of a
 * path agree with none of them. In a head only one word is searched, "generated", which nearly no file has there; only
 * where it stands are the phrases tried.
 */
#include "lang/hints.h"

#include <stdbool.h>
#include <string.h>

#include <wtfcb/codebase.h>

#define GENERATED WTFCB_FILE_GENERATED
#define MINIFIED WTFCB_FILE_MINIFIED
#define VENDORED WTFCB_FILE_VENDORED
#define DOCUMENTATION WTFCB_FILE_DOCUMENTATION

typedef struct hint {
    const char *text;
    uint32_t flags;
} hint;

static const hint directories[] = {
    {"node_modules", VENDORED},
    {"bower_components", VENDORED},
    {"jspm_packages", VENDORED},
    {"vendor", VENDORED},
    {"vendored", VENDORED},
    {"vendors", VENDORED},
    {"_vendor", VENDORED},
    {"third_party", VENDORED},
    {"third-party", VENDORED},
    {"thirdparty", VENDORED},
    {"3rdparty", VENDORED},
    {"3rd-party", VENDORED},
    {"3rd_party", VENDORED},
    {"externals", VENDORED},
    {"Godeps", VENDORED},
    {"Pods", VENDORED},
    {"Carthage", VENDORED},
    {"site-packages", VENDORED},
    {"dist-packages", VENDORED},
    {".yarn", VENDORED},
    {".cargo", VENDORED},
    {"docs", DOCUMENTATION},
    {"Docs", DOCUMENTATION},
    {"doc", DOCUMENTATION},
    {"Documentation", DOCUMENTATION},
    {"documentation", DOCUMENTATION},
    {"javadoc", DOCUMENTATION},
    {"man", DOCUMENTATION},
    {"__generated__", GENERATED},
};

static const hint files[] = {
    {"package-lock.json", GENERATED},
    {"npm-shrinkwrap.json", GENERATED},
    {"yarn.lock", GENERATED},
    {"pnpm-lock.yaml", GENERATED},
    {"bun.lock", GENERATED},
    {"deno.lock", GENERATED},
    {"Cargo.lock", GENERATED},
    {"go.sum", GENERATED},
    {"go.work.sum", GENERATED},
    {"Gopkg.lock", GENERATED},
    {"glide.lock", GENERATED},
    {"composer.lock", GENERATED},
    {"Gemfile.lock", GENERATED},
    {"Podfile.lock", GENERATED},
    {"Package.resolved", GENERATED},
    {"poetry.lock", GENERATED},
    {"Pipfile.lock", GENERATED},
    {"pdm.lock", GENERATED},
    {"uv.lock", GENERATED},
    {"mix.lock", GENERATED},
    {"pubspec.lock", GENERATED},
    {"flake.lock", GENERATED},
    {"Manifest.toml", GENERATED},
    {"MODULE.bazel.lock", GENERATED},
    {"packages.lock.json", GENERATED},
    {".terraform.lock.hcl", GENERATED},
    {"configure", GENERATED},
    {"aclocal.m4", GENERATED},
    {"gradlew", VENDORED},
    {"gradlew.bat", VENDORED},
    {"mvnw", VENDORED},
    {"mvnw.cmd", VENDORED},
    {"config.guess", VENDORED},
    {"config.sub", VENDORED},
    {"install-sh", VENDORED},
    {"ltmain.sh", VENDORED},
    {"libtool.m4", VENDORED},
    {"depcomp", VENDORED},
    {"README", DOCUMENTATION},
    {"README.md", DOCUMENTATION},
    {"README.rst", DOCUMENTATION},
    {"README.txt", DOCUMENTATION},
    {"CHANGELOG", DOCUMENTATION},
    {"CHANGELOG.md", DOCUMENTATION},
    {"CHANGES", DOCUMENTATION},
    {"CHANGES.md", DOCUMENTATION},
    {"CONTRIBUTING", DOCUMENTATION},
    {"CONTRIBUTING.md", DOCUMENTATION},
    {"INSTALL", DOCUMENTATION},
    {"INSTALL.md", DOCUMENTATION},
    {"COPYING", DOCUMENTATION},
    {"LICENSE", DOCUMENTATION},
    {"LICENSE.md", DOCUMENTATION},
    {"LICENSE.txt", DOCUMENTATION},
    {"LICENCE", DOCUMENTATION},
};

/* Each has a dot or a dash or an underscore in front, so that `_pb2.py` alone is not one. */
static const hint endings[] = {
    {".min.js", MINIFIED},        {"-min.js", MINIFIED},        {".min.mjs", MINIFIED},
    {".min.css", MINIFIED},       {"-min.css", MINIFIED},       {".bundle.js", GENERATED},
    {".js.map", GENERATED},       {".mjs.map", GENERATED},      {".css.map", GENERATED},
    {".d.ts.map", GENERATED},     {".pb.go", GENERATED},        {".pb.gw.go", GENERATED},
    {".pb.cc", GENERATED},        {".pb.h", GENERATED},         {".pb.c", GENERATED},
    {"_pb2.py", GENERATED},       {"_pb2_grpc.py", GENERATED},  {"_pb2.pyi", GENERATED},
    {"_pb.js", GENERATED},        {"_pb.d.ts", GENERATED},      {".pb.swift", GENERATED},
    {".pb.dart", GENERATED},      {"_generated.go", GENERATED}, {".gen.go", GENERATED},
    {".designer.cs", GENERATED},  {".Designer.cs", GENERATED},  {".designer.vb", GENERATED},
    {".Designer.vb", GENERATED},  {".g.cs", GENERATED},         {".g.i.cs", GENERATED},
    {".g.dart", GENERATED},       {".freezed.dart", GENERATED}, {".generated.cs", GENERATED},
    {".generated.ts", GENERATED}, {".generated.js", GENERATED},
};

/* What a head begins with. */
static const char *const beginnings[] = {
    "/* A Bison parser, made by",
    "#! /bin/sh\n# Guess values for system-dependent variables",
    "/* ANSI-C code produced by gperf",
    "/* C code produced by gperf",
};

/* What stands on the line of "generated"; in lower case. Any of these is enough. */
static const char *const phrases[] = {
    "@generated",
    "do not edit",
    "do not modify",
    "generated by the protocol buffer compiler",
    "autogenerated by thrift",
    "generated by cython",
    "scanner generated by flex",
    "generated by gnu autoconf",
    "generated automatically by aclocal",
    "generated by automake",
    "generated by peg.js",
    "generated by haxe",
    "generated by coffeescript",
    "generated by swig",
    "generated by re2c",
    "generated by ragel",
    "generated by antlr",
    "generated from protobuf",
    "this file is generated",
    "this file was generated",
    "this file is automatically generated",
    "this file was automatically generated",
    "this file is auto-generated",
    "this file was auto-generated",
    "this file is autogenerated",
    "this file has been generated",
    "this file has been automatically generated",
    "this file has been auto-generated",
    "this code was generated by",
    "this code is generated",
    "automatically generated file",
    "auto-generated file",
    "automatically generated. do",
    "automatically generated by",
    "auto-generated by",
    "autogenerated by",
    "<auto-generated",
};

/* And what may stand up to two lines below it instead. */
static const char *const warnings[] = {
    "do not edit",          "do not modify",       "don't edit",     "do not change", "do not hand",
    "changes will be lost", "will be overwritten", "manual changes", "edit by hand",  "modify by hand",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool equals(const char *text, size_t length, const char *name)
{
    return text[0] == name[0] && strlen(name) == length && memcmp(text, name, length) == 0;
}

static uint32_t find(const hint *list, size_t count, const char *text, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (equals(text, length, list[i].text)) return list[i].flags;
    return 0;
}

/* The flags of the endings that a name has in front of which something stands. */
static uint32_t find_ending(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT(endings); i++) {
        size_t size = strlen(endings[i].text);
        if (length > size && name[length - 1] == endings[i].text[size - 1] &&
            memcmp(name + length - size, endings[i].text, size) == 0)
            return endings[i].flags;
    }
    return 0;
}

uint32_t wtfcb_lang_hints_directory(const char *path, size_t length)
{
    uint32_t flags = 0;
    const char *end = path + length;
    for (const char *at = path; at < end;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t size = (size_t)((slash ? slash : end) - at);
        if (size > 0) flags |= find(directories, COUNT(directories), at, size);
        at += size + 1;
    }
    return flags;
}

uint32_t wtfcb_lang_hints_name(const char *name, size_t length)
{
    return length > 0 ? find(files, COUNT(files), name, length) | find_ending(name, length) : 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Whether a stretch of text holds one of some phrases, which are in lower case. */
static bool holds_any(const char *text, size_t length, const char *const *list, size_t count)
{
    char folded[512];
    if (length > sizeof folded) length = sizeof folded;
    for (size_t i = 0; i < length; i++)
        folded[i] = lower(text[i]);
    for (size_t i = 0; i < count; i++)
        if (memmem(folded, length, list[i], strlen(list[i]))) return true;
    return false;
}

/* The end of the line that `at` is on. */
static size_t line_end(const char *text, size_t length, size_t at)
{
    const char *feed = at < length ? memchr(text + at, '\n', length - at) : NULL;
    return feed ? (size_t)(feed - text) : length;
}

/* Whether the word "generated" at `at` says that the file is. */
static bool says_generated(const char *text, size_t length, size_t at)
{
    size_t start = at, end = line_end(text, length, at);
    while (start > 0 && text[start - 1] != '\n')
        start--;
    if (holds_any(text + start, end - start, phrases, COUNT(phrases))) return true;
    size_t below = end;
    for (int i = 0; i < 2 && below < length; i++)
        below = line_end(text, length, below + 1);
    return holds_any(text + end, below - end, warnings, COUNT(warnings));
}

/* Sixteen bytes that are worked on at once: plain C for compilers that know vectors, as gcc and clang do. */
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));

static bytes16 load(const char *at)
{
    bytes16 block;
    memcpy(&block, at, sizeof block);
    return block | 0x20; /* letters in lower case; what else changes is looked at again */
}

/*
 * The next "generated" of any case from `at` on, or `length`. Blocks in which no `g` has its `e` and its `d` where they
 * belong, nearly all, cost three loads.
 */
static size_t next_word(const char *text, size_t length, size_t at)
{
    static const char word[] = "generated";
    enum { SIZE = sizeof word - 1, BLOCK = sizeof(bytes16) };
    while (at + SIZE <= length) {
        if (at + BLOCK + SIZE <= length) {
            words2 found =
                (words2)((load(text + at) == 'g') & (load(text + at + 1) == 'e') & (load(text + at + SIZE - 1) == 'd'));
            if (!(found[0] | found[1])) {
                at += BLOCK;
                continue;
            }
        }
        size_t stop = at + BLOCK;
        for (; at < stop && at + SIZE <= length; at++) {
            size_t i = 0;
            while (i < SIZE && lower(text[at + i]) == word[i])
                i++;
            if (i == SIZE) return at;
        }
    }
    return length;
}

static bool is_generated(const char *bytes, size_t length)
{
    for (size_t i = 0; i < COUNT(beginnings); i++) {
        size_t size = strlen(beginnings[i]);
        if (length >= size && memcmp(bytes, beginnings[i], size) == 0) return true;
    }
    for (size_t at = 0; (at = next_word(bytes, length, at)) < length; at++)
        if (says_generated(bytes, length, at)) return true;
    return false;
}

/* Scripts and style sheets whose lines nobody could have written. */
static bool is_minified(const wtfcb_languages *languages, uint16_t language, size_t length, uint64_t lines)
{
    enum { LONG_LINE = 200 };
    if (language == WTFCB_LANG_NONE) return false;
    uint16_t syntax = languages->rows[language].syntax;
    bool candidate = syntax == WTFCB_LANG_SYNTAX_javascript || syntax == WTFCB_LANG_SYNTAX_css;
    return candidate && length / LONG_LINE > lines;
}

uint32_t wtfcb_lang_hints_content(const wtfcb_languages *languages, uint16_t language, const char *bytes, size_t length,
                                  uint64_t lines)
{
    size_t head = length < WTFCB_LANG_HINT_HEAD ? length : WTFCB_LANG_HINT_HEAD;
    return (is_generated(bytes, head) ? GENERATED : 0u) |
           (is_minified(languages, language, length, lines) ? MINIFIED : 0u);
}
