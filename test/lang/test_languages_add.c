/*
 * A caller's own languages: they behave like built-in ones, take the patterns they claim, and a call that fails, for
 * whatever reason, leaves the handle as it was.
 */
#include "test.h"

#include <wtfcb.h>

#include "lang/count.h"
#include "lang/detect.h"
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

static const wtfcb_language_spec ember = {.name = "Ember",
                                          .aliases = "EMB ember-lang",
                                          .extensions = "ember emb.in",
                                          .file_names = "Emberfile",
                                          .interpreters = "ember",
                                          .line_comments = "# rem",
                                          .block_open = "<<",
                                          .block_close = ">>",
                                          .quotes = "\" '",
                                          .group = WTFCB_LANGUAGE_DATA,
                                          .flags = WTFCB_LANGUAGE_NESTED | WTFCB_LANGUAGE_MULTILINE};

static uint32_t add(const wtfcb_language_spec *spec)
{
    uint32_t index = UINT32_MAX;
    ck_assert_int_eq(wtfcb_languages_add(languages, spec, sizeof *spec, &index), WTFCB_OK);
    return index;
}

static const char *detected(const char *path, const char *content)
{
    static wtfcb_language row;
    uint32_t index;
    if (wtfcb_languages_detect(languages, path, content, content ? strlen(content) : 0, &index) != WTFCB_OK)
        return "none";
    ck_assert_int_eq(wtfcb_languages_get(languages, index, &row, sizeof row), WTFCB_OK);
    return row.name;
}

static void check_count(uint32_t language, const char *text, uint32_t code, uint32_t comments, uint32_t blanks)
{
    size_t length = strlen(text);
    char *padded = calloc(length + WTFCB_LANG_PADDING, 1);
    memcpy(padded, text, length);
    wtfcb_lang_counts c;
    ck_assert_int_eq(wtfcb_lang_count(languages, (uint16_t)language, padded, length, &c, NULL), WTFCB_OK);
    free(padded);
    ck_assert_msg(c.code == code && c.comments == comments && c.blanks == blanks, "%u %u %u in:\n%s", c.code,
                  c.comments, c.blanks, text);
}

START_TEST(added_language_is_found_detected_and_counted_like_a_built_in_one)
{
    uint32_t before = wtfcb_languages_count(languages), index = add(&ember), found;
    wtfcb_language row;
    ck_assert_uint_eq(index, before);
    ck_assert_uint_eq(wtfcb_languages_count(languages), before + 1);
    ck_assert_int_eq(wtfcb_languages_get(languages, index, &row, sizeof row), WTFCB_OK);
    ck_assert_str_eq(row.name, "Ember");
    ck_assert_str_eq(row.aliases, "emb ember-lang");
    ck_assert_str_eq(row.extensions, "ember emb.in");
    ck_assert_str_eq(row.group_name, "data");
    ck_assert_str_eq(row.block_open, "<<");
    ck_assert_str_eq(row.block_close, ">>");
    ck_assert_str_eq(row.line_comment, "#");
    ck_assert_ptr_null(row.grammar);
    ck_assert_uint_eq(row.index, index);
    static const char *const called[] = {"ember", "EMBER", "emb", "Ember-Lang"};
    for (size_t i = 0; i < sizeof called / sizeof called[0]; i++) {
        ck_assert_int_eq(wtfcb_languages_find(languages, called[i], &found), WTFCB_OK);
        ck_assert_uint_eq(found, index);
    }
    ck_assert_str_eq(detected("a/b.ember", NULL), "Ember");
    ck_assert_str_eq(detected("b.EMBER", NULL), "Ember");
    ck_assert_str_eq(detected("b.emb.in", NULL), "Ember");
    ck_assert_str_eq(detected("Emberfile", NULL), "Ember");
    ck_assert_str_eq(detected("b", "#!/usr/bin/env ember2\n"), "Ember");
    ck_assert_str_eq(detected("b.c", "// vim: ft=emb\n"), "Ember");
    ck_assert_str_eq(detected("b.rs", NULL), "Rust");
    check_count(index, "# a\nrem b\nremove \"# c\n# d\" # e\n<< f << g >>\n\n>>\n'<<' h\n\n", 3, 5, 1);
}
END_TEST

START_TEST(everything_of_a_spec_is_copied)
{
    char name[] = "Ember", extension[] = "ember", comment[] = "%%", quote[] = "\"";
    wtfcb_language_spec spec = {.name = name, .extensions = extension, .line_comments = comment, .quotes = quote};
    uint32_t index = add(&spec);
    memset(name, 'x', sizeof name - 1);
    memset(extension, 'x', sizeof extension - 1);
    memset(comment, 'x', sizeof comment - 1);
    memset(quote, 'x', sizeof quote - 1);
    ck_assert_str_eq(detected("a.ember", NULL), "Ember");
    check_count(index, "%% a\n\"%%\" %\n", 1, 1, 0);
}
END_TEST

