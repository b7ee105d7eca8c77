/* Attributes from .gitattributes and the caller, and the kinds of files that hints tell. */
#include <unistd.h>

#include <wtfcb/scanner.h>

#include "tree.h"

static wtfcb_scanner *scanner;

static void set_up(void)
{
    tree_begin();
    scanner = tree_scanner(WTFCB_DEPTH_LINES, 2);
}

static void tear_down(void)
{
    wtfcb_scanner_free(scanner);
    tree_end();
}

static wtfcb_file scan_for(const char *path)
{
    static char language[64];
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file file = tree_file(codebase, path);
    snprintf(language, sizeof language, "%s", file.language);
    file.language = language;
    wtfcb_codebase_free(codebase);
    return file;
}

static void set(int32_t option, int64_t value)
{
    ck_assert_int_eq(wtfcb_scanner_set(scanner, option, value), WTFCB_OK);
}

static void add_attribute(const char *line)
{
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_ATTRIBUTE, line), WTFCB_OK);
}

START_TEST(attribute_decides_about_the_language_before_all_else)
{
    tree_put(".gitattributes",
             "*.inc linguist-language=PHP\nrun linguist-language=python\n*.x linguist-language=Klingon\n");
    tree_put("a.inc", "<?php\n");
    tree_put("run", "#!/bin/sh\n# vim: ft=ruby\n");
    tree_put("b.x", "x\n");
    ck_assert_str_eq(scan_for("a.inc").language, "PHP");
    ck_assert_str_eq(scan_for("run").language, "Python");
    ck_assert_uint_eq(scan_for("run").language_by, WTFCB_BY_ATTRIBUTE);
    ck_assert_uint_ne(scan_for("b.x").language_by, WTFCB_BY_ATTRIBUTE);
    set(WTFCB_SCANNER_ATTRIBUTES, 0);
    ck_assert_str_eq(scan_for("run").language, "Ruby");
    set(WTFCB_SCANNER_ATTRIBUTES, 1);
    set(WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_FILES);
    ck_assert_str_eq(scan_for("run").language, "Python");
}
END_TEST

START_TEST(deeper_file_is_stronger_and_unspecified_falls_back)
{
    tree_put(".gitattributes", "*.js linguist-vendored\n");
    tree_put("own/.gitattributes", "*.js -linguist-vendored\n");
    tree_put("own/less/.gitattributes", "*.js linguist-vendored=true\na.js linguist-vendored=false\n");
    tree_put("a.js", "x\n");
    tree_put("own/a.js", "x\n");
    tree_put("own/less/a.js", "x\n");
    tree_put("own/less/b.js", "x\n");
    tree_put("node_modules/.gitattributes", "*.js !linguist-vendored\n");
    tree_put("node_modules/a.js", "x\n");
    ck_assert(scan_for("a.js").flags & WTFCB_FILE_VENDORED);
    ck_assert(!(scan_for("own/a.js").flags & WTFCB_FILE_VENDORED));
    ck_assert(!(scan_for("own/less/a.js").flags & WTFCB_FILE_VENDORED));
    ck_assert(scan_for("own/less/b.js").flags & WTFCB_FILE_VENDORED);
    ck_assert(scan_for("node_modules/a.js").flags & WTFCB_FILE_VENDORED); /* by its directory */
}
END_TEST

START_TEST(each_attribute_has_its_flag_and_overrules_the_hint)
{
    tree_put(".gitattributes", "/a.c linguist-generated linguist-documentation -linguist-detectable\n"
                               "vendor/** -linguist-vendored\npackage-lock.json linguist-generated=false\n");
    tree_put("a.c", "int a;\n");
    tree_put("vendor/x/a.c", "int a;\n");
    tree_put("package-lock.json", "{}\n");
    uint32_t flags = WTFCB_FILE_GENERATED | WTFCB_FILE_DOCUMENTATION | WTFCB_FILE_UNDETECTABLE | WTFCB_FILE_VENDORED;
    ck_assert_uint_eq(scan_for("a.c").flags & flags,
                      WTFCB_FILE_GENERATED | WTFCB_FILE_DOCUMENTATION | WTFCB_FILE_UNDETECTABLE);
    ck_assert_uint_eq(scan_for("vendor/x/a.c").flags & flags, 0);
    ck_assert_uint_eq(scan_for("package-lock.json").flags & flags, 0);
}
END_TEST

