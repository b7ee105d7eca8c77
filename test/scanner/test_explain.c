/* Explanations: each reason, and that they say what a scan does. */
#include <unistd.h>

#include <wtfcb/explain.h>

#include "tree.h"

static wtfcb_scanner *scanner;
static wtfcb_explanation *explanation;

static void set_up(void)
{
    tree_begin();
    scanner = tree_scanner(WTFCB_DEPTH_LINES, 2);
    explanation = NULL;
}

static void tear_down(void)
{
    wtfcb_explanation_free(explanation);
    wtfcb_scanner_free(scanner);
    tree_end();
}

/* The decision about a path; its strings live until the next call. */
static wtfcb_decision explain(const char *path)
{
    wtfcb_decision decision;
    wtfcb_explanation_free(explanation);
    explanation = NULL;
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_msg(wtfcb_scanner_explain(scanner, tree_root(), path, &explanation, &error) == WTFCB_OK, "%s",
                  error.message);
    ck_assert_int_eq(wtfcb_explanation_get(explanation, &decision, sizeof decision), WTFCB_OK);
    return decision;
}

static wtfcb_file file_of(const wtfcb_decision *decision)
{
    wtfcb_file file;
    ck_assert_int_eq(wtfcb_codebase_file(decision->codebase, 0, &file, sizeof file), WTFCB_OK);
    return file;
}

START_TEST(ignored_path_names_file_line_and_pattern)
{
    tree_put("src/.gitignore", "# objects\n\n*.o\n!keep.o\n");
    tree_put("src/a.o", "x\n");
    tree_put("src/keep.o", "x\n");
    wtfcb_decision decision = explain("src/a.o");
    ck_assert_uint_eq(decision.reason, WTFCB_REASON_IGNORED);
    ck_assert_str_eq(decision.decided_at, "src/a.o");
    ck_assert_str_eq(decision.rule_source, "src/.gitignore");
    ck_assert_str_eq(decision.rule_pattern, "*.o");
    ck_assert_uint_eq(decision.rule_line, 3);
    ck_assert_uint_eq(wtfcb_codebase_file_count(decision.codebase), 0);
    decision = explain("./src//keep.o");
    ck_assert_uint_eq(decision.reason, WTFCB_REASON_TAKEN);
    ck_assert_str_eq(decision.path, "src/keep.o");
    ck_assert_str_eq(decision.rule_pattern, "!keep.o");
    ck_assert_uint_eq(decision.rule_line, 4);
}
END_TEST

START_TEST(directory_around_a_path_decides_for_it)
{
    tree_put(".ignore", "build/\n");
    tree_put("build/deep/a.c", "int a;\n");
    wtfcb_decision decision = explain("build/deep/a.c");
    ck_assert_uint_eq(decision.reason, WTFCB_REASON_IGNORED);
    ck_assert_str_eq(decision.decided_at, "build");
    ck_assert_str_eq(decision.rule_source, ".ignore");
}
END_TEST

START_TEST(callers_patterns_have_no_source)
{
    tree_put("a.c", "int a;\n");
    tree_put("b.py", "a\n");
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_EXCLUDE, "*.c"), WTFCB_OK);
    wtfcb_decision decision = explain("a.c");
    ck_assert_uint_eq(decision.reason, WTFCB_REASON_IGNORED);
    ck_assert_str_eq(decision.rule_source, "");
    ck_assert_str_eq(decision.rule_pattern, "*.c");
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_INCLUDE, "*.h"), WTFCB_OK);
    ck_assert_uint_eq(explain("b.py").reason, WTFCB_REASON_NOT_INCLUDED);
}
END_TEST