START_TEST(claimed_patterns_are_taken_from_those_that_had_them)
{
    uint32_t cpp = add(&(wtfcb_language_spec){.name = "cpp", .extensions = "h", .interpreters = "tcc"});
    uint32_t count = wtfcb_languages_count(languages);
    wtfcb_language row;
    ck_assert_int_eq(wtfcb_languages_get(languages, cpp, &row, sizeof row), WTFCB_OK);
    ck_assert_str_eq(row.name, "C++");
    ck_assert_str_eq(row.block_open, "/*");
    ck_assert_str_eq(detected("a.h", NULL), "C++");
    ck_assert_str_eq(detected("a.h", "@interface A\n@end\n"), "C++");
    ck_assert(!wtfcb_lang_detect_path(languages, "a.h", 3).wants_content);
    ck_assert_str_eq(detected("a.c", NULL), "C");
    ck_assert_str_eq(detected("a", "#!/usr/bin/tcc\n"), "C++");
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_int_eq(wtfcb_languages_get(languages, i, &row, sizeof row), WTFCB_OK);
        char padded[2048];
        snprintf(padded, sizeof padded, " %s ", row.extensions);
        ck_assert_msg(i == cpp || !strstr(padded, " h "), "%s", row.name);
    }
    add(&(wtfcb_language_spec){.name = "Rocq", .extensions = "v", .file_names = "Makefile"});
    ck_assert_str_eq(detected("a.v", "module a;\n"), "Rocq");
    ck_assert_str_eq(detected("Makefile", NULL), "Rocq");
    ck_assert_str_eq(detected("makefile", NULL), "Makefile");
    add(&(wtfcb_language_spec){.name = "Verilog", .extensions = "v"});
    ck_assert_str_eq(detected("a.v", "Theorem b : True.\n"), "Verilog");
    ck_assert_str_eq(detected("a.m", "function y = f(x)\n"), "MATLAB");
}
END_TEST

START_TEST(known_language_keeps_what_a_spec_does_not_give)
{
    uint32_t before = wtfcb_languages_count(languages);
    wtfcb_language row;
    uint32_t index = add(&(wtfcb_language_spec){.name = "python", .extensions = "snek py", .aliases = "snek"});
    ck_assert_uint_eq(wtfcb_languages_count(languages), before);
    ck_assert_int_eq(wtfcb_languages_get(languages, index, &row, sizeof row), WTFCB_OK);
    ck_assert_str_eq(row.name, "Python");
    ck_assert_str_eq(row.grammar, "python");
    ck_assert_uint_eq(row.group, WTFCB_LANGUAGE_PROGRAMMING);
    ck_assert_str_eq(strrchr(row.extensions, ' '), " snek");
    ck_assert_str_eq(detected("a.snek", NULL), "Python");
    check_count(index, "\"\"\"a\n# b\"\"\"\nx = '#'\n", 1, 2, 0);
    add(&(wtfcb_language_spec){.name = "snek", .line_comments = "!", .grammar = ""});
    check_count(index, "! a\n# b\n", 1, 1, 0);
    ck_assert_int_eq(wtfcb_languages_get(languages, index, &row, sizeof row), WTFCB_OK);
    ck_assert_ptr_null(row.grammar);
}
END_TEST

START_TEST(language_like_another_has_its_comments_and_strings)
{
    uint32_t index = add(&(wtfcb_language_spec){.name = "Oxide", .extensions = "ox", .like = "rs", .grammar = "rust"});
    wtfcb_language row;
    ck_assert_int_eq(wtfcb_languages_get(languages, index, &row, sizeof row), WTFCB_OK);
    ck_assert_str_eq(row.grammar, "rust");
    check_count(index, "/* a /* b */\n*/\nlet s = r#\"//\n\"#;\n", 2, 2, 0);
    add(&ember);
    index = add(&(wtfcb_language_spec){.name = "Cinder", .like = "Ember"});
    check_count(index, "# a\nb\n", 1, 1, 0);
    index = add(&(wtfcb_language_spec){.name = "Plain"});
    check_count(index, "# a\n\nb\n", 2, 0, 1);
}
END_TEST

