/* Patterns against texts: what each piece of the pattern language matches, and that none of it takes long. */
#include "base/clock.h"
#include "base/memory.h"
#include "scanner/wildmatch.h"

#include "../test.h"

static wtfcb_allocator allocator;
static wtfcb_scanner_wildmatch_builder builder;

static void set_up(void)
{
    allocator = wtfcb_base_allocator(NULL);
    wtfcb_scanner_wildmatch_builder_init(&builder, &allocator);
}

static void tear_down(void)
{
    wtfcb_scanner_wildmatch_builder_free(&builder);
}

static bool matches(const char *pattern, const char *text)
{
    const wtfcb_status status = wtfcb_scanner_wildmatch_compile(&builder, pattern, strlen(pattern));
    if (status == WTFCB_EFORMAT) return false;
    ck_assert_int_eq(status, WTFCB_OK);
    return wtfcb_scanner_wildmatch(builder.tokens, builder.count, builder.sets, text, strlen(text));
}

/* Match "text" after running the pattern over "prefix": some rest has to match exactly when the whole does. */
static bool matches_below(const char *pattern, const char *prefix, const char *text)
{
    uint8_t states[256];
    uint8_t scratch[256];
    ck_assert_int_eq(wtfcb_scanner_wildmatch_compile(&builder, pattern, strlen(pattern)), WTFCB_OK);
    ck_assert_uint_lt(builder.count, sizeof states);
    wtfcb_scanner_wildmatch_advance(builder.tokens, builder.count, builder.sets, prefix, strlen(prefix), states,
                                    scratch);
    bool any = false;
    for (size_t i = 0; i <= builder.count; i++)
        any = any || (states[i] &&
                      wtfcb_scanner_wildmatch(builder.tokens + i, builder.count - i, builder.sets, text, strlen(text)));
    return any;
}

typedef struct expectation {
    const char *pattern;
    const char *text;
    bool match;
} expectation;

static const expectation expectations[] = {
    {"foo", "foo", true},
    {"foo", "foobar", false},
    {"", "", true},
    {"?", "a", true},
    {"?", "/", false},
    {"*", "", true},
    {"*", "foo/bar", false},
    {"*/bar", "foo/bar", true},
    {"*/bar", "a/foo/bar", false},
    {"*ob*a*r*", "foobar", true},
    {"*a*b", "aaaaab", true},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"foo\\", "foo\\", false}, /* a backslash at the end matches nothing */
    {"**", "a/b/c", true},
    {"**/b", "b", true},
    {"**/b", "x/y/b", true},
    {"**/b", "xb", false},
    {"**/b", "x/yb", false},
    {"a/**/b", "a/b", true},
    {"a/**/b", "a/x/y/b", true},
    {"a/**/b", "ab", false},
    {"a/**", "a/b/c", true},
    {"a/**", "a", false},
    {"a/**/**/b", "a/b", true},
    {"?a**/b", "xa/b", true}, /* no slash in front: one star */
    {"?a**/b", "xay/b", true},
    {"?a**/b", "xay/z/b", false},
    {"a**/b", "ab", true}, /* behind the literal start of a pattern: as git has it */
    {"a**/b", "ax/y/b", true},
    {"a/**\\/b", "a/b", false}, /* an escaped slash: at least one directory */
    {"a/**\\/b", "a/x/b", true},
    {"**/a*/**/z", "q/ab/c/d/z", true},
    {"**/a*/**/z", "q/b/c/d/z", false},
    {"**/*a/b*/c", "x/xa/xb/ya/by/c", true},
    {"[abc]", "b", true},
    {"[!abc]", "b", false},
    {"[^abc]", "d", true},
    {"[!a]", "/", false},
    {"[/]", "/", false},
    {"[.-0]", "/", false},
    {"[]]", "]", true},
    {"[!]]", "]", false},
    {"[]-a]", "^", true},
    {"[a-]", "-", true},
    {"[--0]", ".", true},
    {"[a-c-e]", "d", false}, /* no range starts where another ends */
    {"[a-c-e]", "-", true},
    {"[\\]]", "]", true},
    {"[\\a-c]", "b", true},
    {"[a-\\c]", "b", true},
    {"[c-a]", "b", false},
    {"[a", "[a", false},
    {"[", "[", false},
    {"[]", "]", false},
    {"[a\\", "a", false},
    {"[[:digit:]x]", "7", true},
    {"[[:digit:]x]", "x", true},
    {"[[:digit:]-z]", "q", false},
    {"[![:alpha:]]", "a", false},
    {"[[:digit]", "t", true}, /* no class: a set that holds '[' and ':' */
    {"[[:nothing:]]", "n", false},
    {"[[:]", ":", true},
    {"[\x80-\xff]", "\xc3", true},
    {"\xc3\xa9*", "\xc3\xa9t\xc3\xa9", true},
};

START_TEST(each_piece_of_the_language_matches_what_git_says)
{
    const expectation *expected = &expectations[_i];
    ck_assert_msg(matches(expected->pattern, expected->text) == expected->match, "'%s' against '%s'", expected->pattern,
                  expected->text);
}
END_TEST

START_TEST(a_pattern_run_over_directories_leaves_what_is_left_of_it)
{
    static const struct {
        const char *pattern;
        const char *prefix;
        const char *text;
        bool match;
    } cases[] = {
        {"a/b/c", "a/b/", "c", true},       {"a/b/c", "a/x/", "c", false},
        {"*/c", "a/", "c", true},           {"*/c", "a/b/", "c", false},
        {"**/c", "a/b/", "c", true},        {"**/c", "a/b/", "d/c", true},
        {"**/b/c", "a/b/", "c", true},      {"**/b/c", "a/b/", "b/c", true},
        {"**/b/c", "xb/", "c", false},      {"**/b/c", "a/xb/", "c", false},
        {"**/*b/c", "a/xb/", "c", true},    {"a/**", "a/b/", "c", true},
        {"a/**", "b/", "c", false},         {"[ab]/**/?/x*", "b/q/", "xx", true},
        {"foo**/bar", "foo/", "bar", true}, {"a", "a/", "a", false},
        {"a/*", "", "a/b", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(matches_below(cases[i].pattern, cases[i].prefix, cases[i].text) == cases[i].match,
                      "'%s' below '%s' against '%s'", cases[i].pattern, cases[i].prefix, cases[i].text);
}
END_TEST

START_TEST(no_pattern_takes_exponential_time)
{
    static char text[4097];
    memset(text, 'a', 4096);
    for (size_t i = 200; i < 4096; i += 200)
        text[i] = '/';
    const uint64_t start = wtfcb_base_now();
    ck_assert(!matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text + 3900));
    ck_assert(!matches("**/a*a*a*a*a*b/**/*a*a*a*a*a*b/**/a*a*a*a*b", text));
    ck_assert(!matches("**\\/a*a*a*a*a*b/**\\/*a*a*a*a*a*b/**\\/a*a*a*a*b", text));
    ck_assert(!matches("**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/b", text));
    ck_assert_uint_lt(wtfcb_base_now() - start, 2000000000U); /* under a valgrind or a sanitizer too */
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("wildmatch");
    TCase *tests = tcase_create("wildmatch");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, each_piece_of_the_language_matches_what_git_says, 0,
                        (int)(sizeof expectations / sizeof *expectations));
    tcase_add_test(tests, a_pattern_run_over_directories_leaves_what_is_left_of_it);
    tcase_add_test(tests, no_pattern_takes_exponential_time);
    suite_add_tcase(all, tests);
    return all;
}

WTFCB_TEST_MAIN(suite)