START_TEST(odd_lines_cost_nothing_but_themselves)
{
    tree_put(".gitattributes",
             "\xef\xbb\xbf# linguist-vendored\n!a.c linguist-vendored\n[attr]foo linguist-vendored\n"
             "linguist-vendored\n\"q\\\"uo te.c\" linguist-generated\n  b.c\ttext linguist-generated \r\n"
             "\"open linguist-generated\nc.c linguist-language\n");
    tree_put("a.c", "int a;\n");
    tree_put("b.c", "int a;\n");
    tree_put("c.c", "int a;\n");
    tree_put("q\"uo te.c", "int a;\n");
    ck_assert(!(scan_for("a.c").flags & WTFCB_FILE_VENDORED));
    ck_assert(scan_for("b.c").flags & WTFCB_FILE_GENERATED);
    ck_assert(scan_for("q\"uo te.c").flags & WTFCB_FILE_GENERATED);
    ck_assert_str_eq(scan_for("c.c").language, "C");
}
END_TEST

START_TEST(callers_attributes_are_the_strongest_and_hold_for_named_files_too)
{
    tree_put(".gitattributes", "*.inc linguist-language=PHP\n");
    tree_put("a.inc", "x\n");
    add_attribute("*.inc linguist-language=Pascal");
    ck_assert_str_eq(scan_for("a.inc").language, "Pascal");
    const char *paths[] = {"a.inc"};
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan_list(scanner, tree_root(), paths, 1, &codebase, NULL), WTFCB_OK);
    ck_assert_str_eq(tree_file(codebase, "a.inc").language, "Pascal");
    wtfcb_codebase_free(codebase);
    ck_assert_int_eq(wtfcb_scanner_scan_buffer(scanner, "x/b.inc", "x\n", 2, &codebase, NULL), WTFCB_OK);
    ck_assert_str_eq(tree_file(codebase, "x/b.inc").language, "Pascal");
    wtfcb_codebase_free(codebase);
    static const char *const wrong[] = {"*.c", "*.c text", " # linguist-vendored", "!x linguist-vendored",
                                        "[attr]x linguist-vendored"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_ATTRIBUTE, wrong[i]), WTFCB_EINVAL);
}
END_TEST

START_TEST(repository_inside_the_tree_starts_afresh)
{
    tree_put(".gitattributes", "*.c linguist-vendored\n");
    tree_put("sub/.git/HEAD", "ref: refs/heads/main\n");
    tree_directory("sub/.git/objects");
    tree_directory("sub/.git/refs");
    tree_put("sub/a.c", "int a;\n");
    ck_assert(!(scan_for("sub/a.c").flags & WTFCB_FILE_VENDORED));
}
END_TEST

/* A pattern with `**` has many ways to end above the root, and each is a rule of its own there. */
START_TEST(deep_patterns_above_the_root_hold_in_all_their_rests)
{
    enum { LEVELS = 30, LINES = 40 };
    char line[4096] = "", path[1024] = "";
    for (int i = 0; i < LEVELS; i++) {
        memcpy(line + strlen(line), "**/a/", 6);
        memcpy(path + strlen(path), "a/", 3);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    for (int i = 0; i < LINES; i++)
        fprintf(out, "%s*.c linguist-language=Python\n", line);
    fputs("**/a/*.x linguist-language=Go\n", out);
    ck_assert_int_eq(fclose(out), 0);
    tree_put(".git/HEAD", "ref: refs/heads/main\n");
    tree_directory(".git/objects");
    tree_directory(".git/refs");
    tree_put(".gitattributes", text);
    free(text);
    char file[1100];
    snprintf(file, sizeof file, "%sb.c", path);
    tree_put(file, "x\n");
    snprintf(file, sizeof file, "%sb.x", path);
    tree_put(file, "x\n");
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_path(path), &codebase, NULL), WTFCB_OK);
    ck_assert_str_eq(tree_file(codebase, "b.c").language, "Python");
    ck_assert_str_eq(tree_file(codebase, "b.x").language, "Go");
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(attributes_above_the_root_hold_inside_a_repository)
{
    tree_put(".git/HEAD", "ref: refs/heads/main\n");
    tree_directory(".git/objects");
    tree_directory(".git/refs");
    tree_put(".gitattributes", "sub/*.c linguist-generated\nother/*.c linguist-vendored\n");
    tree_put("sub/a.c", "int a;\n");
    wtfcb_codebase *codebase = NULL;
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, tree_path("sub"), &codebase, NULL), WTFCB_OK);
    ck_assert_uint_eq(tree_file(codebase, "a.c").flags & (WTFCB_FILE_GENERATED | WTFCB_FILE_VENDORED),
                      WTFCB_FILE_GENERATED);
    wtfcb_codebase_free(codebase);
}
END_TEST