START_TEST(broken_specs_are_refused_and_change_nothing)
{
    const wtfcb_language_spec broken[] = {
        {.name = NULL},
        {.name = ""},
        {.name = "a name that is longer than the sixty-four bytes that names may have"},
        {.name = "a\nb"},
        {.name = "x", .extensions = " a"},
        {.name = "x", .extensions = "a "},
        {.name = "x", .extensions = "a  b"},
        {.name = "x", .extensions = "a\tb"},
        {.name = "x", .extensions = ".a"},
        {.name = "x", .extensions = "a.b.c"},
        {.name = "x", .extensions = "abcdefghijklmnopqrstuvwxy"},
        {.name = "x", .file_names = "a/b"},
        {.name = "x", .interpreters = "/bin/x"},
        {.name = "x", .aliases = "rust"},
        {.name = "x", .grammar = "a\nb"},
        {.name = "x", .line_comments = "\xE2\x8D\x9D"},
        {.name = "x", .line_comments = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"},
        {.name = "x", .quotes = "\x7F"},
        {.name = "x", .quotes = "a mark------------------------------of-more-than-32-bytes"},
        {.name = "x", .block_open = "/*"},
        {.name = "x", .block_close = "*/"},
        {.name = "x", .block_open = "/* {", .block_close = "*/"},
        {.name = "x", .like = "C", .quotes = "\""},
        {.name = "x", .group = WTFCB_LANGUAGE_PROSE + 1},
    };
    uint32_t count = wtfcb_languages_count(languages), index = 77;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        ck_assert_msg(wtfcb_languages_add(languages, &broken[i], sizeof broken[i], &index) == WTFCB_EINVAL, "%zu", i);
    wtfcb_language_spec spec = {.name = "x"};
    struct {
        wtfcb_language_spec spec;
        char later[8];
    } large = {.spec = {.name = "x"}};
    ck_assert_int_eq(wtfcb_languages_add(NULL, &spec, sizeof spec, &index), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_add(languages, NULL, sizeof spec, &index), WTFCB_EINVAL);
    ck_assert_int_eq(wtfcb_languages_add(languages, &spec, 0, &index), WTFCB_EINVAL);
    spec.flags = 64;
    ck_assert_int_eq(wtfcb_languages_add(languages, &spec, sizeof spec, &index), WTFCB_EUNSUPPORTED);
    large.later[7] = 1;
    ck_assert_int_eq(wtfcb_languages_add(languages, &large.spec, sizeof large, &index), WTFCB_EUNSUPPORTED);
    spec = (wtfcb_language_spec){.name = "x", .like = "no such language"};
    ck_assert_int_eq(wtfcb_languages_add(languages, &spec, sizeof spec, &index), WTFCB_ENOTFOUND);
    ck_assert_uint_eq(index, 77);
    ck_assert_uint_eq(wtfcb_languages_count(languages), count);
    ck_assert_uint_eq(languages->fingerprint, 0);
    large.later[7] = 0;
    ck_assert_int_eq(wtfcb_languages_add(languages, &large.spec, sizeof large, NULL), WTFCB_OK);
    spec = (wtfcb_language_spec){.name = "y", .quotes = "not read"};
    ck_assert_int_eq(wtfcb_languages_add(languages, &spec, sizeof spec.name, &index), WTFCB_OK);
    ck_assert_uint_eq(index, count + 1);
}
END_TEST

START_TEST(handle_in_use_is_busy)
{
    wtfcb_languages *hold = wtfcb_lang_languages_ref(languages);
    ck_assert_int_eq(wtfcb_languages_add(languages, &ember, sizeof ember, NULL), WTFCB_EBUSY);
    wtfcb_languages_free(hold);
    ck_assert_int_eq(wtfcb_languages_add(languages, &ember, sizeof ember, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_languages_set_grammar(languages, "Ember", NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_languages_add(languages, &ember, sizeof ember, NULL), WTFCB_EBUSY);
}
END_TEST

START_TEST(fingerprint_tells_tables_apart)
{
    uint64_t first;
    ck_assert_uint_eq(languages->fingerprint, 0);
    add(&ember);
    first = languages->fingerprint;
    ck_assert_uint_ne(first, 0);
    tear_down();
    set_up();
    add(&ember);
    ck_assert_uint_eq(languages->fingerprint, first);
    add(&(wtfcb_language_spec){.name = "C++", .extensions = "h"});
    ck_assert_uint_ne(languages->fingerprint, first);
    tear_down();
    set_up();
    wtfcb_language_spec other = ember;
    other.quotes = "\"";
    add(&other);
    ck_assert_uint_ne(languages->fingerprint, first);
}
END_TEST

START_TEST(two_hundred_languages_can_be_added)
{
    uint32_t before = wtfcb_languages_count(languages);
    char name[32], extension[32];
    for (uint32_t i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "Own %u", i);
        snprintf(extension, sizeof extension, "own%u", i);
        wtfcb_language_spec spec = {.name = name, .extensions = extension, .line_comments = "#"};
        ck_assert_uint_eq(add(&spec), before + i);
    }
    ck_assert_str_eq(detected("a.own199", NULL), "Own 199");
    ck_assert_str_eq(detected("a.own0", NULL), "Own 0");
    check_count(before + 199, "# a\nb\n", 1, 1, 0);
    check_count(before, "# a\nb\n", 1, 1, 0);
}
END_TEST

START_TEST(scan_totals_hold_added_languages)
{
    char *directory = wtfcb_test_directory(), path[4096];
    snprintf(path, sizeof path, "%s/a.ember", directory);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("# a\nb\n\n", file);
    fclose(file);
    add(&ember);
    wtfcb_scanner *scanner;
    wtfcb_codebase *codebase;
    ck_assert_int_eq(wtfcb_scanner_new(NULL, &scanner), WTFCB_OK);
    ck_assert_int_eq(wtfcb_scanner_set_languages(scanner, languages), WTFCB_OK);
    ck_assert_int_eq(wtfcb_languages_add(languages, &ember, sizeof ember, NULL), WTFCB_EBUSY);
    ck_assert_int_eq(wtfcb_scanner_scan(scanner, directory, &codebase, NULL), WTFCB_OK);
    wtfcb_language_totals total;
    ck_assert_int_eq(wtfcb_codebase_language(codebase, 0, &total, sizeof total), WTFCB_OK);
    ck_assert_str_eq(total.language, "Ember");
    ck_assert_uint_eq(total.files, 1);
    ck_assert_uint_eq(total.code, 1);
    ck_assert_uint_eq(total.comments, 1);
    wtfcb_codebase_free(codebase);
    wtfcb_scanner_free(scanner);
    free(directory);
}
END_TEST

/* An allocator that fails from the n-th call on, and knows what it gave. */
typedef struct budget {
    size_t left;
    size_t bytes;
} budget;

static void *budget_alloc(void *user, size_t size)
{
    budget *b = user;
    if (b->left == 0) return NULL;
    b->left--;
    b->bytes += size;
    return malloc(size);
}

static void *budget_realloc(void *user, void *block, size_t old_size, size_t new_size)
{
    budget *b = user;
    if (b->left == 0) return NULL;
    b->left--;
    b->bytes += new_size - old_size;
    return realloc(block, new_size);
}

static void budget_free(void *user, void *block, size_t size)
{
    ((budget *)user)->bytes -= size;
    free(block);
}

START_TEST(failed_allocation_leaves_the_handle_as_it_was)
{
    static const wtfcb_language_spec claims = {.name = "Ember 2", .extensions = "h ember", .quotes = "\""};
    budget b = {SIZE_MAX, 0};
    wtfcb_allocator allocator = {&b, budget_alloc, budget_realloc, budget_free};
    tear_down();
    ck_assert_int_eq(wtfcb_languages_new(&allocator, &languages), WTFCB_OK);
    add(&ember);
    uint32_t count = wtfcb_languages_count(languages), index = 77;
    uint64_t fingerprint = languages->fingerprint;
    for (size_t n = 0;; n++) {
        b.left = n;
        wtfcb_status status = wtfcb_languages_add(languages, &claims, sizeof claims, &index);
        if (status == WTFCB_OK) {
            ck_assert_uint_gt(n, 5);
            break;
        }
        ck_assert_int_eq(status, WTFCB_ENOMEM);
        ck_assert_uint_eq(index, 77);
        ck_assert_uint_eq(wtfcb_languages_count(languages), count);
        ck_assert_uint_eq(languages->fingerprint, fingerprint);
        ck_assert_str_eq(detected("a.ember", NULL), "Ember");
        ck_assert_str_eq(detected("a.h", "@interface A\n@end\n"), "Objective-C");
        check_count(count - 1, "# a\nb\n", 1, 1, 0);
    }
    ck_assert_uint_eq(index, count);
    ck_assert_str_eq(detected("a.ember", NULL), "Ember 2");
    ck_assert_str_eq(detected("a.h", "@interface A\n@end\n"), "Ember 2");
    wtfcb_languages_free(languages);
    ck_assert_uint_eq(b.bytes, 0);
    languages = NULL;
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("languages add");
    TCase *cases = tcase_create("languages add");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, added_language_is_found_detected_and_counted_like_a_built_in_one);
    tcase_add_test(cases, everything_of_a_spec_is_copied);
    tcase_add_test(cases, claimed_patterns_are_taken_from_those_that_had_them);
    tcase_add_test(cases, known_language_keeps_what_a_spec_does_not_give);
    tcase_add_test(cases, language_like_another_has_its_comments_and_strings);
    tcase_add_test(cases, broken_specs_are_refused_and_change_nothing);
    tcase_add_test(cases, handle_in_use_is_busy);
    tcase_add_test(cases, fingerprint_tells_tables_apart);
    tcase_add_test(cases, two_hundred_languages_can_be_added);
    tcase_add_test(cases, scan_totals_hold_added_languages);
    tcase_add_test(cases, failed_allocation_leaves_the_handle_as_it_was);
    suite_add_tcase(made, cases);
    return made;
}

WTFCB_TEST_MAIN(suite)