START_TEST(every_other_reason_is_told_apart)
{
    tree_put(".hidden/a.c", "int a;\n");
    tree_put(".git/config", "\n");
    tree_put("a.c", "int a;\n");
    tree_put("package-lock.json", "{}\n");
    tree_link("a.c", "link.c");
    ck_assert_uint_eq(explain(".hidden/a.c").reason, WTFCB_REASON_HIDDEN);
    ck_assert_uint_eq(explain(".git/config").reason, WTFCB_REASON_REPOSITORY);
    ck_assert_uint_eq(explain("link.c").reason, WTFCB_REASON_LINK);
    ck_assert_uint_eq(explain("none.c").reason, WTFCB_REASON_MISSING);
    ck_assert_uint_eq(explain("a.c/below").reason, WTFCB_REASON_MISSING);
    ck_assert_str_eq(explain("a.c/below").decided_at, "a.c");
    ck_assert_uint_eq(wtfcb_codebase_file_count(explain("a.c/below").codebase), 0);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_SKIP, WTFCB_FILE_GENERATED), WTFCB_OK);
    wtfcb_decision decision = explain("package-lock.json");
    ck_assert_uint_eq(decision.reason, WTFCB_REASON_SKIPPED);
    ck_assert(file_of(&decision).flags & WTFCB_FILE_GENERATED);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_LANGUAGE, "Python"), WTFCB_OK);
    ck_assert_uint_eq(explain("a.c").reason, WTFCB_REASON_LANGUAGE);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_FOLLOW, 1), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_add_string(scanner, WTFCB_SCANNER_LANGUAGE, NULL), WTFCB_OK);
    ck_assert_uint_eq(explain("link.c").reason, WTFCB_REASON_TAKEN);
}
END_TEST

START_TEST(directory_that_is_taken_has_no_row_and_one_too_deep_has)
{
    tree_put("one/two/three/a.c", "int a;\n");
    wtfcb_decision decision = explain("one/two");
    ck_assert_uint_eq(decision.reason, WTFCB_REASON_TAKEN);
    ck_assert_uint_eq(wtfcb_codebase_file_count(decision.codebase), 0);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_MAX_DEPTH, 1), WTFCB_OK);
    decision = explain("one/two/three/a.c");
    ck_assert_uint_eq(decision.reason, WTFCB_REASON_UNREADABLE);
    ck_assert_uint_eq(file_of(&decision).limits, WTFCB_LIMIT_DEPTH);
    ck_assert_str_eq(file_of(&decision).path, "one/two");
}
END_TEST

START_TEST(language_is_told_with_what_decided)
{
    static const struct {
        const char *path, *text, *language;
        uint32_t by;
    } cases[] = {
        {"a.py", "x\n", "Python", WTFCB_BY_EXTENSION},
        {"Makefile", "x:\n", "Makefile", WTFCB_BY_FILE_NAME},
        {"run", "#!/usr/bin/env ruby\n", "Ruby", WTFCB_BY_INTERPRETER},
        {"b.txt", "-*- mode: python -*-\n", "Python", WTFCB_BY_MODELINE},
        {"c.h", "class A { public: virtual int f(); };\n", "C++", WTFCB_BY_CONTENT},
        {"d.inc", "x\n", "PHP", WTFCB_BY_ATTRIBUTE},
        {"e.unknown", "x\n", "", WTFCB_BY_NOTHING},
    };
    tree_put(".gitattributes", "*.inc linguist-language=PHP\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tree_put(cases[i].path, cases[i].text);
        wtfcb_decision decision = explain(cases[i].path);
        wtfcb_file file = file_of(&decision);
        ck_assert_str_eq(file.language, cases[i].language);
        ck_assert_msg(file.language_by == cases[i].by, "%s: by %s", cases[i].path,
                      wtfcb_language_by_name(file.language_by));
    }
    wtfcb_decision decision = explain("d.inc");
    ck_assert_str_eq(decision.attribute_source, ".gitattributes");
    ck_assert_str_eq(decision.attribute_pattern, "*.inc");
    ck_assert_uint_eq(decision.attribute_line, 1);
}
END_TEST

START_TEST(limit_that_cut_a_file_is_in_its_row)
{
    tree_put("a.c", "int a;\n");
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_MAX_FILE_SIZE, 3), WTFCB_OK);
    wtfcb_decision decision = explain("a.c");
    ck_assert_uint_eq(decision.reason, WTFCB_REASON_TAKEN);
    ck_assert_uint_eq(file_of(&decision).limits, WTFCB_LIMIT_FILE_SIZE);
}
END_TEST