/* What `git check-attr` says of a path: 's' set, 'u' unset, '-' unspecified; '?' without git. */
static char ask_git(const char *attribute, const char *path)
{
    char command[1024], line[1024] = "";
    snprintf(command, sizeof command, "git -C '%s' check-attr %s '%s' 2>/dev/null", tree_root(), attribute, path);
    FILE *pipe = popen(command, "re");
    ck_assert_ptr_nonnull(pipe);
    bool got = fgets(line, sizeof line, pipe) != NULL;
    pclose(pipe);
    if (!got) return '?';
    if (strstr(line, ": unspecified")) return '-';
    return strstr(line, ": unset") || strstr(line, ": false") ? 'u' : 's';
}

START_TEST(flags_agree_with_git)
{
    static const char *const paths[] = {
        "a.c",         "b.c",         "x/a.c",   "x/y/a.c",    "x/y/b.h",     "x/y/z/a.c", "lib/core/a.c",  "lib/a.c",
        "lib/lib/a.c", "deep/er/a.c", "d/[a].c", "d/sp ace.c", "x/only/here", "q/w/only",  "caf\303\251.c", "#x.c"};
    tree_put(".git/HEAD", "ref: refs/heads/main\n");
    tree_directory(".git/objects");
    tree_directory(".git/refs");
    tree_put(
        ".gitattributes",
        "*.c linguist-generated\n/a.c -linguist-generated\nx/*.c !linguist-generated\nlib/** linguist-generated=false\n"
        "lib/core/* linguist-generated\ndeep linguist-generated\n[[]a].c -linguist-generated\n"
        "\"sp ace.c\" -linguist-generated\n**/y/*.h linguist-generated\nonly linguist-generated\nx/only linguist-generated\n"
        "\"caf\\303\\251.c\" -linguist-generated\n\"#x.c\" -linguist-generated\n");
    tree_put("x/y/.gitattributes", "a.c -linguist-generated\nz/a.c linguist-generated\n");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        tree_put(paths[i], "x\n");
    wtfcb_codebase *codebase = tree_scan(scanner);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char answer = ask_git("linguist-generated", paths[i]);
        bool flag = (tree_file(codebase, paths[i]).flags & WTFCB_FILE_GENERATED) != 0;
        ck_assert_msg(answer == '?' || flag == (answer == 's'), "%s: git says %c, the scan %d", paths[i], answer, flag);
    }
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(skipped_kinds_are_left_out_at_every_depth)
{
    tree_put("a.c", "int a;\n");
    tree_put("gen.c", "/* Code generated by hand. DO NOT EDIT. */\nint a;\n");
    tree_put("node_modules/m/index.js", "x\n");
    tree_put("lib.min.js", "x\n");
    tree_put("docs/a.md", "x\n");
    for (int64_t depth = WTFCB_DEPTH_FILES; depth <= WTFCB_DEPTH_SYNTAX; depth++) {
        set(WTFCB_SCANNER_DEPTH, depth);
        set(WTFCB_SCANNER_SKIP, 0);
        wtfcb_codebase *codebase = tree_scan(scanner);
        ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), 5);
        wtfcb_codebase_free(codebase);
        set(WTFCB_SCANNER_SKIP,
            WTFCB_FILE_VENDORED | WTFCB_FILE_MINIFIED | WTFCB_FILE_DOCUMENTATION | WTFCB_FILE_GENERATED);
        codebase = tree_scan(scanner);
        ck_assert_uint_eq(wtfcb_codebase_file_count(codebase), depth == WTFCB_DEPTH_FILES ? 2 : 1);
        ck_assert(tree_has(codebase, "a.c"));
        ck_assert_uint_eq(tree_totals(codebase).files, depth == WTFCB_DEPTH_FILES ? 2 : 1);
        wtfcb_codebase_free(codebase);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("attributes");
    TCase *t = tcase_create("attributes");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, attribute_decides_about_the_language_before_all_else);
    tcase_add_test(t, deeper_file_is_stronger_and_unspecified_falls_back);
    tcase_add_test(t, each_attribute_has_its_flag_and_overrules_the_hint);
    tcase_add_test(t, odd_lines_cost_nothing_but_themselves);
    tcase_add_test(t, callers_attributes_are_the_strongest_and_hold_for_named_files_too);
    tcase_add_test(t, repository_inside_the_tree_starts_afresh);
    tcase_add_test(t, deep_patterns_above_the_root_hold_in_all_their_rests);
    tcase_add_test(t, attributes_above_the_root_hold_inside_a_repository);
    tcase_add_test(t, flags_agree_with_git);
    tcase_add_test(t, skipped_kinds_are_left_out_at_every_depth);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