static int32_t count_call(void *user, uint64_t index, const wtfcb_codebase *file)
{
    (void)index, (void)file;
    ++*(int *)user;
    return 0;
}

START_TEST(callers_visitor_and_options_are_left_alone)
{
    int calls = 0;
    int64_t keep = -1;
    tree_put("a.c", "int a;\n");
    ck_assert_int_eq(wtfcb_scanner_set_visitor(scanner, count_call, &calls), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set(scanner, WTFCB_SCANNER_KEEP, WTFCB_KEEP_TOTALS), WTFCB_OK);
    ck_assert_str_eq(explain("a.c").path, "a.c");
    ck_assert_int_eq(calls, 0);
    ck_assert_int_eq(wtfcb_scanner_get(scanner, WTFCB_SCANNER_KEEP, &keep), WTFCB_OK);
    ck_assert_int_eq(keep, WTFCB_KEEP_TOTALS);
    wtfcb_codebase_free(tree_scan(scanner));
    ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(what_is_explained_is_what_a_scan_does)
{
    tree_put_samples();
    tree_put(".gitignore", "*.o\n/build/\n!src/x.o\n");
    tree_put("src/x.o", "x\n");
    tree_put("src/y.o", "x\n");
    tree_put("build/z.c", "int z;\n");
    wtfcb_codebase *codebase = tree_scan(scanner);
    wtfcb_file file;
    for (uint64_t i = 0; wtfcb_codebase_file(codebase, i, &file, sizeof file) == WTFCB_OK; i++) {
        wtfcb_decision decision = explain(file.path);
        ck_assert_msg(decision.reason == WTFCB_REASON_TAKEN, "%s: %s", file.path, wtfcb_reason_name(decision.reason));
        ck_assert_str_eq(file_of(&decision).language, file.language);
        ck_assert_uint_eq(file_of(&decision).lines, file.lines);
    }
    ck_assert(tree_has(codebase, "src/x.o"));
    ck_assert_uint_eq(explain("src/y.o").reason, WTFCB_REASON_IGNORED);
    ck_assert_uint_eq(explain("build/z.c").reason, WTFCB_REASON_IGNORED);
    wtfcb_codebase_free(codebase);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    wtfcb_decision decision;
    wtfcb_error error = WTFCB_ERROR_INIT;
    static const char *const wrong[] = {"", "/etc/passwd", ".", "./", NULL};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(wtfcb_scanner_explain(scanner, tree_root(), wrong[i], &explanation, &error), WTFCB_EINVAL);
    tree_put("a.c", "int a;\n");
    ck_assert_int_eq(wtfcb_scanner_explain(scanner, tree_path("a.c"), "a", &explanation, &error), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_scanner_explain(scanner, tree_path("none"), "a", &explanation, &error), WTFCB_ENOTFOUND);
    ck_assert_ptr_nonnull(strstr(error.message, "none"));
    ck_assert_ptr_null(explanation);
    ck_assert_int_eq(wtfcb_explanation_get(NULL, &decision, sizeof decision), WTFCB_EINVAL);
    ck_assert_str_eq(wtfcb_reason_name(99), "unknown");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("explain");
    TCase *t = tcase_create("explain");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, ignored_path_names_file_line_and_pattern);
    tcase_add_test(t, directory_around_a_path_decides_for_it);
    tcase_add_test(t, callers_patterns_have_no_source);
    tcase_add_test(t, every_other_reason_is_told_apart);
    tcase_add_test(t, directory_that_is_taken_has_no_row_and_one_too_deep_has);
    tcase_add_test(t, language_is_told_with_what_decided);
    tcase_add_test(t, limit_that_cut_a_file_is_in_its_row);
    tcase_add_test(t, callers_visitor_and_options_are_left_alone);
    tcase_add_test(t, what_is_explained_is_what_a_scan_does);
    tcase_add_test(t, wrong_arguments_are_refused);
    suite_add_tcase(s, t);
    return s;
}

WTFCB_TEST_MAIN(suite)
